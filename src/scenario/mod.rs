//! The scenario language: from the text that a person writes to the plan that the engine runs.
//!
//! ```text
//! bytes ──parse──▶ tree ──read──▶ File, every default filled in ──resolve──▶ Scenario { plan, expectations }
//!             └────────────────┴──────────────────────────────────┴────▶ diagnostics: path:line:col
//! ```
//!
//! A file is read strictly: an unknown word is an error, and all errors of a file are reported at once.
//! Reading is pure and never panics. A domain adds its part through [`ScenarioDomain`]. [`notation`] says
//! what the crate `ron` does here.
//!
//! Absent: the file system, and any domain except in the hint that shows how to name one.

mod absent;
mod broker;
mod claim;
mod diagnostic;
mod domain;
mod draft;
#[cfg(feature = "serve")]
mod edit;
mod expect;
mod expectation;
mod fault_entry;
mod fault_plan;
mod file;
mod inject;
mod instead;
mod last;
mod name;
mod nearest;
mod never_fired;
mod notation;
mod outcome;
mod parse;
mod place;
mod plant;
mod quiet;
mod rate;
mod recovery;
mod resolve;
mod retention;
mod scalars;
mod template;
mod workload;

pub(crate) use broker::BROKER;
pub use claim::{Claim, Goal};
pub use diagnostic::{Diagnostic, Position};
pub use domain::{LongWait, ScenarioDomain, Written};
pub(crate) use draft::{Draft, is_named, print_by_line};
#[cfg(feature = "serve")]
pub(crate) use edit::{with_entry, without_field, without_item};
pub(crate) use expectation::{Expectation, ExpectationResult};
pub(crate) use fault_entry::FaultName;
pub(crate) use file::File;
pub(crate) use inject::INJECTED;
pub(crate) use last::LastLines;
#[cfg(feature = "cli")]
pub(crate) use nearest::hint;
pub(crate) use nearest::nearest;
pub(crate) use never_fired::why_it_never_fired;
#[cfg(feature = "domains")]
pub(crate) use notation::bare_word;
pub use outcome::{Outcome, Wait};
pub(crate) use parse::Probe;
pub use parse::SIZE_MAX;
pub use place::{Complaints, Ids, Place};
pub use rate::Rate;
pub use scalars::{Scalar, scalars};
pub(crate) use template::named;

use std::sync::Arc;

use crate::kernel::{FaultPlan, Fuzz, Span};
use crate::metrics::{Metrics, Observed};
pub use crate::metrics::{OutcomeLabel, WaitLabel};
use crate::model::Rest;
use crate::platform::{Plan, Varies};
use expectation::Subject;

/// What a seed may draw in a run of a scenario.
struct Drawable {
    faults: Fuzz,
    varies: Varies,
    /// How long the platform may then take to come to rest.
    quiet: Span,
}

/// The plan of a scenario without and with what a seed may draw.
fn plans<D: ScenarioDomain>(plan: Plan<D>, fuzz: Drawable) -> (Arc<Plan<D>>, Arc<Plan<D>>) {
    let plan = Arc::new(plan);
    let Drawable { faults, varies, quiet } = fuzz;
    if faults.faults.is_empty() {
        return (Arc::clone(&plan), plan);
    }
    let faults = FaultPlan { fuzz: faults, ..plan.faults.clone() };
    let fuzzed = Plan { faults, varies, quiet, ..Plan::clone(&plan) };
    (plan, Arc::new(fuzzed))
}

/// A scenario, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario<D: ScenarioDomain> {
    /// Where it was read from, as shown in reports.
    pub path: String,
    /// Its text, without a byte order mark.
    pub text: String,
    /// Faults that were added to it, as they were written.
    pub injected: Vec<String>,
    /// Defects that were switched on besides those of the file.
    pub planted: Vec<String>,
    /// The broker that it runs with instead of that of the file, as it was written.
    pub broker: Option<String>,
    /// Whether it has no file of its own: a capsule contains its text.
    pub is_embedded: bool,
    /// The file as data, with every default filled in.
    pub file: File<D>,
    /// The same for the engine: names looked up, the script sorted by time. Shared by all runs.
    pub plan: Arc<Plan<D>>,
    /// The same with what a seed may draw; `plan` itself if it may draw no faults.
    pub fuzzed: Arc<Plan<D>>,
    /// What a run must show.
    pub expectations: Vec<Expectation<D>>,
    /// What runs of a campaign reach, sooner or later.
    pub claims: Vec<Claim>,
    /// The property that the run of the file is meant to violate, and where the file says so.
    pub fails: Option<(String, Position)>,
}

impl<D: ScenarioDomain> Scenario<D> {
    /// Reads a scenario of this domain. `path` is only named in diagnostics.
    ///
    /// # Errors
    ///
    /// All errors, in order of lines.
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

    /// Its name.
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

    /// Whether the file names faults that a seed may draw.
    pub fn allows_faults(&self) -> bool {
        !self.fuzzed.faults.fuzz.faults.is_empty()
    }

    /// Takes the metrics of a run of this scenario, for [`judge`](Self::judge).
    pub fn metrics(&self) -> Metrics<D::Outcome, D::Wait> {
        let asked = self.expectations.iter().filter_map(|expectation| match &expectation.subject {
            Subject::Asked(_, asked) => Some(asked.clone()),
            _ => None,
        });
        let intervals =
            self.expectations.iter().filter_map(|expectation| match &expectation.subject {
                Subject::Takes(_, interval) => Some(*interval),
                _ => None,
            });
        let named = self.plan.names.customers.len();
        Metrics::new(&self.plan.domain, named, asked.collect(), intervals.collect())
    }

    /// What the final state of a run shows of what expectations look for, for [`judge`](Self::judge).
    pub fn last_lines(&self, rest: &Rest<'_, D>) -> Vec<LastLines> {
        let last = self.expectations.iter().filter_map(|expectation| match &expectation.subject {
            Subject::Final(_, last) => Some(last.look(rest)),
            _ => None,
        });
        last.collect()
    }

    /// The result of each expectation, in the order of the file.
    pub fn judge(
        &self,
        observed: &Observed<D::Outcome, D::Wait>,
        last: &[LastLines],
    ) -> Vec<ExpectationResult> {
        let judge = |expectation: &Expectation<D>| {
            expectation.judge(observed, last, &self.plan.domain, &self.plan.names)
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
        notation::print(&self.file)
    }

    /// What happens in each line of the script, in order of time, as the file says it.
    pub fn script_lines(&self) -> Vec<String> {
        self.script_actions().into_iter().map(notation::print_in_a_line).collect()
    }

    /// The same as data.
    pub fn script_actions(&self) -> Vec<&dyn erased_serde::Serialize> {
        let script = &self.file.script;
        let places = self.script_places().into_iter();
        places.map(|place| &script[place].does as &dyn erased_serde::Serialize).collect()
    }

    /// The places of the lines of the script in the file, in order of time.
    pub fn script_places(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.file.script.len()).collect();
        places.sort_by_key(|place| self.file.script[*place].at);
        places
    }
}
