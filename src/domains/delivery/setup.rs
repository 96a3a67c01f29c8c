//! The set-up of a scenario: restaurants with their menus, couriers, payment provider, refunds and durations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::clock::TimeOfDay;
use super::ids::{DishId, OrderId, RestaurantId};
use super::outside::{Fleet, Pace};
use super::saga_event::Party;
use crate::domains::money::{Currency, Money};
use crate::kernel::Span;
use crate::model::{CustomerId, Defects, Service, ServiceId};

/// The payment provider.
pub(crate) const PROVIDER: ServiceId = ServiceId(0);
/// The couriers.
pub(crate) const COURIERS: ServiceId = ServiceId(1);
/// The first restaurant; the others follow.
const RESTAURANTS: u8 = 2;
/// The most restaurants.
const RESTAURANTS_MAX: usize = 32;

/// The id of the payment provider.
pub(super) const PROVIDER_NAME: &str = "PSP";

/// The service of a restaurant.
pub(super) const fn kitchen_of(restaurant: RestaurantId) -> ServiceId {
    ServiceId(RESTAURANTS + restaurant.0)
}

/// The restaurant of a service; the first if it is the service of none.
pub(super) const fn restaurant_of(service: ServiceId) -> RestaurantId {
    RestaurantId(service.0.saturating_sub(RESTAURANTS))
}

impl Party {
    /// The service, for an order of this restaurant.
    pub(super) const fn service(self, restaurant: RestaurantId) -> ServiceId {
        match self {
            Self::Provider => PROVIDER,
            Self::Couriers => COURIERS,
            Self::Restaurant => kitchen_of(restaurant),
        }
    }
}

/// The set-up of a delivery service, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The number of customers, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// Whether customers give their name, address and card, and can have them erased. `false` by default.
    pub personal_data: bool,
    /// The time of day at which the run starts. `"12:00"` by default.
    pub begins: TimeOfDay,
    /// The restaurants. None by default.
    pub restaurants: Vec<Restaurant>,
    /// The couriers.
    pub couriers: CourierSetup,
    /// The payment provider.
    pub payment: PaymentSetup,
    /// How much of the price, in percent, a customer gets back who cancels while the food is prepared. 50 by
    /// default.
    pub refund_preparing: u8,
    /// How long the restaurant has to confirm an order. 15 minutes by default.
    pub confirm_within: Span,
    /// How long it takes from then, at most, until the food is ready. 90 minutes by default.
    pub ready_within: Span,
    /// How long it takes from then, at most, until it is delivered. 1 hour by default.
    pub deliver_within: Span,
    /// How long the saga waits for an answer before the outcome counts as unknown. `2.5s` by default.
    pub saga_patience: Span,
    /// How long a customer thinks before they change their mind. `2s` by default.
    pub think: Span,
}

/// A restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restaurant {
    /// Its id, as in `"roma"`. Required.
    pub id: String,
    /// Its dishes. Required.
    pub menu: Vec<Dish>,
    /// How long it takes until it accepts an order. `30s` by default.
    #[serde(default = "half_a_minute")]
    pub accepts: Span,
    /// How long it takes from then until the kitchen begins. `2m` by default.
    #[serde(default = "two_minutes")]
    pub starts: Span,
    /// How long it takes from then until the food is ready. `15m` by default.
    #[serde(default = "quarter_of_an_hour")]
    pub cooks: Span,
    /// The most orders that it works on; it refuses more. Any number by default.
    #[serde(default)]
    pub tickets: Option<u64>,
    /// How long its system takes to answer, at least. `100ms` by default.
    #[serde(default = "tenth_of_a_second")]
    pub latency: Span,
    /// How far its answers about orders may lag behind the truth, as it states. `30s` by default.
    #[serde(default = "half_a_minute")]
    pub lookup_lag: Span,
}

/// A dish of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dish {
    /// Its id, as in `"pizza"`. Required.
    pub id: String,
    /// The price of a portion, as in `"9.50 EUR"`. Required.
    pub price: Money,
}

/// The couriers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Couriers", default, deny_unknown_fields)]
pub struct CourierSetup {
    /// The id of their service. `"COURIERS"` by default.
    pub id: String,
    /// Their number. 5 by default.
    pub fleet: u32,
    /// How long it takes until one is at the restaurant. `8m` by default.
    pub to_restaurant: Span,
    /// How long it takes from there to the customer. `10m` by default.
    pub to_customer: Span,
    /// How long their service takes to answer, at least. `120ms` by default.
    pub latency: Span,
    /// How far its answers about trips may lag behind the truth, as it states. `30s` by default.
    pub lookup_lag: Span,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// The highest amount that it charges, as in `"500.00 EUR"`. Any amount by default.
    pub limit: Option<Money>,
    /// How far its answers about charges may lag behind the truth, as it states. `1m` by default.
    pub lookup_lag: Span,
}

const fn half_a_minute() -> Span {
    Span::from_secs(30)
}

const fn two_minutes() -> Span {
    Span::from_secs(120)
}

const fn quarter_of_an_hour() -> Span {
    Span::from_secs(15 * 60)
}

const fn tenth_of_a_second() -> Span {
    Span::from_millis(100)
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            personal_data: false,
            begins: TimeOfDay(12 * 60),
            restaurants: Vec::new(),
            couriers: CourierSetup::default(),
            payment: PaymentSetup::default(),
            refund_preparing: 50,
            confirm_within: Span::from_secs(15 * 60),
            ready_within: Span::from_secs(90 * 60),
            deliver_within: Span::from_secs(60 * 60),
            saga_patience: Span::from_millis(2_500),
            think: Span::from_secs(2),
        }
    }
}

impl Default for CourierSetup {
    fn default() -> Self {
        Self {
            id: "COURIERS".to_owned(),
            fleet: 5,
            to_restaurant: Span::from_secs(8 * 60),
            to_customer: Span::from_secs(10 * 60),
            latency: Span::from_millis(120),
            lookup_lag: Span::from_secs(30),
        }
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        let (latency, lookup_lag) = (Span::from_millis(80), Span::from_secs(60));
        Self { latency, limit: None, lookup_lag }
    }
}

/// Why a set-up is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Restaurants are services, of which there cannot be many.
    #[error("there are {0} restaurants; at most {RESTAURANTS_MAX} are possible")]
    TooManyRestaurants(usize),
    /// Two restaurants have the same id, or one has that of another service.
    #[error("the id `{0}` appears twice")]
    DuplicateId(String),
    /// Dishes have 16-bit numbers.
    #[error("`{0}` has no dish, or more than 65,535")]
    Menu(String),
    /// All prices must be in one currency.
    #[error("`{dish}` costs {price}, but other prices are in {expected}; use one currency")]
    CurrenciesDiffer { dish: String, price: Money, expected: Currency },
    /// A price is negative, or so high that the total of an order could overflow.
    #[error("`{dish}` costs {price}, which is negative or too large")]
    NotAPrice { dish: String, price: Money },
    /// A refund is a part of the price.
    #[error("`refund_preparing` is {0}; must be at most 100")]
    NotAPercentage(u8),
    /// A duration is zero.
    #[error("`{0}` must be greater than zero")]
    NoTime(&'static str),
}

/// A delivery service: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Delivery {
    pub(super) tables: Arc<Tables>,
    pub(super) defects: Defects,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) setup: Setup,
    pub(super) currency: Currency,
    pub(super) services: Vec<Service>,
}

impl std::hash::Hash for Tables {
    /// All other fields are derived from the set-up.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.setup.hash(state);
    }
}

impl Delivery {
    /// Makes a delivery service from a set-up.
    ///
    /// # Errors
    ///
    /// The first mistake in the set-up.
    ///
    /// ```
    /// use jetlag::domains::delivery::{Delivery, Setup};
    /// let half_more = Setup { refund_preparing: 150, ..Setup::default() };
    /// let wrong = Delivery::new(half_more).unwrap_err();
    /// assert_eq!(wrong.to_string(), "`refund_preparing` is 150; must be at most 100");
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        check(&setup)?;
        let currency = setup.prices().next().map_or(Currency::Eur, |(_, price)| price.currency);
        let service = |id: &str, about: &str, latency, lookup_lag| Service {
            id: id.to_owned(),
            about: about.to_owned(),
            latency,
            lookup_lag,
        };
        let (payment, couriers) = (&setup.payment, &setup.couriers);
        let mut services = vec![
            service(PROVIDER_NAME, "payment provider", payment.latency, payment.lookup_lag),
            service(&couriers.id, "couriers", couriers.latency, couriers.lookup_lag),
        ];
        services.extend(
            setup
                .restaurants
                .iter()
                .map(|it| service(&it.id, "restaurant", it.latency, it.lookup_lag)),
        );
        let tables = Arc::new(Tables { setup, currency, services });
        Ok(Self { tables, defects: Defects::default() })
    }

    /// The restaurants, in order of their numbers.
    pub fn restaurants(&self) -> &[Restaurant] {
        &self.tables.setup.restaurants
    }

    /// A restaurant by its id.
    pub fn restaurant_named(&self, id: &str) -> Option<RestaurantId> {
        let place = self.restaurants().iter().position(|restaurant| restaurant.id == id)?;
        u8::try_from(place).ok().map(RestaurantId)
    }

    /// A dish of a restaurant by its id.
    pub fn dish_named(&self, restaurant: RestaurantId, id: &str) -> Option<DishId> {
        let menu = &self.restaurants()[restaurant.index()].menu;
        let place = menu.iter().position(|dish| dish.id == id)?;
        u16::try_from(place).ok().map(DishId)
    }

    /// The currency of all prices.
    pub fn currency(&self) -> Currency {
        self.tables.currency
    }

    /// A customer's nth order, from 0; `None` if there are no more.
    pub fn order_of(&self, customer: CustomerId, nth: u32) -> Option<OrderId> {
        let number = nth.checked_mul(self.tables.setup.customers)?.checked_add(customer.0)?;
        Some(OrderId(number))
    }

    /// The customer of an order.
    pub fn owner(&self, order: OrderId) -> CustomerId {
        CustomerId(order.0 % self.tables.setup.customers)
    }

    /// How far the lookups of a service may lag behind the truth.
    pub(super) fn lookup_lag(&self, service: ServiceId) -> Span {
        self.tables.services[usize::from(service.0)].lookup_lag
    }

    /// How many percent a customer gets back who cancels while the food is prepared.
    pub(super) fn refund_preparing(&self) -> u8 {
        self.tables.setup.refund_preparing
    }

    /// How a restaurant works.
    pub(super) fn pace(&self, restaurant: RestaurantId) -> Pace {
        let it = &self.restaurants()[restaurant.index()];
        Pace { accepts: it.accepts, starts: it.starts, cooks: it.cooks, tickets: it.tickets }
    }

    /// How the couriers work.
    pub(super) fn fleet(&self) -> Fleet {
        let it = &self.tables.setup.couriers;
        let (to_restaurant, to_customer) = (it.to_restaurant, it.to_customer);
        Fleet { couriers: it.fleet, to_restaurant, to_customer }
    }
}

impl Setup {
    /// All dishes, with their prices.
    pub(super) fn prices(&self) -> impl Iterator<Item = (&str, Money)> {
        let dishes = self.restaurants.iter().flat_map(|restaurant| &restaurant.menu);
        dishes.map(|dish| (dish.id.as_str(), dish.price))
    }

    /// The spans that must be greater than zero, with their names.
    pub(super) fn spans(&self) -> [(&'static str, Span); 4] {
        [
            ("confirm_within", self.confirm_within),
            ("ready_within", self.ready_within),
            ("deliver_within", self.deliver_within),
            ("saga_patience", self.saga_patience),
        ]
    }
}

fn check(setup: &Setup) -> Result<(), SetupError> {
    if setup.customers == 0 {
        return Err(SetupError::NoCustomers);
    }
    if let Some((name, _)) = setup.spans().into_iter().find(|(_, span)| *span == Span::ZERO) {
        return Err(SetupError::NoTime(name));
    }
    if setup.refund_preparing > 100 {
        return Err(SetupError::NotAPercentage(setup.refund_preparing));
    }
    if setup.restaurants.len() > RESTAURANTS_MAX {
        return Err(SetupError::TooManyRestaurants(setup.restaurants.len()));
    }
    let mut ids = vec![PROVIDER_NAME, setup.couriers.id.as_str()];
    ids.extend(setup.restaurants.iter().map(|restaurant| restaurant.id.as_str()));
    let twice = ids.iter().enumerate().find(|(index, id)| ids[..*index].contains(id));
    if let Some((_, id)) = twice {
        return Err(SetupError::DuplicateId((*id).to_owned()));
    }
    for Restaurant { id, menu, .. } in &setup.restaurants {
        if menu.is_empty() || menu.len() > usize::from(u16::MAX) {
            return Err(SetupError::Menu(id.clone()));
        }
    }
    let currency = setup.prices().next().map(|(_, price)| price.currency);
    for (dish, price) in setup.prices() {
        let dish = dish.to_owned();
        if let Some(expected) = currency.filter(|currency| *currency != price.currency) {
            return Err(SetupError::CurrenciesDiffer { dish, price, expected });
        }
        if price.minor < 0 || price.minor > i64::MAX >> 40 {
            return Err(SetupError::NotAPrice { dish, price });
        }
    }
    Ok(())
}
