//! Output formats.

use clap::ValueEnum;

use super::output::result;
use crate::harness::Trouble;
use crate::report::{
    Entry, Palette, Report, github, json, jsonl_end, jsonl_entry, jsonl_start, junit, text,
};

/// The format in which results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people
    Human,
    /// A versioned JSON document
    Json,
    /// The same as JSON, one object a line, each printed as soon as it is known
    Jsonl,
    /// JUnit XML, with a suite for each scenario and a case for each property
    Junit,
    /// Workflow commands of GitHub Actions, which annotate the scenario files
    Github,
}

impl Format {
    /// Prints what comes before the first entry.
    pub(super) fn start(self) -> Result<(), Trouble> {
        if self == Self::Jsonl { result(jsonl_start()) } else { Ok(()) }
    }

    /// Prints an entry, if the format does not wait for the others.
    pub(super) fn entry(self, entry: &Entry) -> Result<(), Trouble> {
        if self == Self::Jsonl { result(jsonl_entry(entry)) } else { Ok(()) }
    }

    /// Prints what was not printed yet.
    pub(super) fn end(self, report: &Report, palette: &Palette) -> Result<(), Trouble> {
        result(match self {
            Self::Human => text(report, palette),
            Self::Json => json(report),
            Self::Jsonl => jsonl_end(report),
            Self::Junit => junit(report),
            Self::Github => github(report),
        })
    }
}

/// The format in which one run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    /// Text for people
    Human,
    /// A versioned JSON document
    Json,
}
