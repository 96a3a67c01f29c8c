//! The first run of each failure that the threads of a campaign know so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Finding, Host, Tally};

/// The number of the first run of each failure, by identity, how many runs hung, and what was reached.
#[derive(Debug, Default)]
pub(super) struct Registry {
    first: Mutex<BTreeMap<String, u64>>,
    hung: AtomicU64,
    reached: Mutex<BTreeSet<u32>>,
}

impl Registry {
    /// What the blocks that are done have found.
    pub(super) fn of(tally: &Tally) -> Self {
        let known =
            tally.findings.iter().map(|(identity, finding)| (identity.clone(), finding.run));
        Self {
            first: Mutex::new(known.collect()),
            hung: AtomicU64::new(0),
            reached: Mutex::new(tally.reached.keys().copied().collect()),
        }
    }

    /// Whether no run before this one is known to have failed so. Its capsule is worth recording then, also if
    /// this run itself is known: its block was not finished, and its capsule is not part of the result.
    pub(super) fn is_first(&self, identity: &str, run: u64) -> bool {
        let mut known = self.lock();
        let is_first = known.get(identity).is_none_or(|first| run <= *first);
        if is_first {
            known.insert(identity.to_owned(), run);
        }
        is_first
    }

    /// Hands a finding to the host, unless an earlier run was found to have failed so while its capsule was
    /// recorded.
    pub(super) fn announce(&self, finding: &Finding, host: &dyn Host) {
        let known = self.lock();
        if known.get(&finding.failure.identity()) == Some(&finding.run) {
            host.found(finding);
        }
    }

    /// Counts a run that hung; the number of them.
    pub(super) fn hung(&self) -> u64 {
        self.hung.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Notes what a block has reached; the number of features that any block has.
    pub(super) fn reached(&self, features: impl Iterator<Item = u32>) -> u64 {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.extend(features);
        reached.len() as u64
    }

    /// The number of distinct failures.
    pub(super) fn len(&self) -> u64 {
        self.lock().len() as u64
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
