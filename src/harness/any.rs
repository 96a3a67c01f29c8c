//! Scenarios and domains whose types nobody needs to know.

use std::fmt::{self, Debug};
use std::ops::Range;
use std::sync::Arc;

use crate::check::{Checker, General, Property};
use crate::kernel::Fault;
use crate::platform::faults_of;
use crate::report::{self, Palette, Verdict};
use crate::scenario::{Diagnostic, Probe, Scenario, ScenarioDomain};
use crate::session::{self, Replay, ReplayError, Target};

/// A scenario of whatever domain: all that can be done with one without knowing its types.
pub trait AnyScenario: Debug {
    /// What it is called.
    fn name(&self) -> &str;
    /// What happens in it.
    fn about(&self) -> &str;
    /// The name of its domain.
    fn domain(&self) -> &'static str;
    /// Where it was read from.
    fn path(&self) -> &str;
    /// The scenario with every default filled in, as a text that reads back to the same scenario.
    fn show(&self) -> String;
    /// Whether it names faults that a campaign may draw.
    fn allows_faults(&self) -> bool;
    /// Runs it once and reports on it.
    fn examine(&self, how: &How) -> report::Run;
    /// Runs it with every seed of a range, until one does not hold.
    fn sweep(&self, seeds: Range<u64>, how: &How, progress: &mut dyn FnMut()) -> report::Sweep;
    /// Tells what happens in it.
    ///
    /// # Errors
    ///
    /// When a step or a node is asked for that the run does not have.
    fn replay(&self, asked: &Replay, palette: &Palette) -> Result<(String, Verdict), ReplayError>;
    /// Makes a target of it; `None` if it allows no faults.
    #[doc(hidden)]
    fn target(self: Box<Self>) -> Option<Target>;
}

/// How a scenario is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// The seed, if not the scenario's own.
    pub seed: Option<u64>,
    /// Whether also those faults come that the seed draws from what the scenario allows.
    pub fuzz: bool,
    /// Whether everything is run a second time to compare.
    pub twice: bool,
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

    fn show(&self) -> String {
        self.show()
    }

    fn allows_faults(&self) -> bool {
        !self.fuzz.faults.is_empty()
    }

    fn examine(&self, how: &How) -> report::Run {
        let plan = Arc::new(self.plan_of(how.fuzz));
        session::examine(self, &plan, how.seed.unwrap_or(self.seed()), how.twice)
    }

    fn sweep(&self, seeds: Range<u64>, how: &How, progress: &mut dyn FnMut()) -> report::Sweep {
        let plan = Arc::new(self.plan_of(how.fuzz));
        session::sweep(self, &plan, seeds, how.twice, progress)
    }

    fn replay(&self, asked: &Replay, palette: &Palette) -> Result<(String, Verdict), ReplayError> {
        session::replay(self, asked, palette)
    }

    fn target(self: Box<Self>) -> Option<Target> {
        Target::of(*self)
    }
}

/// A scenario, or all that is wrong with it.
pub(super) type Loaded = Result<Box<dyn AnyScenario>, Vec<Diagnostic>>;

/// What can be said of a domain without a scenario, and how one of its scenarios is read.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line lists them"))]
#[derive(Clone, Copy)]
pub(crate) struct AnyDomain {
    pub(crate) name: &'static str,
    /// What is typed to replay one of its scenarios.
    pub(crate) command: &'static str,
    /// What is judged of any domain; the same for each.
    pub(crate) general: &'static [Property],
    pub(crate) properties: &'static [Property],
    pub(crate) events: &'static [&'static str],
    pub(crate) template: Option<&'static str>,
    pub(crate) faults: fn() -> Vec<&'static Fault>,
    pub(super) load: fn(Probe<'_>) -> Loaded,
}

impl AnyDomain {
    pub(super) const fn of<D: ScenarioDomain>() -> Self {
        Self {
            name: D::NAME,
            command: D::COMMAND,
            general: General::<D>::PROPERTIES,
            properties: D::Properties::PROPERTIES,
            events: D::EVENTS,
            template: D::TEMPLATE,
            faults: || faults_of::<D>().collect(),
            load: |probe| Ok(Box::new(probe.load::<D>()?)),
        }
    }
}

impl Debug for AnyDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
