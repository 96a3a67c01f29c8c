//! The views: an order by its number, the orders of a customer, the orders in a status.
//!
//! An order that leaves a status stays in the row of that status, hidden, so that the row still has the
//! order's version: a reader that saw the order leave does not see it return.

use arrayvec::ArrayVec;

use super::defects::{PARCEL_NOT_SHOWN, STAYS_IN_OLD_STATUS};
use super::event::{Event, OrderEvent, Parcel};
use super::ids::{ORDER, OrderId};
use super::order::{Order, Status};
use super::setup::Orders;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::{
    CustomerId, OwnWrites, People, Personal, RowKey, Stored, StreamLookup, Token, Version, View,
    ViewId,
};

pub(crate) const ORDER_BY_ID: ViewId = ViewId(0);
pub(crate) const CUSTOMER_ORDERS: ViewId = ViewId(1);
pub(crate) const ORDERS_BY_STATUS: ViewId = ViewId(2);

pub(super) const VIEWS: &[View] = &[
    View { own_writes: OwnWrites::Promised, ..View::of("OrderById", ORDER) },
    View { own_writes: OwnWrites::Pinned, ..View::of("CustomerOrders", ORDER) },
    View::of("OrdersByStatus", ORDER),
];

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderLine {
    pub order: OrderId,
    /// The version that the row shows.
    pub version: Version,
    pub customer: CustomerId,
    pub status: Status,
    /// Unknown before the first event is applied.
    pub total: Option<Money>,
    /// The number of different products.
    pub items: usize,
    pub parcel: Option<Parcel>,
    /// The time of the last change.
    pub updated: Instant,
    /// The customer, and the receiver if that is another one.
    pub people: People,
}

/// Several orders, ordered by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderList {
    /// The orders in the list, and those that were in it.
    lines: Vec<OrderLine>,
    /// The list has only orders in this status; all if `None`.
    status: Option<Status>,
}

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    Order(OrderLine),
    /// Of `CustomerOrders` and `OrdersByStatus`.
    Orders(OrderList),
    /// Of no view: an order as it was, from its stream.
    Past(Box<PastOrder>),
}

/// An order as of a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PastOrder {
    pub order: OrderId,
    pub version: Version,
    pub state: Order,
}

impl OrderLine {
    const fn blank(order: OrderId, customer: CustomerId) -> Self {
        Self {
            order,
            version: Version(0),
            customer,
            status: Status::Pending,
            total: None,
            items: 0,
            parcel: None,
            updated: Instant::ZERO,
            people: People::NONE,
        }
    }

    fn apply(&mut self, orders: &Orders, stored: &Stored<Event>) {
        let Event::Order(event) = &stored.event else { return };
        self.version = stored.version;
        self.updated = stored.metadata.occurred_at;
        match event {
            OrderEvent::OrderPlaced { customer, items, total, people, .. } => {
                (self.customer, self.people) = (*customer, people.clone());
                (self.total, self.items) = (Some(*total), items.list.len());
            }
            OrderEvent::PaymentRequested { .. } | OrderEvent::SurplusReceived { .. } => {}
            OrderEvent::PaymentReceived { .. } => self.status = Status::Paid,
            OrderEvent::OrderShipped { parcel } => {
                self.status = Status::Shipped;
                self.parcel = Some(*parcel).filter(|_| !orders.has(&PARCEL_NOT_SHOWN));
            }
            OrderEvent::OrderCancelled { .. } => self.status = Status::Cancelled,
        }
    }
}

impl OrderList {
    /// The orders that are in the list.
    pub fn orders(&self) -> impl Iterator<Item = &OrderLine> {
        let here = |line: &&OrderLine| self.status.is_none_or(|status| line.status == status);
        self.lines.iter().filter(here)
    }

    /// The personal data in its lines.
    pub(super) fn persons(&mut self) -> impl Iterator<Item = &mut Personal> {
        self.lines.iter_mut().flat_map(|line| line.people.persons())
    }

    /// The status that its orders are in; `None` if it has orders in any.
    pub const fn status(&self) -> Option<Status> {
        self.status
    }

    fn line_mut(&mut self, order: OrderId, customer: CustomerId) -> &mut OrderLine {
        let found = self.lines.binary_search_by_key(&order, |line| line.order);
        let place = found.unwrap_or_else(|place| {
            self.lines.insert(place, OrderLine::blank(order, customer));
            place
        });
        &mut self.lines[place]
    }
}

pub(super) const fn row_of(status: Status) -> RowKey {
    RowKey(status as u32)
}

/// The rows of a view that an event changes.
pub(super) fn rows(orders: &Orders, view: ViewId, stored: &Stored<Event>) -> ArrayVec<RowKey, 4> {
    let Event::Order(event) = &stored.event else { return ArrayVec::new() };
    let order = OrderId(stored.stream.number);
    match view {
        CUSTOMER_ORDERS => ArrayVec::from_iter([RowKey(orders.owner(order).0)]),
        ORDERS_BY_STATUS => {
            let mut statuses = statuses(event);
            if orders.has(&STAYS_IN_OLD_STATUS) {
                statuses = &statuses[statuses.len() - 1..];
            }
            statuses.iter().map(|&status| row_of(status)).collect()
        }
        _ => ArrayVec::from_iter([RowKey(order.0)]),
    }
}

/// The statuses of an order before and after an event. The refund shows whether a cancelled order was
/// paid.
fn statuses(event: &OrderEvent) -> &[Status] {
    match event {
        OrderEvent::OrderPlaced { .. } | OrderEvent::PaymentRequested { .. } => &[Status::Pending],
        OrderEvent::PaymentReceived { .. } => &[Status::Pending, Status::Paid],
        OrderEvent::SurplusReceived { status, .. } => std::slice::from_ref(status),
        OrderEvent::OrderShipped { .. } => &[Status::Paid, Status::Shipped],
        OrderEvent::OrderCancelled { refund, .. } if refund.is_zero() => {
            &[Status::Pending, Status::Cancelled]
        }
        OrderEvent::OrderCancelled { .. } => &[Status::Paid, Status::Cancelled],
    }
}

pub(super) fn project(
    orders: &Orders,
    view: ViewId,
    key: RowKey,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    let Event::Order(_) = &stored.event else { return };
    let order = OrderId(stored.stream.number);
    let customer = orders.owner(order);
    let of_status = || Status::ALL.into_iter().find(|&status| row_of(status) == key);
    let blank = || match view {
        CUSTOMER_ORDERS => Row::Orders(OrderList::default()),
        ORDERS_BY_STATUS => Row::Orders(OrderList { lines: Vec::new(), status: of_status() }),
        _ => Row::Order(OrderLine::blank(order, customer)),
    };
    match row.get_or_insert_with(blank) {
        Row::Order(line) => line.apply(orders, stored),
        Row::Past(_) => {} // of no view
        Row::Orders(list) => list.line_mut(order, customer).apply(orders, stored),
    }
}

/// The streams that a row shows, each with its version.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    let token = |line: &OrderLine| Token { stream: line.order.stream(), version: line.version };
    match row {
        Row::Order(line) => vec![token(line)],
        Row::Orders(list) => list.lines.iter().map(token).collect(),
        Row::Past(past) => vec![Token { stream: past.order.stream(), version: past.version }],
    }
}

/// An order, read from its stream.
pub(super) fn of_stream(order: OrderId) -> StreamLookup<Orders> {
    StreamLookup {
        stream: order.stream(),
        row: |_, stream, version, state| {
            let (order, state) = (OrderId(stream.number), state.order().clone());
            state.status.map(|_| Row::Past(Box::new(PastOrder { order, version, state })))
        },
    }
}
