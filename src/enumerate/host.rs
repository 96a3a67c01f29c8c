//! Who an enumeration runs for.

use crate::explore::Finding;

/// Who an enumeration runs for: is told what happens, keeps it, and says when to stop.
pub trait Host: Sync {
    /// Whether no further runs may begin.
    fn stop(&self) -> bool {
        false
    }
    /// Runs with so many deviations begin, about this many.
    fn begins(&self, _deviations: usize, _about: u64) {}
    /// A run has ended. Called from the threads of the enumeration.
    fn ran(&self) {}
    /// A run failed in a new way.
    fn found(&self, _finding: &Finding) {}
}

/// A host that only waits for the result.
impl Host for () {}
