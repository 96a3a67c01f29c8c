//! `RestaurantDashboard`: what a restaurant has to do, and how many of its orders are at each stage.
//!
//! An order that is over leaves the board. Its version stays, so that a reader who saw the order leave does not
//! see it return.

use crate::domains::delivery::event::OrderEvent;
use crate::domains::delivery::ids::{CourierId, OrderId};
use crate::domains::delivery::order::Status;
use crate::model::Version;

/// One order on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoardLine {
    pub order: OrderId,
    /// The version that the row shows.
    pub version: Version,
    pub status: Status,
    pub portions: u64,
    pub courier: Option<CourierId>,
}

/// The board of one restaurant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Board {
    /// Orders that are not over, by number.
    open: Vec<BoardLine>,
    /// Orders that are, with their last versions, by number.
    over: Vec<(OrderId, Version)>,
    /// The number of orders at each stage.
    counts: [u32; Status::ALL.len()],
}

impl Board {
    /// Orders that are not over, by number.
    pub fn open(&self) -> &[BoardLine] {
        &self.open
    }

    /// The line of an order that is not over.
    pub fn line(&self, order: OrderId) -> Option<&BoardLine> {
        let place = self.open.binary_search_by_key(&order, |line| line.order);
        place.ok().map(|place| &self.open[place])
    }

    /// How many orders are at a stage.
    pub const fn count(&self, status: Status) -> u32 {
        self.counts[status as usize]
    }

    /// All orders that the board shows or has shown, with the versions.
    pub(super) fn versions(&self) -> impl Iterator<Item = (OrderId, Version)> + '_ {
        let open = self.open.iter().map(|line| (line.order, line.version));
        open.chain(self.over.iter().copied())
    }

    pub(in crate::domains::delivery) fn apply(
        &mut self,
        order: OrderId,
        version: Version,
        event: &OrderEvent,
    ) {
        if let Ok(place) = self.over.binary_search_by_key(&order, |(over, _)| *over) {
            self.over[place].1 = version;
            return;
        }
        let found = self.open.binary_search_by_key(&order, |line| line.order);
        let place = found.unwrap_or_else(|place| {
            let (status, portions, courier) = (Status::Created, 0, None);
            self.open.insert(place, BoardLine { order, version, status, portions, courier });
            self.counts[status as usize] += 1;
            place
        });
        let line = &mut self.open[place];
        line.version = version;
        match event {
            OrderEvent::OrderCreated { items, .. } => line.portions = items.portions(),
            OrderEvent::CourierAssigned { courier, .. } => line.courier = Some(*courier),
            OrderEvent::OrderPaid { .. }
            | OrderEvent::DropOffChanged { .. }
            | OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderPreparing { .. }
            | OrderEvent::OrderReady { .. }
            | OrderEvent::OrderOutForDelivery { .. }
            | OrderEvent::CourierMoved { .. }
            | OrderEvent::OrderDelivered { .. }
            | OrderEvent::OrderCancelled { .. } => {}
        }
        let Some(status) = event.status() else { return };
        self.counts[line.status as usize] -= 1;
        self.counts[status as usize] += 1;
        line.status = status;
        if status.is_last() {
            self.open.remove(place);
            let Err(place) = self.over.binary_search_by_key(&order, |(over, _)| *over) else {
                return;
            };
            self.over.insert(place, (order, version));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::delivery::event::Reason;
    use crate::domains::delivery::ids::RestaurantId;
    use crate::domains::money::{Currency, Money};
    use crate::kernel::{Instant, Span};

    const ROMA: RestaurantId = RestaurantId(0);

    #[test]
    fn an_order_that_is_over_leaves_the_board_and_does_not_return() {
        let (first, second) = (OrderId(1), OrderId(2));
        let mut board = Board::default();
        let confirmed = OrderEvent::OrderConfirmed { restaurant: ROMA, ready_by: Instant::ZERO };
        let preparing = OrderEvent::OrderPreparing { restaurant: ROMA, estimated: Span::ZERO };
        let (stage, reason) = (Status::Confirmed, Reason::ByCustomer);
        let refund = Money::zero(Currency::Eur);
        let cancelled = OrderEvent::OrderCancelled { restaurant: ROMA, stage, reason, refund };
        board.apply(second, Version(3), &confirmed);
        board.apply(first, Version(3), &confirmed);
        board.apply(first, Version(4), &preparing);
        board.apply(second, Version(4), &cancelled);
        board.apply(second, Version(5), &confirmed);
        let open: Vec<_> = board.open().iter().map(|line| (line.order, line.status)).collect();
        assert_eq!(open, [(first, Status::Preparing)]);
        let counts = [Status::Confirmed, Status::Preparing, Status::Cancelled];
        assert_eq!(counts.map(|status| board.count(status)), [0, 1, 1]);
        let versions: Vec<_> = board.versions().collect();
        assert_eq!(versions, [(first, Version(4)), (second, Version(5))]);
    }
}
