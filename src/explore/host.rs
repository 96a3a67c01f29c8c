//! Who a campaign runs for.

use super::{Ended, Finding, State};

/// Who a campaign runs for: is told what happens, keeps it, and says when to stop. All calls come from the
/// threads of the campaign.
pub trait Host: Sync {
    /// Why no further round may begin, if so.
    fn stop(&self) -> Option<Ended> {
        None
    }
    /// A run has ended.
    fn ran(&self) {}
    /// A round has ended.
    fn progressed(&self, _progress: Progress) {}
    /// A run failed in a new way, or is before the first one that is known to have failed so.
    fn found(&self, _finding: &Finding) {}
    /// The campaign begins, or a block has ended.
    fn finished(&self, _state: &State) {}
}

/// How far a campaign has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The number of distinct failures.
    pub findings: u64,
    /// The number of features that some run has reached.
    pub reached: u64,
    /// The number of features that could be reached.
    pub possible: u64,
}

/// A host that only waits for the result.
impl Host for () {}
