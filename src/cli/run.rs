//! `jetlag run`: runs scenarios and prints a line for each, with a block for each failure.

use std::path::PathBuf;

use super::exit::Exit;
use super::format::Format;
use super::load::{
    fixes_its_run, no_fuzz, note_capsules, note_without_defect, note_without_faults, read,
};
use super::output::Color;
use super::pages::Pages;
use super::progress::{progress, timed};
use super::record::Record;
use super::seeds::{Chance, Seeds, seeds};
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::report::{Entry, Report};
use crate::session::{RunRequest, Verdict, sweep};

/// Which scenarios, how, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files or folders
    ///
    /// Folders are searched recursively for .ron files, in order of their names. Folders named `invalid`
    /// are skipped: they hold files that must not load.
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    chance: Chance,
    #[command(flatten)]
    record: Record,
    #[command(flatten)]
    pages: Pages,
    /// Run with every seed from A up to, but not including, B
    ///
    /// Stops at the first run that does not hold and prints the command that replays it. Expectations
    /// hold for the scenario's own seed only, so they are not judged.
    #[arg(long, value_name = "A..B", value_parser = seeds, conflicts_with = "seed")]
    seeds: Option<Seeds>,
    /// Run everything twice and compare
    ///
    /// Two runs with the same seed must have the same digest. If they differ, that is a bug in jetlag
    /// itself; the first difference is printed.
    #[arg(long)]
    twice: bool,
    /// List all properties, with how often each was checked
    #[arg(long)]
    properties: bool,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Print the wall-clock time of runs
    ///
    /// Without this option the output contains no wall-clock times, so that it can be compared.
    #[arg(long)]
    timings: bool,
}

/// The options that ask for other runs than those that the files describe.
const VARIATIONS: &str = "--seed, --seeds, --fuzz, --policy and --inject";

fn names(files: &[String]) -> Vec<&str> {
    files.iter().map(String::as_str).collect()
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut report = Report { properties: self.properties.into(), ..Report::default() };
        let mut skipped = Vec::new();
        let files = harness.files(&self.paths)?;
        if self.record.is_asked() && (files.len() > 1 || self.seeds.is_some()) {
            return Err(
                Trouble::new("--record is for one run").hint("name one file, and omit --seeds")
            );
        }
        self.record.check()?;
        self.pages.prepare()?;
        let varies = self.chance.varies() || self.seeds.is_some();
        let (mut capsules, mut others) = (Vec::new(), Vec::new());
        self.format.start()?;
        for path in files {
            let entry = match read(harness, &path) {
                Ok(capsule) if varies && capsule.recorded().is_some() => {
                    if self.paths.contains(&path) {
                        return Err(fixes_its_run(&*capsule, VARIATIONS));
                    }
                    capsules.push(capsule.path().to_owned());
                    continue;
                }
                Ok(scenario) if self.chance.fuzz && !scenario.allows_faults() => {
                    skipped.push(scenario.path().to_owned());
                    continue;
                }
                Ok(scenario)
                    if !self.paths.contains(&path)
                        && !self.chance.planted().fit(harness, &*scenario) =>
                {
                    others.push(scenario.path().to_owned());
                    continue;
                }
                Ok(mut scenario) => self.entry(harness, &mut *scenario)?,
                Err(invalid) => Entry::Invalid(invalid),
            };
            let ends_here = matches!(&entry, Entry::Sweep(s) if s.verdict() != Verdict::Held)
                || matches!(&entry, Entry::Run(run) if run.ends_the_command());
            self.format.entry(&entry)?;
            report.entries.push(entry);
            if ends_here {
                break;
            }
        }
        if report.entries.is_empty() {
            return Err(match (skipped.as_slice(), capsules.is_empty()) {
                ([], true) if !others.is_empty() => self.chance.planted().nowhere(harness),
                ([], true) => unreachable!("a folder has a file"),
                ([], false) => Trouble::new("all files are capsules, which fix their runs")
                    .hint(format!("omit {VARIATIONS}, or name scenarios")),
                ([file], _) => no_fuzz(harness, format!("{file} has no `fuzz` section")),
                _ => no_fuzz(harness, "no file has a `fuzz` section"),
            });
        }
        note_without_faults(&names(&skipped));
        note_without_defect(&names(&others));
        note_capsules(&names(&capsules));
        self.format.end(&report, &color.palette())?;
        Ok(report.verdict().into())
    }

    /// Runs a scenario as the arguments say.
    fn entry(&self, harness: &Harness, scenario: &mut dyn AnyScenario) -> Result<Entry, Trouble> {
        let request = self.chance.request(harness, scenario)?;
        let request = RunRequest { repeat: self.twice, ..request };
        let Some(Seeds { from, until }) = self.seeds else {
            let (mut outcome, took) = timed(|| scenario.run(&request));
            outcome.took = self.timings.then_some(took);
            self.record.write(scenario, &outcome)?;
            self.pages.write(scenario, &outcome)?;
            return Ok(Entry::Run(Box::new(outcome)));
        };
        let first = RunRequest { seed: from, ..request };
        let bar = progress(scenario.name(), until - from);
        let (mut found, took) = timed(|| sweep(scenario, &first, until - from, &mut || bar.inc(1)));
        bar.finish_and_clear();
        found.took = self.timings.then_some(took);
        if let Some(failure) = &found.failure {
            self.pages.write(scenario, failure)?;
        }
        Ok(Entry::Sweep(Box::new(found)))
    }
}
