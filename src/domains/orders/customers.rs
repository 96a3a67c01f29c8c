//! The actions of customers and of the shop's staff, and the state of a customer's client.

use arrayvec::ArrayVec;

use super::command::Command;
use super::event::{Bringer, Item, Items, Method, Parcel, Reason};
use super::ids::{Day, OrderId, ProductId, Tracking};
use super::order::Status;
use super::setup::Orders;
use super::{Query, Row};
use crate::domains::money::Money;
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CommandOutcome, CustomerId, Named, Version};

/// A [`ScriptAction`](super::scenario::ScriptAction) with its names resolved. Unless it places an
/// order, it is about the order that the customer placed last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Without items: a random product. `regret`: the customer cancels after some time.
    Place {
        items: Option<Items>,
        charge: bool,
        regret: bool,
        /// Who gets the parcel, if it is another customer.
        receiver: Named,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Has the customer's card charged.
    Pay,
    /// The shop records a bank transfer.
    Transfer { amount: Money },
    /// The shop ships the order with its own van.
    SendVan,
    /// Cancels the order.
    Cancel,
    /// Cancels an order that was placed with `regret`.
    CancelThat(OrderId),
    /// Queries the customer's own orders.
    MyOrders,
    /// Queries any order.
    LookUp(OrderId),
    /// Queries the orders in a status.
    InStatus(Status),
    /// Queries an order as it was; without a number, the order placed last.
    AsOf { order: Option<OrderId>, at: AsOf },
    /// Queries the state of an order after each of its events from this one on.
    History { order: Option<OrderId>, from: Version },
    /// A random query.
    Browse,
}

/// The state of one customer's client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// The number of orders that the customer has begun.
    begun: u32,
    /// The order begun last.
    last: Option<OrderId>,
    /// The orders placed with `regret` and not answered yet.
    regrets: Vec<OrderId>,
    browsing: Browsing<OrderId>,
}

/// What a customer sends to carry out an action.
pub(super) fn act(
    orders: &Orders,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<Orders>> {
    let own = |ask: &dyn Fn(OrderId) -> Command| {
        memory.last.map(|order| Ask::Command(ask(order))).into_iter().collect()
    };
    match action {
        Action::EraseMe => vec![Ask::Erase],
        Action::Place { items, charge, regret, receiver } => {
            let items = items.clone().or_else(|| any_item(orders, random));
            let (Some(items), Some(order)) = (items, orders.order_of(who, memory.begun)) else {
                return Vec::new();
            };
            memory.begun += 1;
            memory.last = Some(order);
            if *regret {
                memory.regrets.push(order);
            }
            let (customer, charge, receiver) = (who, *charge, *receiver);
            vec![Ask::Command(Command::PlaceOrder { order, customer, items, charge, receiver })]
        }
        Action::Pay => own(&|order| Command::RequestPayment { order }),
        Action::Transfer { amount } => own(&|order| Command::ReceivePayment {
            order,
            payment: order.payment(),
            amount: *amount,
            method: Method::BankTransfer,
        }),
        Action::SendVan => own(&|order| Command::ShipOrder { order, parcel: van(orders, order) }),
        Action::Cancel => own(&cancel),
        Action::CancelThat(order) => vec![Ask::Command(cancel(*order))],
        Action::MyOrders => vec![Ask::Query(Query::MyOrders)],
        Action::LookUp(order) => vec![Ask::Query(Query::Order(*order))],
        Action::InStatus(status) => vec![Ask::Query(Query::InStatus(*status))],
        Action::AsOf { order, at } => {
            let as_of = |order| Ask::Query(Query::AsOf(order, *at));
            order.or(memory.last).map(as_of).into_iter().collect()
        }
        Action::History { order, from } => {
            let Some(order) = order.or(memory.last) else { return Vec::new() };
            vec![Ask::Query(Query::AsOf(order, memory.browsing.ask(order, *from)))]
        }
        Action::Browse => vec![Ask::Query(match random % 3 {
            0 => Query::MyOrders,
            1 => Query::Order(memory.last.unwrap_or(OrderId(0))),
            _ => Query::InStatus(Status::ALL[(random / 3 % 4) as usize]),
        })],
    }
}

/// What a customer does after an answer.
pub(super) fn on_answer(
    orders: &Orders,
    memory: &mut ClientState,
    answer: &Answer<Orders>,
) -> Vec<Ask<Orders>> {
    let mut asks = Vec::new();
    if let Answer::Shown(Query::AsOf(order, as_of), row) = answer {
        let shown = match row {
            Some(Row::Past(past)) => Some(past.version),
            Some(_) | None => None,
        };
        if let Some(from) = memory.browsing.answered(*order, *as_of, shown) {
            asks.push(Ask::Later(Span::ZERO, Action::History { order: Some(*order), from }));
        }
    }
    if let Answer::Command(Command::PlaceOrder { order, .. }, outcome) = answer
        && let Some(place) = memory.regrets.iter().position(|regretted| regretted == order)
    {
        memory.regrets.swap_remove(place);
        if !matches!(outcome, CommandOutcome::Refused(_)) {
            asks.push(Ask::Later(orders.tables.setup.think, Action::CancelThat(*order)));
        }
    }
    asks
}

const fn cancel(order: OrderId) -> Command {
    Command::CancelOrder { order, reason: Reason::ByCustomer }
}

/// The van always delivers on the next day.
fn van(orders: &Orders, order: OrderId) -> Parcel {
    let tracking = Tracking(u64::from(order.0));
    let Day(today) = orders.tables.setup.today;
    Parcel { tracking, by: Bringer::Van, delivery: Day(today.saturating_add(1)) }
}

/// One or two pieces of a random product, if there is any.
fn any_item(orders: &Orders, random: u64) -> Option<Items> {
    let count = orders.products().len() as u64;
    let place = random.checked_rem(count)?;
    let product = ProductId(place as u16);
    let price = orders.products()[product.index()].price.minor;
    let quantity = 1 + (random / count % 2) as u32;
    let list = ArrayVec::from_iter([Item { product, quantity, price }]);
    Some(Items { list, currency: orders.currency() })
}
