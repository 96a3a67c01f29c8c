//! What customers want, ask and remember; and what the shop's own people do by hand.

use arrayvec::ArrayVec;

use super::Query;
use super::command::Command;
use super::event::{Bringer, Item, Items, Method, Parcel, Reason};
use super::ids::{Day, OrderId, ProductId, Tracking};
use super::order::Status;
use super::setup::Orders;
use crate::domains::money::Money;
use crate::model::{Answer, Ask, CommandOutcome, CustomerId};

/// What a customer can be scripted or drawn to do. What is not about a new order is about the one that
/// they placed last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Orders something.
    Place {
        /// What; a product of the catalogue, at random, if `None`.
        items: Option<Items>,
        /// Whether their card is charged at once.
        charge: bool,
        /// Whether they change their mind when they have thought about it.
        regret: bool,
    },
    /// Has their card charged.
    Pay,
    /// The shop records a bank transfer.
    Transfer { amount: Money },
    /// The shop sends the order with its own van.
    SendVan,
    /// Cancels.
    Cancel,
    /// Cancels a certain order: the end of a regretted one.
    CancelThat(OrderId),
    /// Looks at their orders.
    MyOrders,
    /// Looks an order up by its number.
    LookUp(OrderId),
    /// Looks at the orders in a status.
    InStatus(Status),
    /// Looks at something, by luck.
    Browse,
}

/// What one customer remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// How many orders they have begun.
    begun: u32,
    /// The order begun last.
    last: Option<OrderId>,
    /// Orders that they will regret.
    regrets: Vec<OrderId>,
}

/// What a customer does to carry out an action.
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
        Action::Place { items, charge, regret } => {
            let items = items.clone().or_else(|| lucky(orders, random));
            let (Some(items), Some(order)) = (items, orders.order_of(who, memory.begun)) else {
                return Vec::new();
            };
            memory.begun += 1;
            memory.last = Some(order);
            if *regret {
                memory.regrets.push(order);
            }
            let charge = *charge;
            vec![Ask::Command(Command::PlaceOrder { order, customer: who, items, charge })]
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
        Action::Browse => vec![Ask::Query(match random % 3 {
            0 => Query::MyOrders,
            1 => Query::Order(memory.last.unwrap_or(OrderId(0))),
            _ => Query::InStatus(Status::ALL[(random / 3 % 4) as usize]),
        })],
    }
}

/// What a customer does after being told something.
pub(super) fn on_answer(
    orders: &Orders,
    memory: &mut ClientState,
    answer: &Answer<Orders>,
) -> Vec<Ask<Orders>> {
    let Answer::Command(Command::PlaceOrder { order, .. }, verdict) = answer else {
        return Vec::new();
    };
    let Some(place) = memory.regrets.iter().position(|regretted| regretted == order) else {
        return Vec::new();
    };
    memory.regrets.swap_remove(place);
    match verdict {
        CommandOutcome::Accepted(_) | CommandOutcome::Unknown => {
            vec![Ask::Later(orders.tables.setup.think, Action::CancelThat(*order))]
        }
        CommandOutcome::Refused(_) => Vec::new(),
    }
}

const fn cancel(order: OrderId) -> Command {
    Command::CancelOrder { order, reason: Reason::ByCustomer }
}

/// The van is back before the evening, wherever it goes.
fn van(orders: &Orders, order: OrderId) -> Parcel {
    let tracking = Tracking(u64::from(order.0));
    let Day(today) = orders.tables.setup.today;
    Parcel { tracking, by: Bringer::Van, delivery: Day(today.saturating_add(1)) }
}

/// One or two pieces of some product, if there is one.
fn lucky(orders: &Orders, random: u64) -> Option<Items> {
    let count = orders.products().len() as u64;
    let place = random.checked_rem(count)?;
    let product = ProductId(place as u16);
    let price = orders.products()[product.index()].price.minor;
    let quantity = 1 + (random / count % 2) as u32;
    let list = ArrayVec::from_iter([Item { product, quantity, price }]);
    Some(Items { list, currency: orders.currency() })
}
