//! Runs the platform of a scenario under the kernel, with checkers and metrics.

use std::fmt;
use std::sync::Arc;

use super::panics::caught;
use super::unrest::{Unrest, unrest};
use super::watch::Watch;
use super::{Broken, Cause, Faults, Handled, RunRequest};
use crate::check::{Judged, Violation};
use crate::kernel::{
    Budget, Choices, Decision, Delivered, Digest, FaultLedger, Holds, Instant, Policy, Simulation,
    Step, Stop, Unused,
};
use crate::metrics::{Observed, Reached};
use crate::picture::Ledgers;
use crate::platform::{Plan, Role};
use crate::scenario::{LastLines, Scenario, ScenarioDomain};
use crate::trace::Trace;
use crate::world::{Listener, World, simulation};

/// A run that has ended, in the types of its domain. A [`RunOutcome`](super::RunOutcome) holds the same
/// without them.
#[derive(Clone, Debug)]
pub struct Finished<D: ScenarioDomain> {
    /// The hash over all records.
    pub digest: Digest,
    /// Why it stopped.
    pub stop: Stop,
    /// The number of delivered occurrences.
    pub occurrences: u64,
    /// The number of events that can be read from the store.
    pub events: u64,
    /// The virtual time at which it stopped.
    pub ended_at: Instant,
    /// The work that is left.
    pub left: Left,
    /// How often each property was judged.
    pub checks: Vec<Judged>,
    /// The violations found.
    pub violations: Vec<Violation>,
    /// What the final state shows of what expectations look for.
    pub last: Vec<LastLines>,
    /// The metrics.
    pub observed: Observed<D::Outcome, D::Wait>,
    /// The ledger of the faults.
    pub faults: FaultLedger,
    /// What was drawn, in order, if the request asks for it.
    pub decisions: Option<Vec<Decision>>,
    /// All deliveries, in order, if the request asks for what was drawn.
    pub deliveries: Vec<Delivered>,
    /// What the request forces and never came to pass.
    pub unused: Unused,
    /// The trace, if the request has a detail.
    pub trace: Option<Trace<D>>,
    /// The ledgers of the services, if a picture is asked for.
    pub ledgers: Ledgers,
    /// The names of the nodes, by number.
    pub nodes: Vec<String>,
    /// The roles of the nodes, by number.
    pub roles: Vec<Role>,
    /// The state of each node that the request names; `None` if there is no such node.
    pub described: Vec<Option<String>>,
    /// What it reached, in order, if that was requested.
    pub reached: Vec<Reached>,
    /// The hash of the order at each node, if that was requested.
    pub order: u64,
    /// The hash of the final state, if that was requested and the run did not break off.
    pub state: u64,
    /// Why there is no verdict; `None` if the run came to rest or was stopped.
    pub unrest: Option<Unrest>,
    /// Why it broke off, if it did.
    pub broken: Option<Broken>,
}

/// The work that is left when a run ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Outbox rows that are not marked as sent.
    pub unsent: u64,
    /// Messages in the broker's queues that are not acknowledged.
    pub queued: u64,
    /// Messages that projectors hold back, waiting for a predecessor.
    pub held_back: u64,
    /// Messages that were delivered too often.
    pub dead_letters: u64,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { unsent, queued, held_back, dead_letters } = self;
        write!(
            f,
            "left over: {unsent} in the outbox, {queued} in queues, {held_back} held back, \
             {dead_letters} dead letters"
        )
    }
}

/// Runs a scenario once, as requested.
///
/// The properties at rest are judged only if nothing more can happen: at rest, or stuck.
pub fn execute<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> Finished<D> {
    let plan = scenario.plan_with(request.faults);
    let watch = Watch::new(plan, scenario.metrics(), request);
    let mut simulation = started(scenario, request, watch);
    let (budget, is_quiet_over) = budget(plan, request);
    let ended = caught(|| simulation.run(&budget));
    request.pulse.rest();
    let (stop, mut panic) = match ended {
        Ok(Stop::OutOfTime) if is_quiet_over => (Stop::Restless, None),
        Ok(stop) => (stop, None),
        Err(panic) => (Stop::Halted, Some(panic)),
    };
    let step = Step(simulation.kernel.steps());
    let handled = panic.as_ref().and_then(|_| handled(scenario, request, step));
    let Simulation { kernel, model } = &mut simulation;
    let mut checkers = model.listener_mut().take_checkers();
    kernel.choices_mut().rest();
    // A panic can leave nodes half changed: nothing is asked of them.
    let (mut left, mut last, mut state) = (Left::default(), Vec::new(), 0);
    if panic.is_none() {
        let rest = model.rest(kernel);
        if stop.is_final() {
            panic = caught(|| checkers.at_rest(&rest)).err();
        }
        last = scenario.last_lines(&rest);
        if request.reached {
            state = rest.digest().value();
        }
        left = Left {
            unsent: rest.unsent,
            queued: rest.queued.iter().sum(),
            held_back: rest.buffered.iter().sum(),
            dead_letters: rest.dead_letters.len() as u64,
        };
    }
    let now = match stop {
        Stop::Restless | Stop::OutOfTime => budget.until,
        _ => kernel.now(),
    };
    let is_open = !request.stop_at.is_set() && panic.is_none();
    let unrest = is_open.then(|| unrest(scenario, plan, stop, now, || model.pending(kernel, now)));
    let (nodes, roles) = (model.map().names().to_vec(), model.map().roles().to_vec());
    let events = model.events();
    let described = request.describe.iter().map(|node| model.describe_state(node)).collect();
    let (watch, ledger) = (model.listener_mut(), kernel.ledger());
    let coverage = watch.coverage.take();
    Finished {
        digest: kernel.digest(),
        stop,
        occurrences: kernel.steps(),
        events,
        ended_at: kernel.now(),
        left,
        checks: checkers.checks(),
        violations: checkers.violations().to_vec(),
        last,
        observed: watch.metrics.observed().clone(),
        reached: coverage.map_or_else(Vec::new, |reached| reached.finish(&ledger, &roles)),
        order: kernel.order(),
        state,
        faults: ledger,
        decisions: request.decisions.then(|| kernel.choices().decisions().to_vec()),
        deliveries: watch.deliveries.take().unwrap_or_default(),
        unused: kernel.unused(),
        trace: watch.trace.take(),
        ledgers: watch.ledgers.take().unwrap_or_default(),
        nodes,
        roles,
        described,
        unrest: unrest.flatten(),
        broken: panic.map(|panic| Broken { cause: Cause::Panicked(panic), handled }),
    }
}

/// What a run may use up, and whether it is too much if it uses up its time.
pub(super) fn budget<D: ScenarioDomain>(plan: &Plan<D>, request: &RunRequest) -> (Budget, bool) {
    let mut budget = request.stop_at.cut(&plan.budget);
    let is_quiet_over = plan.rest_by() <= budget.until;
    budget.until = budget.until.min(plan.rest_by());
    (budget, is_quiet_over)
}

/// A run at its beginning.
pub(super) fn started<D: ScenarioDomain, L: Listener<D>>(
    scenario: &Scenario<D>,
    request: &RunRequest,
    listener: L,
) -> Simulation<World<D, L>> {
    let policy = Policy::of(request.schedule, request.seed);
    let mut choices =
        Choices::new(policy, request.overrides.clone()).with_branches(&request.branches);
    if request.decisions {
        choices.listen();
    }
    let holds = Holds::from_iter(request.holds.iter().copied());
    let mut simulation = simulation(scenario.plan_with(request.faults), choices, holds, listener);
    if request.reached {
        simulation.kernel.watch_order();
    }
    simulation
}

/// What a run handles in `step`: it is run again up to there.
pub(super) fn handled<D: ScenarioDomain>(
    scenario: &Scenario<D>,
    request: &RunRequest,
    step: Step,
) -> Option<Handled> {
    let budget = Budget { occurrences: step.0.checked_sub(1)?, ..scenario.plan.budget };
    let again = || {
        let mut simulation = started(scenario, request, ());
        simulation.run(&budget);
        Handled::next(&mut simulation.kernel, simulation.model.map(), step)
    };
    caught(again).ok().flatten()
}

impl<D: ScenarioDomain> Scenario<D> {
    /// The run that the file describes: the script, with the scenario's own seed.
    pub fn request(&self) -> RunRequest {
        RunRequest::of_seed(self.seed())
    }

    /// The plan with the requested faults.
    pub(super) const fn plan_with(&self, faults: Faults) -> &Arc<Plan<D>> {
        match faults {
            Faults::Scripted => &self.plan,
            Faults::Fuzzed => &self.fuzzed,
        }
    }
}
