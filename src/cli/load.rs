//! From a path to a scenario.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::output::note;
use super::watched::Watched;
use crate::capsule::CAPSULE;
use crate::harness::{AnyScenario, Harness, Trouble, unusable};
use crate::model::counted;
use crate::report::Invalid;
use crate::scenario::is_named;

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

/// Whether there is a file at a path that begins as a capsule does.
pub(super) fn is_capsule(path: &Path) -> bool {
    let head = || {
        let mut head = Vec::new();
        File::open(path)?.take(HEAD).read_to_end(&mut head)?;
        Ok::<_, std::io::Error>(head)
    };
    // Reading a pipe or a device might never end.
    path.is_file() && head().is_ok_and(|head| is_named(&head, CAPSULE))
}

/// How many bytes of a file are read to see whether it is a capsule.
const HEAD: u64 = 1 << 14;

/// The error that a run is asked for that is not the one of a capsule.
pub(super) fn fixes_its_run(capsule: &dyn AnyScenario, options: &str) -> Trouble {
    let message = format!("{} is a capsule, which fixes its run", capsule.path());
    Trouble::new(message).hint(format!("omit {options}, or name {}", scenario_of(capsule)))
}

/// The scenario of a capsule, as a hint names it.
pub(super) fn scenario_of(capsule: &dyn AnyScenario) -> String {
    match capsule.recorded().map(AnyScenario::path) {
        Some(path) if path != capsule.path() => format!("its scenario, {path}"),
        // The capsule contains the text of the scenario.
        _ => "a scenario".to_owned(),
    }
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
pub(super) fn note_without_faults(skipped: &[&str]) {
    note_skipped("file", " (no `fuzz` section)", skipped);
}

/// Says which files were skipped because their domain does not have a defect that was asked for.
pub(super) fn note_without_defect(skipped: &[&str]) {
    note_skipped("file", " (of domains without the defect)", skipped);
}

/// Says which capsules were skipped: each fixes its run.
pub(super) fn note_capsules(skipped: &[&str]) {
    note_skipped("capsule", "", skipped);
}

fn note_skipped(what: &str, why: &str, skipped: &[&str]) {
    if skipped.is_empty() {
        return;
    }
    let named = skipped[..skipped.len().min(NAMED_MAX)].join(", ");
    let more = match skipped.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let files = counted(skipped.len() as u64, what);
    note(format_args!("note: skipped {files}{why}: {named}{more}"));
}
