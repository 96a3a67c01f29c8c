//! `jetlag fuzz`: many runs with faults that their seeds draw, until one does not hold.

use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::load::{allows, load_one};
use super::output::{Color, note, result};
use super::progress::{progress, timed};
use super::seeds::seed;
use crate::harness::{Harness, Trouble};
use crate::report;
use crate::session::campaign;

/// Which scenarios, how often, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files, or folders of them
    ///
    /// Those that allow no faults to be drawn are passed over.
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How many runs
    #[arg(long, value_name = "N", default_value = "1000")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// The seed of the first run; each further run takes the next
    ///
    /// Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed, default_value = "1")]
    seed: u64,
    /// How to print the results
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Add how long it took by the wall clock
    ///
    /// Without this no figure of the wall clock is printed, so that two outputs can be compared.
    #[arg(long)]
    timings: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One versioned JSON document
    Json,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut targets = Vec::new();
        let mut passed_over = Vec::new();
        for path in harness.files(&self.paths)? {
            match load_one(harness, &path)?.target() {
                Some(target) => targets.push(target),
                None => passed_over.push(path.display().to_string()),
            }
        }
        if targets.is_empty() {
            return Err(
                Trouble::new("none of these files allows faults to be drawn").hint(allows(harness))
            );
        }
        if !passed_over.is_empty() {
            let list = passed_over.join(" ");
            note(format_args!(
                "note: these allow no faults to be drawn, and are passed over: {list}"
            ));
        }
        let bar = progress("fuzz", self.runs);
        let (mut found, took) = timed(|| campaign(&targets, self.seed, self.runs, || bar.inc(1)));
        bar.finish_and_clear();
        found.took = self.timings.then_some(took);
        result(match self.format {
            Format::Human => report::campaign_text(&found, &color.palette()),
            Format::Json => report::campaign_json(&found),
        })?;
        Ok(found.verdict().into())
    }
}
