//! Explanations: why a run fails, told by the run that is nearest to it and holds.
//!
//! ```text
//! capsule ──without each part──▶ runs that hold ──the one that parts last──▶ sibling
//!    │                                                                        │
//!    └────────── story: what led to the violation ─── side by side ───────────┘
//! ```
//!
//! Nothing is inferred: every line that is shown is a line of one of the two runs, and how the run ends without a
//! part was run.

mod baked;
mod pairs;
mod sibling;
#[cfg(test)]
mod tests;

pub use baked::{Baked, CONTINUATIONS, baked_in};
pub use pairs::Pair;
pub use sibling::Sibling;

use crate::session::{AnyScenario, RunOutcome, RunRequest};
use crate::shrink::{Parts, Whole, parts};
use crate::trace::{Detail, Line};

/// Why a run fails.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The parts of the run.
    pub parts: Parts,
    /// The run, with its story.
    pub outcome: RunOutcome,
    /// The nearest run that holds; `None` if the run fails without each of its parts.
    pub sibling: Option<Sibling>,
    /// What led to the violation from where the two runs part, beside the same in the sibling.
    pub pairs: Vec<Pair>,
    /// How many random continuations fail, from some steps on; empty if that was not asked for.
    pub baked: Vec<Baked>,
}

/// Explains a failed run. `stop` is asked between runs.
///
/// # Errors
///
/// If the run did not fail, has too many parts, or somebody interrupts it.
pub fn explain(
    scenario: &dyn AnyScenario,
    request: &RunRequest,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Explained, Whole> {
    let parts = parts(scenario, request, stop)?;
    let outcome = told(scenario, &parts.request);
    let sibling = sibling::nearest(scenario, &parts, &outcome);
    let pairs = pairs::pairs(&outcome, sibling.as_ref());
    Ok(Explained { parts, outcome, sibling, pairs, baked: Vec::new() })
}

impl Explained {
    /// The lines of the failed run that led to its first violation, in order.
    pub fn led(&self) -> Vec<&Line> {
        self.outcome
            .story
            .as_ref()
            .map_or_else(Vec::new, |story| pairs::slice(&self.outcome, story))
    }
}

/// A run with its story.
fn told(scenario: &dyn AnyScenario, request: &RunRequest) -> RunOutcome {
    scenario.run(&RunRequest { detail: Some(Detail::Story), bare: false, ..request.clone() })
}
