//! The actions of customers, couriers' telephones and clerks, and the state of a client.

use arrayvec::ArrayVec;

use super::Query;
use super::command::{Command, Rejection};
use super::event::{DropOff, Item, Items, Place};
use super::ids::{DishId, OrderId, RestaurantId};
use super::order::Status;
use super::setup::Delivery;
use super::views::Row;
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CommandOutcome, CustomerId, Named, Version};

/// A [`ScriptAction`](super::scenario::ScriptAction) with its names resolved. Without an order it is about the
/// order that the customer created last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Without a meal: a random dish of a random restaurant. `regret`: the customer cancels after some time.
    Order {
        meal: Option<Meal>,
        drop_off: DropOff,
        regret: bool,
        /// Who gets the food, if it is another customer.
        receiver: Named,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// The food is to be left elsewhere.
    Leave { at: DropOff },
    /// Cancels an order. `insists`: also for a smaller refund.
    Cancel { order: Option<OrderId>, insists: bool },
    /// Cancels an order for at least this refund, in minor units.
    CancelFor { order: OrderId, least: i64, insists: bool },
    /// A courier's telephone reports positions, the `nth` first and `updates` in all.
    Drive { order: OrderId, nth: u32, updates: u32, every: Span },
    /// Queries an order; by default the own one.
    LookUp { order: Option<OrderId> },
    /// Follows an order until it is delivered or cancelled.
    Follow { order: Option<OrderId> },
    /// Queries an order of the past.
    AsOf { order: Option<OrderId>, at: AsOf },
    /// Queries all past states of an order from a version on, one after the other.
    History { order: Option<OrderId>, from: Version },
    /// Queries the audit trail of an order.
    Audit { order: Option<OrderId> },
    /// Queries the customer's own orders.
    MyOrders,
    /// Queries the dashboard of a restaurant.
    Dashboard(RestaurantId),
    /// Queries the figures of an hour.
    Figures { hour: u32 },
    /// A random query.
    Browse,
}

/// Dishes of one restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Meal {
    pub restaurant: RestaurantId,
    pub items: Items,
}

/// How long a customer follows an order.
pub(super) const LONGEST_WAIT: Span = Span::from_secs(4 * 3600);

/// The state of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// The number of orders that the customer has begun.
    begun: u32,
    /// The order begun last, and its price.
    last: Option<(OrderId, i64)>,
    /// The orders created with `regret` and not answered yet, with their prices.
    regrets: Vec<(OrderId, i64)>,
    /// The orders whose cancellation is not answered yet, and would be asked for again.
    insisting: Vec<OrderId>,
    /// What a courier's telephone reports after the next answer.
    drive: Option<(Place, Action, Span)>,
    browsing: Browsing<OrderId>,
    /// The orders that the customer follows.
    followed: Vec<OrderId>,
}

/// What a customer sends to carry out an action.
pub(super) fn act(
    delivery: &Delivery,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<Delivery>> {
    ask(delivery, who, memory, action, random).into_iter().collect()
}

fn ask(
    delivery: &Delivery,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Option<Ask<Delivery>> {
    let own = memory.last.map(|(order, _)| order);
    Some(match action {
        Action::EraseMe => Ask::Erase,
        Action::Order { meal, drop_off, regret, receiver } => {
            let meal = meal.clone().or_else(|| any_meal(delivery, random))?;
            let order = delivery.order_of(who, memory.begun)?;
            let (Meal { restaurant, items }, drop_off) = (meal, *drop_off);
            let price = items.total().map_or(0, |total| total.minor);
            memory.begun += 1;
            memory.last = Some((order, price));
            if *regret {
                memory.regrets.push((order, price));
            }
            let (customer, receiver) = (who, *receiver);
            let create =
                Command::CreateOrder { order, customer, restaurant, items, drop_off, receiver };
            Ask::Command(create)
        }
        Action::Leave { at } => {
            Ask::Command(Command::ChangeDropOff { order: own?, by: who, drop_off: *at })
        }
        Action::Cancel { order, insists } => {
            let order = order.or(own)?;
            let price =
                memory.last.filter(|(last, _)| *last == order).map_or(0, |(_, price)| price);
            cancel(memory, who, (order, price), *insists)
        }
        Action::CancelFor { order, least, insists } => {
            cancel(memory, who, (*order, *least), *insists)
        }
        Action::Drive { order, nth, updates, every } => {
            let (order, place) = (*order, place(*nth));
            let next = Action::Drive { order, nth: nth + 1, updates: *updates, every: *every };
            memory.drive = (nth + 1 < *updates).then_some((place, next, *every));
            Ask::Command(Command::ReportPosition { order, place })
        }
        Action::LookUp { order } => Ask::Query(Query::Order(order.or(own)?)),
        Action::Follow { order } => {
            let order = order.or(own)?;
            memory.followed.push(order);
            Ask::Watch(Query::Order(order), LONGEST_WAIT)
        }
        Action::AsOf { order, at } => Ask::Query(Query::AsOf(order.or(own)?, *at)),
        Action::History { order, from } => {
            let order = order.or(own)?;
            Ask::Query(Query::AsOf(order, memory.browsing.ask(order, *from)))
        }
        Action::Audit { order } => Ask::Query(Query::Audit(order.or(own)?)),
        Action::MyOrders => Ask::Query(Query::MyOrders),
        Action::Dashboard(restaurant) => Ask::Query(Query::Dashboard(*restaurant)),
        Action::Figures { hour } => Ask::Query(Query::Hour(*hour)),
        Action::Browse => Ask::Query(any_query(delivery, own, random)),
    })
}

/// What a customer does after an answer.
pub(super) fn on_answer(
    delivery: &Delivery,
    memory: &mut ClientState,
    answer: &Answer<Delivery>,
) -> Vec<Ask<Delivery>> {
    let think = delivery.tables.setup.think;
    let next = match answer {
        Answer::Command(Command::CreateOrder { order, .. }, outcome) => {
            let place = memory.regrets.iter().position(|(regretted, _)| regretted == order);
            let regretted = place.map(|place| memory.regrets.swap_remove(place));
            let exists = !matches!(outcome, CommandOutcome::Refused(_));
            regretted.filter(|_| exists).map(|(order, least)| {
                Ask::Later(think, Action::CancelFor { order, least, insists: true })
            })
        }
        Answer::Command(Command::CancelOrder { order, .. }, outcome) => {
            let place = memory.insisting.iter().position(|insisting| insisting == order);
            let insisting = place.map(|place| memory.insisting.swap_remove(place));
            match (insisting, outcome) {
                // The customer is asked again, and decides anew.
                (Some(order), CommandOutcome::Refused(Rejection::LessRefund { refund })) => {
                    let least = refund.minor;
                    Some(Ask::Later(think, Action::CancelFor { order, least, insists: true }))
                }
                _ => None,
            }
        }
        Answer::Command(Command::ReportPosition { place, .. }, outcome) => {
            next_position(memory, *place, outcome)
        }
        Answer::Shown(Query::Order(order), Some(Row::Order(row))) => {
            if row.standing.status.is_some_and(Status::is_last) {
                memory.followed.retain(|followed| followed != order);
            }
            None
        }
        Answer::Shown(Query::AsOf(order, as_of), row) => {
            let shown = match row {
                Some(Row::Order(row)) => Some(row.version),
                Some(_) | None => None,
            };
            let from = memory.browsing.answered(*order, *as_of, shown);
            let next = |from| Action::History { order: Some(*order), from };
            from.map(|from| Ask::Later(Span::ZERO, next(from)))
        }
        _ => None,
    };
    next.into_iter().collect()
}

/// Whether a customer who is subscribed to a query follows an order that goes on.
pub(super) fn watches(memory: &ClientState, query: &Query) -> bool {
    matches!(query, Query::Order(order) if memory.followed.contains(order))
}

fn cancel(
    memory: &mut ClientState,
    by: CustomerId,
    (order, least): (OrderId, i64),
    insists: bool,
) -> Ask<Delivery> {
    if insists {
        memory.insisting.push(order);
    }
    Ask::Command(Command::CancelOrder { order, by, least })
}

/// The telephone goes on until the food is delivered.
fn next_position(
    memory: &mut ClientState,
    place: Place,
    outcome: &CommandOutcome<Delivery>,
) -> Option<Ask<Delivery>> {
    let (_, next, every) = memory.drive.take_if(|(reported, ..)| *reported == place)?;
    let over = matches!(
        outcome,
        CommandOutcome::Refused(Rejection::WrongStage { status }) if status.is_last()
    );
    (!over).then_some(Ask::Later(every, next))
}

/// The nth position on the way: always further to the north-east.
fn place(nth: u32) -> Place {
    let step = i32::try_from(nth).unwrap_or(i32::MAX / 8);
    Place { east: step * 4, north: step * 3 }
}

/// One or two portions of a random dish, if there is any.
fn any_meal(delivery: &Delivery, random: u64) -> Option<Meal> {
    let count = delivery.restaurants().len() as u64;
    let restaurant = RestaurantId(random.checked_rem(count)? as u8);
    let menu = &delivery.restaurants()[restaurant.index()].menu;
    let dishes = menu.len() as u64;
    let dish = DishId((random / count).checked_rem(dishes)? as u16);
    let quantity = 1 + (random / count / dishes % 2) as u32;
    let price = menu[dish.index()].price.minor;
    let list = ArrayVec::from_iter([Item { dish, quantity, price }]);
    Some(Meal { restaurant, items: Items { list, currency: delivery.currency() } })
}

fn any_query(delivery: &Delivery, own: Option<OrderId>, random: u64) -> Query {
    let order = own.unwrap_or(OrderId(0));
    match random % 5 {
        0 => Query::MyOrders,
        1 => Query::Order(order),
        2 => {
            let count = delivery.restaurants().len().max(1) as u64;
            Query::Dashboard(RestaurantId((random / 5 % count) as u8))
        }
        3 => Query::Hour(u32::from(delivery.tables.setup.begins.0) / 60),
        _ => Query::AsOf(order, AsOf::Now),
    }
}
