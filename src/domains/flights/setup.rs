//! What a scenario sets up: vendors with their flights, the payment provider, how long things last.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{BookingId, FlightId};
use super::money::{Currency, Money};
use super::scenario::{read_id, write_id};
use super::vendors::Dialect;
use crate::kernel::Span;
use crate::model::{CustomerId, Service, ServiceId};

/// Everything that can be said about a world of flights, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// How many customers there are, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// The vendors of flights. None by default.
    pub vendors: Vec<VendorSetup>,
    /// How long a booking keeps its seats without being paid for. 15 minutes by default.
    pub hold: Span,
    /// How much longer a vendor keeps an unpaid order than we do: our hold must end first. 5 minutes by
    /// default.
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
    /// The system through which it is reached; it says which airline this is. Required.
    pub gds: Dialect,
    /// What it flies. Nothing by default.
    #[serde(default)]
    pub flights: Vec<FlightSetup>,
    /// How long it takes to answer, at least. `120ms` by default.
    #[serde(default = "vendor_latency")]
    pub latency: Span,
}

/// One flight.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Flight", deny_unknown_fields)]
pub struct FlightSetup {
    /// Its code, as in `"IB6251"`. Required.
    pub id: String,
    /// How many seats we believe we can sell. Required.
    pub seats: u16,
    /// What one seat costs, as in `"420.00 EUR"`. Required.
    pub fare: Money,
    /// How many seats the vendor really has. As many as we believe by default.
    #[serde(default)]
    pub really: Option<u16>,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// It declines to authorise more than this, as in `"500.00 EUR"`. It never declines by default.
    pub limit: Option<Money>,
    /// For how long it promises to remember idempotency keys. 24 hours by default.
    pub key_life: Span,
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
        let key_life = Span::from_secs(24 * 60 * 60);
        Self { latency: Span::from_millis(80), limit: None, key_life }
    }
}

impl VendorSetup {
    /// A vendor with the usual latency and no flights.
    pub fn new(id: &str, gds: Dialect) -> Self {
        Self { id: id.to_owned(), gds, flights: Vec::new(), latency: vendor_latency() }
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

/// Why a set-up makes no world.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Services are numbered with eight bits, and the provider is one of them.
    #[error("there are {0} vendors; at most 200 can be numbered")]
    TooManyVendors(usize),
    /// Flights are numbered with sixteen bits.
    #[error("there are {0} flights; at most 65,535 can be numbered")]
    TooManyFlights(usize),
    /// Two vendors, or a vendor and the provider, have the same name.
    #[error("the vendor `{0}` appears twice, or is named like the payment provider")]
    DuplicateVendor(String),
    /// Two flights have the same code.
    #[error("the flight `{0}` appears twice")]
    DuplicateFlight(String),
    /// One trip is paid in one currency.
    #[error("`{flight}` costs {fare}, but other fares are in {expected}; use one currency")]
    CurrenciesDiffer {
        /// Which flight.
        flight: String,
        /// Its fare.
        fare: Money,
        /// What the first fare is in.
        expected: Currency,
    },
    /// A fare below nothing, or so high that a trip could not be priced.
    #[error("`{flight}` costs {fare}, which is not a price")]
    NotAPrice {
        /// Which flight.
        flight: String,
        /// Its fare.
        fare: Money,
    },
    /// A span that must last does not.
    #[error("`{0}` must be greater than zero")]
    NoTime(&'static str),
}

/// A world of flights: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Flights {
    pub(super) tables: Arc<Tables>,
}

/// A vendor as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vendor {
    /// Its number as a service.
    pub service: ServiceId,
    /// Its short name.
    pub id: String,
    /// The system through which it is reached.
    pub gds: Dialect,
    /// What it flies.
    pub flights: Vec<FlightId>,
}

/// A flight as the domain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// Its number.
    pub id: FlightId,
    /// Its code.
    pub code: String,
    /// Who flies it.
    pub vendor: ServiceId,
    /// How many seats we believe in.
    pub seats: u16,
    /// How many the vendor has.
    pub really: u16,
    /// What a seat costs.
    pub fare: Money,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) customers: u32,
    pub(super) vendors: Vec<Vendor>,
    pub(super) flights: Vec<Flight>,
    pub(super) services: Vec<Service>,
    pub(super) currency: Currency,
    pub(super) hold: Span,
    pub(super) hold_margin: Span,
    pub(super) saga_patience: Span,
    pub(super) void_window: Span,
    pub(super) think: Span,
    pub(super) limit: Option<i64>,
    pub(super) key_life: Span,
}

impl std::hash::Hash for Tables {
    /// The services follow from the vendors.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.customers.hash(state);
        self.vendors.hash(state);
        self.flights.hash(state);
        (self.currency, self.hold, self.hold_margin).hash(state);
        (self.saga_patience, self.void_window, self.think).hash(state);
        (self.limit, self.key_life).hash(state);
    }
}

/// What the payment provider is called.
pub(crate) const PROVIDER: &str = "PSP";

impl Flights {
    /// Checks a set-up and makes a world of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the set-up; only the first thing that is.
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
        let count = setup.vendors.iter().map(|vendor| vendor.flights.len()).sum();
        if count > usize::from(u16::MAX) {
            return Err(SetupError::TooManyFlights(count));
        }
        let mut names: Vec<&str> = setup.vendors.iter().map(|vendor| vendor.id.as_str()).collect();
        names.push(PROVIDER);
        refuse_duplicates(names, SetupError::DuplicateVendor)?;
        let all = || setup.vendors.iter().flat_map(|vendor| &vendor.flights);
        refuse_duplicates(all().map(|f| f.id.as_str()).collect(), SetupError::DuplicateFlight)?;
        let currency = all().next().map_or(Currency::Eur, |flight| flight.fare.currency);
        for flight in all() {
            let (name, fare) = (flight.id.clone(), flight.fare);
            if fare.currency != currency {
                return Err(SetupError::CurrenciesDiffer {
                    flight: name,
                    fare,
                    expected: currency,
                });
            }
            // A trip of the most legs must still be countable, and so must a full day of them.
            if fare.minor < 0 || fare.minor > i64::MAX >> 34 {
                return Err(SetupError::NotAPrice { flight: name, fare });
            }
        }
        Ok(Self { tables: Arc::new(Tables::new(setup, currency)) })
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
    /// When there is none: numbers are made from this very table.
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

    /// A vendor by its short name.
    pub fn vendor_named(&self, id: &str) -> Option<&Vendor> {
        self.tables.vendors.iter().find(|vendor| vendor.id == id)
    }

    /// The payment provider's service number: the last.
    pub fn provider(&self) -> ServiceId {
        ServiceId(self.tables.vendors.len() as u8)
    }

    /// How many customers there are.
    pub fn customers(&self) -> u32 {
        self.tables.customers
    }

    /// What all fares are in.
    pub fn currency(&self) -> Currency {
        self.tables.currency
    }

    /// How long a booking keeps its seats without being paid for.
    pub fn hold_time(&self) -> Span {
        self.tables.hold
    }

    /// The number of a customer's nth booking, from 0; `None` when numbers have run out. It depends on
    /// whose it is and on nothing that happened before.
    pub fn booking_of(&self, customer: CustomerId, nth: u32) -> Option<BookingId> {
        nth.checked_mul(self.tables.customers)?.checked_add(customer.0).map(BookingId)
    }

    /// Whose a booking is.
    pub fn owner(&self, booking: BookingId) -> CustomerId {
        CustomerId(booking.0 % self.tables.customers)
    }
}

fn refuse_duplicates(
    mut names: Vec<&str>,
    error: fn(String) -> SetupError,
) -> Result<(), SetupError> {
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(error(pair[0].to_owned())),
        None => Ok(()),
    }
}

impl Tables {
    fn new(setup: Setup, currency: Currency) -> Self {
        let mut tables = Self {
            customers: setup.customers,
            vendors: Vec::with_capacity(setup.vendors.len()),
            flights: Vec::new(),
            services: Vec::with_capacity(setup.vendors.len() + 1),
            currency,
            hold: setup.hold,
            hold_margin: setup.hold_margin,
            saga_patience: setup.saga_patience,
            void_window: setup.void_window,
            think: setup.think,
            limit: setup.payment.limit.map(|limit| limit.minor),
            key_life: setup.payment.key_life,
        };
        for (number, vendor) in setup.vendors.into_iter().enumerate() {
            tables.add(ServiceId(number as u8), vendor);
        }
        let about = "payment provider".to_owned();
        let latency = setup.payment.latency;
        tables.services.push(Service { id: PROVIDER.to_owned(), about, latency });
        tables
    }

    fn add(&mut self, service: ServiceId, vendor: VendorSetup) {
        let first = self.flights.len();
        for flight in vendor.flights {
            self.flights.push(Flight {
                id: FlightId(self.flights.len() as u16),
                code: flight.id,
                vendor: service,
                seats: flight.seats,
                really: flight.really.unwrap_or(flight.seats),
                fare: flight.fare,
            });
        }
        let about = format!("{} over {}", vendor.gds.airline(), vendor.gds.name());
        let latency = vendor.latency;
        self.services.push(Service { id: vendor.id.clone(), about, latency });
        let flights = self.flights[first..].iter().map(|flight| flight.id).collect();
        self.vendors.push(Vendor { service, id: vendor.id, gds: vendor.gds, flights });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Money {
        text.parse().expect("an amount")
    }

    #[test]
    fn a_booking_s_number_says_whose_it_is() {
        let flights = Flights::new(Setup { customers: 7, ..Setup::default() }).expect("a world");
        let booking = flights.booking_of(CustomerId(3), 2).expect("a number");
        assert_eq!(booking, BookingId(17));
        assert_eq!(flights.owner(booking), CustomerId(3));
        assert_eq!(flights.booking_of(CustomerId(0), u32::MAX), None);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
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
        let nobody = Flights::new(Setup { customers: 0, ..Setup::default() });
        assert_eq!(nobody.unwrap_err(), SetupError::NoCustomers);
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
