//! The set-up of a scenario: catalogue, payment provider, carrier, and durations.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::carrier::Terms;
use super::ids::{Day, OrderId, ProductId, Tracking};
use super::saga_event::Party;
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Defects, Service, ServiceId};

/// The payment provider.
pub(crate) const PROVIDER: ServiceId = ServiceId(0);
/// The carrier.
pub(crate) const CARRIER: ServiceId = ServiceId(1);

impl Party {
    /// The number of the service.
    pub(super) const fn service(self) -> ServiceId {
        match self {
            Self::Provider => PROVIDER,
            Self::Carrier => CARRIER,
        }
    }
}

/// The id of the payment provider.
pub(super) const PROVIDER_NAME: &str = "PSP";

/// The set-up of a shop, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The number of customers, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// Whether customers give their name, address and card, and can have them erased. `false` by default.
    pub personal_data: bool,
    /// The catalogue. Empty by default.
    pub products: Vec<Product>,
    /// The time until an order must be paid. 15 minutes by default.
    pub pay_within: Span,
    /// How long the saga waits for an answer before the outcome counts as unknown. `2.5s` by default.
    pub saga_patience: Span,
    /// The time after which a customer with `regret` cancels. `2s` by default.
    pub think: Span,
    /// The day on which the run starts. `"2025-01-10"` by default.
    pub today: Day,
    /// The payment provider.
    pub payment: PaymentSetup,
    /// The carrier of parcels.
    pub carrier: CarrierSetup,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct PaymentSetup {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// The highest amount that it authorises, as in `"500.00 USD"`. Any amount by default.
    pub limit: Option<Money>,
    /// How far its answers about charges may lag behind the truth, as it states. `1m` by default.
    pub lookup_lag: Span,
    /// After this time a reservation that is not captured lapses, without notice. By default none does.
    pub authorisation_life: Option<Span>,
}

/// The carrier.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename = "Carrier", default, deny_unknown_fields)]
pub struct CarrierSetup {
    /// Its id. `"UPS"` by default.
    pub id: String,
    /// How long it takes to answer, at least. `120ms` by default.
    pub latency: Span,
    /// How far its answers about parcels may lag behind the truth, as it states. `30s` by default.
    pub lookup_lag: Span,
    /// The number of days until delivery. 5 by default.
    pub days: u32,
    /// The maximum number of pieces in a parcel. Any number by default.
    pub pieces: Option<u64>,
}

/// A product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its id, as in `"p1"`. Required.
    pub id: String,
    /// Its name, as in `"Widget"`. Required.
    pub name: String,
    /// The price of one piece, as in `"29.99 USD"`. Required.
    pub price: Money,
}

/// The tracking number of the first parcel.
const FIRST_PARCEL: Tracking = Tracking(123_456_784);

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            personal_data: false,
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

impl Hash for PaymentSetup {
    /// What a file does not set adds nothing, so that its digests stay the same.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { latency, limit, lookup_lag, authorisation_life } = self;
        (latency, limit, lookup_lag).hash(state);
        if let Some(life) = authorisation_life {
            life.hash(state);
        }
    }
}

impl Default for PaymentSetup {
    fn default() -> Self {
        let (latency, lookup_lag) = (Span::from_millis(80), Span::from_secs(60));
        Self { latency, limit: None, lookup_lag, authorisation_life: None }
    }
}

impl Default for CarrierSetup {
    fn default() -> Self {
        let (latency, lookup_lag) = (Span::from_millis(120), Span::from_secs(30));
        Self { id: "UPS".to_owned(), latency, lookup_lag, days: 5, pieces: None }
    }
}

/// Why a set-up is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Products have 16-bit numbers.
    #[error("there are {0} products; at most 65,535 can be numbered")]
    TooManyProducts(usize),
    /// Two products have the same id.
    #[error("the product `{0}` appears twice")]
    DuplicateProduct(String),
    /// All prices must be in one currency.
    #[error("`{product}` costs {price}, but other prices are in {expected}; use one currency")]
    CurrenciesDiffer { product: String, price: Money, expected: Currency },
    /// A price is negative, or so high that the total of an order could overflow.
    #[error("`{product}` costs {price}, which is negative or too large")]
    NotAPrice { product: String, price: Money },
    /// A duration is zero.
    #[error("`{0}` must be greater than zero")]
    NoTime(&'static str),
    /// The ids of services must differ.
    #[error("the carrier has the id of the payment provider")]
    CarrierName,
}

/// A shop: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Orders {
    pub(super) tables: Arc<Tables>,
    pub(super) defects: Defects,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) setup: Setup,
    pub(super) currency: Currency,
    pub(super) services: Vec<Service>,
}

impl Hash for Tables {
    /// All other fields are derived from the set-up.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.setup.hash(state);
    }
}

impl Orders {
    /// Makes a shop from a set-up.
    ///
    /// # Errors
    ///
    /// The first mistake in the set-up.
    ///
    /// ```
    /// use jetlag::domains::orders::{Orders, Product, Setup}; let price = "29.99 USD".parse()?; let
    /// products = vec![Product { id: "p1".to_owned(), name: "Widget".to_owned(), price }]; let orders =
    /// Orders::new(Setup { products, ..Setup::default() })?;
    /// assert_eq!(orders.product_named("p1").map(|id| orders.products()[id.index()].price),
    /// Some(price));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        if setup.customers == 0 {
            return Err(SetupError::NoCustomers);
        }
        let spans = [("pay_within", setup.pay_within), ("saga_patience", setup.saga_patience)];
        if let Some((name, _)) = spans.into_iter().find(|(_, span)| *span == Span::ZERO) {
            return Err(SetupError::NoTime(name));
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
        let service = |id: &str, about: &str, latency, lookup_lag| Service {
            id: id.to_owned(),
            about: about.to_owned(),
            latency,
            lookup_lag,
        };
        let (payment, carrier) = (&setup.payment, &setup.carrier);
        let services = vec![
            service(PROVIDER_NAME, "payment provider", payment.latency, payment.lookup_lag),
            service(&carrier.id, "carrier", carrier.latency, carrier.lookup_lag),
        ];
        Ok(Self {
            tables: Arc::new(Tables { setup, currency, services }),
            defects: Defects::default(),
        })
    }

    /// The catalogue, in order of product numbers.
    pub fn products(&self) -> &[Product] {
        &self.tables.setup.products
    }

    /// A product by its id.
    pub fn product_named(&self, id: &str) -> Option<ProductId> {
        let place = self.products().iter().position(|product| product.id == id)?;
        u16::try_from(place).ok().map(ProductId)
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

    /// The day of the calendar at a time of the run.
    pub fn day(&self, now: Instant) -> Day {
        let days = now.since(Instant::ZERO).as_micros() / Span::from_secs(86_400).as_micros();
        Day(self.tables.setup.today.0.saturating_add(u32::try_from(days).unwrap_or(u32::MAX)))
    }

    /// The conditions of the carrier at a time of the run.
    pub(super) fn terms(&self, now: Instant) -> Terms {
        let carrier = &self.tables.setup.carrier;
        let delivery = Day(self.day(now).0.saturating_add(carrier.days));
        Terms { first: FIRST_PARCEL, pieces: carrier.pieces, delivery }
    }
}
