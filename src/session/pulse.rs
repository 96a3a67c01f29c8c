//! A sign of life of a run, for a thread that watches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of the occurrence that a run handles, readable from another thread.
///
/// A run only writes it, so that it has no influence on the run: all pulses are equal.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Option<Arc<AtomicU64>>);

impl Pulse {
    /// A pulse that can be watched; the default one cannot.
    pub fn watched() -> Self {
        Self(Some(Arc::default()))
    }

    /// The occurrence that is being handled; `None` if none is, or if the pulse is not watched.
    pub fn handling(&self) -> Option<u64> {
        let step = self.0.as_ref()?.load(Ordering::Relaxed);
        (step > 0).then_some(step)
    }

    /// The next occurrence is about to be handled.
    #[inline]
    pub(super) fn beat(&self) {
        if let Some(step) = &self.0 {
            // Only the run writes: no other write can come between.
            step.store(step.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
    }

    /// This many occurrences were handled.
    pub(super) fn goes_on_after(&self, occurrences: u64) {
        if let Some(step) = &self.0 {
            step.store(occurrences, Ordering::Relaxed);
        }
    }

    /// No occurrence is being handled any more.
    pub(super) fn rest(&self) {
        if let Some(step) = &self.0 {
            step.store(0, Ordering::Relaxed);
        }
    }
}

impl PartialEq for Pulse {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Pulse {}
