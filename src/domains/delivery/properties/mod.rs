//! What must hold of deliveries in particular, checked from facts and ledgers alone.
//!
//! One file a family. Each counts again what it checks: our own states are not believed.

use super::event::{Event, Items, OrderEvent};
use super::ids::OrderId;
use super::order::Status;
use super::saga_event::SagaEvent;
use super::setup::Delivery;
use crate::checkers;
use crate::model::Stored;

mod audit;
mod ends;
mod figures;
#[cfg(test)]
mod history;
mod money;
mod refusals;
mod reports;
mod window;

pub use audit::AUDIT_COMPLETE;
pub use ends::{DELIVERY_SETTLED, NOTHING_LEFT_BEHIND};
pub use figures::ANALYTICS_RECONCILE;
pub use money::{CHARGED_AS_ORDERED, REFUND_BY_STAGE};
pub use refusals::REFUSED_WITH_CAUSE;
pub use reports::STAGE_BY_REPORT;
pub use window::CANCEL_WINDOW;

checkers! {
    /// What must hold of deliveries.
    pub struct DeliveryProperties for Delivery {
        CANCEL_WINDOW => window: window::Window,
        REFUND_BY_STAGE => money: money::Accounts,
        CHARGED_AS_ORDERED => money,
        STAGE_BY_REPORT => reports: reports::Reports,
        DELIVERY_SETTLED => ends: ends::Ends,
        NOTHING_LEFT_BEHIND => ends,
        REFUSED_WITH_CAUSE => refusals: refusals::Refusals,
        AUDIT_COMPLETE => audit: audit::Audit,
        ANALYTICS_RECONCILE => figures: figures::Figures,
    }
}

/// The stage of an order after an event.
const fn stage_after(stage: Status, event: &OrderEvent) -> Status {
    match event {
        OrderEvent::OrderCreated { .. } => Status::Created,
        OrderEvent::OrderConfirmed { .. } => Status::Confirmed,
        OrderEvent::OrderPreparing { .. } => Status::Preparing,
        OrderEvent::OrderReady { .. } => Status::Ready,
        OrderEvent::OrderOutForDelivery { .. } => Status::OutForDelivery,
        OrderEvent::OrderDelivered { .. } => Status::Delivered,
        OrderEvent::OrderCancelled { .. } => Status::Cancelled,
        OrderEvent::OrderPaid { .. }
        | OrderEvent::DropOffChanged { .. }
        | OrderEvent::CourierAssigned { .. }
        | OrderEvent::CourierMoved { .. } => stage,
    }
}

/// What the items of an order cost, in minor units.
fn price_of(items: &Items) -> i64 {
    items.list.iter().map(|item| item.price * i64::from(item.quantity)).sum()
}

/// What a customer gets back who cancels a paid order of this price at a stage, in minor units.
fn refund_at(delivery: &Delivery, price: i64, stage: Status) -> i64 {
    match stage {
        Status::Created | Status::Confirmed => price,
        Status::Preparing => {
            let percent = i128::from(delivery.refund_preparing());
            i64::try_from(i128::from(price) * percent / 100).unwrap_or(price)
        }
        Status::Ready | Status::OutForDelivery | Status::Delivered | Status::Cancelled => 0,
    }
}

/// The order of a saga, and whether an event hands it to an operator or takes it back.
fn handed_over(stored: &Stored<Event>) -> Option<(OrderId, bool)> {
    let order = OrderId(stored.stream.number);
    match &stored.event {
        Event::Saga(SagaEvent::HandedToHuman { .. }) => Some((order, true)),
        Event::Saga(
            SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated,
        ) => Some((order, false)),
        Event::Saga(_) | Event::Order(_) => None,
    }
}
