//! The capsule of a failing run.

use crate::capsule::record;
use crate::session::{AnyScenario, RunOutcome};

/// The text of a capsule that replays a run. It does not depend on the folder to which it is written.
pub(super) fn capsule(scenario: &dyn AnyScenario, outcome: &RunOutcome) -> String {
    record(scenario, outcome).text()
}
