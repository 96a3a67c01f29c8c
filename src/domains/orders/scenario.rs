//! The language of scenario files: the shop, the actions of customers, and the names of answers.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

use super::customers::Action;
use super::event::{ITEMS_MAX, Item, Items};
use super::ids::OrderId;
use super::order::Status;
use super::setup::{Orders, PROVIDER_NAME, Product, Setup};
use super::{Command, Query, Rejection};
use crate::domains::money::Money;
use crate::domains::past::moment;
use crate::kernel::Span;
use crate::model::{Answer, CommandOutcome, Named, Version};
use crate::scenario::{Complaints, Ids, LongWait, OutcomeLabel, Place, ScenarioDomain, WaitLabel};

/// The reference for the currency of all amounts.
const PRICES: &str = "the first price is";

/// What can follow `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrdersFile {
    Orders(Setup),
}

/// What can follow `does:` or stand in a `mix`. Unless it places an order, it is about the order that
/// the customer placed last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Orders numbers of pieces of products, and pays later.
    Place {
        items: Vec<(u32, String)>,
        /// Another customer of the script, who gets the parcel. The customer by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<String>,
    },
    /// Orders numbers of pieces of products, and has the card charged at once.
    Buy {
        items: Vec<(u32, String)>,
        /// Another customer of the script, who gets the parcel. The customer by default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receiver: Option<String>,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Buys a product that the seed chooses.
    BuySomething,
    /// Buys a product that the seed chooses, and cancels after some time.
    BuyAndRegret,
    /// Has the card charged.
    Pay,
    /// The shop records a bank transfer.
    Transfer { amount: Money },
    /// The shop ships the order with its own van.
    SendVan,
    /// Cancels the order.
    Cancel,
    /// Queries the customer's own orders.
    MyOrders,
    /// Queries any order by its number: 1 for `o-1`.
    LookUp { order: u32 },
    /// Queries the orders in a status.
    InStatus { status: Status },
    /// Queries an order as of a version, as of a time, or now. By default the order placed last.
    AsOf {
        #[serde(default)]
        order: Option<u32>,
        /// The number of events of the order to include.
        #[serde(default)]
        version: Option<u32>,
        /// The time since the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Queries an order after its first event, then after the second, and so on to the last.
    History {
        #[serde(default)]
        order: Option<u32>,
    },
    /// A query that the seed chooses.
    Browse,
}

/// What can follow `include:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// An order without items, or with a total that is not positive, was refused.
    NothingOrdered,
    /// A payment was refused: the amount was not the total.
    AmountMismatch,
    /// A payment was refused: the order is not pending, or the card is already being charged.
    NotPayable,
    /// Shipping was refused: the order is not paid, or was shipped or cancelled.
    NotShippable,
    /// Cancelling was refused: the order was shipped or cancelled.
    TooLate,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query found something.
    Shown,
    /// A query found nothing.
    Nothing,
    /// The rows did not contain the customer's own writes yet.
    NotYet,
    /// A node that a query or an erasure needs did not answer.
    TryLater,
    /// The customer's data was erased.
    Forgotten,
    /// No answer came in time.
    Silence,
}

/// What can follow `of:`: an operation whose latency is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    Place,
    /// A payment is requested or recorded.
    Payment,
    Cancel,
    /// The erasure of their personal data.
    Erasure,
    /// Any query of the present.
    Orders,
    /// A query of the past.
    AsOf,
}

/// How many calls of one saga, one after another, its default quiet phase allows for.
const ATTEMPTS: u64 = 40;

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
        let OrdersFile::Orders(setup) = setup;
        let before = complaints.count();
        catalogue(&setup.products, &place.field("products"), complaints);
        let currency = setup.products.first().map(|product| product.price.currency);
        if let (Some(limit), Some(currency)) = (setup.payment.limit, currency) {
            let here = place.field("payment").field("limit");
            currency.must_be_of(limit, "limit", PRICES, here, complaints);
        }
        if let Some(life) = setup.payment.authorisation_life {
            let here = place.field("payment").field("authorisation_life");
            complaints.not_zero(here, &life, "remove it if reservations do not lapse");
        }
        let called = place.field("carrier").field("id");
        if setup.carrier.id == PROVIDER_NAME {
            let hint = "choose another one, like \"UPS\"";
            complaints.add(called, "the payment provider has this id", hint);
        } else {
            Ids::of("carrier", "UPS").check(&setup.carrier.id, called, complaints);
        }
        let hint = "write it like \"15m\" or \"2.5s\"";
        complaints.not_zero(place.field("pay_within"), &setup.pay_within, hint);
        complaints.not_zero(place.field("saga_patience"), &setup.saga_patience, hint);
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even if none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn waits(&self) -> Vec<LongWait> {
        let setup = &self.tables.setup;
        let wait = |field, span, times| LongWait { field, span, times };
        vec![
            wait("domain.pay_within", setup.pay_within, 2),
            wait("domain.think", setup.think, 1),
            wait("domain.saga_patience", setup.saga_patience, ATTEMPTS),
            wait("domain.payment.latency", setup.payment.latency, ATTEMPTS),
            wait("domain.carrier.latency", setup.carrier.latency, ATTEMPTS),
        ]
    }

    fn resolve_among(
        &self,
        customers: &[String],
        line: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut action = self.resolve(line, place, complaints)?;
        if let (
            ScriptAction::Place { receiver: Some(name), .. }
            | ScriptAction::Buy { receiver: Some(name), .. },
            Action::Place { receiver, .. },
        ) = (line, &mut action)
        {
            let place = place.field("receiver");
            complaints.needs_personal_data(self.tables.setup.personal_data, &place);
            *receiver = complaints.customer(place, name, customers)?;
        }
        Some(action)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut place_order = |items, charge| {
            let items = self.items(items, &place.field("items"), complaints)?;
            let (items, receiver) = (Some(items), Named::NONE);
            Some(Action::Place { items, charge, regret: false, receiver })
        };
        Some(match action {
            ScriptAction::Place { items, .. } => place_order(items, false)?,
            ScriptAction::Buy { items, .. } => place_order(items, true)?,
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::BuySomething | ScriptAction::BuyAndRegret
                if self.products().is_empty() =>
            {
                let hint = "add products to `products`";
                complaints.add(place.clone(), "there is nothing to buy", hint);
                return None;
            }
            ScriptAction::BuySomething | ScriptAction::BuyAndRegret => {
                let regret = matches!(action, ScriptAction::BuyAndRegret);
                Action::Place { items: None, charge: true, regret, receiver: Named::NONE }
            }
            ScriptAction::Pay => Action::Pay,
            ScriptAction::Transfer { amount } => {
                let here = place.field("amount");
                let currency = self.currency();
                let amount = currency.must_be_of(*amount, "amount", PRICES, here, complaints)?;
                Action::Transfer { amount }
            }
            ScriptAction::SendVan => Action::SendVan,
            ScriptAction::Cancel => Action::Cancel,
            ScriptAction::MyOrders => Action::MyOrders,
            ScriptAction::LookUp { order } => {
                let number = complaints.from_one(place.field("order"), *order, "order", "o-1")?;
                Action::LookUp(OrderId(number))
            }
            ScriptAction::InStatus { status } => Action::InStatus(*status),
            ScriptAction::AsOf { order, version, at } => {
                let order = numbered(*order, place, complaints)?;
                Action::AsOf { order, at: moment(*version, *at, place, complaints)? }
            }
            ScriptAction::History { order } => {
                Action::History { order: numbered(*order, place, complaints)?, from: Version(1) }
            }
            ScriptAction::Browse => Action::Browse,
        })
    }
}

/// An order by its number; `Some(None)` if there is no number.
fn numbered(
    number: Option<u32>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Option<OrderId>> {
    let Some(number) = number else { return Some(None) };
    let number = complaints.from_one(place.field("order"), number, "order", "o-1")?;
    Some(Some(OrderId(number)))
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
            Answer::TryLater(_) => Self::TryLater,
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
                Query::AsOf(..) => Some(Self::AsOf),
            },
            Answer::Erased => Some(Self::Erasure),
            // A customer that stopped waiting has no answer to measure.
            Answer::TryLater(_) | Answer::Silence => None,
        }
    }
}

impl Orders {
    /// Looks up products by their ids in the catalogue, with their prices.
    fn items(
        &self,
        wanted: &[(u32, String)],
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Items> {
        if wanted.len() > ITEMS_MAX {
            let (most, count) = (ITEMS_MAX, wanted.len());
            let says = format!("an order can have at most {most} items, but this one has {count}");
            complaints.add(place.clone(), says, "split it into several orders");
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
                    let known: Vec<_> = self.products().iter().map(|it| it.id.as_str()).collect();
                    complaints.unknown(place.item(index), "product", id, &known);
                }
            }
        }
        let found = list.len() == wanted.len();
        found.then_some(Items { list, currency: self.currency() })
    }
}

/// Checks the catalogue, product by product.
fn catalogue(products: &[Product], place: &Place, complaints: &mut Complaints) {
    let mut ids = Ids::of("product", "p1");
    let currency = products.first().map(|product| product.price.currency);
    for (index, product) in products.iter().enumerate() {
        let here = place.item(index);
        ids.check(&product.id, here.field("id"), complaints);
        if let Some(currency) = currency {
            let here = here.field("price");
            currency.must_be_of(product.price, "price", PRICES, here, complaints);
        }
    }
}
