//! A scenario file as data, with every default of the language.
//!
//! This is the one place where they are written down, except for the platform's, which are in
//! [`Settings`]. `jetlag show FILE` prints a file with all of them filled in.

use serde::{Deserialize, Serialize};

use super::domain::ScenarioDomain;
use super::expect::Expect;
use super::fault_entry::{FaultEntry, Fuzzed, Phases};
use super::rate::Rate;
use crate::kernel::{Budget, Instant, Link, Span};
use crate::platform::Settings;

/// Everything that a scenario file can say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Scenario", deny_unknown_fields, bound = "")]
pub struct File<D: ScenarioDomain> {
    /// What it is called. Required.
    #[serde(default)]
    pub name: String,
    /// What happens in it, for the reader. Empty by default.
    #[serde(default)]
    pub about: String,
    /// The domain, set up. Required.
    pub domain: D::Setup,
    /// The seed of all random choices. 1 by default.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The platform. All settings have defaults.
    #[serde(default)]
    pub platform: Settings,
    /// How long messages travel.
    #[serde(default)]
    pub network: Network,
    /// Who does what when, in any order. Empty by default.
    #[serde(default = "Vec::new")]
    pub script: Vec<Scripted<D>>,
    /// What the operator of the platform does. Nothing by default.
    #[serde(default)]
    pub operations: Vec<Operated>,
    /// What else happens, drawn by the seed. Nothing by default.
    #[serde(default = "Option::default")]
    pub workload: Option<Drawn<D>>,
    /// The scripted faults. None by default.
    #[serde(default)]
    pub faults: Vec<FaultEntry>,
    /// What a campaign may draw. Nothing by default.
    #[serde(default)]
    pub fuzz: Fuzzed,
    /// When faults end, and how soon the platform must be at rest then.
    #[serde(default)]
    pub phases: Phases,
    /// What must be seen. Nothing by default.
    #[serde(default = "Vec::new")]
    pub expect: Vec<Expect<D>>,
    /// What a run may cost.
    #[serde(default)]
    pub budget: Limits,
}

const fn default_seed() -> u64 {
    1
}

/// How long messages travel between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// At least this long. `1ms` by default.
    pub base: Span,
    /// At most this much longer, by choice. `4ms` by default.
    pub jitter: Span,
}

impl Default for Network {
    fn default() -> Self {
        Self { base: Span::from_millis(1), jitter: Span::from_millis(4) }
    }
}

impl Network {
    /// As the kernel takes it. Messages travel over pools of connections and may overtake each other;
    /// the platform says for itself which pairs of nodes share a single one.
    pub fn link(&self) -> Link {
        Link { base: self.base, jitter: self.jitter, ordered: false }
    }
}

/// One line of a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Line", deny_unknown_fields, bound = "")]
pub struct Scripted<D: ScenarioDomain> {
    /// When, from the start of the run. `0s` by default.
    #[serde(default)]
    pub at: Span,
    /// Which customer, by a name of the author's choice. Required.
    pub who: String,
    /// What. Required.
    pub does: D::ScriptAction,
}

/// Something that the operator of the platform does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Operation", deny_unknown_fields)]
pub struct Operated {
    /// When, from the start of the run. `0s` by default.
    #[serde(default)]
    pub at: Span,
    /// The view that is rebuilt from position 0 while customers go on. Required.
    pub rebuild: String,
}

/// Customers who arrive by themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Workload", deny_unknown_fields, bound = "")]
pub struct Drawn<D: ScenarioDomain> {
    /// How many different customers there are. Required.
    pub customers: u32,
    /// How often one of them arrives. Required.
    pub rate: Rate,
    /// When the first arrives. `0s` by default.
    #[serde(default)]
    pub from: Span,
    /// For how long they arrive, from then on. Required.
    pub lasts: Span,
    /// What they do: weights and actions. Required.
    pub mix: Vec<(u32, D::ScriptAction)>,
}

/// What a run may cost. Running into a limit is no failure but no verdict either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Budget", default, deny_unknown_fields)]
pub struct Limits {
    /// How many messages and timers may be handled. 100 million by default.
    pub occurrences: u64,
    /// How far virtual time may go. A week by default.
    pub until: Span,
    /// How many messages and timers may be pending at once. 10 million by default.
    pub pending: u64,
    /// How many records a trace may have. 10 million by default.
    pub records: u64,
}

impl Default for Limits {
    /// The kernel's own.
    fn default() -> Self {
        let Budget { occurrences, until, pending, records } = Budget::default();
        Self { occurrences, until: until.since(Instant::ZERO), pending, records }
    }
}

impl Limits {
    /// As the kernel takes it.
    pub fn budget(&self) -> Budget {
        Budget {
            occurrences: self.occurrences,
            until: Instant::ZERO + self.until,
            pending: self.pending,
            records: self.records,
        }
    }
}
