//! Many seeds of one scenario, one after the other.

use std::ops::Range;
use std::sync::Arc;

use super::examine::{examine, subject};
use crate::kernel::Digest;
use crate::platform::Plan;
use crate::report::{self, Repeat, Verdict};
use crate::scenario::{Scenario, ScenarioDomain};

/// Runs a scenario with every seed of a range, until one does not hold: by its own plan, or by that of a
/// campaign. `progress` is called after each run.
///
/// What an author expects of the scenario's own seed need not be so with another, so expectations are
/// not judged here, nor whether its faults fired: properties are.
///
/// ```
/// use std::sync::Arc;
/// use jetlag::domains::Flights;
/// use jetlag::report::Verdict;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::sweep;
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let mut done = 0;
/// let plan = Arc::new(scenario.plan.clone());
/// let swept = sweep(&scenario, &plan, 0..10, false, || done += 1);
/// assert_eq!((swept.verdict(), swept.runs, done), (Verdict::Held, 10, 10));
/// ```
pub fn sweep<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    plan: &Arc<Plan<D>>,
    seeds: Range<u64>,
    twice: bool,
    mut progress: impl FnMut(),
) -> report::Sweep {
    let mut sweep = report::Sweep {
        subject: subject(scenario),
        from: seeds.start,
        until: seeds.end,
        runs: 0,
        digest: 0,
        occurrences: 0,
        events: 0,
        checks: 0,
        repeated: twice.then_some(0),
        failure: None,
        took: None,
    };
    let mut digest = Digest::default();
    for seed in seeds {
        let mut run = examine(scenario, plan, seed, twice);
        run.missed.clear();
        digest.word(run.digest);
        sweep.runs += 1;
        sweep.occurrences += run.occurrences;
        sweep.events += run.events;
        sweep.checks += run.checks();
        if let (Some(repeated), Some(Repeat::Same)) = (&mut sweep.repeated, &run.repeat) {
            *repeated += 1;
        }
        progress();
        if run.verdict() != Verdict::Held {
            sweep.failure = Some(run);
            break;
        }
    }
    sweep.digest = digest.value();
    sweep
}
