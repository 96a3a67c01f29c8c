//! When entries are dropped whose values have expired: only if the settings say how long such a value is kept.
//!
//! Without that, an entry stays until the next value replaces its last one, as what a reader is shown when no node
//! answers, and the cache has an entry for each key that was ever read.

use std::collections::VecDeque;

use super::Entry;
use crate::kernel::{Instant, Span};
use crate::model::{CacheKey, Domain};

/// The keys of entries that may be dropped some day, by the time at which that is looked into.
#[derive(Clone, Debug, Default)]
pub(super) struct Expiring(VecDeque<(Instant, CacheKey)>);

impl Expiring {
    /// Looks into the entry of this key then.
    pub(super) fn at(&mut self, then: Instant, key: CacheKey) {
        self.0.push_back((then, key));
    }

    /// The next key whose time has come.
    pub(super) fn next(&mut self, now: Instant) -> Option<CacheKey> {
        let (then, _) = self.0.front()?;
        if *then <= now { self.0.pop_front().map(|(_, key)| key) } else { None }
    }
}

impl<D: Domain> Entry<D> {
    /// Whether nothing in it will be used again: its values have expired `kept` ago or earlier, no reader loads one
    /// or waits for one, and no event is pinned to it.
    pub(super) fn is_over(&self, now: Instant, kept: Span) -> bool {
        let mut values = [&self.value, &self.stale].into_iter().flatten();
        values.all(|value| value.expires + kept <= now)
            && self.lease.is_none()
            && self.waiters.len() == 0
            && self.recent.is_empty()
    }
}
