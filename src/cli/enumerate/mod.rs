//! `jetlag enumerate`: every run of a scenario with up to so many deviations from its default run.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

use super::exit::Exit;
use super::fuzz::{cores, duration};
use super::kept::shown;
use super::load::{load_one, scenario_of};
use super::output::{Color, note, result};
use super::progress::{Deadline, progress, timed};
use super::watched::is_interrupted;
use crate::enumerate::{Host, Plan, Scope, enumerate};
use crate::explore::Finding;
use crate::harness::{AnyScenario, Folder, Harness, Trouble};
use crate::kernel::{Entity, Fault, Span};
use crate::report::enumerated;
use crate::scenario::hint;
use crate::session::Faults;

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
    /// The folder for the capsules of failures
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
    /// Print the wall-clock time that it took
    #[arg(long)]
    timings: bool,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let scenario = load_one(harness, &self.file)?;
        if scenario.recorded().is_some() {
            let message = format!("{} is a capsule, which fixes its run", scenario.path());
            let hint = format!("`enumerate` makes other runs: name {}", scenario_of(&*scenario));
            return Err(Trouble::new(message).hint(hint));
        }
        let scope = self.scope(&*scenario)?;
        if scope.faults.is_empty() {
            note(format_args!("note: no faults are tried: {} allows none", scenario.path()));
        }
        let plan = Plan::new(&*scenario, scope, self.depth.into());
        let keeper = Keeper {
            folder: self.findings.clone(),
            command: harness.command(),
            bar: progress("enumerate", 1),
            deadline: self.time.map(Deadline::after),
            trouble: Mutex::default(),
        };
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let (mut all, took) = timed(|| enumerate(&plan, jobs, &keeper));
        keeper.end()?;
        all.took = self.timings.then_some(took);
        let place = (harness.command(), &*shown(&self.findings));
        result(enumerated(&all, place, &color.palette()))?;
        Ok(all.verdict().into())
    }

    /// What is tried.
    fn scope(&self, scenario: &dyn AnyScenario) -> Result<Scope, Trouble> {
        let scripted = scenario.faults(Faults::Scripted).len();
        let allowed = scenario.faults(Faults::Fuzzed).split_off(scripted);
        let faults = if self.faults.is_empty() { allowed } else { named(&self.faults, &allowed)? };
        let about = self.about.as_deref().map(|name| thing(scenario, name)).transpose()?;
        Ok(Scope { faults, order: !self.no_holds, about, skips: self.skip_timing })
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

/// An enumeration that keeps what it finds in a folder, and shows how far it is.
struct Keeper {
    folder: PathBuf,
    command: &'static str,
    bar: ProgressBar,
    deadline: Option<Deadline>,
    /// The first thing that could not be written.
    trouble: Mutex<Option<Trouble>>,
}

impl Keeper {
    /// # Errors
    ///
    /// When something could not be written.
    fn end(self) -> Result<(), Trouble> {
        self.bar.finish_and_clear();
        let trouble = self.trouble.into_inner().unwrap_or_else(PoisonError::into_inner);
        trouble.map_or(Ok(()), Err)
    }
}

impl Host for Keeper {
    fn stop(&self) -> bool {
        let failed = || self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        is_interrupted() || self.deadline.as_ref().is_some_and(Deadline::is_over) || failed()
    }

    fn begins(&self, deviations: usize, about: u64) {
        self.bar.set_position(0);
        self.bar.set_length(about);
        self.bar.set_message(format!("with {deviations}"));
    }

    fn ran(&self) {
        self.bar.inc(1);
    }

    fn found(&self, finding: &Finding) {
        // The folder is made for the first finding: most enumerations have none.
        let kept = Folder::at(&self.folder);
        if let Err(error) = kept.and_then(|folder| folder.keep(finding, self.command)) {
            self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}
