//! Scenario files on disk.

use std::path::Path;

use crate::domains::{self, AnyScenario};
use crate::scenario::Diagnostic;

/// Reads one.
pub(super) fn read(path: &Path) -> Result<AnyScenario, Vec<Diagnostic>> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        vec![Diagnostic::of_file(&shown, format!("cannot be read: {error}"), "look at its rights")]
    })?;
    domains::load(&shown, &bytes)
}
