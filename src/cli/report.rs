//! `jetlag report`: writes a run as a page that anyone can open.

use super::watched::is_interrupted;
use crate::explain::{Explained, explain};
use crate::harness::AnyScenario;
use crate::session::{RunOutcome, RunRequest};

/// Why a run failed; `None` if it did not, or cannot be explained.
pub(super) fn why(scenario: &dyn AnyScenario, outcome: &RunOutcome) -> Option<Explained> {
    if outcome.violations.is_empty() {
        return None;
    }
    let request =
        RunRequest { picture: false, detail: None, decisions: false, ..outcome.request.clone() };
    explain(scenario, &request, &is_interrupted).ok()
}
