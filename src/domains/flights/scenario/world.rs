//! The world of flights as a scenario file writes it: vendors, their flights, the payment provider.
//!
//! This is the one place where the defaults of the domain's set-up are written down.

use crate::collections::SortedSet;

use serde::{Deserialize, Serialize};

use crate::domains::flights::setup::{FlightSetup, PaymentSetup, Setup, VendorSetup};
use crate::domains::flights::vendors::Dialect;
use crate::domains::money::{Currency, Money, written};
use crate::kernel::Span;
use crate::scenario::{Complaints, Place};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FlightsFile {
    /// Plane tickets from several vendors.
    Flights {
        /// Who flies. Nobody by default.
        #[serde(default)]
        vendors: Vec<VendorFile>,
        /// How long a booking keeps its seats without being paid for. 15 minutes by default.
        #[serde(default = "hold")]
        hold: Span,
        /// How much longer a vendor keeps an unpaid order. 5 minutes by default.
        #[serde(default = "hold_margin")]
        hold_margin: Span,
        /// How long the saga waits for a vendor or the provider. `2.5s` by default.
        #[serde(default = "saga_patience")]
        saga_patience: Span,
        /// How long after its issue a ticket can be voided; later it can only be refunded. 24 hours by
        /// default.
        #[serde(default = "void_window")]
        void_window: Span,
        /// How long a customer thinks between holding and paying. `2s` by default.
        #[serde(default = "think")]
        think: Span,
        /// Who moves the money.
        #[serde(default)]
        payment: PaymentFile,
    },
}

fn hold() -> Span {
    Setup::default().hold
}

fn hold_margin() -> Span {
    Setup::default().hold_margin
}

fn saga_patience() -> Span {
    Setup::default().saga_patience
}

fn void_window() -> Span {
    Setup::default().void_window
}

fn think() -> Span {
    Setup::default().think
}

/// One vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Vendor", deny_unknown_fields)]
pub struct VendorFile {
    /// Its short name. Required.
    pub id: VendorId,
    /// Through which system it is reached; that says which airline it is. Required.
    pub gds: Gds,
    /// What it flies. Nothing by default.
    #[serde(default)]
    pub flights: Vec<FlightFile>,
    /// How long it takes to answer, at least. `120ms` by default.
    #[serde(default = "vendor_latency")]
    pub latency: Span,
}

fn vendor_latency() -> Span {
    VendorSetup::new("", Dialect::Ndc).latency
}

/// A vendor's short name: a word, so that it reads like one.
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

/// A reservation system, with the airline behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gds {
    /// Iberia.
    Ndc,
    /// Lufthansa.
    Amadeus,
    /// Delta.
    Sabre,
}

/// One flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Flight", deny_unknown_fields)]
pub struct FlightFile {
    /// Its code, as in `"IB6251"`. Required.
    pub id: String,
    /// How many seats we believe we can sell. Required.
    pub seats: u16,
    /// What one seat costs, as in `"420.00 EUR"`. Required.
    #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
    pub fare: Money,
    /// How many seats the vendor really has. As many as we believe by default.
    #[serde(default)]
    pub really: Option<u16>,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentFile {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// It declines more than this, as in `"500.00 EUR"`. It never declines by default.
    #[serde(serialize_with = "written::write_limit", deserialize_with = "written::read_limit")]
    pub limit: Option<Money>,
    /// For how long it promises to remember idempotency keys. 24 hours by default.
    pub key_life: Span,
}

impl Default for PaymentFile {
    fn default() -> Self {
        let PaymentSetup { latency, key_life, .. } = PaymentSetup::default();
        Self { latency, limit: None, key_life }
    }
}

impl VendorId {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
            Self::V3 => "V3",
            Self::V4 => "V4",
            Self::V5 => "V5",
            Self::V6 => "V6",
            Self::V7 => "V7",
            Self::V8 => "V8",
            Self::V9 => "V9",
        }
    }
}

impl VendorFile {
    pub(super) fn setup(&self) -> VendorSetup {
        let flights = self.flights.iter().map(|flight| FlightSetup {
            id: flight.id.clone(),
            seats: flight.seats,
            fare: flight.fare,
            really: flight.really,
        });
        VendorSetup {
            id: self.id.name().to_owned(),
            gds: match self.gds {
                Gds::Ndc => Dialect::Ndc,
                Gds::Amadeus => Dialect::Amadeus,
                Gds::Sabre => Dialect::Sabre,
            },
            flights: flights.collect(),
            latency: self.latency,
        }
    }
}

/// Everything that can be wrong with vendors and their flights, each at its own place.
pub(super) fn check_vendors(vendors: &[VendorFile], place: &Place, complaints: &mut Complaints) {
    let mut ids = SortedSet::new();
    let mut codes = SortedSet::new();
    let mut currency: Option<(Currency, &str)> = None;
    for (index, vendor) in vendors.iter().enumerate() {
        let here = place.item(index);
        if !ids.insert(vendor.id) {
            complaints.add(
                here.field("id"),
                format!("there are two vendors called {:?}", vendor.id),
                "give each its own: V1 to V9",
            );
        }
        for (index, flight) in vendor.flights.iter().enumerate() {
            let here = here.field("flights").item(index);
            complaints.unprintable(here.field("id"), &flight.id);
            if flight.id.trim().is_empty() {
                complaints.add(here.field("id"), "this flight has no code", "like \"IB6251\"");
            } else if !codes.insert(flight.id.as_str()) {
                complaints.add(
                    here.field("id"),
                    format!("there are two flights called `{}`", flight.id),
                    "give each its own code, also across vendors",
                );
            }
            if flight.seats == 0 {
                complaints.add(
                    here.field("seats"),
                    "a flight without seats cannot be sold",
                    "leave the flight out, or say `seats: 1, really: 0` if only we believe in one",
                );
            }
            if flight.fare.is_zero() {
                complaints.add(
                    here.field("fare"),
                    "this seat costs nothing",
                    "there must be something to pay for",
                );
            }
            let (first, of) = *currency.get_or_insert((flight.fare.currency, &flight.id));
            if flight.fare.currency != first {
                complaints.add(
                    here.field("fare"),
                    format!(
                        "this fare is in {}, but that of `{of}` is in {first}",
                        flight.fare.currency
                    ),
                    "a trip is paid in one currency, and nothing here converts them",
                );
            }
        }
    }
}
