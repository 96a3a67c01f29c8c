//! When a failure was baked in: from which step on it happens whatever follows.

use rayon::prelude::*;

use crate::kernel::{Instant, Overrides, Schedule, Site, Step};
use crate::session::{AnyScenario, Faults, Identity, RunRequest};
use crate::shrink::Parts;

/// How many random continuations are made from each step.
pub const CONTINUATIONS: u32 = 64;
/// From how many steps they are made.
const STEPS_MAX: usize = 32;

/// How many continuations fail in the same way from a step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baked {
    /// The step; what happens before it is as in the failed run.
    pub step: Step,
    /// Its time.
    pub at: Instant,
    /// How many of [`CONTINUATIONS`] fail in the same way.
    pub failed: u32,
}

/// Continues a failed run from some of its steps on, each time with other latencies and without further faults, and
/// counts how often it fails in the same way. `stop` is asked between steps; then what was counted is returned.
pub fn baked_in(
    scenario: &dyn AnyScenario,
    parts: &Parts,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<Baked> {
    let wanted = Identity::of(&parts.outcome);
    let scripted = scenario.faults(Faults::Scripted);
    let faults = scenario.faults(Faults::Fuzzed).into_iter();
    let silent: Vec<Site> =
        faults.filter(|fault| !scripted.contains(fault)).map(|fault| fault.site).collect();
    let calm =
        |overrides: Overrides| silent.iter().fold(overrides, |all, site| all.with_others(*site, 0));
    // All choices of the run, also those that were not logged because nothing could happen at them.
    let request =
        RunRequest { overrides: calm(parts.request.overrides.clone()), ..parts.request.clone() };
    let logged = scenario.run(&request);
    let decisions = logged.decisions.unwrap_or_default();
    let deliveries = &logged.deliveries;
    let stride = deliveries.len().div_ceil(STEPS_MAX).max(1);
    let mut all = Vec::new();
    let last = deliveries.len().saturating_sub(1);
    // The last step, in which the violation is found, is always one of them.
    let steps = deliveries.iter().enumerate().skip(last % stride).step_by(stride);
    for (nth, delivery) in steps {
        if stop() {
            break;
        }
        let before = decisions[..delivery.drawn.min(decisions.len())].iter();
        let forced: Vec<_> = before.map(|made| (made.key, made.value)).collect();
        let fails = |seed: &u32| {
            let overrides = calm(forced.iter().copied().collect());
            let (seed, schedule) = (u64::from(*seed), Schedule::Latency);
            let request =
                RunRequest { seed, schedule, overrides, decisions: false, ..parts.request.clone() };
            Identity::of(&scenario.run(&request)) == wanted
        };
        let failed = (0..CONTINUATIONS).into_par_iter().filter(fails).count() as u32;
        all.push(Baked { step: Step(nth as u64 + 1), at: delivery.at, failed });
    }
    all
}
