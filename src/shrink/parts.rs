//! The parts of a failed run, each with the run without it.

use super::element::{Element, Elements};
use super::passes::{Without, WithoutIt};
use super::trials::{Effort, Trials};
use crate::capsule::{Recorded, of_forced};
use crate::session::{
    AnyScenario, Broken, Cause, Identity, Reproduced, Reproduction, RunOutcome, RunRequest,
};

/// The most parts of a run that are left out one by one.
pub const PARTS_MAX: usize = 64;

/// A failed run, taken apart.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Its capsule.
    pub capsule: Recorded,
    /// Its run.
    pub outcome: RunOutcome,
    /// The request that makes it from its parts.
    pub request: RunRequest,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// One part of a run.
#[derive(Clone, Debug)]
pub struct Part {
    /// The part, and how the run ends without it.
    pub without: Without,
    /// The run without it.
    pub request: RunRequest,
}

/// Why a run cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// It does not fail as it says, or breaks off; this is how it ends.
    NotAFailure(Option<Identity>),
    /// It has this many parts, more than [`PARTS_MAX`].
    TooLarge(usize),
    /// Somebody interrupted it.
    Interrupted,
}

/// Takes a failed run apart. `stop` is asked between runs.
///
/// # Errors
///
/// If the run did not fail, has too many parts, or somebody interrupts it.
pub fn parts(
    scenario: &dyn AnyScenario,
    request: &RunRequest,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Parts, Whole> {
    let logged = RunRequest { decisions: true, bare: true, ..request.clone() };
    let outcome = scenario.run(&logged);
    let ends = Identity::of(&outcome);
    let Some(wanted) = ends.clone().filter(|_| can_be_made_again(&outcome)) else {
        return Err(Whole::NotAFailure(ends));
    };
    let effort = Effort { replays: u32::MAX, jobs: 1 };
    let mut trials = Trials::new(scenario, (&outcome, wanted), effort, stop);
    let elements = Elements::of(&trials.sites, &outcome);
    if elements.all().len() > PARTS_MAX {
        return Err(Whole::TooLarge(elements.all().len()));
    }
    let mut parts = Vec::new();
    for element in elements.all() {
        let without = trials.without(&elements, *element);
        if without.ends.is_none() {
            return Err(Whole::Interrupted);
        }
        let left = elements.without(&[*element]);
        let mut part = Part { without, request: trials.request(&left) };
        if let (Some(WithoutIt::Scripted(_)), Element::Fault(key, _)) =
            (&part.without.ends, element)
        {
            part.request = trials.request_silenced(&left, Some(*key));
        }
        parts.push(part);
    }
    let recorded = scenario.recorded().unwrap_or(scenario);
    let again = trials.request(&elements);
    let outcome = scenario.run(&again);
    Ok(Parts { capsule: of_forced(recorded, &outcome), outcome, request: again, parts })
}

/// Whether a run came to an end, so that others can be compared with it, and in the failure of its capsule, if it
/// has one.
pub(super) fn can_be_made_again(outcome: &RunOutcome) -> bool {
    let is_other = |found: &Reproduction| found.result == Reproduced::Not;
    let is_cut = |broken: &Broken| !matches!(broken.cause, Cause::Panicked(_));
    outcome.decisions.is_some()
        && !outcome.reproduction.as_ref().is_some_and(is_other)
        && !outcome.broken.as_ref().is_some_and(is_cut)
}
