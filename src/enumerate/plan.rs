//! The runs that are made: a default run, and what departs from it.

use super::Deviation;
use super::scope::Scope;
use crate::capsule::{customers, line_sites};
use crate::kernel::{ChoiceKey, Decision, Fault, LINK_JITTER, Overrides, Schedule};
use crate::session::{AnyScenario, Faults, RunRequest};

/// What is enumerated.
#[derive(Debug)]
pub struct Plan<'a> {
    pub(super) scenario: &'a dyn AnyScenario,
    pub(super) scope: Scope,
    /// The most deviations in a run.
    pub(super) depth: usize,
    /// What the customers of the workload draw with the scenario's own seed.
    drawn: Vec<(ChoiceKey, u64)>,
}

impl<'a> Plan<'a> {
    /// All runs of a scenario with up to `depth` deviations.
    pub fn new(scenario: &'a dyn AnyScenario, scope: Scope, depth: usize) -> Self {
        let request = RunRequest { decisions: true, bare: true, ..scenario.request() };
        let decisions = scenario.run(&request).decisions.unwrap_or_default();
        let customers = customers(scenario.lexicon());
        let [_, arrival] = line_sites();
        let has_workload = decisions.iter().any(|made| made.key.site == arrival);
        let is_drawn = |made: &&Decision| {
            let is_own = made.key.actor == customers && made.key.site != LINK_JITTER;
            has_workload && is_own && made.value != 0
        };
        let drawn = decisions.iter().filter(is_drawn).map(|made| (made.key, made.value)).collect();
        Self { scenario, scope, depth, drawn }
    }

    /// The run with these deviations.
    pub(super) fn request(&self, path: &[Deviation]) -> RunRequest {
        let deviations = path.iter().map(|deviation| (deviation.key, deviation.value));
        RunRequest {
            seed: self.scenario.request().seed,
            schedule: Schedule::Benign,
            faults: Faults::Fuzzed,
            overrides: self.drawn.iter().copied().chain(deviations).collect(),
            bare: true,
            ..RunRequest::default()
        }
    }

    /// The same run, in which every choice is counted that is tried: others can depart from it.
    pub(super) fn trunk(&self, path: &[Deviation]) -> RunRequest {
        let request = self.request(path);
        let counted = |all: Overrides, fault: &&Fault| all.counting(fault.site);
        let overrides = self.scope.faults.iter().fold(request.overrides, counted);
        RunRequest { overrides, ..request }
    }

    /// The same with a log of these choices.
    pub(super) fn logged(&self, path: &[Deviation]) -> RunRequest {
        RunRequest { decisions: true, reached: true, ..self.trunk(path) }
    }
}
