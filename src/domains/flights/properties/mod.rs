//! What must hold of flights, checked from facts and ledgers alone.
//!
//! One file a family. Each counts again what it checks, and uses neither a vendor's sums nor the domain's
//! states.

use super::event::SagaEvent;
use super::setup::Flights;
use crate::checkers;

mod bumped;
#[cfg(test)]
mod history;
mod inventory;
mod knowledge;
mod late;
mod money;
mod offers;
mod orders;
mod payments;
mod release;

pub use bumped::BUMPED_ABOVE_CAPACITY;
pub use inventory::NO_DOUBLE_SALE;
pub use late::NO_LATE_RELEASE;
pub use money::{MONEY_CONSERVED, PAID_BEFORE_TICKET, SINGLE_CAPTURE};
pub use offers::{FREE_IS_OFFERED, REFUSED_WITH_CAUSE};
pub use orders::{COMPENSATED, NO_ORPHAN};
pub use payments::{ISSUED_AS_PAID, PAID_BACK_ONCE, RECORDED_AS_MOVED};
pub use release::NO_EARLY_RELEASE;

/// Whether a saga's record hands the case to an operator or takes it back. `None`: neither.
fn is_handed_over(event: &SagaEvent) -> Option<bool> {
    let handed = matches!(event, SagaEvent::HandedToHuman { .. });
    let goes_on = matches!(
        event,
        SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated { .. }
    );
    (handed || goes_on).then_some(handed)
}

checkers! {
    /// What must hold of flights. It expects current events, as [`Upcast`](crate::check::Upcast) gives
    /// them.
    pub struct FlightsProperties for Flights {
        NO_DOUBLE_SALE => inventory: inventory::Inventory,
        SINGLE_CAPTURE => money: money::Books,
        MONEY_CONSERVED => money,
        PAID_BEFORE_TICKET => money,
        NO_ORPHAN => orders: orders::Orders,
        COMPENSATED => orders,
        NO_EARLY_RELEASE => releases: release::Releases,
        NO_LATE_RELEASE => orders,
        FREE_IS_OFFERED => offers: offers::Offers,
        REFUSED_WITH_CAUSE => offers,
        RECORDED_AS_MOVED => payments: payments::Payments,
        PAID_BACK_ONCE => payments,
        ISSUED_AS_PAID => payments,
        BUMPED_ABOVE_CAPACITY => bumped: bumped::Bumped,
    }
}
