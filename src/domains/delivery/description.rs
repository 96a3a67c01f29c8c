//! What the views are to say, apart from their code: described by the states of orders.

use super::State;
use super::ids::OrderId;
use super::order::{Order, Status};
use super::views::{Board, ORDER_SUMMARY, RESTAURANT_DASHBOARD, Row, USER_HISTORY, UserHistory};
use crate::model::{RowKey, RowKeys, StreamId, ViewId};

/// What a row says of a stream although it is not so.
pub(super) fn misstates(row: &Row, stream: StreamId, state: &State) -> Option<String> {
    let State::Order(order) = state else { return None };
    let id = OrderId(stream.number);
    match row {
        Row::Order(row) => (!row.standing.is_as(order)).then(|| said(row.standing.status)),
        Row::Board(board) => of_board(board, id, order),
        Row::User(history) => of_user(history, id, order),
        // Figures of an hour are sums, and a trail lists events: they have properties of their own.
        Row::Hour(_) | Row::Audit(_) => None,
    }
}

/// The rows of a view that must show a stream.
pub(super) fn shown_in(view: ViewId, stream: StreamId, state: &State) -> RowKeys {
    let State::Order(order) = state else { return RowKeys::new() };
    let row = match view {
        ORDER_SUMMARY => Some(stream.number),
        RESTAURANT_DASHBOARD => Some(u32::from(order.restaurant.0)),
        USER_HISTORY => Some(order.customer.0),
        _ => None,
    };
    row.filter(|_| order.status.is_some()).map(RowKey).into_iter().collect()
}

fn said(status: Option<Status>) -> String {
    format!("\"{}\"", status.map_or("nothing", Status::word))
}

/// A board shows what is not over.
fn of_board(board: &Board, id: OrderId, order: &Order) -> Option<String> {
    let is_over = order.status.is_some_and(Status::is_last);
    match board.open().iter().find(|line| line.order == id) {
        None => (!is_over).then(|| "nothing".to_owned()),
        Some(line) if Some(line.status) != order.status => Some(said(Some(line.status))),
        Some(line) if line.portions != order.items.portions() => {
            Some(format!("{} portions", line.portions))
        }
        Some(line) => (line.courier != order.courier).then(|| "another courier".to_owned()),
    }
}

fn of_user(history: &UserHistory, id: OrderId, order: &Order) -> Option<String> {
    let line = history.lines().find(|line| line.order == id)?;
    let refund = order.cancelled.map(|(_, refund)| refund);
    let cost = order.paid.then_some(order.total);
    let cost = cost.and_then(|cost| refund.map_or(Some(cost), |refund| cost.minus(refund)));
    if Some(line.status) != order.status {
        Some(said(Some(line.status)))
    } else if line.restaurant != order.restaurant {
        Some("another restaurant".to_owned())
    } else {
        let cost_shown = line.cost.map(|cost| cost.to_string());
        let is_so = line.cost == cost;
        (!is_so).then(|| format!("a cost of {}", cost_shown.as_deref().unwrap_or("nothing")))
    }
}
