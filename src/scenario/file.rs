//! A scenario file as data, with every default of the language.
//!
//! The defaults of the platform are in [`Settings`], all others here. `jetlag show FILE` prints a file
//! with all of them filled in.

use serde::{Deserialize, Serialize};

use super::claim::Reach;
use super::domain::ScenarioDomain;
use super::expect::Expect;
use super::fault_entry::{FaultEntry, Fuzzed, Phases};
use super::workload::Workloads;
use crate::kernel::{Budget, Instant, Link, Span};
use crate::platform::Settings;

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Scenario", deny_unknown_fields, bound = "")]
pub struct File<D: ScenarioDomain> {
    /// Its name. Required.
    #[serde(default)]
    pub name: String,
    /// What happens in it, for the reader. Empty by default.
    #[serde(default)]
    pub about: String,
    /// The domain and its set-up. Required.
    pub domain: D::Setup,
    /// The seed of all random choices. 1 by default.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The settings of the platform. All have defaults.
    #[serde(default)]
    pub platform: Settings,
    /// The latency of messages.
    #[serde(default)]
    pub network: Network,
    /// What named customers do and when, in any order. Empty by default.
    #[serde(default = "Vec::new")]
    pub script: Vec<Scripted<D>>,
    /// Actions of the operator of the platform. None by default.
    #[serde(default)]
    pub operations: Vec<Operated>,
    /// Further customers, drawn by the seed. None by default.
    #[serde(default = "Option::default")]
    pub workload: Option<Workloads<D>>,
    /// The scripted faults. None by default.
    #[serde(default)]
    pub faults: Vec<FaultEntry>,
    /// Which faults a campaign may draw. None by default.
    #[serde(default)]
    pub fuzz: Fuzzed,
    /// The mistakes that are put into the platform. None by default.
    #[serde(default)]
    pub defects: Vec<String>,
    /// The property that the run violates, because of its defects. None by default.
    #[serde(default)]
    pub fails: Option<String>,
    /// When faults end, and how soon the platform must then be at rest.
    #[serde(default)]
    pub phases: Phases,
    /// What a run must show. Nothing by default.
    #[serde(default = "Vec::new")]
    pub expect: Vec<Expect<D>>,
    /// What runs of a campaign reach, sooner or later. Nothing by default.
    #[serde(default)]
    pub reaches: Vec<Reach>,
    /// The limits of a run.
    #[serde(default)]
    pub budget: Limits,
}

const fn default_seed() -> u64 {
    1
}

/// The latency of messages between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// The least latency. `1ms` by default.
    pub base: Span,
    /// The most that a choice adds to it. `4ms` by default.
    pub jitter: Span,
}

impl Default for Network {
    fn default() -> Self {
        Self { base: Span::from_millis(1), jitter: Span::from_millis(4) }
    }
}

impl Network {
    /// The same for the kernel. Messages use pools of connections and may overtake each other; the
    /// platform knows which pairs of nodes share a single connection.
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
    /// The name of the customer. Required.
    pub who: String,
    /// The action. Required.
    pub does: D::ScriptAction,
}

/// An action of the operator of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Operation", deny_unknown_fields)]
pub struct Operated {
    /// When, from the start of the run. `0s` by default.
    #[serde(default)]
    pub at: Span,
    /// The view that is rebuilt from position 0 while customers continue. This, `restore_store_to`
    /// or `send_again_from` is required.
    #[serde(
        default,
        deserialize_with = "super::name::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub rebuild: Option<String>,
    /// When readers are switched back to the table before it, which is kept and fed until then. Without it, that table
    /// is dropped when the new one takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Span>,
    /// The moment to which the event store is restored: what was committed later is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_store_to: Option<Span>,
    /// The moment from which on the outbox is sent again: the rows of the events that were recorded since, as far as
    /// they are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_again_from: Option<Span>,
}

/// The limits of a run. A run that reaches one has neither passed nor failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Budget", default, deny_unknown_fields)]
pub struct Limits {
    /// How many messages and timers may be handled. 100 million by default.
    pub occurrences: u64,
    /// How far virtual time may go. Up to the end of the quiet phase by default.
    pub until: Option<Span>,
    /// How many messages and timers may be pending at once. A million by default.
    pub pending: u64,
    /// How many records a trace may have. 10 million by default.
    pub records: u64,
    /// How many events, transactions, customers and requests may be kept in total. 2 million by default.
    pub kept: u64,
}

impl Default for Limits {
    /// The kernel's own, except that the phases limit virtual time.
    fn default() -> Self {
        let Budget { occurrences, until: _, pending, records, kept } = Budget::default();
        Self { occurrences, until: None, pending, records, kept }
    }
}

impl Limits {
    /// The same for the kernel.
    pub fn budget(&self) -> Budget {
        let Self { occurrences, until, pending, records, kept } = *self;
        let until = until.map_or(Instant::MAX, |until| Instant::ZERO + until);
        Budget { occurrences, until, pending, records, kept }
    }
}
