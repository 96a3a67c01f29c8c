//! The scenario language: from the text that a person writes to the plan that the engine takes.
//!
//! ```text
//! bytes ──ron──▶ tree ──ron──▶ File, every default filled in ──resolve──▶ Scenario { plan, expectations }
//!            └─────────────────┴──────────────────────────────────┴────▶ diagnostics: path:line:col
//! ```
//!
//! A file is read strictly: what is not known is refused, with all that is wrong in it at once. Reading
//! is pure and never panics, whatever the bytes. A domain adds its part through [`ScenarioDomain`].
//!
//! Absent: the file system, which belongs to the command line, and any domain, but for the template of
//! `jetlag new` and the hint that shows how to name one.

mod curve;
mod diagnostic;
mod domain;
mod expect;
mod expectation;
mod fault_entry;
mod fault_plan;
mod file;
mod histogram;
mod nearest;
mod observed;
mod outcome;
mod parse;
mod place;
mod rate;
mod reads;
mod recovery;
mod resolve;
mod ron;
mod template;

pub use diagnostic::{Diagnostic, Position};
pub use domain::{OutcomeLabel, ScenarioDomain, WaitLabel, Written};
pub(crate) use expectation::{Expectation, ExpectationResult};
pub(crate) use fault_entry::FaultEntry;
pub(crate) use file::File;
pub(crate) use histogram::Histogram;
#[cfg(feature = "cli")]
pub(crate) use nearest::hint;
pub(crate) use nearest::nearest;
#[doc(hidden)]
pub use observed::Lag;
pub(crate) use observed::{Metrics, Observed};
pub use outcome::{Outcome, Wait};
pub(crate) use parse::Probe;
#[doc(hidden)]
pub use parse::SIZE_MAX;
pub use place::{Complaints, Ids, Place};
#[doc(hidden)]
pub use rate::Rate;
pub(crate) use reads::ViewReads;
pub(crate) use ron::bare_word;
pub(crate) use template::named;

use crate::kernel::{FaultPlan, Fuzz};
use crate::platform::Plan;

/// A scenario, read and checked.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario<D: ScenarioDomain> {
    /// Where it was read from, as it is to be shown to people.
    pub path: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// What it says, with every default filled in.
    pub file: File<D>,
    /// The same for the engine: names looked up, the script in order of time.
    pub plan: Plan<D>,
    /// The faults that a campaign may draw besides.
    pub fuzz: Fuzz,
    /// What must be seen.
    pub expectations: Vec<Expectation<D>>,
    /// Where each scripted fault stands in the file.
    pub scripted: Vec<Position>,
}

impl<D: ScenarioDomain> Scenario<D> {
    /// Reads a scenario of this domain. `path` is only named in diagnostics.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in order of lines.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let text = r#"( name: "nothing", domain: Flights(vendors: []), seed: 7 )"#;
    /// assert_eq!(Scenario::<Flights>::load("trips.ron", text.as_bytes()).unwrap().seed(), 7);
    ///
    /// let text = r#"( name: "nothing", domain: Flights(vendors: []), sed: 7 )"#;
    /// let wrong = Scenario::<Flights>::load("trips.ron", text.as_bytes()).unwrap_err();
    /// assert_eq!(
    ///     wrong[0].to_string().lines().next(),
    ///     Some("trips.ron:1:50: there is no field `sed` here"),
    /// );
    /// ```
    pub fn load(path: &str, bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let probe = Probe::new(path, bytes)?;
        if probe.domain() == D::NAME { probe.load() } else { Err(probe.unknown_domain(&[D::NAME])) }
    }

    /// A commented scenario to start from, called `name`; `None` if the domain has none.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let text = Scenario::<Flights>::template("last seat").unwrap();
    /// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
    /// assert_eq!(scenario.name(), "last seat");
    /// ```
    pub fn template(name: &str) -> Option<String> {
        D::TEMPLATE.map(|template| named(template, name))
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// What happens in it.
    pub fn about(&self) -> &str {
        &self.file.about
    }

    /// The seed of all random choices, unless another one is given.
    pub const fn seed(&self) -> u64 {
        self.file.seed
    }

    /// What the engine takes: as the script has it, or as a campaign does.
    pub fn plan_of(&self, fuzzed: bool) -> Plan<D> {
        if fuzzed { self.fuzzed() } else { self.plan.clone() }
    }

    /// The plan of a campaign: whatever the scenario's `fuzz` allows may happen besides its script.
    pub fn fuzzed(&self) -> Plan<D> {
        let faults = FaultPlan { fuzz: self.fuzz.clone(), ..self.plan.faults.clone() };
        Plan { faults, ..self.plan.clone() }
    }

    /// A watcher for a run of this scenario; it fills in what [`judge`](Self::judge) needs.
    pub fn metrics(&self) -> Metrics<D> {
        Metrics::new(&self.plan.domain, self.plan.names.customers.len())
    }

    /// What became of each expectation, in the order of the file.
    pub fn judge(&self, observed: &Observed<D>) -> Vec<ExpectationResult> {
        let judge = |expectation: &Expectation<D>| {
            expectation.judge(observed, &self.plan.domain, &self.plan.names)
        };
        self.expectations.iter().map(judge).collect()
    }

    /// The scenario with every default filled in, as a text that reads back to the same scenario.
    ///
    /// ```
    /// use jetlag::domains::Flights;
    /// use jetlag::scenario::Scenario;
    ///
    /// let show = |text: &str| Scenario::<Flights>::load("a.ron", text.as_bytes()).unwrap().show();
    /// let shown = show(r#"(name: "nothing", domain: Flights())"#);
    /// assert!(shown.contains("jitter: \"4ms\"") && shown.contains("command_apis: 2"));
    /// assert_eq!(show(&shown), shown);
    /// ```
    pub fn show(&self) -> String {
        ron::print(&self.file)
    }
}
