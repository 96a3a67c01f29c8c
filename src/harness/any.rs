//! A domain without its types.

use std::fmt::{self, Debug};

use crate::check::{Checker, General, Property};
use crate::kernel::Fault;
use crate::model::Defect;
use crate::platform::faults_of;
use crate::scenario::{Diagnostic, Probe, ScenarioDomain};
use crate::session::AnyScenario;

/// A scenario, or all errors in it.
pub(super) type Loaded = Result<Box<dyn AnyScenario>, Vec<Diagnostic>>;

/// The constants of a domain, and how its scenarios are loaded.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line lists them"))]
#[derive(Clone, Copy)]
pub(crate) struct AnyDomain {
    pub(crate) name: &'static str,
    /// The command that runs its scenarios.
    pub(crate) command: &'static str,
    /// The properties of any domain.
    pub(crate) general: &'static [Property],
    pub(crate) properties: &'static [Property],
    pub(crate) defects: &'static [&'static Defect],
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
            defects: D::DEFECTS,
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
