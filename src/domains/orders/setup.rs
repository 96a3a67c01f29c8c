//! What a scenario sets up: the catalogue, the payment provider, the carrier, how long things last.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::carrier::Terms;
use super::ids::{Day, OrderId, ProductId, Tracking};
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Service, ServiceId};

/// The payment provider.
pub(crate) const PROVIDER: ServiceId = ServiceId(0);
/// The carrier.
pub(crate) const CARRIER: ServiceId = ServiceId(1);

/// What the payment provider is called.
pub(super) const PROVIDER_NAME: &str = "PSP";

/// Everything that can be said about a shop, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// How many customers there are, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// What there is to buy. Nothing by default.
    pub products: Vec<Product>,
    /// How long an order may go unpaid. 15 minutes by default.
    pub pay_within: Span,
    /// How long the saga waits for an answer before the outcome counts as unknown. `2.5s` by default.
    pub saga_patience: Span,
    /// How long a customer thinks before changing their mind. `2s` by default.
    pub think: Span,
    /// The day on which a run begins. `"2025-01-10"` by default.
    pub today: Day,
    /// The payment provider.
    pub payment: PaymentSetup,
    /// The carrier of parcels.
    pub carrier: CarrierSetup,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// It declines to authorise more than this, as in `"500.00 USD"`. It never declines by default.
    pub limit: Option<Money>,
}

/// The carrier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Carrier", default, deny_unknown_fields)]
pub struct CarrierSetup {
    /// Its short name. `"UPS"` by default.
    pub id: String,
    /// How long it takes to answer, at least. `120ms` by default.
    pub latency: Span,
    /// How many days a parcel travels. 5 by default.
    pub days: u32,
    /// The most pieces that it takes in a parcel. Any number by default.
    pub pieces: Option<u64>,
}

/// Something to buy.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its number in the catalogue, as in `"p1"`. Required.
    pub id: String,
    /// What it is, as in `"Widget"`. Required.
    pub name: String,
    /// What a piece costs, as in `"29.99 USD"`. Required.
    pub price: Money,
}

/// The number of the first parcel.
const FIRST_PARCEL: Tracking = Tracking(123_456_784);

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            products: Vec::new(),
            pay_within: Span::from_secs(15 * 60),
            saga_patience: Span::from_millis(2_500),
            think: Span::from_secs(2),
            today: Day(20_098),
            payment: PaymentSetup::default(),
            carrier: CarrierSetup::default(),
        }
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        Self { latency: Span::from_millis(80), limit: None }
    }
}

impl Default for CarrierSetup {
    fn default() -> Self {
        let (latency, days, pieces) = (Span::from_millis(120), 5, None);
        Self { id: "UPS".to_owned(), latency, days, pieces }
    }
}

/// Why a set-up makes no shop.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Products are numbered with sixteen bits.
    #[error("there are {0} products; at most 65,535 can be numbered")]
    TooManyProducts(usize),
    /// Two products have the same number.
    #[error("the product `{0}` appears twice")]
    DuplicateProduct(String),
    /// One order is paid in one currency.
    #[error("`{product}` costs {price}, but other prices are in {expected}; use one currency")]
    CurrenciesDiffer {
        product: String,
        price: Money,
        /// What the first price is in.
        expected: Currency,
    },
    /// A price below nothing, or so high that an order could not be counted.
    #[error("`{product}` costs {price}, which is not a price")]
    NotAPrice { product: String, price: Money },
    /// A span that must last does not.
    #[error("`{0}` must be greater than zero")]
    NoTime(&'static str),
    /// The carrier must be told apart.
    #[error("the carrier is called like the payment provider")]
    CarrierName,
}

/// A shop: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Orders {
    pub(super) tables: Arc<Tables>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) setup: Setup,
    pub(super) currency: Currency,
    pub(super) services: Vec<Service>,
    pub(super) saga_patience: Span,
}

impl std::hash::Hash for Tables {
    /// Everything else follows from the set-up.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.setup.hash(state);
    }
}

impl Orders {
    /// Checks a set-up and makes a shop of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the set-up; only the first thing that is.
    ///
    /// ```
    /// use jetlag::domains::orders::{Orders, Product, Setup};
    /// let price = "29.99 USD".parse()?;
    /// let products = vec![Product { id: "p1".to_owned(), name: "Widget".to_owned(), price }];
    /// let orders = Orders::new(Setup { products, ..Setup::default() })?;
    /// assert_eq!(orders.product_named("p1").map(|id| orders.products()[id.index()].price), Some(price));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        if setup.customers == 0 {
            return Err(SetupError::NoCustomers);
        }
        for (name, span) in
            [("pay_within", setup.pay_within), ("saga_patience", setup.saga_patience)]
        {
            if span == Span::ZERO {
                return Err(SetupError::NoTime(name));
            }
        }
        if setup.carrier.id == PROVIDER_NAME {
            return Err(SetupError::CarrierName);
        }
        if setup.products.len() > usize::from(u16::MAX) {
            return Err(SetupError::TooManyProducts(setup.products.len()));
        }
        let currency = setup.products.first().map_or(Currency::Usd, |first| first.price.currency);
        for (index, product) in setup.products.iter().enumerate() {
            let (name, price) = (product.id.clone(), product.price);
            if setup.products[..index].iter().any(|other| other.id == name) {
                return Err(SetupError::DuplicateProduct(name));
            }
            if price.currency != currency {
                let expected = currency;
                return Err(SetupError::CurrenciesDiffer { product: name, price, expected });
            }
            if price.minor < 0 || price.minor > i64::MAX >> 40 {
                return Err(SetupError::NotAPrice { product: name, price });
            }
        }
        let service = |id: &str, about: &str, latency| Service {
            id: id.to_owned(),
            about: about.to_owned(),
            latency,
        };
        let services = vec![
            service(PROVIDER_NAME, "payment provider", setup.payment.latency),
            service(&setup.carrier.id, "carrier", setup.carrier.latency),
        ];
        let saga_patience = setup.saga_patience;
        Ok(Self { tables: Arc::new(Tables { setup, currency, services, saga_patience }) })
    }

    /// The catalogue, in order of numbers.
    pub fn products(&self) -> &[Product] {
        &self.tables.setup.products
    }

    /// A product by its number in the catalogue.
    pub fn product_named(&self, id: &str) -> Option<ProductId> {
        let place = self.products().iter().position(|product| product.id == id)?;
        u16::try_from(place).ok().map(ProductId)
    }

    /// What all prices are in.
    pub fn currency(&self) -> Currency {
        self.tables.currency
    }

    /// A customer's nth order, from 0; `None` if there are no numbers left.
    pub fn order_of(&self, customer: CustomerId, nth: u32) -> Option<OrderId> {
        let number = nth.checked_mul(self.tables.setup.customers)?.checked_add(customer.0)?;
        Some(OrderId(number))
    }

    /// Whose an order is.
    pub fn owner(&self, order: OrderId) -> CustomerId {
        CustomerId(order.0 % self.tables.setup.customers)
    }

    /// The day of the calendar at a moment of the run.
    pub fn day(&self, now: Instant) -> Day {
        let days = now.since(Instant::ZERO).as_micros() / Span::from_secs(86_400).as_micros();
        Day(self.tables.setup.today.0.saturating_add(u32::try_from(days).unwrap_or(u32::MAX)))
    }

    /// How the carrier works today.
    pub(super) fn terms(&self, now: Instant) -> Terms {
        let carrier = &self.tables.setup.carrier;
        let delivery = Day(self.day(now).0.saturating_add(carrier.days));
        Terms { first: FIRST_PARCEL, pieces: carrier.pieces, delivery }
    }
}
