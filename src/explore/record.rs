//! The capsule of a failing run.

use crate::session::{AnyScenario, RunOutcome};

/// The text of a file that replays a run.
pub(super) fn capsule(_scenario: &dyn AnyScenario, outcome: &RunOutcome) -> String {
    let (file, seed) = (&outcome.subject.file, outcome.request.seed);
    format!("// {} replay {file} --seed {seed} --fuzz\n", outcome.subject.command)
}
