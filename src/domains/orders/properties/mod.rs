//! What must hold of orders in particular, checked from facts and ledgers alone.
//!
//! One file a family. Each counts again what it checks: our own states are not believed.

use super::setup::Orders;
use crate::checkers;

mod conversation;
#[cfg(test)]
mod history;
mod life;
mod progress;
mod transfers;

pub use conversation::CORRELATED;
pub use life::{AMOUNT_MATCHES, CANCEL_REFUNDS, SHIP_AFTER_PAY};
pub use progress::{ORDER_SETTLED, REFUSED_WITH_CAUSE};
pub use transfers::TRANSFER_SETTLED;

checkers! {
    /// What must hold of orders.
    pub struct OrdersProperties for Orders {
        AMOUNT_MATCHES => lives: life::Lives,
        SHIP_AFTER_PAY => lives,
        CANCEL_REFUNDS => lives,
        ORDER_SETTLED => progress: progress::Progress,
        REFUSED_WITH_CAUSE => progress,
        CORRELATED => conversations: conversation::Conversations,
        TRANSFER_SETTLED => transfers: transfers::Transfers,
    }
}
