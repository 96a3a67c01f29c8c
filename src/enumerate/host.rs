//! Who an enumeration runs for.

use super::State;
use crate::explore::Finding;

/// Who an enumeration runs for: is told what happens, keeps it, and says when to stop.
pub trait Host: Sync {
    /// Whether no further runs may begin.
    fn stop(&self) -> bool {
        false
    }
    /// Runs with so many deviations begin, or go on: about how many there are, and how many were made.
    fn begins(&self, _deviations: usize, _about: u64, _made: u64) {}
    /// A run has ended. Called from the threads of the enumeration.
    fn ran(&self) {}
    /// A run failed in a new way.
    fn found(&self, _finding: &Finding) {}
    /// It has come so far, and could be continued from there.
    fn reached(&self, _state: &State) {}
}

/// A host that only waits for the result.
impl Host for () {}
