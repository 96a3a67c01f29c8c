//! The read models: an order, the board of a restaurant, the orders of a user, the figures of an hour, and the
//! audit trail of an order.
//!
//! Each makes other rows of the same events. The first four go through the outbox; the audit trail is read
//! rarely, and is made on demand.

use super::Query;
use super::event::Event;
use super::ids::{ORDER, OrderId, RestaurantId};
use super::order::Order;
use super::setup::Delivery;
use crate::model::{
    CustomerId, Lookup, OwnWrites, RowKey, RowKeys, Stored, Strategy, StreamId, StreamLookup,
    Token, Version, View, ViewId,
};

mod audit;
mod board;
mod hours;
mod user;

pub(crate) use audit::{AuditEntry, AuditTrail};
pub(crate) use board::Board;
pub(crate) use hours::Hour;
pub(crate) use user::UserHistory;

pub(crate) const ORDER_SUMMARY: ViewId = ViewId(0);
pub(crate) const RESTAURANT_DASHBOARD: ViewId = ViewId(1);
pub(crate) const USER_HISTORY: ViewId = ViewId(2);
pub(crate) const ANALYTICS: ViewId = ViewId(3);
pub(crate) const AUDIT_TRAIL: ViewId = ViewId(4);

pub(super) const VIEWS: &[View] = &[
    View { own_writes: OwnWrites::Promised, ..View::of("OrderSummary", ORDER) },
    View::of("RestaurantDashboard", ORDER),
    View { own_writes: OwnWrites::Pinned, ..View::of("UserHistory", ORDER) },
    View::of("Analytics", ORDER),
    View {
        own_writes: OwnWrites::Promised,
        strategy: Strategy::OnDemand,
        ..View::of("AuditTrail", ORDER)
    },
];

/// One order, as it was at a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderRow {
    pub order: OrderId,
    pub version: Version,
    pub standing: Order,
}

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Of `OrderSummary`, or of the order's own stream.
    Order(Box<OrderRow>),
    Board(Board),
    User(UserHistory),
    Hour(Hour),
    Audit(AuditTrail),
}

/// The row of a view that an event changes.
pub(super) fn rows(delivery: &Delivery, view: ViewId, stored: &Stored<Event>) -> RowKeys {
    let Event::Order(event) = &stored.event else { return RowKeys::new() };
    let order = OrderId(stored.stream.number);
    let key = match view {
        RESTAURANT_DASHBOARD => event.restaurant().map(|it| RowKey(u32::from(it.0))),
        USER_HISTORY => Some(RowKey(delivery.owner(order).0)),
        ANALYTICS => {
            let hour = delivery.tables.setup.begins.hour_at(stored.metadata.recorded_at);
            hours::counts(event).then_some(RowKey(hour))
        }
        _ => Some(RowKey(order.0)),
    };
    key.into_iter().collect()
}

pub(super) fn project(
    delivery: &Delivery,
    view: ViewId,
    key: RowKey,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    let Event::Order(event) = &stored.event else { return };
    let (order, version) = (OrderId(stored.stream.number), stored.version);
    let blank = || match view {
        RESTAURANT_DASHBOARD => Row::Board(Board::default()),
        USER_HISTORY => Row::User(UserHistory::default()),
        ANALYTICS => Row::Hour(Hour::blank(key.0, delivery.currency())),
        AUDIT_TRAIL => Row::Audit(AuditTrail::blank(order)),
        _ => {
            let standing = Order::blank(delivery.currency());
            Row::Order(Box::new(OrderRow { order, version: Version(0), standing }))
        }
    };
    match row.get_or_insert_with(blank) {
        Row::Order(row) => {
            row.version = version;
            row.standing.evolve(event);
        }
        Row::Board(board) => board.apply(order, version, event),
        Row::User(history) => history.apply(order, version, event),
        Row::Hour(hour) => hour.apply(delivery, event),
        Row::Audit(trail) => trail.apply(delivery, version, event, &stored.metadata),
    }
}

/// The streams that a row shows, each with its version. The figures of an hour are sums and show none.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    let token = |order: OrderId, version| Token { stream: order.stream(), version };
    match row {
        Row::Order(row) => vec![token(row.order, row.version)],
        Row::Board(board) => {
            board.versions().map(|(order, version)| token(order, version)).collect()
        }
        Row::User(history) => history.lines().map(|line| token(line.order, line.version)).collect(),
        Row::Hour(_) => Vec::new(),
        Row::Audit(trail) => vec![token(trail.order, trail.version())],
    }
}

pub(super) fn concerns(delivery: &Delivery, view: ViewId, key: RowKey, stream: StreamId) -> bool {
    match view {
        USER_HISTORY => key.0 == delivery.owner(OrderId(stream.number)).0,
        _ => key.0 == stream.number,
    }
}

pub(super) fn lookup(customer: CustomerId, query: &Query) -> Lookup<Delivery> {
    match *query {
        Query::Order(order) => Lookup::Row(ORDER_SUMMARY, RowKey(order.0)),
        Query::Dashboard(RestaurantId(number)) => {
            Lookup::Row(RESTAURANT_DASHBOARD, RowKey(u32::from(number)))
        }
        Query::MyOrders => Lookup::Row(USER_HISTORY, RowKey(customer.0)),
        Query::Hour(hour) => Lookup::Row(ANALYTICS, RowKey(hour)),
        Query::Audit(order) => Lookup::Row(AUDIT_TRAIL, RowKey(order.0)),
        Query::AsOf(order, at) => Lookup::Stream(of_stream(order), at),
    }
}

/// The row of an order, read from its stream.
fn of_stream(order: OrderId) -> StreamLookup<Delivery> {
    StreamLookup {
        stream: order.stream(),
        row: |_, stream, version, state| {
            let (order, standing) = (OrderId(stream.number), state.order().clone());
            standing.status.map(|_| Row::Order(Box::new(OrderRow { order, version, standing })))
        },
    }
}
