//! Ids of accounts and transfers.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::model::{Category, StreamId};

pub(crate) const ACCOUNT: Category = Category(0);
pub(crate) const TRANSFER: Category = Category(1);
/// The streams of sagas, one for each transfer.
pub(crate) const SAGA: Category = Category(2);

/// An account, from 0: first those with a number in the set-up, then those of each customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

/// A transfer, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId(pub u32);

/// Which life of an account number this is: the version of the event that opened the account, or 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life(pub u32);

impl Hash for Life {
    /// In a bank that uses numbers once, an account is the same whether or not there are lives.
    fn hash<H: Hasher>(&self, state: &mut H) {
        if *self != Self::default() {
            self.0.hash(state);
        }
    }
}

impl AccountId {
    /// The stream of its events.
    pub const fn stream(self) -> StreamId {
        StreamId { category: ACCOUNT, number: self.0 }
    }
}

impl TransferId {
    /// The stream of its events.
    pub const fn stream(self) -> StreamId {
        StreamId { category: TRANSFER, number: self.0 }
    }

    pub const fn saga(self) -> StreamId {
        StreamId { category: SAGA, number: self.0 }
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t-{}", u64::from(self.0) + 1)
    }
}
