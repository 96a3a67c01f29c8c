//! Campaigns as tests.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Folder, Harness, Trouble};
use crate::explore::{Campaign, Extent, Finding, Host, Plan, Settings, State, campaign};
use crate::report::{Entry, Palette, Report, text};
use crate::session::{AnyScenario, Verdict};

/// The variable of the environment that sets the seed of campaigns in tests.
const SEED: &str = "JETLAG_SEED";

/// A campaign over the scenarios of a [`Harness`], for a test.
///
/// ```no_run
/// use jetlag::domains::Accounts;
/// use jetlag::harness::Harness;
///
/// Harness::of::<Accounts>("scenarios/accounts").fuzz().runs(200).check();
/// ```
#[derive(Clone, Debug)]
#[must_use = "it begins with `check` or `run`"]
pub struct Fuzz<'a> {
    harness: &'a Harness,
    runs: u64,
    seed: Option<u64>,
    findings: PathBuf,
}

impl Harness {
    /// A campaign as a test: many runs of the scenarios of the folder, each with the next seed and the faults
    /// that it draws from those that the scenario allows.
    pub fn fuzz(&self) -> Fuzz<'_> {
        Fuzz { harness: self, runs: 1_000, seed: None, findings: "findings".into() }
    }
}

impl Fuzz<'_> {
    /// The number of runs; 1,000 unless it is set.
    pub const fn runs(mut self, runs: u64) -> Self {
        self.runs = runs;
        self
    }

    /// The seed of the first run; that of the environment variable `JETLAG_SEED`, or 1, unless it is set.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The folder for the capsules of runs that fail; `findings` unless it is set.
    pub fn findings(mut self, folder: impl AsRef<Path>) -> Self {
        self.findings = folder.as_ref().to_owned();
        self
    }

    /// Makes the runs.
    ///
    /// # Panics
    ///
    /// When something is found: with the report, the paths of the capsules and the command that replays the
    /// first. When a file is invalid, no file has a `fuzz` section, or `JETLAG_SEED` is no seed.
    pub fn check(self) {
        let found = self.run();
        let verdict = found.verdict();
        let seed = found.id.seed;
        let text = text(&Report::of(Entry::Campaign(Box::new(found))), &Palette::default());
        assert!(verdict == Verdict::Held, "\n{text}\n{SEED}={seed} makes the same runs again");
    }

    /// Makes the runs; the outcome as data.
    ///
    /// # Panics
    ///
    /// When a file is invalid, no file has a `fuzz` section, or `JETLAG_SEED` is no seed.
    pub fn run(self) -> Campaign {
        let scenarios = self.scenarios();
        let seed = self.seed.or_else(seed_of_environment).unwrap_or(1);
        let jobs = std::thread::available_parallelism().map_or(1, NonZero::get);
        let scenarios: Vec<&dyn AnyScenario> = scenarios.iter().map(Box::as_ref).collect();
        let plan = Plan::new(scenarios, Settings { seed, ..Settings::default() }, jobs);
        let extent = Extent { jobs, ..Extent::of_runs(self.runs) };
        let command = self.harness.command();
        let keeper = Keeper { path: &self.findings, command, trouble: Mutex::default() };
        let mut found = campaign(&plan, State::new(&plan, ""), extent, &keeper);
        let trouble = keeper.trouble.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = trouble {
            panic!("\n{trouble}");
        }
        found.folder = Some(self.findings.display().to_string());
        found
    }

    /// The scenarios that allow faults.
    fn scenarios(&self) -> Vec<Box<dyn AnyScenario>> {
        let read = |path: &PathBuf| {
            let scenario = self.harness.read_entry(path);
            scenario.unwrap_or_else(|invalid| panic!("\n{}", invalid.diagnostics.join("\n\n")))
        };
        let scenarios = self.harness.own_files();
        let mut scenarios: Vec<_> = scenarios.iter().map(read).collect();
        scenarios.retain(|scenario| scenario.allows_faults());
        assert!(!scenarios.is_empty(), "no file in {} has a `fuzz` section", self.harness.folder);
        scenarios
    }
}

/// The seed that the environment sets.
#[expect(clippy::disallowed_methods, reason = "a test takes no arguments of its own")]
fn seed_of_environment() -> Option<u64> {
    let text = std::env::var(SEED).ok().filter(|text| !text.is_empty())?;
    Some(seed(&text).unwrap_or_else(|says| panic!("{SEED}: {says}")))
}

/// Parses a seed: decimal, or hexadecimal after `0x`.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "a seed is a number from 0 to 18446744073709551615, or 0x…".to_owned())
}

/// Writes capsules to a folder, which is made when there is one to write.
struct Keeper<'a> {
    path: &'a Path,
    command: &'static str,
    trouble: Mutex<Option<Trouble>>,
}

impl Host for Keeper<'_> {
    fn found(&self, finding: &Finding) {
        let written = Folder::at(self.path).and_then(|folder| folder.keep(finding, self.command));
        if let Err(trouble) = written {
            self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
        }
    }
}
