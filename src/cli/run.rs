//! `jetlag run`: runs scenarios, one line each, a block for what failed.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Format;
use super::load::must_allow_faults;
use super::output::{Color, result};
use super::progress::{progress, timed};
use super::seeds::{Seeds, seed, seeds};
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::report::{Entry, Report};
use crate::session::{Faults, RunRequest, Verdict, campaign};

/// Which scenarios, how, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files, or folders of them
    ///
    /// A folder stands for all .ron files in it and in its folders, in order of their names. Folders
    /// called `invalid` are passed over: they hold what must not load.
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Run with this seed instead of the scenario's own
    ///
    /// A seed decides everything that is left to chance. Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Run with every seed from A up to, but not including, B
    ///
    /// Stops at the first seed with which a property does not hold, and prints the command that
    /// replays it. Expectations are judged with the scenario's own seed only, so not here.
    #[arg(long, value_name = "A..B", value_parser = seeds)]
    seeds: Option<Seeds>,
    /// Let come also those faults that the seed draws from what the file's `fuzz` allows
    ///
    /// As `jetlag fuzz` does. Expectations are not judged then, nor whether scripted faults fired.
    #[arg(long)]
    fuzz: bool,
    /// Run everything a second time and compare
    ///
    /// Two runs with the same seed must have the same digest. If they differ, that is a bug in jetlag
    /// itself; the first fact in which they part is printed.
    #[arg(long)]
    twice: bool,
    /// How to print the results
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Add how long it took by the wall clock
    ///
    /// Without this no figure of the wall clock is printed, so that two outputs can be compared.
    #[arg(long)]
    timings: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut report = Report::default();
        for path in harness.files(&self.paths)? {
            let entry = match harness.read_entry(&path) {
                Ok(scenario) => self.entry(harness, &*scenario)?,
                Err(invalid) => Entry::Invalid(invalid),
            };
            let ends_here = matches!(&entry, Entry::Sweep(s) if s.verdict() != Verdict::Held);
            report.entries.push(entry);
            if ends_here {
                break;
            }
        }
        result(self.format.render(&report, &color.palette()))?;
        Ok(report.verdict().into())
    }

    /// Runs a scenario as the arguments say.
    fn entry(&self, harness: &Harness, scenario: &dyn AnyScenario) -> Result<Entry, Trouble> {
        let faults = Faults::fuzzed_if(self.fuzz);
        let request = RunRequest { faults, repeat: self.twice, ..scenario.request() };
        if self.fuzz {
            must_allow_faults(harness, scenario)?;
        }
        Ok(match self.seeds {
            None => {
                let request = RunRequest { seed: self.seed.unwrap_or(request.seed), ..request };
                let (mut outcome, took) = timed(|| scenario.run(&request));
                outcome.took = self.timings.then_some(took);
                Entry::Run(Box::new(outcome))
            }
            Some(Seeds { from, until }) => {
                let first = RunRequest { seed: from, ..request };
                let runs = until - from;
                let bar = progress(scenario.name(), runs);
                let (mut sweep, took) =
                    timed(|| campaign(&[scenario], &first, runs, &mut || bar.inc(1)));
                bar.finish_and_clear();
                sweep.took = self.timings.then_some(took);
                Entry::Sweep(Box::new(sweep))
            }
        })
    }
}
