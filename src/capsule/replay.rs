//! A capsule as a scenario: its only run is the recorded one.

use std::fmt;

use super::compare::{Known, compare};
use super::content_hash;
use super::file::{File, Source};
use super::resolve::{Resolved, resolve};
use crate::kernel::{Fault, Step};
use crate::scenario::{BROKER, Claim, Complaints, Diagnostic, Draft, INJECTED};
use crate::session::{
    AnyScenario, Faults, Feature, Fork, Forked, Handled, Lexicon, RunOutcome, RunRequest, Subject,
};

/// The word with which a capsule begins.
pub const CAPSULE: &str = "Capsule";

/// A capsule with its scenario.
pub struct Replay {
    path: String,
    file: File,
    scenario: Box<dyn AnyScenario>,
    resolved: Resolved,
    /// What is known before it is run.
    known: Known,
}

impl Replay {
    /// Reads a capsule. `find` loads its scenario.
    ///
    /// # Errors
    ///
    /// All errors in it, or those of its scenario. If the scenario or the version has changed, names that
    /// cannot be found are no errors: the entries have no effect.
    pub fn load(
        path: &str,
        bytes: &[u8],
        find: impl FnOnce(&Source) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let draft = Draft::<File>::read(path, bytes, CAPSULE)?;
        let scenario = find(&draft.value.scenario)?;
        let file = draft.value.clone();
        let mut known = Known { changed: changes(&file, &*scenario), unknown: Vec::new() };
        let mut complaints = Complaints::default();
        let resolved = resolve(&file, scenario.lexicon(), &mut complaints);
        if complaints.count() > 0 {
            if known.changed.is_empty() {
                return Err(draft.diagnostics(complaints));
            }
            let unknown = complaints.into_vec();
            let says = unknown.into_iter().map(|c| format!("without effect: {}", c.message));
            known.unknown.extend(says);
        }
        Ok(Self { path: path.to_owned(), file, scenario, resolved, known })
    }
}

/// What is known to have changed since a capsule was recorded.
fn changes(file: &File, scenario: &dyn AnyScenario) -> Vec<String> {
    let mut changes = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    if file.jetlag != version {
        changes.push(format!("it was recorded by version {}, and this is {version}", file.jetlag));
    }
    if let Source::File(path, hash) = &file.scenario
        && *hash != content_hash(scenario.text())
    {
        changes.push(format!("{path} has changed since"));
    }
    changes
}

impl AnyScenario for Replay {
    fn name(&self) -> &str {
        self.scenario.name()
    }

    fn about(&self) -> &str {
        self.scenario.about()
    }

    fn domain(&self) -> &'static str {
        self.scenario.domain()
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn subject(&self) -> Subject {
        Subject { file: self.path.clone(), ..self.scenario.subject() }
    }

    fn show(&self) -> String {
        self.scenario.show()
    }

    fn text(&self) -> &str {
        self.scenario.text()
    }

    fn lexicon(&self) -> &dyn Lexicon {
        self.scenario.lexicon()
    }

    fn recorded(&self) -> Option<&dyn AnyScenario> {
        Some(&*self.scenario)
    }

    /// No seed draws anything in it.
    fn allows_faults(&self) -> bool {
        false
    }

    fn inject(&mut self, _: &str) -> Result<(), Vec<Diagnostic>> {
        let message = "a capsule is one run, to which no fault can be added";
        let hint = "add it to the scenario that the capsule names, or write it into the capsule";
        Err(vec![Diagnostic::of_file(INJECTED, message, hint)])
    }

    fn plant(&mut self, _: &str) -> Result<(), Vec<Diagnostic>> {
        let message = "a capsule is one run, with the defects of its scenario";
        let hint = "name the scenario, or write it into `defects` of the scenario";
        Err(vec![Diagnostic::of_file("--defect", message, hint)])
    }

    fn with_broker(&mut self, _: &str) -> Result<(), Vec<Diagnostic>> {
        let message = "a capsule is one run, with the broker of its scenario";
        let hint = "name the scenario, or write it into `platform.broker.kind` of the scenario";
        Err(vec![Diagnostic::of_file(BROKER, message, hint)])
    }

    fn faults(&self, faults: Faults) -> Vec<&'static Fault> {
        self.scenario.faults(faults)
    }

    fn reachable(&self) -> Vec<Feature> {
        self.scenario.reachable()
    }

    /// One run meets what it meets.
    fn claims(&self) -> Vec<Claim> {
        Vec::new()
    }

    fn request(&self) -> RunRequest {
        self.resolved.request.clone()
    }

    fn run(&self, request: &RunRequest) -> RunOutcome {
        let logged = RunRequest { decisions: true, ..request.clone() };
        let mut outcome = self.scenario.run(&logged);
        let is_whole = !request.stop_at.is_set() && !outcome.is_interrupted();
        let own = &self.resolved.request;
        if is_whole && request.overrides == own.overrides && request.holds == own.holds {
            let (choices, known) = (&self.resolved.choices, &self.known);
            let lexicon = self.scenario.lexicon();
            let found = compare(&self.file, choices, known, lexicon, &outcome);
            outcome.reproduction = Some(found);
        }
        if !request.decisions {
            (outcome.decisions, outcome.deliveries) = (None, Vec::new());
        }
        outcome.request = request.clone();
        outcome.subject.file.clone_from(&self.path);
        outcome
    }

    fn fork(&self, base: &RunRequest, forks: &[Fork], each: &mut dyn FnMut(Forked) -> bool) {
        self.scenario.fork(base, forks, each);
    }

    fn handled(&self, request: &RunRequest, step: Step) -> Option<Handled> {
        self.scenario.handled(request, step)
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{CAPSULE} {} of {:?}", self.path, self.scenario)
    }
}
