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

/// Whether two versions of a row say the same of a stream.
pub(super) fn says_the_same(before: &Row, now: &Row, stream: StreamId) -> bool {
    match (before, now) {
        // Of an order that is over a board says nothing, and most are.
        (Row::Board(before), Row::Board(now)) => {
            let id = OrderId(stream.number);
            before.line(id) == now.line(id)
        }
        _ => before == now,
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
    match board.line(id) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::delivery::event::{OrderEvent, Reason};
    use crate::domains::delivery::ids::RestaurantId;
    use crate::domains::money::{Currency, Money};
    use crate::kernel::{Instant, Span};
    use crate::model::Version;

    #[test]
    fn two_versions_of_a_board_are_compared_order_by_order() {
        let (first, second) = (OrderId(1), OrderId(2));
        let restaurant = RestaurantId(0);
        let confirmed = OrderEvent::OrderConfirmed { restaurant, ready_by: Instant::ZERO };
        let preparing = OrderEvent::OrderPreparing { restaurant, estimated: Span::ZERO };
        let (stage, reason) = (Status::Preparing, Reason::RestaurantGaveUp);
        let refund = Money::zero(Currency::Eur);
        let cancelled = OrderEvent::OrderCancelled { restaurant, stage, reason, refund };
        let mut board = Board::default();
        board.apply(first, Version(3), &confirmed);
        board.apply(second, Version(3), &confirmed);
        let before = Row::Board(board.clone());
        board.apply(first, Version(4), &preparing);
        let now = Row::Board(board.clone());
        let same =
            |before, now| [first, second].map(|order| says_the_same(before, now, order.stream()));
        assert_eq!(same(&before, &before), [true, true]);
        assert_eq!(same(&before, &now), [false, true]);
        board.apply(first, Version(5), &cancelled);
        let over = Row::Board(board.clone());
        assert_eq!(same(&now, &over), [false, true], "it has left the board");
        board.apply(second, Version(4), &preparing);
        assert_eq!(
            same(&over, &Row::Board(board)),
            [true, false],
            "nothing is said of what is over"
        );
    }
}
