//! What came of one run, as plain data.

use std::time::Duration;

use super::{FiredEntry, Left, RunRequest, ScriptedEntry};
use crate::kernel::{Instant, Span, Step, Stop};
use crate::metrics::Lag;
use crate::trace::Story;

/// Which scenario, in which file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The path of the file, as it was asked for.
    pub file: String,
    /// The scenario's name.
    pub name: String,
    /// The command that runs or replays it, as in `jetlag`.
    pub command: &'static str,
    /// The first 24 bits of the hash of the file's text: which version of the scenario it was.
    pub fingerprint: u32,
}

/// What came of one run. Every format is rendered from this and from nothing else.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// What was run.
    pub subject: Subject,
    /// How it was run.
    pub request: RunRequest,
    /// The hash over all records.
    pub digest: u64,
    /// Why it stopped.
    pub stop: Stop,
    /// How many occurrences were delivered.
    pub occurrences: u64,
    /// How many events the store holds.
    pub events: u64,
    /// The virtual time at which it stopped.
    pub ended_at: Instant,
    /// What is unfinished.
    pub left: Left,
    /// Every property, with how often it was judged.
    pub checks: Vec<Checked>,
    /// What did not hold.
    pub violations: Vec<Violated>,
    /// The property that the scenario says must be violated, if it says so.
    pub must_violate: Option<String>,
    /// Expectations of the file that were not met, and faults of its script that never fired.
    pub missed: Vec<Missed>,
    /// The faults of the script.
    pub scripted: Vec<ScriptedEntry>,
    /// The faults that fired, by fault and node.
    pub fired: Vec<FiredEntry>,
    /// How each view was read, and how far it was behind.
    pub views: Vec<ViewRead>,
    /// The names of the nodes, by number.
    pub nodes: Vec<String>,
    /// What happened, if the request has a detail.
    pub story: Option<Story>,
    /// The state of the node that the request names, in words; `None` if there is no such node.
    pub described: Option<String>,
    /// Whether a second run came to the same, if there was one.
    pub repeat: Option<Repeat>,
    /// The wall-clock time it took, if that was asked for.
    pub took: Option<Duration>,
}

/// How one view was read, and how far it was behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRead {
    /// Its name.
    pub view: &'static str,
    /// When it is brought up to date, in a word.
    pub strategy: &'static str,
    /// How many answers customers got out of it.
    pub reads: u64,
    /// How many of them were "not yet".
    pub not_yet: u64,
    /// How long customers waited for them; `None` if there were none.
    pub waits: Option<Times>,
    /// For how long the oldest event had been visible that an answer lacked although it could be read
    /// when the customer asked; zero for those that lacked none.
    pub staleness: Option<Times>,
    /// How far it was behind the store; `None` if it has no projector.
    pub lag: Option<Lag>,
}

/// Percentiles of how long something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The median.
    pub p50: Span,
    /// The 99th percentile.
    pub p99: Span,
    /// The maximum.
    pub max: Span,
}

/// A property and how often it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The property's id.
    pub property: &'static str,
    /// What it says.
    pub says: &'static str,
    /// How often it was judged.
    pub checks: u64,
}

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violated {
    /// The property's id.
    pub property: &'static str,
    /// When it was found.
    pub at: Instant,
    /// In which occurrence.
    pub step: Step,
    /// The facts that contradict each other.
    pub says: String,
    /// What led to it, oldest first.
    pub why: Vec<Why>,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// In which occurrence.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// The node or customer that did it.
    pub who: String,
    /// What happened.
    pub what: String,
}

/// Something that the file asks for and that did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Where in the scenario's file it stands, from 1.
    pub line: usize,
    /// In which column, from 1.
    pub column: usize,
    /// What was asked for.
    pub what: Awaited,
    /// What was expected and what was found, or why a fault may not have fired.
    pub says: String,
}

/// What a file can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// An expectation.
    Sight,
    /// A scripted fault.
    Fault,
}

/// What a second run of the same scenario with the same seed came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The same, byte for byte.
    Same,
    /// Something else.
    Different {
        /// The digest of the second run.
        digest: u64,
        /// Where the two runs part, in words.
        first_difference: String,
    },
}

impl RunOutcome {
    /// How often anything was checked.
    pub fn checks(&self) -> u64 {
        self.checks.iter().map(|checked| checked.checks).sum()
    }
}
