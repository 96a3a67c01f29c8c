//! The verdict on a run.

use super::{Repeat, Reproduced, RunOutcome};
use crate::kernel::Stop;

/// The verdict on a run, a campaign or a file, the most severe last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything held, and every expectation was met.
    Held,
    /// Somebody interrupted the command. Everything held until then.
    Interrupted,
    /// A property was violated, an expectation was not met, a scripted fault never fired, or the code of the
    /// domain panicked or hung.
    Failed,
    /// The run did not come to rest within its budget and its phases.
    Open,
    /// The file is not a valid scenario.
    Invalid,
    /// The same seed gave different runs: a bug in Jetlag itself.
    Unrepeatable,
    /// Code of this crate panicked or hung: a bug in Jetlag itself.
    Bug,
}

impl Verdict {
    /// All verdicts, the most severe last.
    pub const ALL: [Self; 7] = [
        Self::Held,
        Self::Interrupted,
        Self::Failed,
        Self::Open,
        Self::Invalid,
        Self::Unrepeatable,
        Self::Bug,
    ];

    /// The verdict in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Interrupted => "interrupted",
            Self::Failed => "FAILED",
            Self::Open => "no verdict",
            Self::Invalid => "invalid",
            Self::Unrepeatable => "UNREPEATABLE",
            Self::Bug => "BUG",
        }
    }
}

impl RunOutcome {
    /// Whether there is anything to judge: the run was not stopped on request, or a property was violated
    /// or the run broke off before.
    pub fn is_judged(&self) -> bool {
        !self.request.stop_at.is_set() || !self.violations.is_empty() || self.broken.is_some()
    }

    /// Whether a property is violated, be it as a consequence of another one.
    pub fn violates(&self, property: &str) -> bool {
        self.violations.iter().any(|violated| {
            violated.property == property
                || violated.also.iter().any(|also| also.property == property)
        })
    }

    /// The property that it violates as its file says; `None` if it is not meant to fail, or does not.
    pub fn fails_by(&self) -> Option<&str> {
        self.fails.as_deref().filter(|property| self.violates(property))
    }

    /// The verdict on the whole run. A run with nothing to judge holds.
    pub fn verdict(&self) -> Verdict {
        if let Some(broken) = &self.broken {
            return broken.verdict(self.subject.command);
        }
        if matches!(self.repeat, Some(Repeat::Different { .. })) {
            return Verdict::Unrepeatable;
        }
        if self.reproduction.as_ref().is_some_and(|found| found.result == Reproduced::Not) {
            // It is not the run that was asked for: nothing is known of that one.
            return Verdict::Open;
        }
        if !self.is_judged() {
            return Verdict::Held;
        }
        if self.fails.is_some() {
            return if self.fails_by().is_some() { Verdict::Held } else { Verdict::Failed };
        }
        if !self.violations.is_empty() {
            return Verdict::Failed;
        }
        match self.stop {
            Stop::AtRest if self.missed.is_empty() => Verdict::Held,
            Stop::AtRest => Verdict::Failed,
            Stop::Stuck
            | Stop::Halted
            | Stop::Restless
            | Stop::OutOfOccurrences
            | Stop::OutOfTime
            | Stop::TooManyPending
            | Stop::TooManyRecords
            | Stop::TooMuchKept => Verdict::Open,
        }
    }
}
