//! The runs that are made: a default run, and what departs from it.

use super::Deviation;
use super::scope::Scope;
use crate::capsule::{customers, line_sites};
use crate::kernel::{ChoiceKey, Decision, LINK_JITTER, Overrides, Schedule, Site};
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
    /// The sites whose choices are logged only if something is forced at them.
    silent: Vec<Site>,
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
        let scripted = scenario.faults(Faults::Scripted);
        let silent = scope.faults.iter().filter(|fault| !scripted.contains(fault));
        let silent = silent.map(|fault| fault.site).collect();
        Self { scenario, scope, depth, drawn, silent }
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
            reached: true,
            ..RunRequest::default()
        }
    }

    /// The same with a log in which every choice is that is tried.
    pub(super) fn logged(&self, path: &[Deviation]) -> RunRequest {
        let request = self.request(path);
        let silent = self.silent.iter();
        let overrides =
            silent.fold(request.overrides, |all: Overrides, site| all.with_others(*site, 0));
        RunRequest { overrides, decisions: true, ..request }
    }
}
