//! What must hold of accounts in particular, checked from facts alone.
//!
//! One file a family. Each keeps books of its own: neither our decisions nor our folds are believed, nor
//! how old events are brought up to date.

use super::event::{AccountEvent, Event};
use super::old_event::OldEvent;
use super::setup::Accounts;
use crate::checkers;

mod balances;
#[cfg(test)]
mod history;
mod moves;

pub use balances::{BALANCE_IS_FOLD, NO_OVERDRAFT};
pub use moves::TRANSFER_CONSERVES;

checkers! {
    /// What must hold of accounts.
    pub struct AccountsProperties for Accounts {
        NO_OVERDRAFT => balances: balances::Balances,
        BALANCE_IS_FOLD => balances,
        TRANSFER_CONSERVES => moves: moves::Moves,
    }
}

/// What an event adds to the balance of its account, in minor units, whatever its schema.
fn adds(event: &Event) -> i128 {
    match event {
        Event::Account(event) => match event {
            AccountEvent::Deposited { amount }
            | AccountEvent::TransferReceived { amount, .. }
            | AccountEvent::TransferTakenBack { amount, .. } => i128::from(amount.minor),
            AccountEvent::Withdrew { amount } | AccountEvent::TransferSent { amount, .. } => {
                -i128::from(amount.minor)
            }
            AccountEvent::AccountOpened { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed { .. } => 0,
        },
        Event::Old(event) => match event {
            OldEvent::AccountOpenedV1 { balance: amount, .. }
            | OldEvent::DepositedV1 { amt: amount } => i128::from(amount.minor),
            OldEvent::WithdrewV1 { amt } => -i128::from(amt.minor),
        },
        Event::Transfer(_) | Event::Saga(_) => 0,
    }
}

/// So many minor units, as it is said. What no amount can be is said in minor units.
fn sum(domain: &Accounts, minor: i128) -> String {
    match i64::try_from(minor) {
        Ok(minor) => domain.money(minor).to_string(),
        Err(_) => format!("{minor} minor units"),
    }
}
