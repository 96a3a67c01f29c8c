//! Runs that are made again, to notice when the same run is not the same.

use super::Failure;
use crate::kernel::Digest;
use crate::session::{AnyScenario, Repeat, RunOutcome, RunRequest};

/// One of this many passing runs is made again.
const ONE_OF: u64 = 20;

/// Two runs of one request that differ: a bug in Jetlag itself, or a domain that is not a function.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The number of the run.
    pub run: u64,
    /// The first run, with what is known of the difference as its `repeat`.
    pub outcome: RunOutcome,
    /// What differs.
    pub differs: &'static str,
}

/// Whether a run is made again: every one that failed, and a fixed share of the others.
pub(super) fn is_repeated(run: u64, failed: bool) -> bool {
    let mut digest = Digest::default();
    digest.word(run);
    failed || digest.value() % ONE_OF == 0
}

/// Makes a run again and compares. `Ok(false)` if it was interrupted.
pub(super) fn repeated(
    scenario: &dyn AnyScenario,
    run: u64,
    first: &RunOutcome,
) -> Result<bool, Box<Mismatch>> {
    let second = scenario.run(&first.request);
    if second.is_interrupted() {
        return Ok(false);
    }
    let failure = |outcome| Failure::of(outcome).map(|failure| failure.identity());
    let differs = if second.digest != first.digest {
        "digest"
    } else if second.state != first.state {
        "final state"
    } else if failure(&second) != failure(first) {
        "verdict"
    } else {
        return Ok(true);
    };
    Err(Box::new(mismatch(scenario, run, (first, &second), differs)))
}

/// Looks for the first difference, with the traces of two further runs.
fn mismatch(
    scenario: &dyn AnyScenario,
    run: u64,
    (first, second): (&RunOutcome, &RunOutcome),
    differs: &'static str,
) -> Mismatch {
    let again = scenario.run(&RunRequest { repeat: true, ..first.request.clone() });
    let repeat = match again.repeat {
        Some(different @ Repeat::Different { .. }) => different,
        Some(Repeat::Same) | None => Repeat::Different {
            digest: second.digest,
            first_difference: format!(
                "digests {:016x} and {:016x}; two more runs were the same: runs differ only sometimes",
                first.digest, second.digest
            ),
        },
    };
    Mismatch { run, outcome: RunOutcome { repeat: Some(repeat), ..first.clone() }, differs }
}
