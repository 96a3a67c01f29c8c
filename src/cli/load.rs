//! From a path to a scenario.

use std::path::Path;

use super::trouble::Trouble;
use crate::domains::AnyScenario;
use crate::report::Invalid;
use crate::scenario::{Scenario, ScenarioDomain};

/// Reads and checks a scenario file.
pub(super) fn load(path: &Path) -> Result<AnyScenario, Invalid> {
    let file = path.display().to_string();
    super::files::read(path).map_err(|diagnostics| Invalid {
        file,
        diagnostics: diagnostics.iter().map(ToString::to_string).collect(),
    })
}

/// Reads the one scenario that a command is about.
///
/// # Errors
///
/// When there is no such file, or it is no scenario.
pub(super) fn load_one(path: &Path) -> Result<AnyScenario, Trouble> {
    if !path.exists() {
        return Err(super::paths::missing(path));
    }
    load(path).map_err(|invalid| Trouble::new(invalid.diagnostics.join("\n\n")))
}

/// Makes sure that there is something to draw when faults are to be drawn.
///
/// # Errors
///
/// When the scenario names no faults that may be drawn.
pub(super) fn must_allow_faults<D: ScenarioDomain>(scenario: &Scenario<D>) -> Result<(), Trouble> {
    if scenario.fuzz.faults.is_empty() {
        return Err(
            Trouble::new(format!("{} allows no faults to be drawn", scenario.path)).hint(ALLOWS)
        );
    }
    Ok(())
}

/// How a file says which faults may be drawn.
pub(super) const ALLOWS: &str =
    "write `fuzz: (faults: [All], budget: 4)` into it; `jetlag list faults` has their names";
