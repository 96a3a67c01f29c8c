//! What scenario files can say about orders: the shop, what customers do, what they are told.
//!
//! This is the one place where the defaults of the domain's set-up are written down.

use std::collections::BTreeSet;

use arrayvec::ArrayVec;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::customers::Action;
use super::event::{ITEMS_MAX, Item, Items};
use super::ids::{Day, OrderId};
use super::order::Status;
use super::setup::{CarrierSetup, Orders, PROVIDER_NAME, Product, Setup};
use super::{Command, Query, Rejection};
use crate::domains::money::{Currency, Money, written};
use crate::kernel::Span;
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{Complaints, OutcomeLabel, Place, ScenarioDomain, WaitLabel};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum OrdersFile {
    /// Orders of a shop.
    Orders {
        /// What there is to buy. Nothing by default.
        #[serde(default)]
        products: Vec<ProductFile>,
        /// How long an order may go unpaid. 15 minutes by default.
        #[serde(default = "pay_within")]
        pay_within: Span,
        /// How long the saga waits for an answer. `2.5s` by default.
        #[serde(default = "saga_patience")]
        saga_patience: Span,
        /// How long a customer thinks before changing their mind. `2s` by default.
        #[serde(default = "think")]
        think: Span,
        /// The day on which a run begins. `"2025-01-10"` by default.
        #[serde(default = "today", serialize_with = "write_day", deserialize_with = "read_day")]
        today: Day,
        /// Who moves the money.
        #[serde(default)]
        payment: ProviderFile,
        /// Who brings parcels.
        #[serde(default)]
        carrier: CarrierFile,
    },
}

fn pay_within() -> Span {
    Setup::default().pay_within
}

fn saga_patience() -> Span {
    Setup::default().saga_patience
}

fn think() -> Span {
    Setup::default().think
}

fn today() -> Day {
    Setup::default().today
}

fn write_day<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// Something to buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Product", deny_unknown_fields)]
pub struct ProductFile {
    /// Its number in the catalogue, as in `"p1"`. Required.
    pub id: String,
    /// What it is, as in `"Widget"`. Required.
    pub name: String,
    /// What a piece costs, as in `"29.99 USD"`. Required.
    #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
    pub price: Money,
}

/// The payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Payment", default, deny_unknown_fields)]
pub struct ProviderFile {
    /// How long it takes to answer, at least. `80ms` by default.
    pub latency: Span,
    /// It declines more than this, as in `"500.00 USD"`. It never declines by default.
    #[serde(serialize_with = "written::write_limit", deserialize_with = "written::read_limit")]
    pub limit: Option<Money>,
}

impl Default for ProviderFile {
    fn default() -> Self {
        Self { latency: Setup::default().payment_latency, limit: None }
    }
}

/// The carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Carrier", default, deny_unknown_fields)]
pub struct CarrierFile {
    /// Its short name. `"UPS"` by default.
    pub id: String,
    /// How long it takes to answer, at least. `120ms` by default.
    pub latency: Span,
    /// After how many days a parcel is there. 5 by default.
    pub days: u32,
    /// The most pieces that it takes in a parcel. Any number by default.
    pub pieces: Option<u64>,
}

impl Default for CarrierFile {
    fn default() -> Self {
        let CarrierSetup { id, latency, days, pieces } = CarrierSetup::default();
        Self { id, latency, days, pieces }
    }
}

/// What stands after `does:` and in a `mix`. What is not about a new order is about the one that the
/// customer placed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Orders so many pieces of these products, to be paid later.
    Place {
        /// How many of what.
        items: Vec<(u32, String)>,
    },
    /// Orders so many pieces of these products and has their card charged at once.
    Buy {
        /// How many of what.
        items: Vec<(u32, String)>,
    },
    /// Buys a product, whichever the seed says.
    BuySomething,
    /// Buys a product, whichever the seed says, and changes their mind.
    BuyAndRegret,
    /// Has their card charged.
    Pay,
    /// Somebody of the shop notes that money came by bank transfer.
    Transfer {
        /// How much.
        #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
        amount: Money,
    },
    /// Somebody of the shop sends the order with their own van.
    SendVan,
    /// Cancels.
    Cancel,
    /// Looks at their orders.
    MyOrders,
    /// Looks an order up by its number, whoever's it is: 1 for `o-1`.
    LookUp {
        /// Which.
        order: u32,
    },
    /// Looks at the orders in a status.
    InStatus {
        /// Which.
        status: InStatus,
    },
    /// Looks at orders, whichever the seed says.
    Browse,
}

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InStatus {
    /// It waits to be paid.
    Pending,
    /// It waits to be shipped.
    Paid,
    /// It is on its way.
    Shipped,
    /// It was given up.
    Cancelled,
}

/// What stands after `include:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// An order was refused: there was nothing in it, or nothing to pay for.
    NothingOrdered,
    /// A payment was refused: it was not what the order costs.
    AmountMismatch,
    /// A payment was refused: the order does not wait to be paid, or the card is being charged.
    NotPayable,
    /// The order cannot be shipped, for it is not paid or was shipped or cancelled.
    NotShippable,
    /// The order cannot be cancelled any more.
    TooLate,
    /// A command was refused for another reason.
    Refused,
    /// Nobody could say whether a command took effect.
    Unknown,
    /// A query was answered with what there is.
    Shown,
    /// A query was answered: there is nothing.
    Nothing,
    /// A query came too early to show the customer their own order.
    NotYet,
    /// They were forgotten.
    Forgotten,
    /// Nothing came back.
    Silence,
}

/// What stands after `of:`: what customers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// That their order is placed.
    Place,
    /// That their payment is under way, or noted.
    Payment,
    /// That their order is cancelled.
    Cancel,
    /// Any list of orders, or one of them.
    Orders,
}

impl ScenarioDomain for Orders {
    const TEMPLATE: Option<&'static str> = Some(include_str!("template.ron"));

    type Setup = OrdersFile;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = super::properties::OrdersProperties;

    fn build(
        setup: &OrdersFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let OrdersFile::Orders {
            products,
            pay_within,
            saga_patience,
            think,
            today,
            payment,
            carrier,
        } = setup;
        let before = complaints.count();
        catalogue(products, &place.field("products"), complaints);
        let currency = products.first().map(|product| product.price.currency);
        if let (Some(limit), Some(currency)) = (payment.limit, currency) {
            let here = place.field("payment").field("limit");
            in_currency(limit, currency, "limit", here, complaints);
        }
        let called = place.field("carrier").field("id");
        complaints.unprintable(called.clone(), &carrier.id);
        if carrier.id.trim().is_empty() {
            complaints.add(called, "this carrier has no name", "like \"UPS\"");
        } else if carrier.id == PROVIDER_NAME {
            complaints.add(called, "the payment provider is called so", "like \"UPS\"");
        }
        for (name, span) in [("pay_within", pay_within), ("saga_patience", saga_patience)] {
            if *span == Span::ZERO {
                let what = "this must last longer than nothing";
                complaints.add(place.field(name), what, "write it like \"15m\" or \"2.5s\"");
            }
        }
        if complaints.count() > before {
            return None;
        }
        let product = |product: &ProductFile| Product {
            id: product.id.clone(),
            name: product.name.clone(),
            price: product.price,
        };
        let CarrierFile { id, latency, days, pieces } = carrier.clone();
        let setup = Setup {
            // A shop without customers is set up for one who never comes.
            customers: customers.max(1),
            products: products.iter().map(product).collect(),
            pay_within: *pay_within,
            saga_patience: *saga_patience,
            think: *think,
            today: *today,
            payment_latency: payment.latency,
            limit: payment.limit.map(|limit| limit.minor),
            carrier: CarrierSetup { id, latency, days, pieces },
        };
        match Self::new(setup) {
            Ok(orders) => Some(orders),
            Err(error) => {
                complaints.add(place.clone(), error.to_string(), "change the set-up");
                None
            }
        }
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let place_order = |items, charge| Action::Place { items, charge, regret: false };
        Some(match action {
            ScriptAction::Place { items } => {
                place_order(Some(self.items(items, &place.field("items"), complaints)?), false)
            }
            ScriptAction::Buy { items } => {
                place_order(Some(self.items(items, &place.field("items"), complaints)?), true)
            }
            ScriptAction::BuySomething | ScriptAction::BuyAndRegret
                if self.products().is_empty() =>
            {
                let hint = "write what there is to buy into `products`";
                complaints.add(place.clone(), "there is nothing to buy", hint);
                return None;
            }
            ScriptAction::BuySomething => place_order(None, true),
            ScriptAction::BuyAndRegret => Action::Place { items: None, charge: true, regret: true },
            ScriptAction::Pay => Action::Pay,
            ScriptAction::Transfer { amount } => {
                let here = place.field("amount");
                in_currency(*amount, self.currency(), "amount", here, complaints)?;
                Action::Transfer { amount: *amount }
            }
            ScriptAction::SendVan => Action::SendVan,
            ScriptAction::Cancel => Action::Cancel,
            ScriptAction::MyOrders => Action::MyOrders,
            ScriptAction::LookUp { order } => {
                let Some(number) = order.checked_sub(1) else {
                    complaints.add(
                        place.field("order"),
                        "there is no such order",
                        "orders are counted from 1: 1 is o-1",
                    );
                    return None;
                };
                Action::LookUp(OrderId(number))
            }
            ScriptAction::InStatus { status } => Action::InStatus(match status {
                InStatus::Pending => Status::Pending,
                InStatus::Paid => Status::Paid,
                InStatus::Shipped => Status::Shipped,
                InStatus::Cancelled => Status::Cancelled,
            }),
            ScriptAction::Browse => Action::Browse,
        })
    }
}

impl OutcomeLabel<Orders> for Outcome {
    fn of(answer: &Answer<Orders>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(rejection)) => match rejection {
                Rejection::NoItems | Rejection::TotalNotPositive => Self::NothingOrdered,
                Rejection::AmountMismatch { .. } => Self::AmountMismatch,
                Rejection::NotPending { .. } | Rejection::AlreadyRequested => Self::NotPayable,
                Rejection::NotPaid { .. } => Self::NotShippable,
                Rejection::AlreadyShipped | Rejection::AlreadyCancelled => Self::TooLate,
                Rejection::AlreadyPlaced | Rejection::NoSuchOrder | Rejection::NotOverdue => {
                    Self::Refused
                }
            },
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(_)) => Self::Shown,
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

impl WaitLabel<Orders> for Wait {
    fn of(answer: &Answer<Orders>) -> Option<Self> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::PlaceOrder { .. } => Some(Self::Place),
                Command::RequestPayment { .. } | Command::ReceivePayment { .. } => {
                    Some(Self::Payment)
                }
                Command::CancelOrder { .. } => Some(Self::Cancel),
                Command::ShipOrder { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::MyOrders | Query::Order(_) | Query::InStatus(_) => Some(Self::Orders),
            },
            // Whoever gave up waiting was not answered.
            Answer::Erased | Answer::Silence => None,
        }
    }
}

impl Orders {
    /// Looks products up by their numbers in the catalogue, at their present prices.
    fn items(
        &self,
        wanted: &[(u32, String)],
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Items> {
        if wanted.len() > ITEMS_MAX {
            complaints.add(
                place.clone(),
                format!(
                    "an order has at most {ITEMS_MAX} items, and this one has {}",
                    wanted.len()
                ),
                "place several orders",
            );
            return None;
        }
        let mut list = ArrayVec::new();
        for (index, (quantity, id)) in wanted.iter().enumerate() {
            match self.product_named(id) {
                Some(product) => {
                    let price = self.products()[product.index()].price.minor;
                    list.push(Item { product, quantity: *quantity, price });
                }
                None => {
                    let known: Vec<&str> =
                        self.products().iter().map(|product| product.id.as_str()).collect();
                    complaints.unknown(place.item(index), "product", id, &known);
                }
            }
        }
        let found = list.len() == wanted.len();
        found.then_some(Items { list, currency: self.currency() })
    }
}

/// Says what is wrong with a catalogue, product by product.
fn catalogue(products: &[ProductFile], place: &Place, complaints: &mut Complaints) {
    let mut seen = BTreeSet::new();
    let currency = products.first().map(|product| product.price.currency);
    for (index, product) in products.iter().enumerate() {
        let here = place.item(index);
        complaints.unprintable(here.field("id"), &product.id);
        complaints.unprintable(here.field("name"), &product.name);
        if product.id.trim().is_empty() {
            complaints.add(here.field("id"), "this product has no number", "like \"p1\"");
        } else if !seen.insert(product.id.as_str()) {
            let what = format!("there are two products `{}`", product.id);
            complaints.add(here.field("id"), what, "give each a number of its own");
        }
        if let Some(currency) = currency {
            in_currency(product.price, currency, "price", here.field("price"), complaints);
        }
    }
}

/// All amounts of a shop are in the currency of its first price.
fn in_currency(
    amount: Money,
    currency: Currency,
    what: &str,
    place: Place,
    complaints: &mut Complaints,
) -> Option<()> {
    if amount.currency == currency {
        return Some(());
    }
    let found = format!("this is in {}, but the first price is in {currency}", amount.currency);
    complaints.add(place, found, format!("write the {what} in {currency}"));
    None
}
