//! The world of flights in a scenario file, and the checks of its vendors.

use serde::{Deserialize, Serialize};

use crate::domains::flights::setup::{FlightSetup, Setup};
use crate::domains::money::Currency;
use crate::scenario::{Complaints, Ids, Place};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlightsFile {
    /// Plane tickets from several vendors.
    Flights(Setup),
}

/// Reports every mistake in vendors and their flights at its own place.
pub(super) fn check_vendors(setup: &Setup, place: &Place, complaints: &mut Complaints) {
    let vendors = &setup.vendors;
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
            let has_rate = setup.rates.iter().any(|quoted| quoted.from == fare.currency);
            if fare.currency != first && !has_rate {
                complaints.add(
                    here.field("fare"),
                    format!("this fare is in {}, but that of `{of}` is in {first}", fare.currency),
                    format!("write it in {first}, or add a rate to `rates`: a trip is paid in one currency"),
                );
            }
        }
    }
}

/// The fee must be one in the currency of the fares, and less than the cheapest of them: what a cancelled ticket
/// gives back is never nothing.
pub(super) fn check_fee(setup: &Setup, place: Place, complaints: &mut Complaints) {
    let Some(fee) = setup.cancellation_fee else { return };
    let flights = || setup.vendors.iter().flat_map(|vendor| &vendor.flights);
    let Some(currency) = flights().next().map(|flight| flight.fare.currency) else { return };
    let price = |flight: &FlightSetup| setup.quoted(flight.fare, currency);
    let prices = flights().filter_map(|flight| Some((&flight.id, price(flight)?)));
    let Some((code, fare)) = prices.min_by_key(|(_, price)| price.minor) else { return };
    let before = complaints.count();
    complaints.not_zero(place.clone(), &fee.minor, "remove it if nothing is kept");
    currency.must_be_of(fee, "fee", "the fares are", place.clone(), complaints);
    if complaints.count() == before && fee.minor >= fare.minor {
        complaints.add(
            place,
            format!("this is not less than the fare of `{code}`, {fare}"),
            "write a fee below the cheapest fare: a cancelled ticket gives something back",
        );
    }
}

/// Each rate is of another currency than that of the first fare, once, and greater than zero.
pub(super) fn check_rates(setup: &Setup, place: &Place, complaints: &mut Complaints) {
    let first = setup.vendors.iter().flat_map(|vendor| &vendor.flights).next();
    for (index, quoted) in setup.rates.iter().enumerate() {
        let (here, from) = (place.item(index), quoted.from);
        if first.is_some_and(|flight| flight.fare.currency == from) {
            let problem = format!("trips are paid in {from}, the currency of the first fare");
            complaints.add(here.field("from"), problem, "remove this rate");
        } else if setup.rates[..index].iter().any(|other| other.from == from) {
            let problem = format!("there are two rates for {from}");
            complaints.add(here.field("from"), problem, "remove one of them");
        }
        if quoted.rate.is_zero() {
            let problem = "`rate` must be greater than zero";
            complaints.add(here.field("rate"), problem, "write what one unit costs");
        }
    }
}
