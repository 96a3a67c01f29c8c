//! `jetlag enumerate`: every run of a scenario with up to so many deviations from its default run.

mod keeper;

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::fuzz::{cores, duration};
use super::kept::{folder_of, shown};
use super::load::{load_one, scenario_of};
use super::output::{Color, note, result};
use super::planted::Planted;
use super::progress::timed;
use super::shard::ShardArgs;
use crate::enumerate::{Ended, Enumerated, Plan, Scope, enumerate};
use crate::explore::Shard;
use crate::harness::{AnyScenario, Harness, Trouble};
use crate::kernel::{Entity, Fault, Span};
use crate::model::{counted, quoted};
use crate::report::enumerated;
use crate::scenario::hint;
use crate::session::Faults;
use keeper::Keeper;
pub(super) use keeper::STATE;

/// Which scenario, how deep, and what is tried.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario
    file: PathBuf,
    /// The most deviations in a run
    #[arg(long, value_name = "K", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=8))]
    depth: u8,
    /// Try these faults only
    ///
    /// Names or families, separated by commas: Drop,CrashAfter or Link. Without this option all that the
    /// file's `fuzz` allows; `jetlag list faults` prints them.
    #[arg(long, value_name = "FAULTS", value_delimiter = ',')]
    faults: Vec<String>,
    /// Leave the order of deliveries as it is
    #[arg(long)]
    no_holds: bool,
    /// Also make settings small, one deviation each
    ///
    /// Buffers and prefetches of one, pages and limits of two: what a campaign makes small as well.
    #[arg(long)]
    settings: bool,
    /// Try only what is about one thing, such as a booking
    ///
    /// Few enough choices are about one booking that three or four deviations can be tried.
    #[arg(long, value_name = "NAME")]
    about: Option<String>,
    /// Do not combine deviations that by themselves change nothing but times
    ///
    /// Fewer runs, which may miss what only such a combination shows.
    #[arg(long)]
    skip_timing: bool,
    /// Stop after this long
    ///
    /// With a unit: 30s, 10m, 8h.
    #[arg(long = "for", value_name = "TIME", id = "time", value_parser = duration)]
    time: Option<Span>,
    /// The number of runs at a time [default: the number of cores]
    ///
    /// Has no influence on the result.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    #[command(flatten)]
    planted: Planted,
    #[command(flatten)]
    shard: ShardArgs,
    /// The folder for the capsules of failures, and for the state of an enumeration that was stopped
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
    /// Print the wall-clock time that it took
    #[arg(long)]
    timings: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut scenario = load_one(harness, &self.file)?;
        if scenario.recorded().is_some() {
            let message = format!("{} is a capsule, which fixes its run", scenario.path());
            let hint = format!("`enumerate` makes other runs: name {}", scenario_of(&*scenario));
            return Err(Trouble::new(message).hint(hint));
        }
        self.planted.change_broker(&mut *scenario)?;
        self.planted.plant(harness, &mut *scenario)?;
        let scope = self.scope(&*scenario)?;
        let shard = self.shard.shard()?;
        if scope.faults.is_empty() {
            note(format_args!("note: no faults are tried: {} allows none", scenario.path()));
        }
        let plan = Plan::new(&*scenario, scope, self.depth.into());
        let folder = match shard {
            Some(shard) => folder_of(&self.findings, shard),
            None => self.findings.clone(),
        };
        let (all, took) = timed(|| self.enumerate(&plan, shard, &folder, harness));
        let all = Enumerated { took: self.timings.then_some(took), ..all? };
        result(enumerated(&all, (harness.command(), &shown(&folder)), &color.palette()))?;
        if matches!(all.ended, Ended::Stopped(_)) {
            note(self.rest(harness, shard));
        }
        // Job schedulers take any other status for a job that did not work, and make it again.
        let did_its_part = shard.is_some() && matches!(all.ended, Ended::Complete);
        Ok(if did_its_part { Exit::Held } else { all.verdict().into() })
    }

    /// Makes the runs that the folder does not have yet.
    fn enumerate(
        &self,
        plan: &Plan<'_>,
        shard: Option<Shard>,
        folder: &Path,
        harness: &Harness,
    ) -> Result<Enumerated, Trouble> {
        let keeper = Keeper::new(folder, harness.command(), self.time);
        let state = keeper.state(plan, shard.unwrap_or(Shard::WHOLE))?;
        if state.runs() > 0 {
            let runs = counted(state.runs(), "run");
            note(format_args!(
                "note: {runs} were made before; removing {} makes them again",
                shown(&folder.join(STATE))
            ));
        }
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let all = enumerate(plan, state, jobs, &keeper);
        keeper.end(&all.state)?;
        Ok(all)
    }

    /// The command that continues an enumeration: the same one.
    fn rest(&self, harness: &Harness, shard: Option<Shard>) -> String {
        let path = |path: &Path| quoted(&path.display().to_string());
        let mut words = vec![path(&self.file), format!("--depth {}", self.depth)];
        let faults = || quoted(&self.faults.join(","));
        words.extend((!self.faults.is_empty()).then(|| format!("--faults {}", faults())));
        words.extend(self.no_holds.then(|| "--no-holds".to_owned()));
        words.extend(self.settings.then(|| "--settings".to_owned()));
        words.extend(self.about.as_ref().map(|about| format!("--about {}", quoted(about))));
        words.extend(self.skip_timing.then(|| "--skip-timing".to_owned()));
        words.extend(self.planted.typed());
        words.extend(shard.map(|shard| format!("--shard {shard}")));
        words.push(format!("--findings {}", path(&self.findings)));
        format!("continue {} enumerate {}", harness.command(), words.join(" "))
    }

    /// What is tried.
    fn scope(&self, scenario: &dyn AnyScenario) -> Result<Scope, Trouble> {
        let scripted = scenario.faults(Faults::Scripted).len();
        let allowed = scenario.faults(Faults::Fuzzed).split_off(scripted);
        let faults = if self.faults.is_empty() { allowed } else { named(&self.faults, &allowed)? };
        let about = self.about.as_deref().map(|name| thing(scenario, name)).transpose()?;
        let (order, settings, skips) = (!self.no_holds, self.settings, self.skip_timing);
        Ok(Scope { faults, order, settings, about, skips })
    }
}

/// The faults with these names, or of these families.
fn named(words: &[String], allowed: &[&'static Fault]) -> Result<Vec<&'static Fault>, Trouble> {
    let is_named = |fault: &&Fault, word: &str| fault.name == word || fault.family == word;
    for word in words {
        if !allowed.iter().any(|fault| is_named(fault, word)) {
            let mut known: Vec<&str> = Vec::new();
            allowed.iter().for_each(|fault| known.extend([fault.name, fault.family]));
            known.sort_unstable();
            known.dedup();
            let trouble = Trouble::new(format!("the file's `fuzz` allows no fault `{word}`"));
            return Err(trouble.hints(hint(word, &known)));
        }
    }
    let wanted = |fault: &&'static Fault| words.iter().any(|word| is_named(fault, word));
    Ok(allowed.iter().copied().filter(wanted).collect())
}

/// The thing of this name.
fn thing(scenario: &dyn AnyScenario, name: &str) -> Result<Entity, Trouble> {
    scenario.lexicon().entity_named(name).filter(|_| !name.is_empty()).ok_or_else(|| {
        Trouble::new(format!("there is nothing of the name `{name}` in {}", scenario.path()))
            .hint("names are those of a story: a booking, a customer, a service")
    })
}
