//! From a path to a scenario.

use std::path::Path;

use super::output::note;
use super::watched::Watched;
use crate::harness::{AnyScenario, Harness, Trouble, unusable};
use crate::report::Invalid;

/// Reads one scenario.
///
/// # Errors
///
/// When there is no such file, or it is not a valid scenario.
pub(super) fn load_one(harness: &Harness, path: &Path) -> Result<Box<dyn AnyScenario>, Trouble> {
    if let Err(error) = std::fs::metadata(path) {
        return Err(unusable(path, &error));
    }
    read(harness, path).map_err(|invalid| Trouble::new(invalid.diagnostics.join("\n\n")))
}

/// Reads a scenario whose runs are watched.
pub(super) fn read(harness: &Harness, path: &Path) -> Result<Box<dyn AnyScenario>, Invalid> {
    Ok(Box::new(Watched::new(harness.read_entry(path)?)))
}

/// The error that no faults may be drawn.
pub(super) fn no_fuzz(harness: &Harness, message: impl Into<String>) -> Trouble {
    let command = harness.command();
    Trouble::new(message).hint(format!(
        "add `fuzz: (faults: [All], budget: 4)`; `{command} list faults` lists the names of faults"
    ))
}

/// The most files that a note names.
const NAMED_MAX: usize = 3;

/// Says which files were skipped because they allow no faults.
pub(super) fn note_skipped(skipped: &[&str]) {
    if skipped.is_empty() {
        return;
    }
    let files = if skipped.len() == 1 { "file" } else { "files" };
    let named = skipped[..skipped.len().min(NAMED_MAX)].join(", ");
    let more = match skipped.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    note(format_args!(
        "note: skipped {} {files} (no `fuzz` section): {named}{more}",
        skipped.len()
    ));
}
