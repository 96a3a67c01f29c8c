//! What a scenario file says about the world of flights.

use serde::{Deserialize, Serialize};

use super::money::{Currency, Money, Rate};
use super::overbooking::Percent;
use super::vendors::Dialect;
use crate::kernel::Span;

use super::vendor_id::{read_id, write_id};

/// A world of flights before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The number of customers, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// The vendors of flights. None by default.
    pub vendors: Vec<VendorSetup>,
    /// How long an unpaid booking keeps its seats. 15 minutes by default.
    pub hold: Span,
    /// How much longer a vendor keeps an unpaid order: our hold must end first. 5 minutes by default.
    pub hold_margin: Span,
    /// How long the saga waits for a vendor or the provider before the outcome counts as unknown. `2.5s` by
    /// default.
    pub saga_patience: Span,
    /// How long after its issue a ticket can be voided; later it can only be refunded. 24 hours by default.
    pub void_window: Span,
    /// How long a customer thinks between holding and paying. `2s` by default.
    pub think: Span,
    /// What is kept of the price when a customer cancels a ticket, as in `"30.00 EUR"`. Nothing by default.
    pub cancellation_fee: Option<Money>,
    /// What one unit of each other currency costs in that of the first fare, in which all trips are paid. None by
    /// default.
    pub rates: Vec<RateSetup>,
    /// The payment provider.
    pub payment: PaymentSetup,
}

/// The rate at which we quote fares in another currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Rate", deny_unknown_fields)]
pub struct RateSetup {
    /// The currency of the fares. Required.
    pub from: Currency,
    /// What one unit of it costs, as in `"0.9215"`. Required.
    pub rate: Rate,
}

/// One vendor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Vendor", deny_unknown_fields)]
pub struct VendorSetup {
    /// Its short name, as in `V1`. Required.
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub id: String,
    /// The system through which it is reached; it determines the airline. Required.
    pub gds: Dialect,
    /// What it flies. Nothing by default.
    #[serde(default)]
    pub flights: Vec<FlightSetup>,
    /// Its minimum response time. `120ms` by default.
    #[serde(default = "vendor_latency")]
    pub latency: Span,
    /// How far its answers about our orders may lag behind the truth, as it states. `30s` by default.
    #[serde(default = "vendor_lookup_lag")]
    pub lookup_lag: Span,
}

/// One flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Flight", deny_unknown_fields)]
pub struct FlightSetup {
    /// Its code, as in `"IB6251"`. Required.
    pub id: String,
    /// How many seats the flight has for us. Required.
    pub seats: u16,
    /// What one seat costs, as in `"420.00 EUR"`. Required.
    pub fare: Money,
    /// How much more than that we sell, as in `"5%"`, rounded down to whole seats. Nothing by default.
    #[serde(default)]
    pub overbook: Percent,
    /// How many seats the vendor has. As many as we sell by default.
    #[serde(default)]
    pub really: Option<u16>,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// Its minimum response time. `80ms` by default.
    pub latency: Span,
    /// It declines to authorise more than this on the first card that pays for a booking, as in
    /// `"500.00 EUR"`. Other cards have no limit. By default it never declines.
    pub limit: Option<Money>,
    /// How long it promises to keep idempotency keys. 24 hours by default.
    pub key_life: Span,
    /// How far its answers about charges may lag behind the truth, as it states. `1m` by default.
    pub lookup_lag: Span,
    /// How long customers take to confirm a payment with their bank. Until then it is pending. By default none has
    /// to be confirmed.
    pub confirmation: Option<Span>,
    /// How long the provider waits for that; then it declines. `10m` by default.
    pub confirmation_limit: Span,
    /// After this time a reservation that is not captured lapses, without notice. By default none does.
    pub authorisation_life: Option<Span>,
    /// How long it takes until a dispute is decided. By default as long as a hold, far shorter than in reality.
    pub dispute_lasts: Option<Span>,
    /// Whether a dispute that we contest is decided for us although the money was not given back before. `false`
    /// by default.
    pub disputes_won: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            vendors: Vec::new(),
            hold: Span::from_secs(15 * 60),
            hold_margin: Span::from_secs(5 * 60),
            saga_patience: Span::from_millis(2_500),
            void_window: Span::from_secs(24 * 60 * 60),
            think: Span::from_secs(2),
            cancellation_fee: None,
            rates: Vec::new(),
            payment: PaymentSetup::default(),
        }
    }
}

impl Setup {
    /// A fare in the currency in which trips are paid; `None` if there is no rate, or if it overflows.
    pub(super) fn quoted(&self, fare: Money, currency: Currency) -> Option<Money> {
        if fare.currency == currency {
            return Some(fare);
        }
        let quoted = self.rates.iter().find(|quoted| quoted.from == fare.currency)?;
        quoted.rate.convert(fare, currency)
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        let (latency, day) = (Span::from_millis(80), Span::from_secs(24 * 60 * 60));
        Self {
            latency,
            limit: None,
            key_life: day,
            lookup_lag: Span::from_secs(60),
            confirmation: None,
            confirmation_limit: Span::from_secs(10 * 60),
            authorisation_life: None,
            dispute_lasts: None,
            disputes_won: false,
        }
    }
}

impl VendorSetup {
    /// A vendor with the usual latency and no flights.
    pub fn new(id: &str, gds: Dialect) -> Self {
        let (latency, lookup_lag) = (vendor_latency(), vendor_lookup_lag());
        Self { id: id.to_owned(), gds, flights: Vec::new(), latency, lookup_lag }
    }

    /// Adds a flight.
    #[must_use]
    pub fn flight(mut self, id: &str, seats: u16, fare: Money) -> Self {
        let (id, overbook) = (id.to_owned(), Percent::default());
        self.flights.push(FlightSetup { id, seats, fare, overbook, really: None });
        self
    }
}

const fn vendor_latency() -> Span {
    Span::from_millis(120)
}

const fn vendor_lookup_lag() -> Span {
    Span::from_secs(30)
}
