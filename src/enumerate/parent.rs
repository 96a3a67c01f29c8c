//! One run, and all runs with one deviation more.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::deviation::next;
use super::plan::Plan;
use super::scope::{Scope, Tried};
use super::{Deviation, Host};
use crate::explore::Failure;
use crate::session::{Broken, Cause, RunOutcome, RunRequest};

/// How many runs are handed over at once to the thread that makes them.
const BATCH: usize = 32;

/// A run from which others depart.
#[derive(Clone, Debug, Default)]
pub(super) struct Parent {
    /// Its deviations, in the order in which they are chosen.
    pub(super) path: Vec<Deviation>,
    /// How many deviations its own parent has after the last of them: about as many as it has itself.
    pub(super) about: u64,
}

/// A run with one deviation more than its parent.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) deviation: Deviation,
    pub(super) end: End,
    /// Whether it differs from its parent or from one before it in timing only.
    pub(super) is_same: bool,
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
    pub(super) fn of(outcome: RunOutcome) -> Result<Self, Cut> {
        if outcome.is_interrupted() {
            return Err(Cut::Interrupted);
        }
        // Each run that hangs takes seconds, and others would hang as well.
        let is_hung = |broken: &Broken| matches!(broken.cause, Cause::Hung { .. });
        if outcome.ends_the_command() || outcome.broken.as_ref().is_some_and(is_hung) {
            return Err(Cut::Broken(Box::new(outcome)));
        }
        let RunOutcome { occurrences, order, state, .. } = outcome;
        Ok(Self { occurrences, order, state, failure: Failure::of(&outcome) })
    }

    /// Whether two runs that held differ in timing only.
    fn is_same(&self, other: &Self) -> bool {
        let held = self.failure.is_none() && other.failure.is_none();
        held && (self.order, self.state) == (other.order, other.state)
    }
}

/// A run with its log, and the deviations with which others depart from it.
pub(super) fn departures(plan: &Plan<'_>, path: &[Deviation]) -> (RunOutcome, Vec<Deviation>) {
    let outcome = plan.scenario.run(&plan.logged(path));
    let before = path.split_last().map(|(_, before)| plan.scenario.run(&plan.logged(before)));
    let tried = next(&plan.scope, path, &outcome, before.as_ref());
    (outcome, tried)
}

/// Makes all runs with one deviation more than `parent` has, in parallel; they are in the order of their deviations.
/// Also says how many were left out because their last deviation is one of `pointless`.
pub(super) fn children(
    plan: &Plan<'_>,
    parent: &Parent,
    pointless: &BTreeSet<Deviation>,
    host: &dyn Host,
) -> Result<(Vec<Child>, u64), Cut> {
    let (outcome, mut tried) = departures(plan, &parent.path);
    let all = tried.len();
    tried.retain(|deviation| !pointless.contains(deviation));
    let skipped = (all - tried.len()) as u64;
    let end = End::of(outcome)?;
    let ran: Result<Vec<Vec<(Deviation, End)>>, Cut> =
        tried.par_chunks(BATCH).map(|batch| batch_of(plan, &parent.path, batch, host)).collect();
    let ran = ran?.into_iter().flatten().collect();
    Ok((compared(&plan.scope, &end, ran), skipped))
}

/// Makes the runs with one of several deviations more, one after the other.
fn batch_of(
    plan: &Plan<'_>,
    path: &[Deviation],
    batch: &[Deviation],
    host: &dyn Host,
) -> Result<Vec<(Deviation, End)>, Cut> {
    let request = |deviation: &Deviation| plan.request(&[path, &[*deviation]].concat());
    let requests: Vec<RunRequest> = batch.iter().map(request).collect();
    let outcomes = plan.scenario.run_all(&requests);
    let mut ran = Vec::with_capacity(batch.len());
    for (deviation, outcome) in batch.iter().zip(outcomes) {
        ran.push((*deviation, End::of(outcome)?));
        host.ran();
    }
    // Runs are missing only behind one that was given up, which ends the enumeration.
    debug_assert_eq!(ran.len(), batch.len(), "every run was made");
    Ok(ran)
}

/// Finds the runs that differ in timing only from the parent or from one with the same choice.
///
/// A message that comes later without coming after another changes nothing but times. So does another size of the
/// same fault, if each node handles the same in the same order and the states at the end are the same.
fn compared(scope: &Scope, parent: &End, ran: Vec<(Deviation, End)>) -> Vec<Child> {
    let mut children: Vec<Child> = Vec::with_capacity(ran.len());
    for (deviation, end) in ran {
        let siblings = children.iter().rev();
        let mut siblings = siblings.take_while(|other| other.deviation.key == deviation.key);
        let is_order = scope.tried(&deviation.key) == Some(Tried::Order);
        let is_like_parent = is_order && end.is_same(parent);
        let is_same = is_like_parent || siblings.any(|other| end.is_same(&other.end));
        children.push(Child { deviation, end, is_same: scope.skips && is_same });
    }
    children
}
