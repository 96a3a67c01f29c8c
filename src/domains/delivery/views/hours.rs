//! `Analytics`: the figures of one hour. Whole numbers only; amounts are sums of minor units.
//!
//! An event counts in the hour in which the store recorded it. Sums do not depend on the order in which events
//! of different orders are applied.

use crate::domains::delivery::defects::REFUNDS_NOT_COUNTED;
use crate::domains::delivery::event::OrderEvent;
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::{Currency, Money};

/// The figures of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hour {
    /// Its number, counted from the midnight before the run.
    pub hour: u32,
    pub created: u32,
    pub confirmed: u32,
    pub delivered: u32,
    pub cancelled: u32,
    /// What customers have paid, in minor units.
    pub paid: i64,
    /// What they get back.
    pub refunded: i64,
    pub currency: Currency,
}

/// Whether an event counts.
pub(super) const fn counts(event: &OrderEvent) -> bool {
    match event {
        OrderEvent::OrderCreated { .. }
        | OrderEvent::OrderPaid { .. }
        | OrderEvent::OrderConfirmed { .. }
        | OrderEvent::OrderDelivered { .. }
        | OrderEvent::OrderCancelled { .. } => true,
        OrderEvent::DropOffChanged { .. }
        | OrderEvent::OrderPreparing { .. }
        | OrderEvent::CourierAssigned { .. }
        | OrderEvent::OrderReady { .. }
        | OrderEvent::OrderOutForDelivery { .. }
        | OrderEvent::CourierMoved { .. } => false,
    }
}

impl Hour {
    pub(super) const fn blank(hour: u32, currency: Currency) -> Self {
        let (created, confirmed, delivered, cancelled) = (0, 0, 0, 0);
        Self { hour, created, confirmed, delivered, cancelled, paid: 0, refunded: 0, currency }
    }

    /// The revenue of the hour.
    pub fn revenue(&self) -> Money {
        Money::new(self.paid - self.refunded, self.currency)
    }

    pub(super) fn apply(&mut self, delivery: &Delivery, event: &OrderEvent) {
        match event {
            OrderEvent::OrderCreated { .. } => self.created += 1,
            OrderEvent::OrderConfirmed { .. } => self.confirmed += 1,
            OrderEvent::OrderDelivered { .. } => self.delivered += 1,
            OrderEvent::OrderPaid { amount } => self.paid += amount.minor,
            OrderEvent::OrderCancelled { refund, .. } => {
                self.cancelled += 1;
                if !delivery.has(&REFUNDS_NOT_COUNTED) {
                    self.refunded += refund.minor;
                }
            }
            OrderEvent::DropOffChanged { .. }
            | OrderEvent::OrderPreparing { .. }
            | OrderEvent::CourierAssigned { .. }
            | OrderEvent::OrderReady { .. }
            | OrderEvent::OrderOutForDelivery { .. }
            | OrderEvent::CourierMoved { .. } => {}
        }
    }
}
