//! What must hold of accounts in particular, judged from facts alone.
//!
//! One file a family. Each keeps books of its own: neither our decisions nor our folds are believed, nor
//! how old events are brought up to date.

use std::sync::Arc;

use super::event::{AccountEvent, Event};
use super::old_event::OldEvent;
use super::setup::Accounts;
use crate::check::{Judge, Oracle, Property};
use crate::model::{Fact, Names, Record, Rest};

mod balances;
#[cfg(test)]
mod history;
mod moves;

pub use balances::{BALANCE_IS_FOLD, NO_OVERDRAFT};
pub use moves::TRANSFER_CONSERVES;

/// The domain's oracle.
#[derive(Clone, Debug)]
pub struct AccountsOracle {
    balances: balances::Balances,
    moves: moves::Moves,
}

impl Oracle<Accounts> for AccountsOracle {
    const PROPERTIES: &'static [Property] = &[NO_OVERDRAFT, BALANCE_IS_FOLD, TRANSFER_CONSERVES];

    fn new(_: &Accounts, names: &Arc<Names>) -> Self {
        Self { balances: balances::Balances::new(names), moves: moves::Moves::new() }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts are about the platform")]
    fn observe(&mut self, domain: &Accounts, record: &Record<Accounts>, judge: &mut Judge) {
        match &record.fact {
            Fact::Stored(stored) => {
                self.balances.stored(domain, stored, record, judge);
                self.moves.stored(domain, stored, record, judge);
            }
            Fact::Queried { request, query, resend: false, .. } => {
                self.balances.asked(*request, query, record.step);
            }
            Fact::Told { request, answer, .. } => {
                self.balances.told(domain, *request, answer, record, judge);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Accounts>, judge: &mut Judge) {
        self.balances.at_rest(rest, judge);
        self.moves.at_rest(rest, judge);
    }

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        let mut checks = self.balances.checks().to_vec();
        checks.push(self.moves.checks());
        checks
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
