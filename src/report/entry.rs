//! The results of a command, file by file.

use super::properties::Properties;
use crate::explore::Campaign;
use crate::session::{RunOutcome, Sweep, Verdict};

/// The results of a command.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One for each file, in the order of the command; or one for a campaign over all files.
    pub entries: Vec<Entry>,
    /// How the properties of runs are printed as text.
    pub properties: Properties,
}

/// The result for one file, or for a campaign.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A file that was run once, or twice for comparison.
    Run(Box<RunOutcome>),
    /// A file that was run with many seeds.
    Sweep(Box<Sweep>),
    /// Files that were run many times under randomly drawn faults.
    Campaign(Box<Campaign>),
    /// A file that is not a valid scenario.
    Invalid(Invalid),
}

/// A file that could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Its path, as it was given.
    pub file: String,
    /// Its errors, each with its position.
    pub diagnostics: Vec<String>,
}

impl Entry {
    /// The verdict on the entry.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Run(outcome) => outcome.verdict(),
            Self::Sweep(sweep) => sweep.verdict(),
            Self::Campaign(campaign) => campaign.verdict(),
            Self::Invalid(_) => Verdict::Invalid,
        }
    }
}

impl Report {
    /// A report with one entry.
    pub fn of(entry: Entry) -> Self {
        Self { entries: vec![entry], ..Self::default() }
    }

    /// The most severe verdict of all entries; `Held` without entries.
    pub fn verdict(&self) -> Verdict {
        self.entries.iter().map(Entry::verdict).max().unwrap_or(Verdict::Held)
    }
}
