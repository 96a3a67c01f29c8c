//! Runs as pages: made again with all their records, explained if they failed, and written.

use std::path::{Path, PathBuf};

use super::load::load_one;
use super::output::note;
use super::watched::is_interrupted;
use super::written::write_whole;
use crate::explain::{Explained, explain};
use crate::export::{Course, logged};
use crate::harness::{AnyScenario, Harness, Trouble, shown};
use crate::page::{Page, html};
use crate::report::verdict;
use crate::session::{RunOutcome, RunRequest};

/// Where to write runs that fail as pages.
#[derive(Debug, clap::Args)]
pub(super) struct Pages {
    /// Write each run that fails as a page into this folder
    ///
    /// A page is one HTML file that anyone can open, as `report` writes it. The folder is made if it does not exist.
    #[arg(long, value_name = "FOLDER")]
    html: Option<PathBuf>,
}

impl Pages {
    /// Makes the folder, if one is named.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(super) fn prepare(&self) -> Result<(), Trouble> {
        let Some(folder) = &self.html else { return Ok(()) };
        std::fs::create_dir_all(folder).map_err(|error| Trouble::io("make", folder, &error))
    }

    /// Writes a run as a page, if it failed and a folder is named.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(super) fn write(
        &self,
        scenario: &dyn AnyScenario,
        outcome: &RunOutcome,
    ) -> Result<(), Trouble> {
        let has_failed = !outcome.violations.is_empty() || !outcome.missed.is_empty();
        let Some(folder) = self.html.as_ref().filter(|_| has_failed) else { return Ok(()) };
        let stem = Path::new(scenario.path()).file_stem().unwrap_or_default().to_string_lossy();
        let seed = outcome.request.seed;
        let name = match scenario.recorded().is_some() || scenario.request().seed == seed {
            true => format!("{stem}.html"),
            false => format!("{stem}-{seed}.html"),
        };
        let page = folder.join(name);
        let request = RunRequest { repeat: false, ..outcome.request.clone() };
        if write_page(scenario, &request, &page)?.is_some() {
            note(format_args!("note: wrote {}", shown(&page)));
        }
        Ok(())
    }

    /// The same for capsules of failed runs.
    ///
    /// # Errors
    ///
    /// When one cannot be read, or its page cannot be written.
    pub(super) fn write_all(&self, harness: &Harness, capsules: &[PathBuf]) -> Result<(), Trouble> {
        let capsules = if self.html.is_some() { capsules } else { &[] };
        for file in capsules {
            let scenario = load_one(harness, file)?;
            let outcome = scenario.run(&scenario.request());
            self.write(&*scenario, &outcome)?;
        }
        Ok(())
    }

    /// Whether a folder is named.
    pub(super) fn are_asked(&self) -> bool {
        self.html.is_some()
    }
}

/// Makes a run and writes its page; the verdict in a word. `None` if it was interrupted.
///
/// # Errors
///
/// When nothing is known of the run, or the page cannot be written.
pub(super) fn write_page(
    scenario: &dyn AnyScenario,
    request: &RunRequest,
    file: &Path,
) -> Result<Option<&'static str>, Trouble> {
    let outcome = scenario.run(&RunRequest { picture: true, ..logged(request.clone()) });
    if outcome.is_interrupted() {
        return Ok(None);
    }
    let why = why(scenario, &outcome);
    let course = Course::of(scenario, &outcome);
    let page = course.as_ref().map_err(Clone::clone).and_then(|it| Page::of(it, why.as_ref()));
    let page = page.map_err(|error| {
        let path = scenario.path();
        Trouble::new(format!("{path} cannot be shown as a page: {error}"))
    })?;
    write_whole(file, &html(&page))?;
    Ok(Some(verdict(outcome.verdict())))
}

/// Why a run failed; `None` if it violated no property, or cannot be explained.
pub(super) fn why(scenario: &dyn AnyScenario, outcome: &RunOutcome) -> Option<Explained> {
    if outcome.violations.is_empty() {
        return None;
    }
    let request =
        RunRequest { picture: false, detail: None, decisions: false, ..outcome.request.clone() };
    explain(scenario, &request, &is_interrupted).ok()
}
