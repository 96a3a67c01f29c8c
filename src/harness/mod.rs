//! The front door: some domains and the folder of their scenario files, as tests, as campaigns and as
//! a command.
//!
//! ```text
//!            ┌─ check, fuzz ──▶ a test that passes, or the report of what did not hold
//! Harness ───┼─ load, read ───▶ AnyScenario: run, show
//!            └─ main ─────────▶ the whole command line
//! ```
//!
//! The domains that ship come in by the same door ([`domains::harness`](crate::domains::harness)).
//!
//! # What is absent
//!
//! No knowledge of a domain's types: what comes through the door is used by what any scenario can do
//! ([`AnyScenario`]).

use std::ops::Range;
use std::path::{Path, PathBuf};

mod any;
mod files;
mod paths;
#[cfg(test)]
mod tests;
mod trouble;

pub(crate) use any::AnyDomain;
#[cfg(feature = "cli")]
pub(crate) use paths::missing;
pub use trouble::Trouble;

use crate::report::{Entry, Invalid, Palette, Report, text};
use crate::scenario::{Diagnostic, Probe, ScenarioDomain};
pub use crate::session::AnyScenario;
use crate::session::{Campaign, Faults, RunRequest, Verdict, campaign};

/// Some domains, and where their scenarios are.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::harness::Harness;
/// use jetlag::session::Verdict;
///
/// let harness = Harness::of::<Flights>("scenarios/flights");
/// let text = r#"(
///     name: "last seat",
///     domain: Flights(vendors: [
///         (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 1, fare: "420.00 EUR")]),
///     ]),
///     script: [
///         (who: "ana", does: Hold(flight: "IB6251")),
///         (who: "ben", does: Hold(flight: "IB6251")),
///     ],
/// )"#;
/// let scenario = harness.load("last_seat.ron", text.as_bytes()).unwrap();
/// assert_eq!(scenario.run(&scenario.request()).verdict(), Verdict::Held);
/// ```
#[derive(Clone, Debug)]
pub struct Harness {
    pub(crate) domains: Vec<AnyDomain>,
    pub(crate) folder: &'static str,
}

impl Harness {
    /// One domain, whose scenarios are in this folder.
    pub fn of<D: ScenarioDomain>(folder: &'static str) -> Self {
        Self { domains: vec![AnyDomain::of::<D>()], folder }
    }

    /// And another domain.
    #[must_use]
    pub fn and<D: ScenarioDomain>(mut self) -> Self {
        self.domains.push(AnyDomain::of::<D>());
        self
    }

    /// Reads a scenario: its `domain:` says which one it is of. `path` is only named in diagnostics.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in order of lines.
    pub fn load(&self, path: &str, bytes: &[u8]) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>> {
        let probe = Probe::new(path, bytes)?;
        match self.domains.iter().find(|domain| domain.name == probe.domain()) {
            Some(domain) => (domain.load)(probe),
            None => {
                let known: Vec<&str> = self.domains.iter().map(|domain| domain.name).collect();
                Err(probe.unknown_domain(&known))
            }
        }
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, also that it cannot be read.
    pub fn read(&self, path: &Path) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>> {
        let shown = path.display().to_string();
        let bytes = files::bytes(path)
            .map_err(|error| vec![files::unreadable(&shown, &error, self.command())])?;
        self.load(&shown, &bytes)
    }

    /// The files behind `paths`: files as they are, folders as all scenario files in them and in their
    /// folders, in order of their names. Folders called `invalid` are passed over: they hold what must
    /// not load.
    ///
    /// # Errors
    ///
    /// When a path does not exist or a folder cannot be read, or holds no scenario.
    pub fn files(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
        paths::scenario_files(paths, self.command())
    }

    /// Every scenario file of the folder as a test: it must hold, meet its expectations, and come to
    /// the same end twice.
    ///
    /// # Panics
    ///
    /// With the report, when one does not.
    pub fn check(&self) {
        let mut report = Report::default();
        for path in self.own_files() {
            report.entries.push(match self.read_entry(&path) {
                Ok(scenario) => {
                    let request = RunRequest { repeat: true, ..scenario.request() };
                    Entry::Run(Box::new(scenario.run(&request)))
                }
                Err(invalid) => Entry::Invalid(invalid),
            });
        }
        assert_held(&report);
    }

    /// A campaign as a test: the scenarios of the folder in turn, with one seed after the other, and
    /// the faults that these draw from what the scenarios allow.
    ///
    /// # Panics
    ///
    /// With the report, when a run does not hold, a file is no scenario, or none allows faults.
    pub fn fuzz(&self, seeds: Range<u64>) {
        assert_held(&Report::of(Entry::Campaign(Box::new(self.campaign(seeds)))));
    }

    /// The same, with what was found.
    ///
    /// # Panics
    ///
    /// When a file is no scenario, or none allows faults.
    pub fn campaign(&self, seeds: Range<u64>) -> Campaign {
        let read = |path: PathBuf| match self.read_entry(&path) {
            Ok(scenario) => scenario,
            Err(invalid) => panic!("\n{}", invalid.diagnostics.join("\n\n")),
        };
        let scenarios: Vec<_> = self.own_files().into_iter().map(read).collect();
        let fuzzed: Vec<&dyn AnyScenario> =
            scenarios.iter().map(Box::as_ref).filter(|scenario| scenario.allows_faults()).collect();
        assert!(!fuzzed.is_empty(), "no scenario in {} allows faults to be drawn", self.folder);
        let first = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seeds.start) };
        campaign(&fuzzed, &first, seeds.end.saturating_sub(seeds.start), &mut || ())
    }

    /// What is typed before `run`, `replay` and the rest.
    pub(crate) fn command(&self) -> &'static str {
        self.domains.first().map_or("jetlag", |domain| domain.command)
    }

    fn own_files(&self) -> Vec<PathBuf> {
        match self.files(&[self.folder.into()]) {
            Ok(files) => files,
            Err(trouble) => panic!("\n{trouble}"),
        }
    }

    pub(crate) fn read_entry(&self, path: &Path) -> Result<Box<dyn AnyScenario>, Invalid> {
        self.read(path).map_err(|diagnostics| Invalid {
            file: path.display().to_string(),
            diagnostics: diagnostics.iter().map(ToString::to_string).collect(),
        })
    }
}

fn assert_held(report: &Report) {
    assert!(report.verdict() == Verdict::Held, "\n{}", text(report, &Palette::default()));
}
