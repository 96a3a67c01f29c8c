//! `jetlag fuzz`: many runs with faults that their seeds draw, until one does not hold.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Format;
use super::load::{allows, load_one};
use super::output::{Color, note, result};
use super::progress::{progress, timed};
use super::seeds::seed;
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::report::{Entry, Report};
use crate::session::{Faults, RunRequest, campaign};

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
    #[arg(value_parser = Format::of_campaigns())]
    format: Format,
    /// Add how long it took by the wall clock
    ///
    /// Without this no figure of the wall clock is printed, so that two outputs can be compared.
    #[arg(long)]
    timings: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut scenarios = Vec::new();
        for path in harness.files(&self.paths)? {
            scenarios.push(load_one(harness, &path)?);
        }
        let (fuzzed, passed_over): (Vec<&dyn AnyScenario>, Vec<_>) =
            scenarios.iter().map(Box::as_ref).partition(|scenario| scenario.allows_faults());
        if fuzzed.is_empty() {
            return Err(
                Trouble::new("none of these files allows faults to be drawn").hint(allows(harness))
            );
        }
        if !passed_over.is_empty() {
            let paths: Vec<&str> = passed_over.iter().map(|scenario| scenario.path()).collect();
            let list = paths.join(" ");
            note(format_args!(
                "note: these allow no faults to be drawn, and are passed over: {list}"
            ));
        }
        let first = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(self.seed) };
        let bar = progress("fuzz", self.runs);
        let (mut found, took) = timed(|| campaign(&fuzzed, &first, self.runs, &mut || bar.inc(1)));
        bar.finish_and_clear();
        found.took = self.timings.then_some(took);
        let report = Report::of(Entry::Campaign(Box::new(found)));
        result(self.format.render(&report, &color.palette()))?;
        Ok(report.verdict().into())
    }
}
