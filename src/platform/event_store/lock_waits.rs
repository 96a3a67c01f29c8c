//! Which transactions wait for which, and whether they wait in a circle.

use super::EventStore;
use super::locks::Xid;
use super::transaction::Key;
#[cfg(test)]
use super::transaction::Phase;
use crate::model::{CommandId, Domain};

/// A transaction that waits for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockWait {
    /// What is locked.
    pub(crate) key: Key,
    /// The command whose transaction holds the lock.
    pub(crate) holder: CommandId,
    /// The command whose transaction waits.
    pub(crate) waiting: CommandId,
    /// Whether the holder waits for the waiting transaction, directly or through others.
    pub(crate) is_deadlock: bool,
}

impl<D: Domain> EventStore<D> {
    /// All transactions that wait for a lock, in the order of what is locked.
    pub(crate) fn lock_waits(&self) -> Vec<LockWait> {
        let waits: Vec<_> = self.volatile.locks.waits().collect();
        let command = |xid: Xid| self.volatile.open[&xid].work.command();
        let wait = |&(key, holder, waiting): &(Key, Xid, Xid)| LockWait {
            key,
            holder: command(holder),
            waiting: command(waiting),
            is_deadlock: is_circle(&waits, waiting),
        };
        waits.iter().map(wait).collect()
    }
}

#[cfg(test)]
impl<D: Domain> EventStore<D> {
    /// Makes the first two open transactions that hold different keys wait for each other, which the order of
    /// keys rules out; whether there are two.
    pub(crate) fn entangle(&mut self) -> bool {
        let open = self.volatile.open.iter().filter(|(_, it)| it.phase == Phase::Inserted);
        let keys: Vec<_> = open.map(|(xid, it)| (*xid, it.keys[0])).take(2).collect();
        let &[(one, a), (other, b)] = &keys[..] else { return false };
        for (key, xid) in [(a, other), (b, one)] {
            let holder = self.volatile.locks.take(key, xid);
            assert!(holder.is_err(), "each holds its own keys");
            self.transaction(xid).phase = Phase::Blocked;
        }
        true
    }
}

/// Whether a transaction waits for itself. A transaction waits for one lock at a time, so there is one path.
fn is_circle(waits: &[(Key, Xid, Xid)], start: Xid) -> bool {
    let holder_for = |waiting: Xid| {
        let wait = waits.iter().find(|(_, _, other)| *other == waiting);
        wait.map(|(_, holder, _)| *holder)
    };
    let path = std::iter::successors(holder_for(start), |xid| holder_for(*xid));
    path.take(waits.len()).any(|xid| xid == start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Category, StreamId};
    use crate::platform::event_store::locks::Locks;

    const A: Key = Key::Stream(StreamId { category: Category(0), number: 0 });
    const B: Key = Key::Stream(StreamId { category: Category(0), number: 1 });

    fn circles(taken: &[(Key, Xid)]) -> Vec<(Xid, bool)> {
        let mut locks = Locks::default();
        for (key, xid) in taken {
            let _ = locks.take(*key, *xid);
        }
        let waits: Vec<_> = locks.waits().collect();
        waits.iter().map(|(_, _, waiting)| (*waiting, is_circle(&waits, *waiting))).collect()
    }

    #[test]
    fn transactions_that_wait_for_each_other_are_a_deadlock_and_a_queue_is_not() {
        assert_eq!(circles(&[(A, 1), (B, 2), (A, 2), (B, 1)]), [(2, true), (1, true)]);
        assert_eq!(circles(&[(A, 1), (A, 2), (A, 3)]), [(2, false), (3, false)]);
        let behind = [(A, 1), (B, 2), (A, 2), (B, 1), (A, 3)];
        assert_eq!(circles(&behind), [(2, true), (3, false), (1, true)]);
    }
}
