//! `jetlag fuzz`: a campaign of many runs with faults that their seeds draw.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::PathBuf;

use super::exit::Exit;
use super::format::Format;
use super::kept::{Keeper, folder_of, shown};
use super::load::{
    is_capsule, load_one, no_fuzz, note_capsules, note_without_defect, note_without_faults,
    scenario_of,
};
use super::output::{Color, note, result};
use super::pages::Pages;
use super::planted::Planted;
use super::progress::{Deadline, progress, timed};
use super::seeds::seed;
use super::shard::ShardArgs;
use super::shrink::shrink_all;
use crate::explore::{BLOCK_RUNS, Campaign, Ended, Extent, Plan, Settings, Shard, campaign};
use crate::harness::{AnyScenario, Folder, Harness, Trouble, shown as printed};
use crate::kernel::{Schedule, Span};
use crate::model::quoted;
use crate::report::{Entry, Report};

/// Which scenarios, how often, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files or folders
    ///
    /// Files without a `fuzz` section are skipped.
    #[arg(default_value = "scenarios", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The number of runs [default: 1000]
    #[arg(long, value_name = "N", conflicts_with = "time")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// Go on for this long instead of a number of runs
    ///
    /// With a unit: 30s, 10m, 8h.
    #[arg(long = "for", value_name = "TIME", id = "time", value_parser = duration)]
    time: Option<Span>,
    /// The seed of the first run; each further run takes the next seed
    ///
    /// Decimal, or hexadecimal after 0x.
    #[arg(long, value_name = "N", value_parser = seed, default_value = "1")]
    seed: u64,
    /// The number of runs at a time [default: the number of cores]
    ///
    /// Has no influence on the results.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// How the order of deliveries is drawn
    ///
    /// latency, random-walk, pos, pct-1 to pct-5, or mixture, which draws one of the others for each run.
    #[arg(long, value_name = "POLICY", default_value_t = Schedule::Mixture)]
    policy: Schedule,
    /// The number of runs in a block
    ///
    /// Runs depend on earlier runs of their block only. A campaign that was ended is continued from the
    /// last block that it finished.
    #[arg(long, value_name = "N", default_value_t = BLOCK_RUNS)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    block: u64,
    /// The folder for what is found, and for the state of the campaign
    ///
    /// The same campaign over the same folder is continued.
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
    #[command(flatten)]
    planted: Planted,
    #[command(flatten)]
    shard: ShardArgs,
    /// Shrink what is found
    ///
    /// Writes beside each capsule X.ron the smallest run that fails in the same way, X.shrunk.ron, and prints
    /// what is left of it, as `shrink` does.
    #[arg(long)]
    shrink: bool,
    #[command(flatten)]
    pages: Pages,
    /// List the files, with their shares of the campaign
    #[arg(long)]
    files: bool,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Print the wall-clock time of the campaign
    ///
    /// Without this option the output contains no wall-clock times, so that it can be compared.
    #[arg(long)]
    timings: bool,
}

/// The number of runs without `--runs` and `--for`.
const RUNS: u64 = 1_000;

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let shard = self.shard.shard()?;
        let files = self.files(harness)?;
        let (mut scenarios, mut others) = (Vec::new(), Vec::new());
        for path in &files {
            let mut scenario = load_one(harness, path)?;
            // A capsule is skipped, with a note.
            if scenario.recorded().is_none() {
                if let Err(trouble) = self.planted.change_broker(&mut *scenario)
                    && !self.paths.contains(path)
                {
                    note(format_args!("skipped {}: {trouble}", scenario.path()));
                    continue;
                }
                if !self.paths.contains(path) && !self.planted.fit(harness, &*scenario) {
                    others.push(scenario);
                    continue;
                }
                self.planted.plant(harness, &mut *scenario)?;
            }
            scenarios.push(scenario);
        }
        if scenarios.is_empty() && !others.is_empty() {
            return Err(self.planted.nowhere(harness));
        }
        let others: Vec<&dyn AnyScenario> = others.iter().map(Box::as_ref).collect();
        let (fuzzed, skipped): (Vec<&dyn AnyScenario>, Vec<_>) =
            scenarios.iter().map(Box::as_ref).partition(|scenario| scenario.allows_faults());
        let (capsules, calm): (Vec<_>, Vec<_>) =
            skipped.into_iter().partition(|scenario| scenario.recorded().is_some());
        if fuzzed.is_empty() {
            return Err(nothing_to_fuzz(harness, &capsules, &calm));
        }
        note_without_faults(&paths_of(&calm));
        note_without_defect(&paths_of(&others));
        note_capsules(&paths_of(&capsules));
        self.pages.prepare()?;
        self.format.start()?;
        let (found, took) = timed(|| self.campaign(harness, fuzzed, shard));
        let mut found = found?;
        found.took = self.timings.then_some(took);
        let rest = matches!(found.ended, Ended::Interrupted).then(|| self.rest(harness, shard));
        let is_complete = matches!(found.ended, Ended::Done | Ended::TimeUp);
        let wants_capsules = self.shrink || self.pages.are_asked();
        let capsules = if wants_capsules { self.capsules(&found) } else { Vec::new() };
        let report = Report::of(Entry::Campaign(Box::new(found)));
        self.format.entry(&report.entries[0])?;
        self.format.end(&report, &color.palette())?;
        let jobs = self.jobs.map_or_else(cores, usize::from);
        self.pages.write_all(harness, &capsules)?;
        let capsules = if self.shrink { capsules } else { Vec::new() };
        for text in shrink_all(harness, &capsules, jobs, color)? {
            // The other formats are read by programs, which read the capsules.
            if self.format == Format::Human {
                result(format_args!("\n{text}"))?;
            }
        }
        rest.into_iter().for_each(note);
        // Job schedulers take any other status for a job that did not work, and make it again.
        let did_its_part = shard.is_some() && is_complete;
        Ok(if did_its_part { Exit::Held } else { report.verdict().into() })
    }

    /// The files to be run, each once.
    fn files(&self, harness: &Harness) -> Result<Vec<PathBuf>, Trouble> {
        let mut files = harness.files(&self.paths)?;
        if let Ok(findings) = self.findings.canonicalize() {
            // What was found is not searched again.
            let is_found =
                |file: &PathBuf| file.canonicalize().is_ok_and(|file| file.starts_with(&findings));
            let found: Vec<PathBuf> = files.extract_if(.., |file| is_found(file)).collect();
            if let Some(scenario) = found.iter().find(|file| !is_capsule(file)) {
                let (folder, scenario) = (printed(&self.findings), printed(scenario));
                let message = format!("{folder}, the folder of findings, contains {scenario}");
                return Err(Trouble::new(message)
                    .hint("name a folder of its own with --findings: capsules are written to it"));
            }
        }
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
        Ok(files)
    }

    /// The capsules of what was found.
    fn capsules(&self, found: &Campaign) -> Vec<PathBuf> {
        let folder = found.folder.as_ref().map_or_else(PathBuf::new, PathBuf::from);
        let found = found.tally.findings.values().filter(|finding| !finding.capsule.is_empty());
        found.map(|finding| folder.join(finding.file_name())).collect()
    }

    /// Makes the runs that the folder does not have yet.
    fn campaign(
        &self,
        harness: &Harness,
        scenarios: Vec<&dyn AnyScenario>,
        shard: Option<Shard>,
    ) -> Result<Campaign, Trouble> {
        let path = match shard {
            Some(shard) => folder_of(&self.findings, shard),
            None => self.findings.clone(),
        };
        let folder = Folder::at(&path)?;
        let deadline = self.time.map(Deadline::after);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let settings = Settings { seed: self.seed, schedule: self.policy, block: self.block };
        let plan = Plan::new(scenarios, settings, jobs);
        let runs = if self.time.is_some() { None } else { Some(self.runs.unwrap_or(RUNS)) };
        let extent = Extent { runs, shard: shard.unwrap_or(Shard::WHOLE), jobs };
        let state = Keeper::state(&folder, &plan)?;
        let bar = progress("fuzz", extent.runs_here(&plan).unwrap_or_default());
        if runs.is_none() {
            bar.unset_length();
        }
        bar.inc(state.whole().runs);
        let keeper = Keeper::new(folder, bar, deadline, harness.command());
        let mut found = campaign(&plan, state, extent, &keeper);
        keeper.end()?;
        found.lists_files = self.files;
        found.folder = Some(shown(&path));
        Ok(found)
    }

    /// The command that continues a campaign: the same one.
    fn rest(&self, harness: &Harness, shard: Option<Shard>) -> String {
        let paths = self.paths.iter().map(|path| quoted(&path.display().to_string()));
        let mut words: Vec<String> = paths.collect();
        words.extend(self.runs.map(|runs| format!("--runs {runs}")));
        words.extend(self.time.map(|time| format!("--for {}", time.written())));
        words.push(format!("--seed {}", self.seed));
        if self.policy != Schedule::Mixture {
            words.push(format!("--policy {}", self.policy));
        }
        if self.block != BLOCK_RUNS {
            words.push(format!("--block {}", self.block));
        }
        words.extend(self.planted.typed());
        words.extend(shard.map(|shard| format!("--shard {shard}")));
        words.push(format!("--findings {}", quoted(&self.findings.display().to_string())));
        format!("continue {} fuzz {}", harness.command(), words.join(" "))
    }
}

/// The error that no scenario allows faults; `calm` are those that do not.
fn nothing_to_fuzz(
    harness: &Harness,
    capsules: &[&dyn AnyScenario],
    calm: &[&dyn AnyScenario],
) -> Trouble {
    match (capsules, calm) {
        (_, [_, ..]) | ([], []) => no_fuzz(harness, "no file has a `fuzz` section"),
        ([capsule], []) => {
            let message = format!("{} is a capsule, which fixes its run", capsule.path());
            let hint = format!("`fuzz` makes other runs: name {}", scenario_of(*capsule));
            Trouble::new(message).hint(hint)
        }
        ([_, ..], []) => Trouble::new("all files are capsules, which fix their runs")
            .hint("`fuzz` makes other runs: name scenarios"),
    }
}

fn paths_of<'a>(scenarios: &[&'a dyn AnyScenario]) -> Vec<&'a str> {
    scenarios.iter().map(|scenario| scenario.path()).collect()
}

/// Parses how long a campaign goes on.
pub(super) fn duration(text: &str) -> Result<Span, String> {
    match text.parse::<Span>() {
        Ok(Span::ZERO) => Err("a campaign lasts longer than 0s".to_owned()),
        Ok(span) => Ok(span),
        Err(error) => Err(error.to_string()),
    }
}

/// The number of cores.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
