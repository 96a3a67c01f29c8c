//! From a path to a scenario.

use std::path::Path;

use super::watched::Watched;
use crate::harness::{AnyScenario, Harness, Trouble, missing};
use crate::report::Invalid;

/// Reads one scenario.
///
/// # Errors
///
/// When there is no such file, or it is not a valid scenario.
pub(super) fn load_one(harness: &Harness, path: &Path) -> Result<Box<dyn AnyScenario>, Trouble> {
    if !path.exists() {
        return Err(missing(path));
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
