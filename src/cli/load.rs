//! From a path to a scenario.

use std::path::Path;

use crate::harness::{AnyScenario, Harness, Trouble, missing};

/// Reads the one scenario that a command is about.
///
/// # Errors
///
/// When there is no such file, or it is no scenario.
pub(super) fn load_one(harness: &Harness, path: &Path) -> Result<Box<dyn AnyScenario>, Trouble> {
    if !path.exists() {
        return Err(missing(path));
    }
    harness.read_entry(path).map_err(|invalid| Trouble::new(invalid.diagnostics.join("\n\n")))
}

/// Makes sure that there is something to draw when faults are to be drawn.
///
/// # Errors
///
/// When the scenario names no faults that may be drawn.
pub(super) fn must_allow_faults(
    harness: &Harness,
    scenario: &dyn AnyScenario,
) -> Result<(), Trouble> {
    if !scenario.allows_faults() {
        return Err(Trouble::new(format!("{} allows no faults to be drawn", scenario.path()))
            .hint(allows(harness)));
    }
    Ok(())
}

/// How a file says which faults may be drawn.
pub(super) fn allows(harness: &Harness) -> String {
    let command = harness.command();
    format!(
        "write `fuzz: (faults: [All], budget: 4)` into it; `{command} list faults` has their names"
    )
}
