//! One scenario, run: the platform under the kernel, with checkers and metrics listening.
//!
//! ```text
//!   Scenario ──▶ run(seed) ──▶ Finished ──examine──▶ report::Run
//!                   ▲                └─ violated? the same run again, with its trace
//!   sweep ──────────┘ one seed after the other
//! ```
//!
//! Full records are never kept in the first run. A run that has something to tell is simply run again.

mod campaign;
#[cfg(test)]
mod counting;
mod examine;
mod replay;
mod sweep;
mod watch;

use std::fmt;
use std::sync::Arc;

#[doc(hidden)]
pub use campaign::{Target, campaign};
#[doc(hidden)]
pub use examine::examine;
#[doc(hidden)]
pub use replay::replay;
pub use replay::{Replay, ReplayError, Replayed};
#[doc(hidden)]
pub use sweep::sweep;

use crate::check::{Property, Violation};
use crate::kernel::{
    Budget, Choices, Digest, FaultLedger, Holds, Instant, Overrides, Policy, Simulation, Step, Stop,
};
use crate::platform::{Plan, Role};
use crate::scenario::{Metrics, Observed, ScenarioDomain};
use crate::trace::Trace;
use crate::world::{World, simulation};
use watch::Watch;

/// How a scenario is run.
#[doc(hidden)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What all chance is drawn from.
    pub seed: u64,
    /// Whether all records are kept.
    pub trace: bool,
    /// What the run may cost, if not what its scenario says.
    pub budget: Option<Budget>,
    /// The node whose state is to be described at the end.
    pub describe: Option<String>,
}

/// What is left of a run.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Finished<D: ScenarioDomain> {
    /// What all chance was drawn from.
    pub seed: u64,
    /// What came of it, in 64 bits.
    pub digest: Digest,
    /// Why it stopped.
    pub stop: Stop,
    /// How many occurrences were delivered.
    pub occurrences: u64,
    /// How many events can be read from the store.
    pub events: u64,
    /// The virtual time at which it stopped.
    pub ended_at: Instant,
    /// What nobody has dealt with.
    pub left: Left,
    /// How often each property was judged.
    pub checks: Vec<(&'static Property, u64)>,
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// What was counted and measured.
    pub observed: Observed<D>,
    /// What became of the faults that were asked for.
    pub faults: FaultLedger,
    /// What was recorded, if it was to be.
    pub trace: Option<Trace<D>>,
    /// What the nodes are called, by number.
    pub nodes: Vec<String>,
    /// What the nodes are, by number.
    pub roles: Vec<Role>,
    /// The state of the node that was to be described, in words; `None` if there is no such node.
    pub described: Option<String>,
}

/// What nobody has dealt with when a run ends.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Outbox rows that are not marked as sent.
    pub unsent: u64,
    /// Messages in the broker's queues that nobody has acknowledged.
    pub queued: u64,
    /// Messages that projectors hold back, waiting for a predecessor.
    pub held_back: u64,
    /// Messages that were delivered too often.
    pub dead_letters: u64,
}

impl Left {
    /// Whether everything was dealt with.
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }
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

/// Runs a plan to its end.
///
/// What is checked at rest is checked if nothing can happen any more, also when a node still waits for
/// something that will never come.
///
/// ```
/// use std::sync::Arc;
/// use jetlag::domains::Flights;
/// use jetlag::kernel::Stop;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{Options, run};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let plan = Arc::new(scenario.plan.clone());
/// let finished = run(&plan, &Options { seed: scenario.seed(), ..Options::default() });
/// assert_eq!(finished.stop, Stop::AtRest);
/// assert!(finished.violations.is_empty());
/// assert!(scenario.judge(&finished.observed).iter().all(|outcome| outcome.met));
/// ```
#[doc(hidden)]
pub fn run<D: ScenarioDomain>(plan: &Arc<Plan<D>>, options: &Options) -> Finished<D> {
    let metrics = Metrics::new(&plan.domain, plan.names.customers.len());
    let watch = Watch::new(plan, metrics, options.trace);
    let choices = Choices::new(Policy::seeded(options.seed), Overrides::default());
    let mut simulation = simulation(plan, choices, Holds::default(), watch);
    let mut budget = options.budget.unwrap_or(plan.budget);
    let rest_by = plan.rest_by().filter(|rest_by| *rest_by < budget.until);
    budget.until = rest_by.unwrap_or(budget.until);
    let stop = match simulation.run(&budget) {
        Stop::OutOfTime if rest_by.is_some() => Stop::Restless,
        stop => stop,
    };
    let left = look_around(&mut simulation, stop);
    let Simulation { kernel, model } = &mut simulation;
    let (nodes, roles) = (model.map().names().to_vec(), model.map().roles().to_vec());
    let events = model.events();
    let described = options.describe.as_ref().and_then(|node| model.describe_state(node));
    let watch = model.listener_mut();
    Finished {
        seed: options.seed,
        digest: kernel.digest(),
        stop,
        occurrences: kernel.steps(),
        events,
        ended_at: kernel.now(),
        left,
        checks: watch.checkers().checks(),
        violations: watch.checkers().violations().to_vec(),
        observed: watch.metrics.observed().clone(),
        faults: kernel.ledger(),
        trace: watch.trace.take(),
        nodes,
        roles,
        described,
    }
}

/// Judges what is to be judged at rest, if the run can go no further, and says what is left over.
fn look_around<D: ScenarioDomain>(
    simulation: &mut Simulation<World<D, Watch<D>>>,
    stop: Stop,
) -> Left {
    let mut checkers = simulation.model.listener_mut().finish();
    let rest = simulation.model.rest(&simulation.kernel);
    if stop.is_final() {
        checkers.at_rest(&rest);
    }
    let left = Left {
        unsent: rest.unsent,
        queued: rest.queued.iter().sum(),
        held_back: rest.buffered.iter().sum(),
        dead_letters: rest.dead_letters.len() as u64,
    };
    simulation.model.listener_mut().resume(checkers);
    left
}

/// A budget that ends a run with this step, or with the last one at this time.
///
/// ```
/// use jetlag::kernel::{Budget, Step};
/// use jetlag::session::until;
/// assert_eq!(until(&Budget::default(), Some(Step(20)), None).occurrences, 20);
/// ```
#[doc(hidden)]
pub fn until(budget: &Budget, step: Option<Step>, at: Option<Instant>) -> Budget {
    Budget {
        occurrences: step.map_or(budget.occurrences, |step| step.0.min(budget.occurrences)),
        until: at.map_or(budget.until, |at| at.min(budget.until)),
        ..*budget
    }
}
