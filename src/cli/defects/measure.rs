//! `jetlag defects --measure`: the scoreboard.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use indicatif::ProgressBar;
use rayon::prelude::*;

use crate::cli::exit::Exit;
use crate::cli::fuzz::cores;
use crate::cli::load::load_one;
use crate::cli::output::{Color, note, result};
use crate::cli::progress::{progress, timed};
use crate::cli::shard::ShardArgs;
use crate::cli::watched::{Watched, is_interrupted};
use crate::explore::{FileId, Shard, pool};
use crate::harness::{AnyScenario, Harness, Trouble, shown, unusable};
use crate::kernel::Digest;
use crate::measure::{Bench, Board, Strategy, Trial};
use crate::model::{Defect, counted, quoted};
use crate::report::{scoreboard, scoreboard_json};
use crate::scenario::hint;
use crate::session::RunRequest;

/// Which defects are measured, with which strategies, and how often.
#[derive(Debug, clap::Args)]
pub(super) struct Measurement {
    /// The scenarios that are searched
    ///
    /// Files, or folders that are searched recursively. Left out are those without a `fuzz` section, capsules, and
    /// load tests: those with more than 20,000 occurrences.
    #[arg(long = "in", value_name = "PATH", default_value = "scenarios", requires = "measure")]
    paths: Vec<PathBuf>,
    /// The defects, by their names; all by default
    #[arg(long = "only", value_name = "ID", value_delimiter = ',', requires = "measure")]
    only: Vec<String>,
    /// The number of campaigns for each defect and policy
    ///
    /// Enumeration draws nothing and is done once.
    #[arg(long, value_name = "N", default_value_t = 20, requires = "measure")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=100))]
    campaigns: u64,
    /// The most runs of a campaign
    #[arg(long, value_name = "N", default_value_t = 100_000, requires = "measure")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    cap: u64,
    /// The strategies: policies of `fuzz`, and `enumerate`; all by default
    #[arg(long, value_name = "POLICY", value_delimiter = ',', requires = "measure")]
    policy: Vec<Strategy>,
    /// The number of campaigns at a time [default: the number of cores]
    #[arg(long, value_name = "N", requires = "measure")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    shard: ShardArgs,
    /// A file with a line of JSON for each campaign
    ///
    /// Campaigns that are in it are not made again; others are added as soon as they end. Files of shards can be
    /// put together with cat.
    #[arg(long, value_name = "FILE", requires = "measure")]
    trials: Option<PathBuf>,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human", requires = "measure")]
    format: Format,
}

/// The formats of a scoreboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Human,
    /// A document
    Json,
    /// A line for each campaign
    Jsonl,
}

/// The most occurrences in the default run of a scenario that is searched. A load test with a mistake in it can go on
/// until its budget is used up, and finds no more than a small scenario.
const OCCURRENCES_MAX: u64 = 20_000;

/// A campaign to be made.
struct Todo {
    defect: &'static Defect,
    strategy: Strategy,
    campaign: u64,
}

impl Measurement {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let (defects, strategies) = (self.defects(harness)?, self.strategies());
        let shard = self.shard.shard()?;
        let files = light(harness, harness.files(&self.paths)?)?;
        if files.is_empty() {
            return Err(Trouble::new("no scenario can be searched").hint(
                "add `fuzz: (faults: [All], budget: 4)` to a scenario that is no load test",
            ));
        }
        let worlds = worlds(harness, &files)?;
        let mut trials = self.trials.as_deref().map_or(Ok(Vec::new()), known)?;
        let foreign = trials.iter().filter(|trial| trial.worlds != worlds).count();
        if foreign > 0 {
            note(format_args!(
                "note: {} in --trials with other scenarios or of another version: left out",
                counted(foreign as u64, "campaign")
            ));
        }
        let fits = |trial: &Trial| {
            trial.worlds == worlds
                && trial.cap == self.cap
                && trial.campaign < self.campaigns
                && defects.iter().any(|defect| defect.id == trial.defect)
                && strategies.iter().any(|strategy| strategy.to_string() == trial.strategy)
        };
        trials.retain(fits);
        let todo = self.todo(&defects, &strategies, &trials, shard);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let made = Mutex::new(trials);
        let keeper = Keeper { file: self.trials.as_deref().map(appended).transpose()?, made };
        let bar = progress("measure", todo.len() as u64);
        // All campaigns of a defect share its scenarios.
        let groups = todo.chunk_by(|one, other| one.defect == other.defect);
        for group in groups {
            self.measure(harness, (&files, &worlds), group, jobs, (&keeper, &bar))?;
            if is_interrupted() {
                break;
            }
        }
        bar.finish_and_clear();
        let mut trials = keeper.made.into_inner().unwrap_or_else(PoisonError::into_inner);
        sort(&mut trials, &defects, &strategies);
        let board = Board { defects, strategies, trials };
        result(match self.format {
            Format::Human => scoreboard(&board, &color.palette()),
            Format::Json => scoreboard_json(&board),
            Format::Jsonl => board.trials.iter().map(|trial| line(trial) + "\n").collect(),
        })?;
        if is_interrupted() {
            note("interrupted: the same command goes on if it has --trials");
            return Ok(Exit::Interrupted);
        }
        Ok(Exit::Held)
    }

    /// The defects that are asked for.
    fn defects(&self, harness: &Harness) -> Result<Vec<&'static Defect>, Trouble> {
        let all = harness.defects();
        let known: Vec<&str> = all.iter().map(|defect| defect.id).collect();
        if let Some(id) = self.only.iter().find(|id| !known.contains(&id.as_str())) {
            return Err(Trouble::new(format!("there is no defect `{id}`")).hints(hint(id, &known)));
        }
        let wanted =
            |defect: &&Defect| self.only.is_empty() || self.only.iter().any(|id| id == defect.id);
        Ok(all.into_iter().filter(wanted).collect())
    }

    /// The strategies that are asked for, each once.
    fn strategies(&self) -> Vec<Strategy> {
        let wanted = |strategy: &Strategy| self.policy.is_empty() || self.policy.contains(strategy);
        Strategy::all().into_iter().filter(wanted).collect()
    }

    /// The campaigns of a shard that were not made yet.
    fn todo(
        &self,
        defects: &[&'static Defect],
        strategies: &[Strategy],
        made: &[Trial],
        shard: Option<Shard>,
    ) -> Vec<Todo> {
        let made: BTreeSet<(&str, &str, u64)> =
            made.iter().map(|trial| (&*trial.defect, &*trial.strategy, trial.campaign)).collect();
        let mut todo = Vec::new();
        let mut number = 0;
        for defect in defects {
            for &strategy in strategies {
                let campaigns = if strategy.is_drawn() { self.campaigns } else { 1 };
                for campaign in 0..campaigns {
                    let is_here = shard.is_none_or(|shard| shard.has(number));
                    number += 1;
                    if is_here && !made.contains(&(defect.id, &*strategy.to_string(), campaign)) {
                        todo.push(Todo { defect, strategy, campaign });
                    }
                }
            }
        }
        todo
    }

    /// Makes the campaigns of one defect.
    fn measure(
        &self,
        harness: &Harness,
        (files, worlds): (&[PathBuf], &str),
        group: &[Todo],
        jobs: usize,
        (keeper, bar): (&Keeper, &ProgressBar),
    ) -> Result<(), Trouble> {
        let defect = group[0].defect;
        let load = |text: &str| -> Option<Box<dyn AnyScenario>> {
            let scenario = harness.load("capsule.ron", text.as_bytes()).ok()?;
            Some(Box::new(Watched::new(scenario)))
        };
        let scenarios = scenarios(harness, files, defect)?;
        let bench = Bench { defect, scenarios, worlds, load: &load, stop: &is_interrupted };
        let plan = bench.plan(jobs);
        let make = |todo: &Todo| -> Result<(), Trouble> {
            let what = (todo.strategy, todo.campaign);
            let (trial, took) = timed(|| bench.trial(plan.as_ref(), what, self.cap));
            let Some(trial) = trial else { return Ok(()) };
            keeper.keep(Trial { seconds: took.as_secs_f64(), ..trial })?;
            bar.inc(1);
            Ok(())
        };
        pool(jobs).install(|| group.par_iter().with_max_len(1).try_for_each(make))
    }
}

/// Where trials go as soon as they are made.
struct Keeper {
    file: Option<Mutex<File>>,
    made: Mutex<Vec<Trial>>,
}

impl Keeper {
    fn keep(&self, trial: Trial) -> Result<(), Trouble> {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // In one piece, so that a process that is killed leaves whole lines.
            let written = file.write_all((line(&trial) + "\n").as_bytes());
            written
                .map_err(|error| Trouble::new(format!("--trials cannot be written: {error}")))?;
        }
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(trial);
        Ok(())
    }
}

/// The files of scenarios that allow faults and are no load tests.
fn light(harness: &Harness, files: Vec<PathBuf>) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for file in files {
        let scenario = load_one(harness, &file)?;
        let is_fuzzed = scenario.recorded().is_none() && scenario.allows_faults();
        let occurrences = || {
            let request = RunRequest { bare: true, ..scenario.request() };
            scenario.run(&request).occurrences
        };
        if is_fuzzed && occurrences() <= OCCURRENCES_MAX {
            found.push(file);
        }
    }
    Ok(found)
}

/// The program and the scenarios, as a hash.
fn worlds(harness: &Harness, files: &[PathBuf]) -> Result<String, Trouble> {
    let mut digest = Digest::default();
    digest.fold(env!("CARGO_PKG_VERSION"));
    for file in files {
        let FileId { path, hash } = FileId::of(&*load_one(harness, file)?);
        digest.fold(&(path, hash));
    }
    Ok(digest.to_string())
}

/// The scenarios into which a defect can be put, with it.
fn scenarios(
    harness: &Harness,
    files: &[PathBuf],
    defect: &'static Defect,
) -> Result<Vec<Box<dyn AnyScenario>>, Trouble> {
    let of_domain = |scenario: &dyn AnyScenario| {
        harness.defects_of(scenario.domain()).any(|known| known.id == defect.id)
    };
    let mut found = Vec::new();
    for file in files {
        let mut scenario = load_one(harness, file)?;
        if of_domain(&*scenario) {
            scenario.plant(defect.id).expect("the domain has the defect");
            found.push(scenario);
        }
    }
    Ok(found)
}

/// The trials in a file; none if there is no file yet.
fn known(path: &Path) -> Result<Vec<Trial>, Trouble> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    let read = |(nth, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            let place = format!("{}:{}", shown(path), nth + 1);
            Trouble::new(format!("{place} is not a campaign: {error}"))
                .hint(format!("name a file that --trials has made, not {}", quoted(&shown(path))))
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(read).collect()
}

/// A file to which trials are added.
fn appended(path: &Path) -> Result<Mutex<File>, Trouble> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map(Mutex::new).map_err(|error| unusable(path, &error))
}

fn line(trial: &Trial) -> String {
    serde_json::to_string(trial).expect("a trial is plain data")
}

/// In order of defects, strategies and campaigns; each once.
fn sort(trials: &mut Vec<Trial>, defects: &[&Defect], strategies: &[Strategy]) {
    let defect = |trial: &Trial| defects.iter().position(|defect| defect.id == trial.defect);
    let strategy =
        |trial: &Trial| strategies.iter().position(|it| it.to_string() == trial.strategy);
    trials.sort_by_key(|trial| (defect(trial), strategy(trial), trial.campaign));
    trials.dedup_by_key(|trial| (trial.defect.clone(), trial.strategy.clone(), trial.campaign));
}
