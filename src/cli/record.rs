//! `--record`: writes a run as a capsule.

use std::path::{Path, PathBuf};

use super::load::is_capsule;
use super::output::note;
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

/// Checks whether there can be a file of this name, which an option gives; `example` is one for a hint.
///
/// # Errors
///
/// When the file is a folder, or is in a folder that does not exist.
pub(super) fn has_a_place(file: &Path, option: &str, example: &str) -> Result<(), Trouble> {
    let name = shown(file);
    if file.is_dir() {
        let message = format!("{option} needs a file, and {name} is a folder");
        return Err(Trouble::new(message).hint(format!("name a file in it: {name}/{example}")));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let message = format!("there is no folder {}", shown(folder));
            Err(Trouble::new(message).hint(format!("{option} makes the file, but no folder")))
        }
        _ => Ok(()),
    }
}

/// Writes a file under another name and renames it, so that it is never seen half written.
pub(super) fn write_whole(file: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("write", file, &error);
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = file.with_file_name(name);
    std::fs::write(&part, text).map_err(trouble)?;
    std::fs::rename(&part, file).map_err(trouble)
}
