//! The nearest run that holds: the failed run without one of its parts.

use super::told;
use crate::kernel::{Delivered, Instant, Step};
use crate::session::{AnyScenario, RunOutcome};
use crate::shrink::Parts;

/// A run that holds, and from when on it differs from the failed one.
#[derive(Clone, Debug)]
pub struct Sibling {
    /// The number of the part that it lacks.
    pub lacks: usize,
    /// The run, with its story.
    pub outcome: RunOutcome,
    /// The first occurrence of the failed run that it does not have as well, and its time.
    pub differs_at: (Step, Instant),
}

/// The run without one part that holds and parts last from the failed one. A run without something that a customer
/// does is the nearest only if no other holds: what is not done cannot go wrong.
pub(super) fn nearest(
    scenario: &dyn AnyScenario,
    parts: &Parts,
    failed: &RunOutcome,
) -> Option<Sibling> {
    let holding = parts.parts.iter().enumerate();
    let holding = holding.filter(|(_, part)| part.without.holds());
    let siblings = holding.map(|(lacks, part)| {
        let outcome = told(scenario, &part.request);
        let differs_at = differs_at(&failed.deliveries, &outcome.deliveries);
        Sibling { lacks, outcome, differs_at }
    });
    siblings.max_by_key(|sibling| {
        let is_workload = parts.parts[sibling.lacks].without.element.is_workload();
        // Of several the first one counts.
        (!is_workload, sibling.differs_at.0, std::cmp::Reverse(sibling.lacks))
    })
}

/// The first occurrence of a run that another one does not have. If it has all of them, the last one.
fn differs_at(one: &[Delivered], other: &[Delivered]) -> (Step, Instant) {
    // The digest before a delivery says what the deliveries before it led to.
    let same = one.iter().zip(other).take_while(|(a, b)| a.digest == b.digest).count();
    let first = same.saturating_sub(1).min(one.len().saturating_sub(1));
    (Step(first as u64 + 1), one.get(first).map_or(Instant::ZERO, |first| first.at))
}
