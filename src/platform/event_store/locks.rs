//! Who has which unique key, and who waits for it.

use crate::collections::SortedMap;
use std::collections::VecDeque;

use arrayvec::ArrayVec;

use super::transaction::Key;
use crate::model::STREAMS_MAX;

/// The number of a transaction. Later ones have higher numbers.
pub(super) type Xid = u64;

/// Unique keys that somebody has inserted and not committed. Whoever inserts one of them too waits,
/// in order of coming.
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
    /// Takes a key for `xid`, or makes it wait for whoever has the key now, which is returned.
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

    /// `xid` is over: its keys pass to whoever waits first. Those who got one.
    pub(super) fn free(&mut self, keys: &[Key], xid: Xid) -> ArrayVec<Xid, { STREAMS_MAX + 1 }> {
        let mut heirs = ArrayVec::new();
        for key in keys {
            let Some(lock) = self.held.get_mut(key) else { continue };
            if lock.holder != xid {
                lock.waiting.retain(|waiting| *waiting != xid);
                continue;
            }
            match lock.waiting.pop_front() {
                Some(heir) => {
                    lock.holder = heir;
                    if !heirs.contains(&heir) {
                        heirs.push(heir);
                    }
                }
                None => {
                    self.held.remove(key);
                }
            }
        }
        heirs
    }
}
