//! `--record`: writes a run as a capsule.

use std::path::{Path, PathBuf};

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
    /// describes the format. An existing file is replaced.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl Record {
    /// Whether a file is named.
    pub(super) fn is_asked(&self) -> bool {
        self.record.is_some()
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
        write_whole(file, &recorded.text(&file.to_string_lossy()))?;
        if !recorded.is_verified {
            note(format_args!("note: {} was not seen to replay as the same run", shown(file)));
        }
        Ok(())
    }
}

/// Writes a file under another name and renames it, so that it is never seen half written.
fn write_whole(file: &Path, text: &str) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("write", file, &error);
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = file.with_file_name(name);
    std::fs::write(&part, text).map_err(trouble)?;
    std::fs::rename(&part, file).map_err(trouble)
}
