//! The verdict on a run.

use super::{Repeat, RunOutcome};
use crate::kernel::Stop;

/// The verdict on a run, a campaign or a file. The most severe comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything held, and every expectation was met.
    Held,
    /// Something did not hold, or was expected in vain.
    Failed,
    /// The run ended before anything could be said.
    Open,
    /// The file is no scenario.
    Invalid,
    /// The same seed led to different runs: Jetlag itself is wrong.
    Unrepeatable,
}

impl Verdict {
    /// The verdict in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "FAILED",
            Self::Open => "no verdict",
            Self::Invalid => "invalid",
            Self::Unrepeatable => "UNREPEATABLE",
        }
    }
}

impl RunOutcome {
    /// Whether there is anything to judge: the run was not stopped on request, or violated something
    /// before.
    pub fn is_judged(&self) -> bool {
        !self.request.stop_at.is_set() || !self.violations.is_empty()
    }

    /// The verdict on the whole run.
    ///
    /// A scenario that says which property must fail holds if that one failed, and no other. A run with
    /// nothing to judge holds.
    pub fn verdict(&self) -> Verdict {
        if matches!(self.repeat, Some(Repeat::Different { .. })) {
            return Verdict::Unrepeatable;
        }
        if !self.is_judged() {
            return Verdict::Held;
        }
        let as_expected = match &self.must_violate {
            None => self.violations.is_empty(),
            Some(property) => {
                !self.violations.is_empty()
                    && self.violations.iter().all(|violated| violated.property == property)
            }
        };
        let came_to_an_end = match self.stop {
            Stop::AtRest => true,
            Stop::Halted => !self.violations.is_empty(),
            Stop::Stuck
            | Stop::Restless
            | Stop::OutOfOccurrences
            | Stop::OutOfTime
            | Stop::TooManyPending
            | Stop::TooManyRecords => false,
        };
        if !self.violations.is_empty() && !as_expected {
            Verdict::Failed
        } else if !came_to_an_end {
            Verdict::Open
        } else if as_expected && self.missed.is_empty() {
            Verdict::Held
        } else {
            Verdict::Failed
        }
    }
}
