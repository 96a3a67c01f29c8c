//! What a command found, file by file.

use crate::session::{Campaign, RunOutcome, Verdict};

/// What a command found about some files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One for each file, in the order they were asked for; one for a campaign over all of them.
    pub entries: Vec<Entry>,
}

/// What was found about one file.
#[derive(Clone, Debug)]
pub enum Entry {
    /// It was run once, or twice to compare.
    Run(Box<RunOutcome>),
    /// It was run with many seeds.
    Sweep(Box<Campaign>),
    /// It was run in turn with others, with faults that seeds drew.
    Campaign(Box<Campaign>),
    /// It is no scenario.
    Invalid(Invalid),
}

/// A file that could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Its path, as it was asked for.
    pub file: String,
    /// What is wrong with it, each with its place in the file.
    pub diagnostics: Vec<String>,
}

impl Entry {
    /// The verdict on one file.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Run(outcome) => outcome.verdict(),
            Self::Sweep(campaign) | Self::Campaign(campaign) => campaign.verdict(),
            Self::Invalid(_) => Verdict::Invalid,
        }
    }
}

impl Report {
    /// A report with one entry.
    pub fn of(entry: Entry) -> Self {
        Self { entries: vec![entry] }
    }

    /// The most severe verdict on any file; `Held` if there is none.
    pub fn verdict(&self) -> Verdict {
        self.entries.iter().map(Entry::verdict).max().unwrap_or(Verdict::Held)
    }
}
