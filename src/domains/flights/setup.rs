//! What a scenario sets up: vendors with their flights, the payment provider, durations.

use std::sync::Arc;

use thiserror::Error;

use super::ids::{BookingId, FlightId};
use super::money::{Currency, Money};
use super::overbooking::Places;
use super::vendors::Dialect;
use crate::kernel::Span;
use crate::model::{CustomerId, Defects, Service, ServiceId};

pub(super) use super::setup_file::{FlightSetup, PaymentSetup};
pub use super::setup_file::{Setup, VendorSetup};

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
    #[error(
        "`{flight}` costs {fare}, but other fares are in {expected}; add a rate, or use one currency"
    )]
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
    /// How many of those can travel.
    pub places: Places,
    /// How many the vendor has.
    pub really: u16,
    /// What a seat costs our customers, in the currency in which trips are paid.
    pub fare: Money,
}

/// The set-up with its vendors and flights numbered.
#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) vendors: Vec<Vendor>,
    pub(super) flights: Vec<Flight>,
    /// What its vendor charges for each flight, in its own currency.
    asked: Vec<Money>,
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
        // What a file does not set adds nothing, so that its digests stay the same.
        let PaymentSetup { confirmation, confirmation_limit, authorisation_life, .. } =
            setup.payment;
        let PaymentSetup { dispute_lasts, disputes_won, .. } = setup.payment;
        let terms = (confirmation, confirmation_limit, authorisation_life);
        let disputes = (dispute_lasts, disputes_won);
        let usual = PaymentSetup::default();
        if terms != (None, usual.confirmation_limit, None) {
            terms.hash(state);
        }
        if disputes != (usual.dispute_lasts, usual.disputes_won) {
            disputes.hash(state);
        }
        if let Some(fee) = setup.cancellation_fee {
            fee.hash(state);
        }
        if !setup.rates.is_empty() {
            setup.rates.hash(state);
        }
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
            let Some(price) = setup.quoted(fare, currency) else {
                return Err(SetupError::CurrenciesDiffer { flight, fare, expected: currency });
            };
            // The price of the longest trip must not overflow, nor the sum of a full day of them.
            let is_price = |money: Money| (0..=i64::MAX >> 34).contains(&money.minor);
            if !is_price(fare) || !is_price(price) {
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

    /// What a vendor charges for a seat on a flight, in its own currency.
    pub(super) fn asked(&self, id: FlightId) -> Money {
        self.tables.asked[id.index()]
    }

    /// What is kept of the price when a customer cancels a ticket.
    pub(super) fn cancellation_fee(&self) -> Option<Money> {
        self.tables.setup.cancellation_fee
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
            flights.extend(own.iter().zip(first as u16..).map(|(flight, number)| {
                let seats = flight.overbook.on_top_of(flight.seats);
                Flight {
                    id: FlightId(number),
                    code: flight.id.clone(),
                    vendor: service,
                    seats,
                    places: Places { places: flight.seats, seats },
                    really: flight.really.unwrap_or(seats),
                    // The set-up is checked: each fare can be quoted.
                    fare: setup.quoted(flight.fare, currency).unwrap_or(flight.fare),
                }
            }));
            let about = format!("{} over {}", gds.airline(), gds.name());
            services.push(Service { id: id.clone(), about, latency, lookup_lag });
            let flights = flights[first..].iter().map(|flight| flight.id).collect();
            vendors.push(Vendor { service, id, gds, flights });
        }
        let (id, about) = (PROVIDER.to_owned(), "payment provider".to_owned());
        let PaymentSetup { latency, lookup_lag, .. } = setup.payment;
        services.push(Service { id, about, latency, lookup_lag });
        let fares = setup.vendors.iter().flat_map(|vendor| &vendor.flights);
        let asked = fares.map(|flight| flight.fare).collect();
        Self { vendors, flights, asked, services, currency, setup }
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
