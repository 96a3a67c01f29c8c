//! The request for a run: what to run, how far, and what to keep.

use super::Pulse;
use crate::kernel::{Branch, Budget, Hold, Instant, Overrides, Schedule, Step};
use crate::trace::Detail;

/// One run of a scenario.
///
/// The scenario and the first six fields determine the run. The others determine how far it goes and what
/// its [`RunOutcome`](super::RunOutcome) holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// The seed of all choices.
    pub seed: u64,
    /// How the order of deliveries is drawn.
    pub schedule: Schedule,
    /// Where the run departs from its seed, in order of their steps.
    pub branches: Vec<Branch>,
    /// The faults that can happen.
    pub faults: Faults,
    /// Choices whose values are forced.
    pub overrides: Overrides,
    /// Deliveries that wait for others.
    pub holds: Vec<Hold>,
    /// Whether to run a second time and compare.
    pub repeat: bool,
    /// Whether violations are kept without what led to them, which takes a second run; of a run with drawn faults
    /// also no figures but counts.
    pub bare: bool,
    /// A limit at which to stop.
    pub stop_at: StopAt,
    /// Whether to keep what was drawn and what was delivered.
    pub decisions: bool,
    /// Whether to collect what the run reaches, its order and its final state.
    pub reached: bool,
    /// The detail of the outcome's story; without it, no records are kept.
    pub detail: Option<Detail>,
    /// Whether to keep the records as data without the types of the domain.
    pub picture: bool,
    /// Whether to keep the run in the words of a history.
    pub history: bool,
    /// The nodes whose states at the end are described.
    pub describe: Vec<String>,
    /// Where the run notes that it goes on.
    pub pulse: Pulse,
}

/// The faults that can happen in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faults {
    /// The scripted faults.
    #[default]
    Scripted,
    /// Also faults that the seed draws from those that the scenario's `fuzz` allows. They can prevent what
    /// the file expects, so expectations are not judged.
    Fuzzed,
}

impl Faults {
    /// How the order of deliveries is drawn with these faults if nothing else is said.
    pub const fn usual_schedule(self) -> Schedule {
        match self {
            Self::Scripted => Schedule::Latency,
            Self::Fuzzed => Schedule::Mixture,
        }
    }
}

/// Limits at which a run stops; it stops at the one that comes first.
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

    /// A run of a campaign: with faults, and in an order, that this seed draws.
    pub fn fuzzed(seed: u64) -> Self {
        let faults = Faults::Fuzzed;
        Self { schedule: faults.usual_schedule(), faults, ..Self::of_seed(seed) }
    }

    /// Whether waits and lags are measured. Of a run with drawn faults nothing is expected, so that only its
    /// reader may want to know them.
    pub(super) fn is_measured(&self) -> bool {
        !self.bare || self.faults == Faults::Scripted
    }
}

impl StopAt {
    /// Whether there is a limit.
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The budget, cut to the limits.
    pub(super) fn cut(&self, budget: &Budget) -> Budget {
        let occurrences = self.step.map_or(u64::MAX, |step| step.0).min(budget.occurrences);
        let until = self.time.unwrap_or(Instant::MAX).min(budget.until);
        Budget { occurrences, until, ..*budget }
    }
}
