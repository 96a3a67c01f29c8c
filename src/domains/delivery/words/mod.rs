//! The domain in words: one short text for each term.

use std::fmt;

use super::command::Command;
use super::event::{DropOff, Items, Reason};
use super::ids::{DishId, ORDER, OrderId, RestaurantId};
use super::outside::Request;
use super::saga::Saga;
use super::saga_event::{Deadline, Party, Tell, Trouble};
use super::setup::{Delivery, restaurant_of};
use super::views::{ANALYTICS, RESTAURANT_DASHBOARD, USER_HISTORY};
use super::{Query, Row};
use crate::domains::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::{AsOf, CustomerId, Names, RowKey, Term, ViewId};
use crate::saga::Saga as _;

mod events;
mod ledgers;
mod rows;

pub(super) fn say(
    delivery: &Delivery,
    term: Term<'_, Delivery>,
    names: &Names,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let narrator = Narrator { delivery, names };
    match term {
        Term::Stream(stream) => match stream.category {
            ORDER => write!(f, "{}", OrderId(stream.number)),
            _ => write!(f, "s-{}", u64::from(stream.number) + 1),
        },
        Term::Event(event) => narrator.event(event, f),
        Term::Command(command) => narrator.command(command, f),
        Term::Rejection(rejection) => write!(f, "{}: {rejection}", rejection.name()),
        Term::Query(query) => narrator.query(query, f),
        Term::Row(row) => narrator.row(row, f),
        Term::Request(_, Request::Charge(request)) => write!(f, "{request}"),
        Term::Request(_, Request::Kitchen(request)) => write!(f, "{request}"),
        Term::Request(_, Request::Courier(request)) => write!(f, "{request}"),
        Term::Reply(_, reply) => narrator.reply(reply, f),
        Term::Entry(service, entry) => narrator.entry(restaurant_of(service), entry, f),
        Term::Ledger(_, ledger) => narrator.ledger(ledger, f),
        Term::Timer(Saga::TIMER_RETRY) => f.write_str("next attempt"),
        Term::Timer(Saga::TIMER_LOOK) => f.write_str("an operator's look"),
        Term::Timer(timer) => match Deadline::ALL.into_iter().find(|it| it.timer() == timer) {
            Some(deadline) => f.write_str(say_deadline(deadline)),
            None => write!(f, "timer {timer}"),
        },
        Term::Gathered(number) => write!(f, "question {number}"),
        Term::RowOf(view, key) => narrator.row_of(view, key, f),
    }
}

struct Narrator<'a> {
    delivery: &'a Delivery,
    names: &'a Names,
}

impl Narrator<'_> {
    fn restaurant(&self, restaurant: RestaurantId) -> &str {
        let found = self.delivery.restaurants().get(restaurant.index());
        found.map_or("?", |restaurant| restaurant.id.as_str())
    }

    fn dish(&self, restaurant: RestaurantId, DishId(dish): DishId) -> &str {
        let found = self.delivery.restaurants().get(restaurant.index());
        let dish = found.and_then(|restaurant| restaurant.menu.get(usize::from(dish)));
        dish.map_or("?", |dish| dish.id.as_str())
    }

    fn items(&self, restaurant: RestaurantId, items: &Items) -> String {
        let item = |item: &super::event::Item| {
            format!("{} {}", item.quantity, self.dish(restaurant, item.dish))
        };
        match items.list.is_empty() {
            true => "nothing".to_owned(),
            false => items.list.iter().map(item).collect::<Vec<_>>().join(" + "),
        }
    }

    /// The time of day.
    fn clock(&self, at: Instant) -> String {
        self.delivery.tables.setup.begins.at(at).to_string()
    }

    fn command(&self, command: &Command, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", command.name(), command.order())?;
        match command {
            Command::CreateOrder { restaurant, items, drop_off, .. } => {
                let (from, items) = (self.restaurant(*restaurant), self.items(*restaurant, items));
                write!(f, " {items} from {from}, {}", say_drop_off(*drop_off))
            }
            Command::PayOrder { amount, .. } => write!(f, " {amount}"),
            Command::ChangeDropOff { drop_off, .. } => write!(f, ", {}", say_drop_off(*drop_off)),
            Command::StartPreparing { estimated, .. } => {
                write!(f, ", about {}", say_span(*estimated))
            }
            Command::AssignCourier { courier, .. } | Command::PickUp { courier, .. } => {
                write!(f, ", {courier}")
            }
            Command::ReportPosition { place, .. } => {
                write!(f, ", {} m east, {} m north", place.east, place.north)
            }
            Command::CancelOrder { least, .. } => {
                let least = Money::new(*least, self.delivery.currency());
                write!(f, " for a refund of at least {least}")
            }
            Command::AbandonOrder { reason, .. } => write!(f, ", {}", say_reason(*reason)),
            Command::ConfirmOrder { .. }
            | Command::MarkReady { .. }
            | Command::DeliverOrder { .. } => Ok(()),
        }
    }

    fn query(&self, query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match query {
            Query::Order(order) => write!(f, "order {order}"),
            Query::Dashboard(restaurant) => {
                write!(f, "dashboard of {}", self.restaurant(*restaurant))
            }
            Query::MyOrders => f.write_str("my orders"),
            Query::Hour(hour) => write!(f, "figures from {}", say_hour(*hour)),
            Query::Audit(order) => write!(f, "audit trail of {order}"),
            Query::AsOf(order, AsOf::Now) => write!(f, "order {order} as of now"),
            Query::AsOf(order, AsOf::Version(version)) => {
                write!(f, "order {order} as of {version}")
            }
            Query::AsOf(order, AsOf::Instant(at)) => {
                write!(f, "order {order} as of {}", self.clock(*at))
            }
        }
    }

    fn row_of(&self, view: ViewId, key: RowKey, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match view {
            RESTAURANT_DASHBOARD => {
                let restaurant = RestaurantId(u8::try_from(key.0).unwrap_or(u8::MAX));
                write!(f, "dashboard of {}", self.restaurant(restaurant))
            }
            USER_HISTORY => write!(f, "orders of {}", self.names.customer(CustomerId(key.0))),
            ANALYTICS => write!(f, "figures from {}", say_hour(key.0)),
            _ => write!(f, "{}", OrderId(key.0)),
        }
    }

    fn row(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match row {
            Row::Order(row) => self.order_row(row, f),
            Row::Board(board) => self.board(board, f),
            Row::User(history) => self.user(history, f),
            Row::Hour(hour) => self.hour(hour, f),
            Row::Audit(trail) => self.trail(trail, f),
        }
    }
}

/// An hour of the run, as `13:00`; from the second day on with the number of the day.
fn say_hour(hour: u32) -> String {
    match hour / 24 {
        0 => format!("{hour:02}:00"),
        day => format!("{:02}:00 on day {}", hour % 24, day + 1),
    }
}

fn say_span(span: Span) -> String {
    let minutes = span.as_micros() / 60_000_000;
    if minutes == 0 { span.to_string() } else { format!("{minutes}min") }
}

const fn say_drop_off(drop_off: DropOff) -> &'static str {
    match drop_off {
        DropOff::Hand => "to be handed over",
        DropOff::Door => "to be left at the door",
        DropOff::Desk => "to be left at the desk",
    }
}

const fn say_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ByCustomer => "cancelled by the customer",
        Reason::PaymentDeclined => "payment declined",
        Reason::RestaurantRefused => "the restaurant refused the order",
        Reason::NotConfirmed => "not confirmed in time",
        Reason::RestaurantGaveUp => "the restaurant gave the order up",
        Reason::KitchenLate => "not ready in time",
    }
}

const fn say_deadline(deadline: Deadline) -> &'static str {
    match deadline {
        Deadline::Confirm => "confirmation deadline",
        Deadline::Kitchen => "kitchen deadline",
        Deadline::Delivery => "delivery deadline",
    }
}

const fn say_party(party: Party) -> &'static str {
    match party {
        Party::Provider => "the payment provider",
        Party::Restaurant => "the restaurant",
        Party::Couriers => "the couriers' service",
    }
}

fn say_tell(tell: Tell) -> String {
    match tell {
        Tell::Paid => "that it is paid".to_owned(),
        Tell::Confirmed => "that it is confirmed".to_owned(),
        Tell::Preparing => "that it is prepared".to_owned(),
        Tell::Courier(courier) => format!("that {courier} comes"),
        Tell::Ready => "that it is ready".to_owned(),
        Tell::PickedUp(courier) => format!("that {courier} has picked it up"),
        Tell::Delivered => "that it is delivered".to_owned(),
        Tell::Abandoned(reason) => format!("that it is cancelled: {}", say_reason(reason)),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(party) => write!(f, "{} is unreachable", say_party(*party)),
            Self::UndoDeclined(act) => write!(f, "declined to {}", act.verb()),
            Self::OrderUnreachable(tell) => {
                write!(f, "the order cannot be told {}", say_tell(*tell))
            }
            Self::NoCourier => f.write_str("all couriers are busy"),
            Self::NotDelivered => f.write_str("the food is not delivered in time"),
        }
    }
}
