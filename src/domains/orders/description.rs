//! What the views are to say, apart from their code: described by the states of orders.

use super::State;
use super::ids::OrderId;
use super::order::Order;
use super::setup::Orders;
use super::views::{CUSTOMER_ORDERS, ORDER_BY_ID, ORDERS_BY_STATUS, OrderLine, Row, row_of};
use crate::model::{RowKey, RowKeys, StreamId, ViewId};

/// What a row says of a stream although it is not so.
pub(super) fn misstates(row: &Row, stream: StreamId, state: &State) -> Option<String> {
    let State::Order(order) = state else { return None };
    match row {
        Row::Order(line) => of_line(line, order),
        Row::Past(_) => None, // of no view
        Row::Orders(list) => match list.orders().find(|line| line.order.stream() == stream) {
            // A list of a status knows nothing of what was before an order came into it.
            Some(line) if list.status().is_some() && line.total.is_none() => of_status(line, order),
            Some(line) => of_line(line, order),
            // It has left the list, unless the list is of its status.
            None if list.status().is_none_or(|status| Some(status) == order.status) => {
                Some("nothing".to_owned())
            }
            None => None,
        },
    }
}

/// The rows of a view that must show a stream.
pub(super) fn shown_in(orders: &Orders, view: ViewId, stream: StreamId, state: &State) -> RowKeys {
    let State::Order(Order { status: Some(status), .. }) = state else { return RowKeys::new() };
    let row = match view {
        ORDER_BY_ID => Some(RowKey(stream.number)),
        CUSTOMER_ORDERS => Some(RowKey(orders.owner(OrderId(stream.number)).0)),
        ORDERS_BY_STATUS => Some(row_of(*status)),
        _ => None,
    };
    row.into_iter().collect()
}

fn of_status(line: &OrderLine, order: &Order) -> Option<String> {
    (Some(line.status) != order.status).then(|| format!("\"{}\"", line.status.word()))
}

fn of_line(line: &OrderLine, order: &Order) -> Option<String> {
    let status = of_status(line, order);
    if status.is_some() {
        status
    } else if line.total != Some(order.total) {
        let total = line.total.map(|total| total.to_string());
        Some(format!("a total of {}", total.as_deref().unwrap_or("nothing")))
    } else if line.items != order.items.list.len() {
        Some(format!("{} items", line.items))
    } else {
        let wrong = line.parcel != order.parcel;
        wrong.then(|| if line.parcel.is_some() { "another parcel" } else { "no parcel" }.to_owned())
    }
}
