//! Runs of candidates: which of them fail in the wanted way.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::element::{Element, Elements, Sites};
use super::passes::{Without, WithoutIt};
use super::sizes::others;
use crate::kernel::{ChoiceKey, Delivered};
use crate::session::{AnyScenario, Identity, Lexicon, Pulse, RunOutcome, RunRequest};

/// How much may be spent on shrinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// The number of runs.
    pub replays: u32,
    /// The number of threads. It has no influence on the result.
    pub jobs: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { replays: 1_000, jobs: 1 }
    }
}

/// Why shrinking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// No element can be left out.
    Minimal,
    /// The allowed number of runs was made.
    OutOfReplays,
    /// Somebody interrupted it.
    Interrupted,
}

/// A capsule that cannot be shrunk: its run does not fail as it says, or breaks off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAFailure {
    /// How the run ends.
    pub ends: Option<Identity>,
}

/// A candidate that failed in the wanted way, with its run.
pub(super) struct Found {
    pub(super) nth: usize,
    pub(super) elements: Elements,
    pub(super) outcome: RunOutcome,
}

/// The runs of one shrinking.
pub(super) struct Trials<'a> {
    scenario: &'a dyn AnyScenario,
    pub(super) sites: Sites,
    seed: u64,
    pulse: Pulse,
    pub(super) wanted: Identity,
    effort: Effort,
    pub(super) replays: u32,
    stop: &'a (dyn Fn() -> bool + Sync),
    pub(super) ended: Option<Ended>,
    /// How candidates ended that did not fail in the wanted way; `None` for one that held.
    tried: BTreeMap<Elements, Option<Identity>>,
    /// The first run of each other failure that was met.
    pub(super) others: Vec<(Identity, RunOutcome)>,
}

impl<'a> Trials<'a> {
    /// Of runs like `outcome`, which failed.
    pub(super) fn new(
        scenario: &'a dyn AnyScenario,
        (outcome, wanted): (&RunOutcome, Identity),
        effort: Effort,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            scenario,
            sites: Sites::of(scenario),
            seed: outcome.request.seed,
            pulse: outcome.request.pulse.clone(),
            wanted,
            effort,
            replays: 0,
            stop,
            ended: None,
            tried: BTreeMap::new(),
            others: Vec::new(),
        }
    }

    pub(super) fn lexicon(&self) -> &'a dyn Lexicon {
        self.scenario.lexicon()
    }

    /// How a run with these elements ends. `None` if no run may be made any more.
    pub(super) fn end_of(&mut self, elements: &Elements) -> Option<Option<Identity>> {
        if let Some(known) = self.tried.get(elements) {
            return Some(known.clone());
        }
        if self.is_over() {
            return None;
        }
        let outcome = self.run(elements);
        if self.is_broken_off(&outcome) {
            return None;
        }
        self.replays += 1;
        let end = Identity::of(&outcome);
        self.note(elements, &outcome, &end);
        Some(end)
    }

    /// The deliveries of a run with these elements. `None` if no run may be made any more.
    pub(super) fn deliveries(&mut self, elements: &Elements) -> Option<Vec<Delivered>> {
        if self.is_over() {
            return None;
        }
        self.replays += 1;
        let outcome = self.run(elements);
        (!self.is_broken_off(&outcome)).then_some(outcome.deliveries)
    }

    /// How a run with these elements ends without one of them.
    pub(super) fn without(&mut self, elements: &Elements, element: Element) -> Without {
        let left = elements.without(&[element]);
        let ends = self.end_of(&left).map(|end| match end {
            None => WithoutIt::Holds,
            Some(end) if end == self.wanted => {
                let again = Elements::of(&self.sites, &self.run(&left));
                match element {
                    Element::Fault(key, _) if again.all().contains(&element) => {
                        let silenced = self.request_silenced(&left, Some(key));
                        WithoutIt::Scripted(Box::new(self.end(&self.scenario.run(&silenced))))
                    }
                    _ => WithoutIt::Same,
                }
            }
            Some(other) => WithoutIt::Other(other),
        });
        Without { element, ends, also: Vec::new() }
    }

    /// The other sizes of a fault with which a run with these elements fails in the same way.
    pub(super) fn other_sizes(&mut self, elements: &Elements, fault: Element) -> Vec<u64> {
        let mut also = Vec::new();
        for (other, size) in others(self.lexicon(), fault) {
            if self.end_of(&elements.with(fault, other)) == Some(Some(self.wanted.clone())) {
                also.push(size);
            }
        }
        also
    }

    /// How a run ended.
    pub(super) fn end(&self, outcome: &RunOutcome) -> WithoutIt {
        match Identity::of(outcome) {
            None => WithoutIt::Holds,
            Some(end) if end == self.wanted => WithoutIt::Same,
            Some(other) => WithoutIt::Other(other),
        }
    }

    /// The first of several candidates that fails in the wanted way and is then known to have at most so many
    /// elements. What a file scripts happens again when it is left out.
    ///
    /// Candidates are made as they are needed: a large run has more of them than may be tried, each as large as it.
    pub(super) fn first(
        &mut self,
        candidates: impl Iterator<Item = Elements>,
        most: usize,
    ) -> Option<Found> {
        let mut seen = BTreeSet::new();
        let mut candidates = candidates.enumerate();
        loop {
            if self.is_over() {
                return None;
            }
            let left = (self.effort.replays - self.replays) as usize;
            let mut is_fresh = |candidate: &Elements| {
                !self.tried.contains_key(candidate) && seen.insert(candidate.clone())
            };
            let fresh = candidates.by_ref().filter(|(_, candidate)| is_fresh(candidate));
            let batch: Vec<(usize, Elements)> =
                fresh.take(self.effort.jobs.clamp(1, left)).collect();
            let outcomes: Vec<RunOutcome> = match &batch[..] {
                [] => return None,
                [(_, only)] => vec![self.run(only)],
                several => several.par_iter().map(|(_, elements)| self.run(elements)).collect(),
            };
            for ((nth, elements), outcome) in batch.iter().zip(outcomes) {
                if self.is_broken_off(&outcome) {
                    return None;
                }
                self.replays += 1;
                let end = Identity::of(&outcome);
                if end.as_ref() == Some(&self.wanted) {
                    let elements = Elements::of(&self.sites, &outcome);
                    if elements.all().len() <= most {
                        return Some(Found { nth: *nth, elements, outcome });
                    }
                }
                self.note(elements, &outcome, &end);
            }
        }
    }

    fn is_over(&mut self) -> bool {
        if self.ended.is_none() {
            if (self.stop)() {
                self.ended = Some(Ended::Interrupted);
            } else if self.replays >= self.effort.replays {
                self.ended = Some(Ended::OutOfReplays);
            }
        }
        self.ended.is_some()
    }

    /// Whether somebody interrupted a run, which then says nothing.
    fn is_broken_off(&mut self, outcome: &RunOutcome) -> bool {
        if outcome.is_interrupted() {
            self.ended = Some(Ended::Interrupted);
        }
        outcome.is_interrupted()
    }

    /// The run with these elements and nothing else.
    pub(super) fn request(&self, elements: &Elements) -> RunRequest {
        self.request_silenced(elements, None)
    }

    /// The same without a fault that the file of the scenario scripts.
    pub(super) fn request_silenced(
        &self,
        elements: &Elements,
        silenced: Option<ChoiceKey>,
    ) -> RunRequest {
        let request = elements.request(&self.sites, self.seed, silenced);
        RunRequest { pulse: self.pulse.clone(), ..request }
    }

    fn run(&self, elements: &Elements) -> RunOutcome {
        self.scenario.run(&self.request(elements))
    }

    fn note(&mut self, elements: &Elements, outcome: &RunOutcome, end: &Option<Identity>) {
        self.tried.insert(elements.clone(), end.clone());
        if let Some(other) = end
            && *other != self.wanted
            && self.others.iter().all(|(known, _)| known != other)
        {
            self.others.push((other.clone(), outcome.clone()));
        }
    }
}
