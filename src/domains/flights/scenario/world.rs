//! The world of flights in a scenario file, and the checks of its vendors.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domains::flights::setup::{Setup, VendorSetup};
use crate::domains::money::Currency;
use crate::names;
use crate::scenario::{Complaints, Ids, Place, bare_word};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlightsFile {
    /// Plane tickets from several vendors.
    Flights(Setup),
}

/// A vendor's short name: a word without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VendorId {
    V1,
    V2,
    V3,
    V4,
    V5,
    V6,
    V7,
    V8,
    V9,
}

names! { VendorId { V1, V2, V3, V4, V5, V6, V7, V8, V9 } }

pub(in crate::domains::flights) fn write_id<S: Serializer>(
    id: &str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    bare_word(id, serializer)
}

pub(in crate::domains::flights) fn read_id<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    VendorId::deserialize(deserializer).map(|id| id.name().to_owned())
}

/// Reports every mistake in vendors and their flights at its own place.
pub(super) fn check_vendors(vendors: &[VendorSetup], place: &Place, complaints: &mut Complaints) {
    let mut ids = Ids::of("vendor", "V1");
    let mut codes = Ids::of("flight", "IB6251");
    let mut currency: Option<(Currency, &str)> = None;
    for (index, vendor) in vendors.iter().enumerate() {
        let here = place.item(index);
        ids.check(&vendor.id, here.field("id"), complaints);
        for (index, flight) in vendor.flights.iter().enumerate() {
            let here = here.field("flights").item(index);
            codes.check(&flight.id, here.field("id"), complaints);
            let hint = "remove the flight, or write `seats: 1, really: 0` if the vendor has none";
            complaints.not_zero(here.field("seats"), &flight.seats, hint);
            let fare = flight.fare;
            let hint = format!("write a price, like \"420.00 {}\"", fare.currency);
            complaints.not_zero(here.field("fare"), &fare.minor, &hint);
            let (first, of) = *currency.get_or_insert((fare.currency, &flight.id));
            if fare.currency != first {
                complaints.add(
                    here.field("fare"),
                    format!("this fare is in {}, but that of `{of}` is in {first}", fare.currency),
                    format!("write the fare in {first}: a trip is paid in one currency"),
                );
            }
        }
    }
}
