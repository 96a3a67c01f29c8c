//! Runs the platform of a scenario under the kernel, with checkers and metrics.

use std::fmt;
use std::sync::Arc;

use super::watch::Watch;
use super::{Faults, RunRequest};
use crate::check::{Property, Violation};
use crate::kernel::{Choices, Digest, FaultLedger, Holds, Instant, Policy, Simulation, Stop};
use crate::metrics::Observed;
use crate::platform::{Plan, Role};
use crate::scenario::{Scenario, ScenarioDomain};
use crate::trace::Trace;
use crate::world::simulation;

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
    pub checks: Vec<(&'static Property, u64)>,
    /// The violations found.
    pub violations: Vec<Violation>,
    /// The metrics.
    pub observed: Observed<D::Outcome, D::Wait>,
    /// The ledger of the faults.
    pub faults: FaultLedger,
    /// The trace, if the request has a detail.
    pub trace: Option<Trace<D>>,
    /// The names of the nodes, by number.
    pub nodes: Vec<String>,
    /// The roles of the nodes, by number.
    pub roles: Vec<Role>,
    /// The state of each node that the request names; `None` if there is no such node.
    pub described: Vec<Option<String>>,
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
/// The properties at rest are judged if nothing more can happen, also when the run is stuck.
pub fn execute<D: ScenarioDomain>(scenario: &Scenario<D>, request: &RunRequest) -> Finished<D> {
    let plan = scenario.plan_with(request.faults);
    let watch = Watch::new(plan, scenario.metrics(), request.detail.is_some());
    let choices = Choices::new(Policy::seeded(request.seed), request.overrides.clone());
    let holds = Holds::from_iter(request.holds.iter().copied());
    let mut simulation = simulation(plan, choices, holds, watch);
    let mut budget = request.stop_at.cut(&plan.budget);
    let rest_by = plan.rest_by().filter(|rest_by| *rest_by < budget.until);
    budget.until = rest_by.unwrap_or(budget.until);
    let stop = match simulation.run(&budget) {
        Stop::OutOfTime if rest_by.is_some() => Stop::Restless,
        stop => stop,
    };
    let Simulation { kernel, model } = &mut simulation;
    let mut checkers = model.listener_mut().take_checkers();
    let rest = model.rest(kernel);
    if stop.is_final() {
        checkers.at_rest(&rest);
    }
    let left = Left {
        unsent: rest.unsent,
        queued: rest.queued.iter().sum(),
        held_back: rest.buffered.iter().sum(),
        dead_letters: rest.dead_letters.len() as u64,
    };
    let (nodes, roles) = (model.map().names().to_vec(), model.map().roles().to_vec());
    let events = model.events();
    let described = request.describe.iter().map(|node| model.describe_state(node)).collect();
    let watch = model.listener_mut();
    Finished {
        digest: kernel.digest(),
        stop,
        occurrences: kernel.steps(),
        events,
        ended_at: kernel.now(),
        left,
        checks: checkers.checks(),
        violations: checkers.violations().to_vec(),
        observed: watch.metrics.observed().clone(),
        faults: kernel.ledger(),
        trace: watch.trace.take(),
        nodes,
        roles,
        described,
    }
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
