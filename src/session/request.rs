//! What to run, how far, and what to keep of it.

use crate::kernel::{Budget, Hold, Instant, Overrides, Step};
use crate::trace::Detail;

/// One run of a scenario.
///
/// A run is a function of the scenario and of the first four fields. The others decide how far it goes
/// and what its [`RunOutcome`](super::RunOutcome) holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// What all choices are drawn from.
    pub seed: u64,
    /// Which faults can happen.
    pub faults: Faults,
    /// Choices whose values are given, whatever the seed says.
    pub overrides: Overrides,
    /// Deliveries that have to wait for others.
    pub holds: Vec<Hold>,
    /// Whether to run a second time and compare.
    pub repeat: bool,
    /// Where to stop before the end.
    pub stop_at: StopAt,
    /// Which facts the story of the outcome tells; without it, no records are kept.
    pub detail: Option<Detail>,
    /// The node whose state at the end the outcome describes.
    pub describe: Option<String>,
}

/// Which faults can happen in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faults {
    /// Those of the script.
    #[default]
    Scripted,
    /// Also those that the seed draws from what the scenario's `fuzz` allows. What an author expects of
    /// the script need not happen then, so expectations are not judged.
    Fuzzed,
}

/// Where a run stops before its end; at whichever limit comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StopAt {
    /// After this occurrence.
    pub step: Option<Step>,
    /// After the last occurrence at this time.
    pub time: Option<Instant>,
}

impl RunRequest {
    /// The scripted run with this seed.
    pub fn of_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }
}

impl Faults {
    /// `Fuzzed` if so, or else `Scripted`.
    pub const fn fuzzed_if(fuzzed: bool) -> Self {
        if fuzzed { Self::Fuzzed } else { Self::Scripted }
    }
}

impl StopAt {
    /// Whether there is a limit.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The budget, cut to the limits.
    pub(super) fn cut(&self, budget: &Budget) -> Budget {
        Budget {
            occurrences: self
                .step
                .map_or(budget.occurrences, |step| step.0.min(budget.occurrences)),
            until: self.time.map_or(budget.until, |time| time.min(budget.until)),
            ..*budget
        }
    }
}
