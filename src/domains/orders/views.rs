//! The three read models: an order by its number, the orders of a customer, the orders in a status.
//!
//! An order that leaves a status stays in its row as one that was there, so that the row can say how
//! much of the order it has seen: whoever saw it there never sees it come back.

use arrayvec::ArrayVec;

use super::event::{Event, OrderEvent, Parcel};
use super::ids::{ORDER, OrderId};
use super::order::Status;
use super::setup::Orders;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::{CustomerId, RowKey, Stored, Strategy, Token, Version, View, ViewId};

/// One order by its number.
pub(crate) const ORDER_BY_ID: ViewId = ViewId(0);
/// Which orders a customer has.
pub(crate) const CUSTOMER_ORDERS: ViewId = ViewId(1);
/// Which orders there are in a status.
pub(crate) const ORDERS_BY_STATUS: ViewId = ViewId(2);

/// The views, by number.
pub(super) const VIEWS: &[View] = &[
    View { name: "OrderById", category: ORDER, pinned: false, strategy: Strategy::Outbox },
    View { name: "CustomerOrders", category: ORDER, pinned: true, strategy: Strategy::Outbox },
    View { name: "OrdersByStatus", category: ORDER, pinned: false, strategy: Strategy::Outbox },
];

/// One order as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderLine {
    /// Which.
    pub order: OrderId,
    /// How much of it is shown.
    pub version: Version,
    /// Whose it is.
    pub customer: CustomerId,
    /// How it stands.
    pub status: Status,
    /// What it costs; unknown until its first event is there.
    pub total: Option<Money>,
    /// How many different products are in it.
    pub items: usize,
    /// The parcel, once there is one.
    pub parcel: Option<Parcel>,
    /// When it last changed.
    pub updated: Instant,
}

/// Several orders, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderList {
    /// Those that are in the list, and those that were.
    lines: Vec<OrderLine>,
    /// Only orders in this status are in the list; all if `None`.
    status: Option<Status>,
}

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Of `OrderById`.
    Order(OrderLine),
    /// Of `CustomerOrders` and `OrdersByStatus`.
    Orders(OrderList),
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
        }
    }

    fn apply(&mut self, stored: &Stored<Event>) {
        let Event::Order(event) = &stored.event else { return };
        self.version = stored.version;
        self.updated = stored.metadata.occurred_at;
        match event {
            OrderEvent::OrderPlaced { customer, items, total, .. } => {
                self.customer = *customer;
                (self.total, self.items) = (Some(*total), items.list.len());
            }
            OrderEvent::PaymentRequested { .. } => {}
            OrderEvent::PaymentReceived { .. } => self.status = Status::Paid,
            OrderEvent::OrderShipped { parcel } => {
                self.status = Status::Shipped;
                self.parcel = Some(*parcel);
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

    fn line_mut(&mut self, order: OrderId, customer: CustomerId) -> &mut OrderLine {
        let place = match self.lines.binary_search_by_key(&order, |line| line.order) {
            Ok(place) => place,
            Err(place) => {
                self.lines.insert(place, OrderLine::blank(order, customer));
                place
            }
        };
        &mut self.lines[place]
    }
}

pub(super) const fn row_of(status: Status) -> RowKey {
    RowKey(status as u32)
}

/// The rows of a view that an event touches.
pub(super) fn rows(orders: &Orders, view: ViewId, stored: &Stored<Event>) -> ArrayVec<RowKey, 4> {
    let Event::Order(event) = &stored.event else { return ArrayVec::new() };
    let order = OrderId(stored.stream.number);
    match view {
        CUSTOMER_ORDERS => [RowKey(orders.owner(order).0)].into_iter().collect(),
        ORDERS_BY_STATUS => statuses(event).into_iter().map(row_of).collect(),
        _ => [RowKey(order.0)].into_iter().collect(),
    }
}

/// The statuses that an event takes an order from and to. What is given back says whether a cancelled
/// order was paid.
fn statuses(event: &OrderEvent) -> ArrayVec<Status, 4> {
    let of = |statuses: &[Status]| statuses.iter().copied().collect();
    match event {
        OrderEvent::OrderPlaced { .. } | OrderEvent::PaymentRequested { .. } => {
            of(&[Status::Pending])
        }
        OrderEvent::PaymentReceived { .. } => of(&[Status::Pending, Status::Paid]),
        OrderEvent::OrderShipped { .. } => of(&[Status::Paid, Status::Shipped]),
        OrderEvent::OrderCancelled { refund, .. } if refund.is_zero() => {
            of(&[Status::Pending, Status::Cancelled])
        }
        OrderEvent::OrderCancelled { .. } => of(&[Status::Paid, Status::Cancelled]),
    }
}

/// Brings one row up to date.
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
        Row::Order(line) => line.apply(stored),
        Row::Orders(list) => list.line_mut(order, customer).apply(stored),
    }
}

/// Every stream that a row shows something of, and how much of it.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    let token = |line: &OrderLine| Token { stream: line.order.stream(), version: line.version };
    match row {
        Row::Order(line) => vec![token(line)],
        Row::Orders(list) => list.lines.iter().map(token).collect(),
    }
}
