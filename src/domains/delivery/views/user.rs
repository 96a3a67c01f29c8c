//! `UserHistory`: the orders of one user, with what became of them.

use crate::domains::delivery::event::OrderEvent;
use crate::domains::delivery::ids::{OrderId, RestaurantId};
use crate::domains::delivery::order::Status;
use crate::domains::money::Money;
use crate::model::Version;

/// One order of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserLine {
    pub order: OrderId,
    /// The version that the row shows.
    pub version: Version,
    pub restaurant: RestaurantId,
    pub status: Status,
    /// The price, less what is given back.
    pub cost: Option<Money>,
}

/// The orders of a user, ordered by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserHistory {
    lines: Vec<UserLine>,
}

impl UserHistory {
    pub fn lines(&self) -> impl Iterator<Item = &UserLine> {
        self.lines.iter()
    }

    pub(super) fn apply(&mut self, order: OrderId, version: Version, event: &OrderEvent) {
        let found = self.lines.binary_search_by_key(&order, |line| line.order);
        let place = found.unwrap_or_else(|place| {
            let (restaurant, status) = (RestaurantId(0), Status::Created);
            self.lines.insert(place, UserLine { order, version, restaurant, status, cost: None });
            place
        });
        let line = &mut self.lines[place];
        line.version = version;
        line.status = event.status().unwrap_or(line.status);
        match event {
            OrderEvent::OrderCreated { restaurant, .. } => line.restaurant = *restaurant,
            OrderEvent::OrderPaid { amount } => line.cost = Some(*amount),
            OrderEvent::OrderCancelled { refund, .. } => {
                line.cost = line.cost.and_then(|cost| cost.minus(*refund));
            }
            OrderEvent::DropOffChanged { .. }
            | OrderEvent::OrderConfirmed { .. }
            | OrderEvent::OrderPreparing { .. }
            | OrderEvent::CourierAssigned { .. }
            | OrderEvent::OrderReady { .. }
            | OrderEvent::OrderOutForDelivery { .. }
            | OrderEvent::CourierMoved { .. }
            | OrderEvent::OrderDelivered { .. } => {}
        }
    }
}
