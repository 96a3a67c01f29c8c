//! From a path to a scenario.

use std::path::Path;

use super::trouble::Trouble;
use crate::domains::AnyScenario;
use crate::report::Invalid;

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
