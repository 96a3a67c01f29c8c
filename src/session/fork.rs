//! Runs that depart from another one: what they have in common is run once.
//!
//! ```text
//! base ──●────●──────●───▶        one world; at each ● it is cloned
//!        └─▶  └─▶    └─▶          a clone draws one choice differently, and goes on to its end
//! ```

use super::execute::{budget, started};
use super::panics::caught;
use super::watch::Watch;
use super::{RunOutcome, RunRequest, Verdict, run};
use crate::kernel::{Budget, ChoiceKey, Simulation, Stop};
use crate::scenario::{Scenario, ScenarioDomain};
use crate::world::World;

/// A choice that a run makes differently from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fork {
    /// How many occurrences both have in common: the choice is drawn after them. `None` if it is drawn at the start.
    pub after: Option<u64>,
    /// The choice.
    pub key: ChoiceKey,
    /// Its value.
    pub value: u64,
}

/// A run that departed from another one.
#[derive(Clone, Debug)]
pub struct Forked {
    /// The hash over all records.
    pub digest: u64,
    /// The number of delivered occurrences.
    pub occurrences: u64,
    /// The hash of the order in which each node handled what it received.
    pub order: u64,
    /// The hash of the final state, if that was requested.
    pub state: u64,
    /// The same run, made from the beginning, if it did not hold.
    pub failed: Option<Box<RunOutcome>>,
}

impl Fork {
    /// The request for the same run from the beginning.
    pub fn request(&self, base: &RunRequest) -> RunRequest {
        let overrides = base.overrides.and(self.key, self.value);
        RunRequest { overrides, reached: true, ..base.clone() }
    }
}

impl Forked {
    /// What a run from the beginning comes to.
    pub(crate) fn of(outcome: RunOutcome) -> Self {
        let RunOutcome { digest, occurrences, order, state, .. } = outcome;
        let failed = (outcome.verdict() != Verdict::Held).then(|| Box::new(outcome));
        Self { digest, occurrences, order, state, failed }
    }
}

/// Makes runs that depart from `base`; see [`AnyScenario::fork`](super::AnyScenario::fork).
pub(super) fn fork<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    base: &RunRequest,
    forks: &[Fork],
    each: &mut dyn FnMut(Forked) -> bool,
) {
    let plan = scenario.plan_with(base.faults);
    // What is reached is a set of words, which nobody reads here.
    let quiet = RunRequest { reached: false, ..base.clone() };
    let watch = Watch::new(plan, scenario.metrics(), &quiet);
    let mut trunk = started(scenario, &quiet, watch);
    trunk.kernel.watch_order();
    let (budget, _) = budget(plan, base);
    for fork in forks {
        let pause =
            |after: &u64| caught(|| trunk.run_up_to(*after, &budget).is_none()).unwrap_or_default();
        let forked = fork.after.filter(pause).and_then(|after| {
            let mut branch = trunk.clone();
            branch.kernel.depart(fork.key, fork.value);
            base.pulse.goes_on_after(after);
            to_the_end(&mut branch, &budget, base)
        });
        base.pulse.rest();
        // What does not hold is rare, and somebody will want to know everything about it.
        let forked = forked.unwrap_or_else(|| Forked::of(run(scenario, &fork.request(base))));
        if !each(forked) {
            return;
        }
    }
}

/// What a run comes to if it holds.
fn to_the_end<D: ScenarioDomain>(
    branch: &mut Simulation<World<D, Watch<D>>>,
    budget: &Budget,
    base: &RunRequest,
) -> Option<Forked> {
    let work = || {
        if branch.run(budget) != Stop::AtRest {
            return None;
        }
        let Simulation { kernel, model } = branch;
        let mut checkers = model.listener_mut().take_checkers();
        let rest = model.rest(kernel);
        checkers.at_rest(&rest);
        let state = if base.reached { rest.digest().value() } else { 0 };
        let (digest, occurrences, order) =
            (kernel.digest().value(), kernel.steps(), kernel.order());
        let holds = checkers.violations().is_empty();
        holds.then_some(Forked { digest, occurrences, order, state, failed: None })
    };
    caught(work).ok().flatten()
}
