//! The form of a shrunk failure: which kinds of deviations it has, without nodes, entities, numbers and sizes.

use crate::capsule::{Delays, Draws, FaultChoice, File, HoldChoice};

/// The deviations of a capsule by their kinds, in alphabetical order. Two failures of one mistake with the same form
/// are told in the same words, whatever their seeds and scenarios.
pub(super) fn form(capsule: &File) -> String {
    let faults = capsule.faults.iter().map(|FaultChoice { fault, during, .. }| match during {
        Some(message) => format!("{} at {message}", fault.0),
        None => fault.0.clone(),
    });
    let holds = capsule
        .holds
        .iter()
        .map(|HoldChoice { hold, until }| format!("{} after {}", hold.message, until.message));
    let delays = capsule.delays.iter().map(|Delays { message, .. }| format!("{message} late"));
    let draws = capsule.draws.iter().map(|Draws { draw, .. }| draw.clone());
    let mut all: Vec<String> = faults.chain(holds).chain(delays).chain(draws).collect();
    all.sort_unstable();
    all.join(", ")
}
