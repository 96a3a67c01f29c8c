//! The front door: domains and the folder of their scenarios, as tests, campaigns and a command.
//!
//! ```text
//!            ┌─ check, fuzz ──▶ a test that passes, or the report of what did not hold
//! Harness ───┼─ load, read ───▶ AnyScenario: run, show
//!            └─ main ─────────▶ the whole command line
//! ```
//!
//! The shipped domains use it too ([`domains::harness`](crate::domains::harness)).
//!
//! # What is absent
//!
//! The types of a domain: scenarios are used through [`AnyScenario`].

use std::path::{Path, PathBuf};

mod any;
mod files;
mod folder;
mod fuzz;
mod paths;
#[cfg(test)]
mod tests;
mod trouble;

pub(crate) use any::AnyDomain;
pub use folder::Folder;
pub use fuzz::Fuzz;
#[cfg(feature = "cli")]
pub(crate) use fuzz::seed;
#[cfg(feature = "cli")]
pub(crate) use paths::{shown, unusable};
pub use trouble::Trouble;

use crate::capsule::{CAPSULE, Replay, Source};
use crate::model::Defect;
use crate::platform::PLATFORM_DEFECTS;
use crate::report::{Entry, Invalid, Palette, Report, text};
use crate::scenario::{Diagnostic, Probe, ScenarioDomain, is_named};
pub use crate::session::AnyScenario;
use crate::session::{RunRequest, Verdict};

/// Domains, and the folder of their scenarios.
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
    /// What `serve` shows if no file is named: scenarios, each with a name, a sentence, its path and its text.
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only `serve` shows them"))]
    pub(crate) tour: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

impl Harness {
    /// A domain whose scenarios are in this folder.
    pub fn of<D: ScenarioDomain>(folder: &'static str) -> Self {
        Self { domains: vec![AnyDomain::of::<D>()], folder, tour: &[] }
    }

    /// Adds a domain.
    #[must_use]
    pub fn and<D: ScenarioDomain>(mut self) -> Self {
        self.domains.push(AnyDomain::of::<D>());
        self
    }

    /// Loads a scenario of the domain that its `domain:` names, or a capsule with the scenario that it names,
    /// which is looked for from the folder of `path`. Otherwise `path` is used in diagnostics only.
    ///
    /// # Errors
    ///
    /// All errors in it, in order of lines.
    pub fn load(&self, path: &str, bytes: &[u8]) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>> {
        if is_named(bytes, CAPSULE) {
            let find = |source: &Source| self.scenario_of(path, source);
            return Ok(Box::new(Replay::load(path, bytes, find)?));
        }
        let probe = Probe::new(path, bytes)?;
        if let Some(domain) = self.domains.iter().find(|domain| domain.name == probe.domain()) {
            return (domain.load)(probe);
        }
        let known: Vec<&str> = self.domains.iter().map(|domain| domain.name).collect();
        Err(probe.unknown_domain(&known))
    }

    /// The scenario of the capsule at `path`.
    fn scenario_of(
        &self,
        path: &str,
        source: &Source,
    ) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>> {
        let loaded = match source {
            Source::Inline(text) => {
                let mut scenario = self.load(path, text.as_bytes())?;
                scenario.embed();
                scenario
            }
            Source::File(wanted, _) => {
                let found = paths::from_capsule(Path::new(path), Path::new(wanted));
                let found = found.ok_or_else(|| {
                    let message = format!("there is no {wanted}, the scenario of this capsule");
                    let hint = "it is looked for in the folder of the capsule, in the folders around it, \
                                and in the current one";
                    vec![Diagnostic::of_file(path, message, hint)]
                })?;
                self.read(&found)?
            }
        };
        if loaded.recorded().is_some() {
            let hint = "name the scenario itself";
            let message = "the scenario of this capsule is a capsule";
            return Err(vec![Diagnostic::of_file(path, message, hint)]);
        }
        Ok(loaded)
    }

    /// Reads a scenario file or a capsule.
    ///
    /// # Errors
    ///
    /// All errors in it, or that it cannot be read.
    pub fn read(&self, path: &Path) -> Result<Box<dyn AnyScenario>, Vec<Diagnostic>> {
        let name = path.to_string_lossy();
        let bytes = files::bytes(path)
            .map_err(|error| vec![files::unreadable(path, &error, self.command())])?;
        self.load(&name, &bytes)
    }

    /// The files at `paths`. Folders are searched recursively for scenario files, in order of their names.
    /// Folders named `invalid` are skipped: they hold files that must not load.
    ///
    /// # Errors
    ///
    /// When a path does not exist, or a folder cannot be read or contains no scenario.
    pub fn files(&self, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
        paths::scenario_files(paths, self.folder, self.command())
    }

    /// Runs every scenario file of the folder as a test: it must hold, meet its expectations, and have the
    /// same digest twice.
    ///
    /// # Panics
    ///
    /// With the report, when a scenario fails.
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

    /// The mistakes that can be put into the platform and into the domains; see [`AnyScenario::plant`].
    pub fn defects(&self) -> Vec<&'static Defect> {
        let of_domains = self.domains.iter().flat_map(|domain| domain.defects);
        PLATFORM_DEFECTS.iter().chain(of_domains).copied().collect()
    }

    /// The mistakes that can be put into a domain or into the platform under it.
    #[cfg(feature = "cli")]
    pub(crate) fn defects_of(&self, domain: &str) -> impl Iterator<Item = &'static Defect> {
        let own = self.domains.iter().filter(move |one| one.name == domain);
        PLATFORM_DEFECTS.iter().chain(own.flat_map(|domain| domain.defects)).copied()
    }

    /// The domains that have a mistake of their own; none if it is one of the platform.
    #[cfg(feature = "cli")]
    pub(crate) fn domains_with(&self, defect: &str) -> Vec<&'static str> {
        let has = |own: &&[&'static Defect]| own.iter().any(|one| one.id == defect);
        let domains = self.domains.iter().filter(|domain| has(&domain.defects));
        domains.map(|domain| domain.name).collect()
    }

    /// The name of the command.
    pub(crate) fn command(&self) -> &'static str {
        self.domains.first().map_or("jetlag", |domain| domain.command)
    }

    fn own_files(&self) -> Vec<PathBuf> {
        self.files(&[self.folder.into()]).unwrap_or_else(|trouble| panic!("\n{trouble}"))
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
