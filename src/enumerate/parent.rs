//! A run from which others depart, and the runs that depart from it.

use super::deviation::next;
use super::plan::Plan;
use super::{Deviation, Host};
use crate::explore::Failure;
use crate::session::{Broken, Cause, Fork, Forked, RunOutcome, RunRequest};

/// A run that held, from which others depart.
#[derive(Clone, Debug)]
pub(super) struct Parent {
    /// Its number among those that depart from the same run, after that of this run, and so on: empty for the
    /// default run.
    pub(super) place: Vec<u32>,
    /// Its deviations, in the order in which they are chosen.
    pub(super) path: Vec<Deviation>,
    /// The run, with its log.
    pub(super) outcome: RunOutcome,
    /// What departs from it, in the order of the choices.
    pub(super) forks: Vec<Fork>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) occurrences: u64,
    pub(super) order: u64,
    pub(super) state: u64,
    pub(super) failure: Option<Failure>,
}

/// Why runs were not made.
#[derive(Debug)]
pub(super) enum Cut {
    /// Somebody interrupted them.
    Interrupted,
    /// One broke off for a reason that others would have too.
    Broken(Box<RunOutcome>),
}

impl End {
    pub(super) fn of(forked: Forked) -> Result<Self, Cut> {
        let Forked { occurrences, order, state, failed, .. } = forked;
        let failure = failed.map_or(Ok(None), |failed| failure(&failed))?;
        Ok(Self { occurrences, order, state, failure })
    }

    /// That of a run that held.
    const fn held(outcome: &RunOutcome) -> Self {
        let RunOutcome { occurrences, order, state, .. } = *outcome;
        Self { occurrences, order, state, failure: None }
    }

    /// Whether two runs that held differ in timing only.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let held = self.failure.is_none() && other.failure.is_none();
        held && (self.order, self.state) == (other.order, other.state)
    }
}

/// How a run failed, unless it ends the enumeration.
fn failure(outcome: &RunOutcome) -> Result<Option<Failure>, Cut> {
    if outcome.is_interrupted() {
        return Err(Cut::Interrupted);
    }
    // Each run that hangs takes seconds, and others would hang as well.
    let is_hung = |broken: &Broken| matches!(broken.cause, Cause::Hung { .. });
    if outcome.ends_the_command() || outcome.broken.as_ref().is_some_and(is_hung) {
        return Err(Cut::Broken(Box::new(outcome.clone())));
    }
    Ok(Failure::of(outcome))
}

impl Parent {
    /// The default run; or how it ended, if it failed.
    pub(super) fn root(plan: &Plan<'_>) -> Result<Result<Self, End>, Cut> {
        Self::of(plan, Vec::new(), Vec::new(), None)
    }

    /// The run that departs from this one at its fork with this number; `None` if it failed.
    pub(super) fn child(&self, plan: &Plan<'_>, nth: usize) -> Result<Option<Self>, Cut> {
        let place = [&self.place[..], &[nth as u32]].concat();
        let path = self.path_of(&self.forks[nth]);
        Ok(Self::of(plan, place, path, Some(&self.outcome))?.ok())
    }

    fn of(
        plan: &Plan<'_>,
        place: Vec<u32>,
        path: Vec<Deviation>,
        before: Option<&RunOutcome>,
    ) -> Result<Result<Self, End>, Cut> {
        let outcome = plan.scenario.run(&plan.logged(&path));
        let end = End { failure: failure(&outcome)?, ..End::held(&outcome) };
        if end.failure.is_some() {
            return Ok(Err(end));
        }
        let forks = next(&plan.scope, &path, &outcome, before);
        Ok(Ok(Self { place, path, outcome, forks }))
    }

    /// The deviations of the run that departs from it at a fork.
    pub(super) fn path_of(&self, fork: &Fork) -> Vec<Deviation> {
        [&self.path[..], &[Deviation::of(fork)]].concat()
    }

    /// How it ended itself.
    pub(super) fn end(&self) -> End {
        End::held(&self.outcome)
    }

    /// Makes the runs that depart from it at these forks, and says how each ended.
    pub(super) fn fork(
        &self,
        plan: &Plan<'_>,
        forks: &[Fork],
        host: &dyn Host,
    ) -> Result<Vec<End>, Cut> {
        let base = RunRequest { reached: plan.scope.skips, ..plan.trunk(&self.path) };
        let (mut ends, mut cut) = (Vec::with_capacity(forks.len()), None);
        plan.scenario.fork(&base, forks, &mut |forked| {
            host.ran();
            match End::of(forked) {
                Ok(end) => ends.push(end),
                Err(because) => cut = Some(because),
            }
            cut.is_none()
        });
        cut.map_or(Ok(ends), Err)
    }
}
