//! What must hold of accounts, checked from facts alone.
//!
//! One file a family. Each keeps its own books, and uses neither the domain's decisions and folds nor its
//! upcasts.

use super::event::{AccountEvent, Event};
use super::old_event::OldEvent;
use super::setup::Accounts;
use crate::checkers;

mod balances;
mod ends;
#[cfg(test)]
mod history;
mod limits;
mod lives;
mod moves;

pub use balances::{BALANCE_IS_FOLD, NO_OVERDRAFT, REFUSED_WITH_CAUSE};
pub use ends::TRANSFER_ENDS;
pub use limits::ACCOUNT_LIMITS;
pub use lives::CREDITED_AS_MEANT;
pub use moves::TRANSFER_CONSERVES;

checkers! {
    /// What must hold of accounts.
    pub struct AccountsProperties for Accounts {
        NO_OVERDRAFT => balances: balances::Balances,
        BALANCE_IS_FOLD => balances,
        REFUSED_WITH_CAUSE => balances,
        TRANSFER_CONSERVES => moves: moves::Moves,
        TRANSFER_ENDS => ends: ends::Ends,
        ACCOUNT_LIMITS => limits: limits::OpenAccounts,
        CREDITED_AS_MEANT => lives: lives::Lives,
    }
}

/// What an event of any schema adds to the balance of its account, in minor units.
fn adds(event: &Event) -> i128 {
    match event {
        Event::Account(
            AccountEvent::Deposited { amount }
            | AccountEvent::TransferReceived { amount, .. }
            | AccountEvent::TransferTakenBack { amount, .. },
        )
        | Event::Old(
            OldEvent::AccountOpenedV1 { balance: amount, .. }
            | OldEvent::DepositedV1 { amt: amount },
        ) => i128::from(amount.minor),
        Event::Account(
            AccountEvent::Withdrew { amount } | AccountEvent::TransferSent { amount, .. },
        )
        | Event::Old(OldEvent::WithdrewV1 { amt: amount }) => -i128::from(amount.minor),
        Event::Account(
            AccountEvent::AccountOpened { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed { .. }
            | AccountEvent::LifeBegan { .. },
        )
        | Event::Transfer(_)
        | Event::Saga(_) => 0,
    }
}

/// A sum as money, or in minor units if it is outside the range of money.
fn sum(domain: &Accounts, minor: i128) -> String {
    match i64::try_from(minor) {
        Ok(minor) => domain.money(minor).to_string(),
        Err(_) => format!("{minor} minor units"),
    }
}
