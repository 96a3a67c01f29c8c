//! The transactions of all appends, by the positions that were allocated to them.

use super::commands::Place;
use crate::collections::{Pack, Packed, Reader, Writer};
use crate::model::Position;

/// Every transaction, numbered from 1 in the order in which they began.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    list: Packed<Transaction>,
    /// By position: the number of its transaction; 0 if it was not allocated.
    owners: Packed<u32>,
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
        for at in (first.0 as usize..).take(count as usize) {
            self.owners.set(at, number);
        }
    }

    /// Notes how the transaction that begins at a position ended; returns what was known of it before.
    pub(super) fn end(&mut self, place: Place, first: Position, fate: Fate) -> Fate {
        let index = (self.owner(first) as usize).checked_sub(1);
        match index.and_then(|index| self.list.get_mut(index)) {
            Some(transaction) if transaction.place == place => {
                std::mem::replace(&mut transaction.fate, fate)
            }
            // A position of another transaction, or of none, is reported when it becomes visible.
            Some(_) | None => Fate::Open,
        }
    }

    /// The number of the transaction that has a position; 0 if none has.
    pub(super) fn owner(&self, position: Position) -> u32 {
        self.owners.copied(position.0 as usize).unwrap_or(0)
    }

    /// The transaction with a number; none for 0.
    pub(super) fn get(&self, number: u32) -> Option<Transaction> {
        self.list.copied((number as usize).checked_sub(1)?)
    }
}

impl Pack for Transaction {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        let fate = match self.fate {
            Fate::Open => 0,
            Fate::Committed => 1,
            Fate::RolledBack => 2,
        };
        to.number(u64::from(self.count) * 3 + fate);
        self.place.pack(before.map(|before| &before.place), to);
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        let count_and_fate = from.number();
        let fate = match count_and_fate % 3 {
            0 => Fate::Open,
            1 => Fate::Committed,
            _ => Fate::RolledBack,
        };
        let place = Place::unpack(before.map(|before| &before.place), from);
        Self { place, count: (count_and_fate / 3) as u32, fate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_keeps_its_positions_and_its_fate_when_it_is_kept_as_bytes() {
        let mut transactions = Transactions::default();
        let place = |nth: u64| Place(nth as u32 % 5);
        let first = |nth: u64| Position(1 + nth * 2);
        for nth in 0..40_000 {
            transactions.begin(place(nth), first(nth), 1 + nth as u32 % 2);
        }
        for (nth, fate) in [(3, Fate::Committed), (4, Fate::RolledBack), (39_999, Fate::Committed)]
        {
            assert_eq!(transactions.end(place(nth), first(nth), fate), Fate::Open);
            assert_eq!(transactions.end(place(nth + 1), first(nth), Fate::Open), Fate::Open);
            assert_eq!(transactions.end(place(nth), first(nth), fate), fate);
        }
        for nth in 0..40_000 {
            let number = transactions.owner(first(nth));
            let found = transactions.get(number).unwrap();
            assert_eq!((found.place, found.count), (place(nth), 1 + nth as u32 % 2));
            let second = transactions.owner(Position(first(nth).0 + 1));
            assert_eq!(second, if nth % 2 == 0 { 0 } else { number });
        }
        assert_eq!(
            (transactions.owner(Position(0)), transactions.owner(Position(1 << 40))),
            (0, 0)
        );
        assert!(transactions.get(0).is_none());
    }
}
