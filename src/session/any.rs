//! A scenario without the types of its domain.

use std::fmt::Debug;

use super::examine::subject;
use super::fork::fork;
use super::{
    Faults, Fork, Forked, Handled, Lexicon, RunOutcome, RunRequest, Subject, execute, run,
};
use crate::kernel::{Fault, Step};
use crate::metrics::{Feature, reachable};
use crate::platform::Map;
use crate::scenario::{Claim, Diagnostic, Scenario, ScenarioDomain};

/// A scenario of any domain, without the types of the domain.
pub trait AnyScenario: Debug + Send + Sync {
    /// Its name.
    fn name(&self) -> &str;
    /// A description of what happens in it.
    fn about(&self) -> &str;
    /// The name of its domain.
    fn domain(&self) -> &'static str;
    /// The path it was read from.
    fn path(&self) -> &str;
    /// The scenario's identity, with the version of its file.
    fn subject(&self) -> Subject;
    /// The scenario with every default filled in, as text that loads as the same scenario.
    fn show(&self) -> String;
    /// Its text, as it was written.
    fn text(&self) -> &str;
    /// The names of what is in it.
    fn lexicon(&self) -> &dyn Lexicon;
    /// The scenario of which this is one recorded run; `None` if it is a scenario itself.
    fn recorded(&self) -> Option<&dyn AnyScenario> {
        None
    }
    /// Whether its `fuzz` allows any faults.
    fn allows_faults(&self) -> bool;
    /// Adds a scripted fault, written like one in a file; see [`Scenario::inject`].
    ///
    /// # Errors
    ///
    /// All errors in it; the scenario is then unchanged.
    fn inject(&mut self, fault: &str) -> Result<(), Vec<Diagnostic>>;
    /// Puts a mistake into the platform; see [`Scenario::plant`].
    ///
    /// # Errors
    ///
    /// If there is no such defect; the scenario is then unchanged.
    fn plant(&mut self, defect: &str) -> Result<(), Vec<Diagnostic>>;
    /// Runs it with another kind of broker; see [`Scenario::with_broker`].
    ///
    /// # Errors
    ///
    /// If there is no such kind, or the scenario cannot run with it; it is then unchanged.
    fn with_broker(&mut self, kind: &str) -> Result<(), Vec<Diagnostic>>;
    /// Notes that it has no file of its own: a capsule contains its text.
    fn embed(&mut self) {}
    /// The faults that can happen in a run.
    fn faults(&self, faults: Faults) -> Vec<&'static Fault>;
    /// What campaigns of it can reach, in order.
    fn reachable(&self) -> Vec<Feature>;
    /// What its file claims that some run of a campaign reaches, in the order of the file.
    fn claims(&self) -> Vec<Claim>;
    /// The run that its file describes: the script, with the scenario's own seed.
    fn request(&self) -> RunRequest;
    /// Runs it as requested.
    fn run(&self, request: &RunRequest) -> RunOutcome;
    /// Runs it as requested, one run after the other. Where runs are watched, it ends with the first that is
    /// given up; at least one is made.
    fn run_all(&self, requests: &[RunRequest]) -> Vec<RunOutcome> {
        requests.iter().map(|request| self.run(request)).collect()
    }
    /// Makes runs that each depart from `base`, ordered by how much they have in common with it, as long as `each`
    /// returns `true`. Where runs are watched, it ends with the first that is given up.
    ///
    /// In `base` the choices that forks make have to be [counted](crate::kernel::Overrides::counting).
    fn fork(&self, base: &RunRequest, forks: &[Fork], each: &mut dyn FnMut(Forked) -> bool);
    /// What a run handles in one of its steps; `None` if it has no such step. The run is repeated up to there.
    fn handled(&self, request: &RunRequest, step: Step) -> Option<Handled>;
}

impl<D: ScenarioDomain> AnyScenario for Scenario<D> {
    fn name(&self) -> &str {
        self.name()
    }

    fn about(&self) -> &str {
        self.about()
    }

    fn domain(&self) -> &'static str {
        D::NAME
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn subject(&self) -> Subject {
        subject(self)
    }

    fn show(&self) -> String {
        self.show()
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn lexicon(&self) -> &dyn Lexicon {
        self
    }

    fn allows_faults(&self) -> bool {
        self.allows_faults()
    }

    fn inject(&mut self, fault: &str) -> Result<(), Vec<Diagnostic>> {
        self.inject(fault)
    }

    fn plant(&mut self, defect: &str) -> Result<(), Vec<Diagnostic>> {
        self.plant(defect)
    }

    fn with_broker(&mut self, kind: &str) -> Result<(), Vec<Diagnostic>> {
        self.with_broker(kind)
    }

    fn embed(&mut self) {
        self.is_embedded = true;
    }

    fn faults(&self, faults: Faults) -> Vec<&'static Fault> {
        let plan = &self.plan_with(faults).faults;
        let scripted = plan.scripted.iter().map(|scripted| scripted.fault);
        scripted.chain(plan.fuzz.faults.iter().copied()).collect()
    }

    fn reachable(&self) -> Vec<Feature> {
        let faults = AnyScenario::faults(self, Faults::Fuzzed);
        reachable(&self.plan.domain, &faults, Map::new(&self.plan).roles())
    }

    fn claims(&self) -> Vec<Claim> {
        self.claims.clone()
    }

    fn request(&self) -> RunRequest {
        self.request()
    }

    fn run(&self, request: &RunRequest) -> RunOutcome {
        run(self, request)
    }

    fn fork(&self, base: &RunRequest, forks: &[Fork], each: &mut dyn FnMut(Forked) -> bool) {
        fork(self, base, forks, each);
    }

    fn handled(&self, request: &RunRequest, step: Step) -> Option<Handled> {
        execute::handled(self, request, step)
    }
}
