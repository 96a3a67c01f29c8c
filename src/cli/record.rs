//! `--record`: writes a run as a capsule.

use std::path::{Path, PathBuf};

use super::load::is_capsule;
use super::output::note;
use super::written::{has_a_place, write_whole};
use crate::capsule::record;
use crate::harness::{AnyScenario, Trouble, shown};
use crate::session::RunOutcome;

/// Where to write a run as a capsule.
#[derive(Debug, clap::Args)]
pub(super) struct Record {
    /// Write the run to a file as a capsule
    ///
    /// A capsule fixes the run: `jetlag replay FILE` repeats it, also with a later version. docs/capsules.md
    /// describes the format. An existing capsule is replaced, and no other file.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Record {
    /// Whether a file is named.
    pub(super) fn is_asked(&self) -> bool {
        self.record.is_some()
    }

    /// Checks before the run whether it can be written.
    ///
    /// # Errors
    ///
    /// Those of [`can_be_written`].
    pub(super) fn check(&self) -> Result<(), Trouble> {
        self.record.as_ref().map_or(Ok(()), |file| can_be_written(file, "--record"))
    }

    /// Writes the run, if a file is named.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn write(
        &self,
        scenario: &dyn AnyScenario,
        outcome: &RunOutcome,
    ) -> Result<(), Trouble> {
        let Some(file) = &self.record else { return Ok(()) };
        let recorded = record(scenario, outcome);
        write_whole(file, &recorded.text_at(&file.to_string_lossy()))?;
        if !recorded.is_verified {
            note(format_args!("note: {} was not seen to replay as the same run", shown(file)));
        }
        Ok(())
    }
}

/// Checks whether a capsule can be written to the file that an option names.
///
/// # Errors
///
/// When the file is a folder, is in a folder that does not exist, or exists and is not a capsule.
pub(super) fn can_be_written(file: &Path, option: &str) -> Result<(), Trouble> {
    has_a_place(file, option, "run.ron")?;
    let name = shown(file);
    let is_empty = |found: std::fs::Metadata| found.is_file() && found.len() == 0;
    if file.exists() && !is_capsule(file) && !file.metadata().is_ok_and(is_empty) {
        let message = format!("{name} exists and is not a capsule");
        let hint =
            format!("{option} replaces capsules only: name another file, or remove this one");
        return Err(Trouble::new(message).hint(hint));
    }
    Ok(())
}
