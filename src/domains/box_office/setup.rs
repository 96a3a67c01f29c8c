//! The set-up of a scenario: the stage, the programme, the payment provider, the lock service, and durations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{ShowId, TicketId};
use super::stage::Stage;
use crate::domains::money::{Currency, Money};
use crate::kernel::Span;
use crate::model::{CustomerId, Defects, Service, ServiceId};

/// The payment provider.
pub(crate) const PROVIDER: ServiceId = ServiceId(0);
/// The lock service, at the stages that lock.
pub(crate) const LOCKS: ServiceId = ServiceId(1);

/// The id of the payment provider.
const PROVIDER_NAME: &str = "PSP";
/// The id of the lock service.
const LOCKS_NAME: &str = "REDIS";

/// The set-up of a box office, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The number of customers, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// Whether customers give their name, address and card, and can have them erased. `false` by default.
    pub personal_data: bool,
    /// How tickets are sold. `EventSourced` by default.
    pub stage: Stage,
    /// The shows that can be put on sale. Empty by default.
    pub shows: Vec<Listed>,
    /// How long a reservation lasts, at stage `EventSourced`. 10 minutes by default.
    pub hold: Span,
    /// The number of shows on a page of the listing. 10 by default.
    pub page: u16,
    /// How long the saga waits for an answer before the outcome counts as unknown. `2.5s` by default.
    pub saga_patience: Span,
    /// The time after which a customer with second thoughts cancels. `2s` by default.
    pub think: Span,
    /// How customers learn of their place in a waiting room, and of their payments. `Polled` by default.
    pub status: Status,
    /// How many purchases a customer may begin. Any number by default.
    pub limit: Option<Limit>,
    /// The payment provider.
    pub payment: PaymentSetup,
    /// The lock service.
    pub lock: LockSetup,
}

/// How customers who wait are told how far they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Their clients ask again and again for the place in the waiting room. Payments are not waited for.
    #[default]
    Polled,
    /// Their clients subscribe to the place in the waiting room, and then to the tickets until these are paid for.
    Pushed,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
}

/// The lock service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Lock", default, deny_unknown_fields)]
pub struct LockSetup {
    /// How long a lock lives. `10s` by default.
    pub ttl: Span,
    /// How long the service takes to answer, at least. `1ms` by default.
    pub latency: Span,
}

/// The largest limit of purchases.
pub(super) const LIMIT_MAX: usize = 16;

/// A limit of the purchases of one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many purchases a customer may begin within `per`: 1 to 16.
    pub purchases: u8,
    /// The span, as in `"10s"`.
    pub per: Span,
}

/// A show of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Show", deny_unknown_fields)]
pub struct Listed {
    /// Its id, as in `"rock"`. Required.
    pub id: String,
    /// The venue, as in `"Arena"`. Empty by default.
    #[serde(default)]
    pub venue: String,
    /// The number of places. Required.
    pub tickets: u32,
    /// The price of a ticket, as in `"50.00 EUR"`. Required.
    pub price: Money,
    /// The waiting room, at stage `EventSourced`. None by default: customers buy at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_room: Option<WaitingRoom>,
}

/// The waiting room of a show: only purchases that it has admitted can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingRoom {
    /// How many are admitted at once. At least 1.
    pub places: u32,
    /// How long a place lasts at most, as in `"2m"`.
    pub lasts: Span,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            personal_data: false,
            stage: Stage::default(),
            shows: Vec::new(),
            hold: Span::from_secs(10 * 60),
            page: 10,
            saga_patience: Span::from_millis(2_500),
            think: Span::from_secs(2),
            status: Status::default(),
            limit: None,
            payment: PaymentSetup::default(),
            lock: LockSetup::default(),
        }
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        Self { latency: Span::from_millis(80) }
    }
}

impl Default for LockSetup {
    fn default() -> Self {
        Self { ttl: Span::from_secs(10), latency: Span::from_millis(1) }
    }
}

/// Why a set-up is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Shows have 16-bit numbers.
    #[error("there are {0} shows; at most 65,535 can be numbered")]
    TooManyShows(usize),
    /// Two shows have the same id.
    #[error("the show `{0}` appears twice")]
    DuplicateShow(String),
    /// All prices must be in one currency.
    #[error("`{show}` costs {price}, but other prices are in {expected}; use one currency")]
    CurrenciesDiffer {
        /// The show with the other currency.
        show: String,
        /// Its price.
        price: Money,
        /// The currency of the first price.
        expected: Currency,
    },
    /// A price is not positive, or so high that the revenue could overflow.
    #[error("`{show}` costs {price}; a price must be greater than zero and not too large")]
    NotAPrice {
        /// The show.
        show: String,
        /// Its price.
        price: Money,
    },
    /// A limit is larger than what is remembered of a customer.
    #[error("the limit is {0} purchases; must be at most 16")]
    LimitTooLarge(u8),
    /// A stage at which a purchase does not change several streams together has no waiting rooms.
    #[error("`{0}` has a waiting room; only stage `EventSourced` has waiting rooms")]
    NoWaitingRoom(String),
    /// A number or a duration is zero.
    #[error("`{0}` must be greater than zero")]
    Zero(&'static str),
}

/// A box office: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct BoxOffice {
    tables: Arc<Tables>,
    pub(super) defects: Defects,
}

#[derive(Debug, PartialEq)]
struct Tables {
    setup: Setup,
    currency: Currency,
    services: Vec<Service>,
}

impl std::hash::Hash for Tables {
    /// All other fields are derived from the set-up.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.setup.hash(state);
    }
}

impl BoxOffice {
    /// Makes a box office from a set-up.
    ///
    /// # Errors
    ///
    /// The first mistake in the set-up.
    ///
    /// ```
    /// use jetlag::domains::box_office::{BoxOffice, Setup};
    /// let wrong = BoxOffice::new(Setup { page: 0, ..Setup::default() }).unwrap_err();
    /// assert_eq!(wrong.to_string(), "`page` must be greater than zero");
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        check(&setup)?;
        let currency = setup.shows.first().map_or(Currency::Eur, |first| first.price.currency);
        let service = |id: &str, about: &str, latency| Service {
            id: id.to_owned(),
            about: about.to_owned(),
            latency,
            lookup_lag: Span::ZERO,
        };
        let mut services = vec![service(PROVIDER_NAME, "payment provider", setup.payment.latency)];
        if setup.stage.locks() {
            services.push(service(LOCKS_NAME, "lock service", setup.lock.latency));
        }
        let tables = Arc::new(Tables { setup, currency, services });
        Ok(Self { tables, defects: Defects::default() })
    }

    /// The programme, in order of show numbers.
    pub fn shows(&self) -> &[Listed] {
        &self.tables.setup.shows
    }

    /// A show of the programme.
    pub fn show(&self, show: ShowId) -> &Listed {
        &self.shows()[show.index()]
    }

    /// A show by its id.
    pub fn show_named(&self, id: &str) -> Option<ShowId> {
        let place = self.shows().iter().position(|show| show.id == id)?;
        u16::try_from(place).ok().map(ShowId)
    }

    /// The currency of all prices.
    pub fn currency(&self) -> Currency {
        self.tables.currency
    }

    /// How tickets are sold.
    pub fn stage(&self) -> Stage {
        self.tables.setup.stage
    }

    /// A customer's nth ticket, from 0; `None` if there are no more.
    pub fn ticket_of(&self, customer: CustomerId, nth: u32) -> Option<TicketId> {
        let number = nth.checked_mul(self.tables.setup.customers)?.checked_add(customer.0)?;
        Some(TicketId(number))
    }

    /// The customer of a ticket.
    pub fn owner(&self, ticket: TicketId) -> CustomerId {
        CustomerId(ticket.0 % self.tables.setup.customers)
    }

    /// The page of the listing that has a show, from 0.
    pub fn page_of(&self, show: ShowId) -> u32 {
        u32::from(show.0 / self.tables.setup.page)
    }

    pub(super) fn services(&self) -> &[Service] {
        &self.tables.services
    }

    pub(super) fn setup(&self) -> &Setup {
        &self.tables.setup
    }
}

fn check(setup: &Setup) -> Result<(), SetupError> {
    if setup.customers == 0 {
        return Err(SetupError::NoCustomers);
    }
    if setup.page == 0 {
        return Err(SetupError::Zero("page"));
    }
    let spans =
        [("hold", setup.hold), ("saga_patience", setup.saga_patience), ("ttl", setup.lock.ttl)];
    if let Some((name, _)) = spans.into_iter().find(|(_, span)| *span == Span::ZERO) {
        return Err(SetupError::Zero(name));
    }
    if let Some(Limit { purchases, per }) = setup.limit {
        if purchases == 0 || per == Span::ZERO {
            return Err(SetupError::Zero("limit"));
        }
        if usize::from(purchases) > LIMIT_MAX {
            return Err(SetupError::LimitTooLarge(purchases));
        }
    }
    if setup.shows.len() > usize::from(u16::MAX) {
        return Err(SetupError::TooManyShows(setup.shows.len()));
    }
    for (index, listed) in setup.shows.iter().enumerate() {
        let (show, price) = (listed.id.clone(), listed.price);
        let expected = setup.shows[0].price.currency;
        if setup.shows[..index].iter().any(|other| other.id == show) {
            return Err(SetupError::DuplicateShow(show));
        }
        if price.currency != expected {
            return Err(SetupError::CurrenciesDiffer { show, price, expected });
        }
        if price.minor <= 0 || price.minor > i64::MAX >> 40 {
            return Err(SetupError::NotAPrice { show, price });
        }
        if listed.tickets == 0 {
            return Err(SetupError::Zero("tickets"));
        }
        if let Some(WaitingRoom { places, lasts }) = listed.waiting_room {
            if places == 0 || lasts == Span::ZERO {
                return Err(SetupError::Zero("waiting_room"));
            }
            if !setup.stage.reserves() {
                return Err(SetupError::NoWaitingRoom(show));
            }
        }
    }
    Ok(())
}
