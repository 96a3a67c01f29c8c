//! What a scenario sets up: vendors with their flights, the payment provider, durations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{BookingId, FlightId};
use super::money::{Currency, Money};
use super::scenario::{read_id, write_id};
use super::vendors::Dialect;
use crate::kernel::Span;
use crate::model::{CustomerId, Defects, Service, ServiceId};

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
    /// The payment provider.
    pub payment: PaymentSetup,
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
    /// How many seats we sell. Required.
    pub seats: u16,
    /// What one seat costs, as in `"420.00 EUR"`. Required.
    pub fare: Money,
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
            payment: PaymentSetup::default(),
        }
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        let (latency, key_life) = (Span::from_millis(80), Span::from_secs(24 * 60 * 60));
        Self { latency, limit: None, key_life, lookup_lag: Span::from_secs(60) }
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
        self.flights.push(FlightSetup { id: id.to_owned(), seats, fare, really: None });
        self
    }
}

const fn vendor_latency() -> Span {
    Span::from_millis(120)
}

const fn vendor_lookup_lag() -> Span {
    Span::from_secs(30)
}

/// Why a set-up is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Services are numbered with eight bits, and the provider is one of them.
    #[error("there are {0} vendors; at most 200 can be numbered")]
    TooManyVendors(usize),
    /// Flights are numbered with sixteen bits.
    #[error("there are {0} flights; at most 65,535 can be numbered")]
    TooManyFlights(usize),
    #[error("the vendor `{0}` appears twice, or has the name of the payment provider")]
    DuplicateVendor(String),
    #[error("the flight `{0}` appears twice")]
    DuplicateFlight(String),
    /// One trip is paid in one currency.
    #[error("`{flight}` costs {fare}, but other fares are in {expected}; use one currency")]
    CurrenciesDiffer { flight: String, fare: Money, expected: Currency },
    /// A fare below zero, or so high that the price of a trip could overflow.
    #[error("`{flight}` costs {fare}, which is not a price")]
    NotAPrice { flight: String, fare: Money },
    #[error("`{0}` must be greater than zero")]
    NoTime(&'static str),
}

/// A world of flights: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Flights {
    pub(super) tables: Arc<Tables>,
    pub(super) defects: Defects,
}

/// A vendor as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vendor {
    pub service: ServiceId,
    pub id: String,
    pub gds: Dialect,
    pub flights: Vec<FlightId>,
}

/// A flight as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    pub id: FlightId,
    pub code: String,
    pub vendor: ServiceId,
    /// How many seats we sell.
    pub seats: u16,
    /// How many the vendor has.
    pub really: u16,
    pub fare: Money,
}

/// The set-up with its vendors and flights numbered.
#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) vendors: Vec<Vendor>,
    pub(super) flights: Vec<Flight>,
    pub(super) services: Vec<Service>,
    pub(super) currency: Currency,
    pub(super) setup: Setup,
}

impl std::hash::Hash for Tables {
    /// Everything that the services and the rest of the set-up do not follow from.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let setup = &self.setup;
        setup.customers.hash(state);
        self.vendors.hash(state);
        self.flights.hash(state);
        (self.currency, setup.hold, setup.hold_margin).hash(state);
        (setup.saga_patience, setup.void_window, setup.think).hash(state);
        (setup.payment.limit.map(|limit| limit.minor), setup.payment.key_life).hash(state);
    }
}

/// The name of the payment provider.
pub(crate) const PROVIDER: &str = "PSP";

impl Flights {
    /// Checks a set-up and makes a world of it.
    ///
    /// # Errors
    ///
    /// The first mistake in the set-up.
    ///
    /// ```
    /// use jetlag::domains::flights::{Dialect, Flights, Setup, VendorSetup};
    /// let fare = "420.00 EUR".parse()?;
    /// let flights = Flights::new(Setup {
    ///     vendors: vec![VendorSetup::new("V1", Dialect::Ndc).flight("IB6251", 1, fare)],
    ///     ..Setup::default()
    /// })?;
    /// assert_eq!(flights.flight_named("IB6251").map(|flight| flight.seats), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        if setup.customers == 0 {
            return Err(SetupError::NoCustomers);
        }
        for (name, span) in [("hold", setup.hold), ("saga_patience", setup.saga_patience)] {
            if span == Span::ZERO {
                return Err(SetupError::NoTime(name));
            }
        }
        if setup.vendors.len() > 200 {
            return Err(SetupError::TooManyVendors(setup.vendors.len()));
        }
        let all = || setup.vendors.iter().flat_map(|vendor| &vendor.flights);
        if all().count() > usize::from(u16::MAX) {
            return Err(SetupError::TooManyFlights(all().count()));
        }
        let vendors = setup.vendors.iter().map(|vendor| vendor.id.as_str());
        refuse_duplicates(vendors.chain([PROVIDER]).collect(), SetupError::DuplicateVendor)?;
        refuse_duplicates(all().map(|f| f.id.as_str()).collect(), SetupError::DuplicateFlight)?;
        let currency = all().next().map_or(Currency::Eur, |flight| flight.fare.currency);
        for FlightSetup { id, fare, .. } in all() {
            let (flight, fare) = (id.clone(), *fare);
            if fare.currency != currency {
                return Err(SetupError::CurrenciesDiffer { flight, fare, expected: currency });
            }
            // The price of the longest trip must not overflow, nor the sum of a full day of them.
            if fare.minor < 0 || fare.minor > i64::MAX >> 34 {
                return Err(SetupError::NotAPrice { flight, fare });
            }
        }
        Ok(Self { tables: Arc::new(Tables::new(setup, currency)), defects: Defects::default() })
    }

    /// All vendors, in order of their numbers.
    pub fn vendors(&self) -> &[Vendor] {
        &self.tables.vendors
    }

    /// All flights, in order of their numbers.
    pub fn flights(&self) -> &[Flight] {
        &self.tables.flights
    }

    /// A flight by its number.
    ///
    /// # Panics
    ///
    /// When there is none, which is a bug: numbers are indices of this table.
    pub fn flight(&self, id: FlightId) -> &Flight {
        &self.tables.flights[id.index()]
    }

    /// A flight by its code.
    pub fn flight_named(&self, code: &str) -> Option<&Flight> {
        self.tables.flights.iter().find(|flight| flight.code == code)
    }

    /// A vendor by its service number; `None` for the payment provider.
    pub fn vendor(&self, service: ServiceId) -> Option<&Vendor> {
        self.tables.vendors.get(usize::from(service.0))
    }

    /// The payment provider's service number: the last.
    pub fn provider(&self) -> ServiceId {
        ServiceId(self.tables.vendors.len() as u8)
    }

    /// How the payment provider is set up.
    pub(super) fn payment(&self) -> &PaymentSetup {
        &self.tables.setup.payment
    }

    /// How far the lookups of a service may lag behind the truth.
    pub(super) fn lookup_lag(&self, service: ServiceId) -> Span {
        self.tables.services[usize::from(service.0)].lookup_lag
    }

    /// The currency of all fares.
    pub fn currency(&self) -> Currency {
        self.tables.currency
    }

    /// The number of a customer's nth booking, from 0; `None` when the numbers are used up. It depends
    /// only on the customer and `nth`, not on what happened before.
    pub fn booking_of(&self, customer: CustomerId, nth: u32) -> Option<BookingId> {
        nth.checked_mul(self.tables.setup.customers)?.checked_add(customer.0).map(BookingId)
    }

    /// The customer of a booking.
    pub fn owner(&self, booking: BookingId) -> CustomerId {
        CustomerId(booking.0 % self.tables.setup.customers)
    }
}

fn refuse_duplicates(
    mut names: Vec<&str>,
    error: fn(String) -> SetupError,
) -> Result<(), SetupError> {
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map_or(Ok(()), |pair| Err(error(pair[0].to_owned())))
}

impl Tables {
    fn new(setup: Setup, currency: Currency) -> Self {
        let (mut vendors, mut flights, mut services) = (Vec::new(), Vec::new(), Vec::new());
        for (number, vendor) in (0..).zip(&setup.vendors) {
            let &VendorSetup { ref id, gds, flights: ref own, latency, lookup_lag } = vendor;
            let (service, id, first) = (ServiceId(number), id.clone(), flights.len());
            flights.extend(own.iter().zip(first as u16..).map(|(flight, number)| Flight {
                id: FlightId(number),
                code: flight.id.clone(),
                vendor: service,
                seats: flight.seats,
                really: flight.really.unwrap_or(flight.seats),
                fare: flight.fare,
            }));
            let about = format!("{} over {}", gds.airline(), gds.name());
            services.push(Service { id: id.clone(), about, latency, lookup_lag });
            let flights = flights[first..].iter().map(|flight| flight.id).collect();
            vendors.push(Vendor { service, id, gds, flights });
        }
        let (id, about) = (PROVIDER.to_owned(), "payment provider".to_owned());
        let PaymentSetup { latency, lookup_lag, .. } = setup.payment;
        services.push(Service { id, about, latency, lookup_lag });
        Self { vendors, flights, services, currency, setup }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Money {
        text.parse().expect("an amount")
    }

    #[test]
    fn the_number_of_a_booking_determines_its_customer() {
        let flights = Flights::new(Setup { customers: 7, ..Setup::default() }).expect("a world");
        let booking = flights.booking_of(CustomerId(3), 2).expect("a number");
        assert_eq!(booking, BookingId(17));
        assert_eq!(flights.owner(booking), CustomerId(3));
        assert_eq!(flights.booking_of(CustomerId(0), u32::MAX), None);
    }

    #[test]
    fn a_contradictory_set_up_is_rejected() {
        let with = |vendors| Flights::new(Setup { vendors, ..Setup::default() }).unwrap_err();
        let v1 = || VendorSetup::new("V1", Dialect::Ndc);
        assert_eq!(with(vec![v1(), v1()]), SetupError::DuplicateVendor("V1".into()));
        let named_like_the_provider = VendorSetup::new("PSP", Dialect::Ndc);
        assert!(matches!(with(vec![named_like_the_provider]), SetupError::DuplicateVendor(_)));
        let twice = v1().flight("IB1", 1, eur("1.00 EUR")).flight("IB1", 1, eur("1.00 EUR"));
        assert_eq!(with(vec![twice]), SetupError::DuplicateFlight("IB1".into()));
        let mixed = v1().flight("IB1", 1, eur("1.00 EUR")).flight("IB2", 1, eur("1.00 USD"));
        assert!(matches!(with(vec![mixed]), SetupError::CurrenciesDiffer { .. }));
        let dear = v1().flight("IB1", 1, Money::new(i64::MAX, Currency::Eur));
        assert!(matches!(with(vec![dear]), SetupError::NotAPrice { .. }));
        let no_customers = Flights::new(Setup { customers: 0, ..Setup::default() });
        assert_eq!(no_customers.unwrap_err(), SetupError::NoCustomers);
    }

    #[test]
    fn the_provider_is_the_last_service() {
        let vendors =
            vec![VendorSetup::new("V1", Dialect::Ndc), VendorSetup::new("V2", Dialect::Amadeus)];
        let flights = Flights::new(Setup { vendors, ..Setup::default() }).expect("a world");
        assert_eq!(flights.provider(), ServiceId(2));
        let ids: Vec<&str> = flights.tables.services.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(ids, ["V1", "V2", "PSP"]);
    }
}
