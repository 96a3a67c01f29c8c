//! The report as data.

use std::time::Duration;

use super::ledger::{FiredEntry, ScriptedEntry};
use crate::kernel::{Instant, Span, Step, Stop};

/// What a command found out about some scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One for each file, in the order they were asked for.
    pub entries: Vec<Entry>,
}

/// What was found out about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It was run once, or twice to compare.
    Run(Box<Run>),
    /// It was run with many seeds.
    Sweep(Box<Sweep>),
    /// It is no scenario.
    Invalid(Invalid),
}

/// Which scenario, in which file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The path of the file, as it was asked for.
    pub file: String,
    /// The scenario's name.
    pub name: String,
    /// What is typed to run or replay it, as in `jetlag`.
    pub command: &'static str,
    /// The first 24 bits of the hash of the file's text: which version of the scenario it was.
    pub fingerprint: u32,
}

/// One run of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What was run.
    pub subject: Subject,
    /// With which seed.
    pub seed: u64,
    /// Whether the seed drew faults besides those of the script.
    pub fuzz: bool,
    /// What came of it, in 64 bits.
    pub digest: u64,
    /// Why it stopped.
    pub stop: Stop,
    /// How many occurrences were delivered.
    pub occurrences: u64,
    /// How many events the store holds.
    pub events: u64,
    /// The virtual time at which it stopped.
    pub ended_at: Instant,
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
    /// How each view was read.
    pub views: Vec<ViewRead>,
    /// Whether a second run came to the same, if there was one.
    pub repeat: Option<Repeat>,
    /// How long it took by the wall clock, if somebody asked.
    pub took: Option<Duration>,
}

/// How one view was read.
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
    /// How long customers waited for them, if they asked.
    pub waits: Option<Times>,
    /// For how long the oldest event had been visible that an answer lacked although it could be read
    /// when the customer asked; zero for those that lacked none.
    pub staleness: Option<Times>,
}

/// How long something takes: mostly, nearly always and at worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Half of the time it takes no longer.
    pub p50: Span,
    /// In 99 of 100 cases it takes no longer.
    pub p99: Span,
    /// It never took longer.
    pub max: Span,
}

/// Runs of one scenario with one seed after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// What was run.
    pub subject: Subject,
    /// The first seed.
    pub from: u64,
    /// The seed after the last one that was asked for.
    pub until: u64,
    /// How many seeds were run.
    pub runs: u64,
    /// One hash over the digests of all runs, in order of seeds.
    pub digest: u64,
    /// Occurrences in all runs.
    pub occurrences: u64,
    /// Events in all runs.
    pub events: u64,
    /// Checks in all runs.
    pub checks: u64,
    /// How many of the runs were repeated, if they were to be.
    pub repeated: Option<u64>,
    /// The run that ended the sweep before its time.
    pub failure: Option<Run>,
    /// How long it took by the wall clock, if somebody asked.
    pub took: Option<Duration>,
}

/// A file that could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Its path, as it was asked for.
    pub file: String,
    /// What is wrong with it, each with its place in the file.
    pub diagnostics: Vec<String>,
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
    /// When it showed.
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
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// Something that the file asks for and that was not so.
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

/// How a run is to be judged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything held, and every expectation was met.
    Held,
    /// Something did not hold, or was expected in vain.
    Failed,
    /// The run ended before anything could be said.
    Open,
    /// The file is no scenario.
    Invalid,
    /// The same seed led to different runs: Jetlag itself is wrong.
    Unrepeatable,
}

impl Verdict {
    /// The one word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "FAILED",
            Self::Open => "no verdict",
            Self::Invalid => "invalid",
            Self::Unrepeatable => "UNREPEATABLE",
        }
    }
}

impl Run {
    /// How often anything was checked.
    pub fn checks(&self) -> u64 {
        self.checks.iter().map(|checked| checked.checks).sum()
    }

    /// The judgement on the whole run.
    ///
    /// A scenario that says which property must fail holds if that one failed, and no other.
    pub fn verdict(&self) -> Verdict {
        if matches!(self.repeat, Some(Repeat::Different { .. })) {
            return Verdict::Unrepeatable;
        }
        let as_it_should_be = match &self.must_violate {
            None => self.violations.is_empty(),
            Some(property) => {
                !self.violations.is_empty()
                    && self.violations.iter().all(|violated| violated.property == property)
            }
        };
        let stopped_in_order = match self.stop {
            Stop::AtRest => true,
            Stop::Halted => !self.violations.is_empty(),
            Stop::Stuck
            | Stop::Restless
            | Stop::OutOfOccurrences
            | Stop::OutOfTime
            | Stop::TooManyPending
            | Stop::TooManyRecords => false,
        };
        if !self.violations.is_empty() && !as_it_should_be {
            Verdict::Failed
        } else if !stopped_in_order {
            Verdict::Open
        } else if as_it_should_be && self.missed.is_empty() {
            Verdict::Held
        } else {
            Verdict::Failed
        }
    }
}

impl Sweep {
    /// The judgement on all runs together.
    pub fn verdict(&self) -> Verdict {
        self.failure.as_ref().map_or(Verdict::Held, Run::verdict)
    }
}

impl Entry {
    /// The judgement on one file.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Run(run) => run.verdict(),
            Self::Sweep(sweep) => sweep.verdict(),
            Self::Invalid(_) => Verdict::Invalid,
        }
    }
}

impl Report {
    /// The gravest judgement on any file; `Held` if there is none.
    pub fn verdict(&self) -> Verdict {
        self.entries.iter().map(Entry::verdict).max().unwrap_or(Verdict::Held)
    }
}
