//! The outcome of one run, as plain data.

use std::time::Duration;

use super::{Broken, FiredEntry, Left, Reproduction, RunRequest, ScriptedEntry, Unrest};
use crate::kernel::{Decision, Delivered, Instant, Span, Step, Stop, Unused};
use crate::metrics::{Lag, Reached};
use crate::picture::Picture;
use crate::scenario::INJECTED;
use crate::trace::Story;

/// Which scenario, in which file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The path of the file, as it was given.
    pub file: String,
    /// The scenario's name.
    pub name: String,
    /// The command that runs and replays it, such as `jetlag`.
    pub command: &'static str,
    /// The first 24 bits of the hash of the file's text, which identify the version of the scenario.
    pub fingerprint: u32,
    /// Faults that were added to the file, as they were written.
    pub injected: Vec<String>,
    /// Defects that were switched on besides those of the file.
    pub planted: Vec<String>,
    /// Whether it has no file of its own: a capsule contains its text.
    pub is_embedded: bool,
}

/// The outcome of one run. Every format is rendered from this and from nothing else.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// The scenario.
    pub subject: Subject,
    /// The request.
    pub request: RunRequest,
    /// The hash over all records.
    pub digest: u64,
    /// Why it stopped.
    pub stop: Stop,
    /// The number of delivered occurrences.
    pub occurrences: u64,
    /// The number of events in the store.
    pub events: u64,
    /// The virtual time at which it stopped.
    pub ended_at: Instant,
    /// The work that is left.
    pub left: Left,
    /// Why there is no verdict, and what is pending; `None` if the run came to rest or was stopped.
    pub unrest: Option<Unrest>,
    /// All properties, with how often each was judged.
    pub checks: Vec<Checked>,
    /// The violations found, one entry for each cause.
    pub violations: Vec<Violated>,
    /// The expectations that were not met and the scripted faults that never fired.
    pub missed: Vec<Missed>,
    /// The scripted faults.
    pub scripted: Vec<ScriptedEntry>,
    /// The faults that fired, by fault and node.
    pub fired: Vec<FiredEntry>,
    /// How each view was read, and how far it was behind.
    pub views: Vec<ViewRead>,
    /// The names of the nodes, by number.
    pub nodes: Vec<String>,
    /// The kinds of the nodes, such as `relay`, by number.
    pub kinds: Vec<&'static str>,
    /// What was drawn, in order, if the request asks for it.
    pub decisions: Option<Vec<Decision>>,
    /// All deliveries, in order, if the request asks for what was drawn.
    pub deliveries: Vec<Delivered>,
    /// What the request forces and never came to pass.
    pub unused: Unused,
    /// The comparison with a capsule, if the run replays one.
    pub reproduction: Option<Reproduction>,
    /// The story, if the request has a detail.
    pub story: Option<Story>,
    /// The records as data, if the request asks for them.
    pub picture: Option<Picture>,
    /// The state of each node that the request names, in words; `None` if there is no such node.
    pub described: Vec<Option<String>>,
    /// The features that it reached, in order, if that was requested.
    pub reached: Vec<Reached>,
    /// The numbers of the claims of its scenario that it met, from 0, if that was requested.
    pub met: Vec<usize>,
    /// The hash of the order in which each node handled what it received, without times: runs with the same
    /// order differ in timing only. 0 unless [`reached`](RunRequest::reached) is requested.
    pub order: u64,
    /// The hash of the final state: events, snapshots, rows, queues and ledgers. 0 unless
    /// [`reached`](RunRequest::reached) is requested, or if the run broke off.
    pub state: u64,
    /// The property that the run is meant to violate, because of the defects that its file names.
    pub fails: Option<String>,
    /// Why it broke off, if it did. Nothing else is known then but what happened before.
    pub broken: Option<Broken>,
    /// The comparison with a second run, if there was one.
    pub repeat: Option<Repeat>,
    /// The wall-clock time it took, if that was requested.
    pub took: Option<Duration>,
}

/// How one view was read, and how far it was behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRead {
    /// Its name.
    pub view: &'static str,
    /// The name of its strategy.
    pub strategy: &'static str,
    /// The number of answers from it.
    pub reads: u64,
    /// How many of them were "not yet".
    pub not_yet: u64,
    /// How long customers waited for the answers; `None` if there were none.
    pub waits: Option<Times>,
    /// The age of the oldest event that an answer lacked although it was visible when the customer sent
    /// the query; zero for answers that lacked none.
    pub staleness: Option<Times>,
    /// How far it was behind the store; `None` if it has no projector.
    pub lag: Option<Lag>,
}

/// Percentiles of a duration.
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
    /// The property in words.
    pub says: &'static str,
    /// How often it was judged.
    pub checks: u64,
    /// How often it could not be decided, because that would have taken too much work.
    pub undecided: u64,
}

/// A property that did not hold, with everything that has the same cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violated {
    /// The property's id.
    pub property: &'static str,
    /// The time at which it was found.
    pub at: Instant,
    /// The occurrence in which it was found.
    pub step: Step,
    /// The facts that contradict each other.
    pub says: String,
    /// The same with names replaced by roles: what runs that fail in the same way have in common.
    pub roles: String,
    /// The lines that led to it, oldest first; for a lost event, its way through the platform.
    pub why: Vec<Why>,
    /// Where a lost event was last seen.
    pub last_seen: Option<String>,
    /// How many violations of the property have this cause besides this one.
    pub others: u64,
    /// The first few of them.
    pub like_it: Vec<String>,
    /// The properties that do not hold as a consequence.
    pub also: Vec<Also>,
}

/// A property that does not hold as a consequence of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// The property's id.
    pub property: &'static str,
    /// How many violations of it follow.
    pub count: u64,
    /// The first of them.
    pub says: String,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// Its occurrence.
    pub step: Step,
    /// Its time.
    pub at: Instant,
    /// The node or customer that did it.
    pub who: String,
    /// What happened.
    pub what: String,
}

/// An expectation or a scripted fault of the file that did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Its line in the file, from 1; 0 if it was added to the file, and `column` is its number among these.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// Its kind.
    pub what: Awaited,
    /// What was expected and what was seen, or why the fault may not have fired.
    pub says: String,
    /// What happened instead, a sentence a line; empty if nothing can be said.
    pub instead: Vec<String>,
}

impl Missed {
    /// Its place: `FILE:LINE:COLUMN`, or which of the added faults it is.
    pub fn place(&self, file: &str) -> String {
        match self {
            Self { line: 0, column, .. } => format!("{INJECTED}:{column}"),
            Self { line, column, .. } => format!("{file}:{line}:{column}"),
        }
    }
}

/// What a file can expect of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// An expectation.
    Sight,
    /// A scripted fault.
    Fault,
}

/// The comparison with a second run of the same scenario with the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Both runs have the same digest.
    Same,
    /// The runs differ.
    Different {
        /// The digest of the second run.
        digest: u64,
        /// The first difference, in words.
        first_difference: String,
    },
}

/// What became of a property in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It was never judged.
    NotExercised,
    /// It held.
    Held,
    /// It held as far as it was judged, and so many times it could not be decided.
    NotDecided(u64),
    /// It did not hold.
    Violated(&'a Violated),
    /// It did not hold, as a consequence of another property.
    Follows(&'a Violated, &'a Also),
}

impl RunOutcome {
    /// What became of a property.
    pub fn standing(&self, checked: &Checked) -> Standing<'_> {
        let is_it = |property| property == checked.property;
        if let Some(violated) = self.violations.iter().find(|found| is_it(found.property)) {
            return Standing::Violated(violated);
        }
        for violated in &self.violations {
            if let Some(also) = violated.also.iter().find(|also| is_it(also.property)) {
                return Standing::Follows(violated, also);
            }
        }
        match checked {
            Checked { undecided: 1.., .. } => Standing::NotDecided(checked.undecided),
            Checked { checks: 0, .. } => Standing::NotExercised,
            Checked { .. } => Standing::Held,
        }
    }

    /// The names of the nodes that the request names, with their states in words.
    pub fn states(&self) -> impl Iterator<Item = (&str, &str)> {
        let states = self.request.describe.iter().zip(&self.described);
        states.filter_map(|(node, state)| Some((node.as_str(), state.as_deref()?)))
    }

    /// The number of all checks.
    pub fn checks(&self) -> u64 {
        self.checks.iter().map(|checked| checked.checks).sum()
    }
}
