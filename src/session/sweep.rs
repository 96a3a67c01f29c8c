//! One scenario with many seeds.

use std::time::Duration;

use super::{AnyScenario, Broken, Repeat, RunOutcome, RunRequest, Subject, Verdict};
use crate::kernel::Digest;

/// The number of runs that break off at which a sweep ends: further ones would tell the same.
const BROKEN_MAX: usize = 3;

/// The outcome of runs of one scenario with consecutive seeds.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The scenario.
    pub subject: Subject,
    /// The request of the first run; each further run takes the next seed.
    pub request: RunRequest,
    /// The number of requested runs.
    pub asked: u64,
    /// The number of runs.
    pub runs: u64,
    /// One hash over the digests of all runs, in order.
    pub digest: u64,
    /// Occurrences in all runs.
    pub occurrences: u64,
    /// Events in all runs.
    pub events: u64,
    /// Checks in all runs.
    pub checks: u64,
    /// The number of runs that were repeated with the same digest.
    pub repeated: u64,
    /// Runs that broke off and did not end the sweep.
    pub broken: Vec<RunOutcome>,
    /// Whether somebody interrupted it.
    pub interrupted: bool,
    /// The run that ended the sweep because it did not hold.
    pub failure: Option<RunOutcome>,
    /// The wall-clock time it took, if that was requested.
    pub took: Option<Duration>,
}

impl Sweep {
    /// The verdict on all runs together.
    pub fn verdict(&self) -> Verdict {
        let whole = if self.interrupted { Verdict::Interrupted } else { Verdict::Held };
        self.failures().map(RunOutcome::verdict).fold(whole, Verdict::max)
    }

    /// All runs that did not hold.
    pub fn failures(&self) -> impl Iterator<Item = &RunOutcome> {
        self.broken.iter().chain(&self.failure)
    }
}

/// Runs a scenario with consecutive seeds until a run does not hold. `progress` is called after each run.
///
/// Runs that broke off do not end the sweep until there are three: the next one can find something else.
///
/// Expectations hold for the scenario's own seed only, so they are not judged; nor is whether scripted
/// faults fired.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{RunRequest, Verdict, sweep};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let found = sweep(&scenario, &RunRequest::of_seed(1), 20, &mut || ());
/// assert_eq!((found.runs, found.verdict()), (20, Verdict::Held));
/// ```
pub fn sweep(
    scenario: &dyn AnyScenario,
    first: &RunRequest,
    runs: u64,
    progress: &mut dyn FnMut(),
) -> Sweep {
    let mut sweep = Sweep {
        subject: scenario.subject(),
        request: first.clone(),
        asked: runs,
        runs: 0,
        digest: 0,
        occurrences: 0,
        events: 0,
        checks: 0,
        repeated: 0,
        broken: Vec::new(),
        interrupted: false,
        failure: None,
        took: None,
    };
    let mut digest = Digest::default();
    let mut request = first.clone();
    for nth in 0..runs {
        request.seed = first.seed.wrapping_add(nth);
        let mut outcome = scenario.run(&request);
        if outcome.is_interrupted() {
            sweep.interrupted = true;
            break;
        }
        outcome.missed.clear();
        digest.word(outcome.digest);
        sweep.runs += 1;
        sweep.occurrences += outcome.occurrences;
        sweep.events += outcome.events;
        sweep.checks += outcome.checks();
        sweep.repeated += u64::from(outcome.repeat == Some(Repeat::Same));
        progress();
        let goes_on = outcome.broken.as_ref().is_some_and(Broken::is_of_this_run_only);
        if goes_on && sweep.broken.len() + 1 < BROKEN_MAX {
            sweep.broken.push(outcome);
        } else if outcome.verdict() != Verdict::Held {
            sweep.failure = Some(outcome);
            break;
        }
    }
    sweep.digest = digest.value();
    sweep
}
