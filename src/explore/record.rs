//! The capsule of a failing run.

use crate::capsule::record;
use crate::session::{AnyScenario, RunOutcome};

/// The text of a file that replays a run.
pub(super) fn capsule(scenario: &dyn AnyScenario, outcome: &RunOutcome, file: &str) -> String {
    record(scenario, outcome).text(file)
}
