//! Locks on unique keys, and the transactions that wait for them.

use std::collections::VecDeque;

use super::transaction::Key;
use crate::collections::SortedMap;

/// The number of a transaction. Later ones have higher numbers.
pub(super) type Xid = u64;

/// The unique keys that open transactions have inserted. Another transaction that inserts one of
/// them waits, in order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct Locks {
    held: SortedMap<Key, Lock>,
}

#[derive(Clone, Debug)]
struct Lock {
    holder: Xid,
    waiting: VecDeque<Xid>,
}

impl Locks {
    /// Takes a key for `xid`, or makes it wait and returns the holder.
    pub(super) fn take(&mut self, key: Key, xid: Xid) -> Result<(), Xid> {
        let fresh = || Lock { holder: xid, waiting: VecDeque::new() };
        let lock = self.held.entry(key).or_insert_with(fresh);
        if lock.holder == xid {
            return Ok(());
        }
        if !lock.waiting.contains(&xid) {
            lock.waiting.push_back(xid);
        }
        Err(lock.holder)
    }

    /// Each key that is waited for, with its holder and one that waits.
    pub(super) fn waits(&self) -> impl Iterator<Item = (Key, Xid, Xid)> {
        let waits = |(&key, lock): (&Key, &Lock)| {
            let holder = lock.holder;
            let waiting: Vec<Xid> = lock.waiting.iter().copied().collect();
            waiting.into_iter().map(move |waiting| (key, holder, waiting))
        };
        self.held.iter().flat_map(waits)
    }

    /// The transaction that holds a key.
    pub(super) fn holder(&self, key: Key) -> Option<Xid> {
        self.held.get(&key).map(|lock| lock.holder)
    }

    /// Ends `xid`: each key passes to the first transaction that waits for it. Returns those.
    pub(super) fn free(&mut self, keys: impl Iterator<Item = Key>, xid: Xid) -> Vec<Xid> {
        let mut next_holders = Vec::new();
        for key in keys {
            let Some(lock) = self.held.get_mut(&key) else { continue };
            if lock.holder != xid {
                lock.waiting.retain(|waiting| *waiting != xid);
            } else if let Some(next) = lock.waiting.pop_front() {
                lock.holder = next;
                if !next_holders.contains(&next) {
                    next_holders.push(next);
                }
            } else {
                self.held.remove(&key);
            }
        }
        next_holders
    }
}
