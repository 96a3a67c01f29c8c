//! The transactions of all appends, by the positions that were allocated to them.

use super::commands::Place;
use crate::collections::Paged;
use crate::model::Position;

/// Every transaction, numbered from 1 in the order in which they began.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    list: Paged<Transaction>,
    /// By position: the number of its transaction; 0 if it was not allocated.
    owners: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Transaction {
    /// The command whose events it appends.
    pub(super) place: Place,
    pub(super) count: u32,
    pub(super) fate: Fate,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not yet, or it was lost in a crash.
    Open,
    Committed,
    RolledBack,
}

impl Transactions {
    /// Positions are allocated to a transaction.
    pub(super) fn begin(&mut self, place: Place, first: Position, count: u32) {
        self.list.push(Transaction { place, count, fate: Fate::Open });
        let number = u32::try_from(self.list.len()).expect("transactions fit into a table");
        let (from, to) = (first.0 as usize, first.0 as usize + count as usize);
        if self.owners.len() < to {
            self.owners.resize(to, 0);
        }
        self.owners[from..to].fill(number);
    }

    /// Notes how the transaction that begins at a position ended; returns what was known of it before.
    pub(super) fn end(&mut self, place: Place, first: Position, fate: Fate) -> Fate {
        let index = (self.owner(first) as usize).checked_sub(1);
        match index.map(|index| &mut self.list[index]) {
            Some(transaction) if transaction.place == place => {
                std::mem::replace(&mut transaction.fate, fate)
            }
            // A position of another transaction, or of none, is reported when it becomes visible.
            Some(_) | None => Fate::Open,
        }
    }

    /// The number of the transaction that has a position; 0 if none has.
    pub(super) fn owner(&self, position: Position) -> u32 {
        self.owners.get(position.0 as usize).copied().unwrap_or(0)
    }

    /// The transaction with a number; none for 0.
    pub(super) fn get(&self, number: u32) -> Option<&Transaction> {
        self.list.get((number as usize).checked_sub(1)?)
    }
}
