//! `jetlag fuzz`: many runs with faults that their seeds draw, until one does not hold.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Format;
use super::load::{load_one, no_fuzz, note_skipped};
use super::output::{Color, note};
use super::progress::{progress, timed};
use super::seeds::seed;
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::report::{Entry, Report, quoted};
use crate::session::{Faults, RunRequest, campaign};

/// Which scenarios, how often, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files or folders
    ///
    /// Files without a `fuzz` section are skipped.
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The number of runs
    #[arg(long, value_name = "N", default_value = "1000")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: u64,
    /// The seed of the first run; each further run takes the next seed
    ///
    /// Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed, default_value = "1")]
    seed: u64,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Print the wall-clock time of the campaign
    ///
    /// Without this option the output contains no wall-clock times, so that it can be compared.
    #[arg(long)]
    timings: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let files = harness.files(&self.paths)?;
        let load = |path: &PathBuf| load_one(harness, path);
        let scenarios = files.iter().map(load).collect::<Result<Vec<_>, _>>()?;
        let (fuzzed, skipped): (Vec<&dyn AnyScenario>, Vec<_>) =
            scenarios.iter().map(Box::as_ref).partition(|scenario| scenario.allows_faults());
        if fuzzed.is_empty() {
            return Err(no_fuzz(harness, "no file has a `fuzz` section"));
        }
        let skipped: Vec<&str> = skipped.iter().map(|scenario| scenario.path()).collect();
        note_skipped(&skipped);
        self.format.start()?;
        let first = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(self.seed) };
        let bar = progress("fuzz", self.runs);
        let (mut found, took) = timed(|| campaign(&fuzzed, &first, self.runs, &mut || bar.inc(1)));
        bar.finish_and_clear();
        found.took = self.timings.then_some(took);
        // Every file gets the same seeds again: those of a round that was not finished are repeated.
        let done = found.runs - found.runs % fuzzed.len() as u64;
        let rest = found.interrupted.then(|| self.rest(harness, done));
        let report = Report::of(Entry::Campaign(Box::new(found)));
        self.format.entry(&report.entries[0])?;
        self.format.end(&report, &color.palette())?;
        rest.into_iter().for_each(note);
        Ok(report.verdict().into())
    }
}

impl Args {
    /// The command that does the rest of a campaign.
    fn rest(&self, harness: &Harness, done: u64) -> String {
        let paths = self.paths.iter().map(|path| quoted(&path.display().to_string()));
        let paths = paths.collect::<Vec<_>>().join(" ");
        let (runs, seed) = (self.runs - done, self.seed.wrapping_add(done));
        format!("continue {} fuzz {paths} --runs {runs} --seed {seed}", harness.command())
    }
}
