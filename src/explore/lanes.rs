//! A campaign on all cores: as many blocks at a time as there are threads, each with its runs in parallel.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::blocks::{Block, blocks, runs_of};
use super::plan::pool;
use super::registry::Registry;
use super::{Campaign, Ended, Host, Plan, Shard, State, block};

/// How many runs a campaign makes, and on how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of runs on all machines together; `None` for as many as there is time for.
    pub runs: Option<u64>,
    /// The blocks of this machine.
    pub shard: Shard,
    /// The number of threads. It has no influence on the result.
    pub jobs: usize,
}

impl Extent {
    /// This many runs on one thread.
    pub const fn of_runs(runs: u64) -> Self {
        Self { runs: Some(runs), shard: Shard::WHOLE, jobs: 1 }
    }

    /// The number of runs on this machine; `None` if there is no limit.
    pub fn runs_here(&self, plan: &Plan<'_>) -> Option<u64> {
        Some(runs_of(self.shard, self.runs?, plan.block()))
    }
}

/// What the threads share.
struct Shared<B> {
    /// The blocks that nobody has begun.
    todo: B,
    state: State,
    ended: Option<Ended>,
}

/// Makes the runs of a campaign that are not in `state` yet.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::explore::{Extent, Plan, Settings, State, campaign};
/// use jetlag::scenario::Scenario;
/// use jetlag::session::Verdict;
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let text = text.trim_end().trim_end_matches(')').to_owned()
///     + "fuzz: (faults: [Delay, Reorder], budget: 3))";
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let plan = Plan::new(vec![&scenario], Settings::default(), 1);
/// let found = campaign(&plan, State::new(&plan, ""), Extent::of_runs(20), &());
/// assert_eq!((found.tally.runs, found.verdict()), (20, Verdict::Held));
/// ```
///
/// # Panics
///
/// If the state is that of another campaign, or the system has no threads left.
pub fn campaign(plan: &Plan<'_>, state: State, extent: Extent, host: &dyn Host) -> Campaign {
    assert_eq!(state.id, *plan.id(), "only the same campaign can be continued");
    let state = State { shard: extent.shard, asked: extent.runs, ..state };
    // A shard can be without blocks; it has a result nevertheless.
    host.finished(&state);
    let registry = Registry::of(&state.whole());
    let todo = blocks(extent.shard, extent.runs.unwrap_or(u64::MAX), plan.block());
    let todo = todo.filter({
        let state = state.clone();
        move |block| !state.has(block.number, block.runs)
    });
    let shared = Mutex::new(Shared { todo, state, ended: None });
    pool(extent.jobs).scope(|scope| {
        for _ in 0..extent.jobs {
            scope.spawn(|_| lane(plan, &shared, &registry, host));
        }
    });
    let Shared { state, ended, .. } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let command = plan.scenario(0).subject().command;
    Campaign::of(state, command, ended.unwrap_or(Ended::Done))
}

/// Does one block after the other.
fn lane<B: Iterator<Item = Block> + Send>(
    plan: &Plan<'_>,
    shared: &Mutex<Shared<B>>,
    registry: &Registry,
    host: &dyn Host,
) {
    let stop = || lock(shared).ended.clone().or_else(|| host.stop());
    loop {
        let next = lock(shared).todo.next();
        let Some(next) = next else { return };
        let ran = block::run(plan, next, registry, (host, &stop));
        let mut shared = lock(shared);
        let whole = ran.ended.is_none() && next.is_whole();
        shared.state.add(next.number, whole, ran.tally);
        host.finished(&shared.state);
        if let Some(ended) = ran.ended {
            // The other threads end because of the first reason, unless they have a graver one.
            if shared.ended.as_ref().is_none_or(|first| !first.is_grave() && ended.is_grave()) {
                shared.ended = Some(ended);
            }
            return;
        }
    }
}

fn lock<B>(shared: &Mutex<Shared<B>>) -> MutexGuard<'_, Shared<B>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
