//! One run of a campaign.

use super::plan::Plan;
use super::registry::Registry;
use super::{Ended, Failure, Finding, Host, canary, record};
use crate::kernel::Step;
use crate::session::{Cause, RunOutcome};

/// The number of runs that hang at which a campaign ends: each leaves a thread behind that is not idle.
const HUNG_MAX: u64 = 3;

/// What one run leaves behind.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its number.
    pub(super) run: u64,
    /// The number of its scenario.
    pub(super) file: usize,
    pub(super) outcome: RunOutcome,
    /// The numbers of the features that it reached, with the steps.
    pub(super) reached: Vec<(u32, Step)>,
    /// The numbers of the claims that it met.
    pub(super) met: Vec<u32>,
    /// Whether it was repeated, with the same result.
    pub(super) repeated: bool,
    pub(super) finding: Option<Finding>,
}

impl Ran {
    /// Repeats a run that was made if it is to be repeated, and records it if it is the first to fail so.
    ///
    /// # Errors
    ///
    /// Why the campaign ends, if no further run makes sense.
    pub(super) fn of(
        plan: &Plan<'_>,
        (run, file, outcome): (u64, usize, RunOutcome),
        registry: &Registry,
        host: &dyn Host,
    ) -> Result<Self, Ended> {
        let scenario = plan.scenario(file);
        if outcome.is_interrupted() {
            return Err(Ended::Interrupted);
        }
        let failure = Failure::of(&outcome);
        // What hung or used all memory once is not tried again.
        let is_over = outcome.ends_the_command() || is_hung(&outcome);
        let repeated = !is_over && canary::is_repeated(run, failure.is_some());
        if repeated && !canary::repeated(scenario, run, &outcome).map_err(Ended::Unrepeatable)? {
            return Err(Ended::Interrupted);
        }
        let mut finding = failure.map(|failure| {
            let file = outcome.subject.file.clone();
            Finding { failure, run, file, times: 1, capsule: String::new() }
        });
        if let Some(finding) = &mut finding
            && registry.is_first(&finding.failure.identity(), run)
        {
            finding.capsule = record::capsule(scenario, &outcome);
            // The runs that a recording takes are interrupted like any other.
            if let Some(ended @ Ended::Interrupted) = host.stop() {
                return Err(ended);
            }
            registry.announce(finding, host);
        }
        if outcome.ends_the_command() || is_hung(&outcome) && registry.hung() >= HUNG_MAX {
            return Err(Ended::Broken(Box::new(outcome)));
        }
        host.ran();
        let reached = outcome
            .reached
            .iter()
            .filter_map(|reached| Some((plan.feature(&reached.feature)?, reached.step)));
        let reached = reached.collect();
        let met = outcome.met.iter().map(|nth| plan.claim(file, *nth)).collect();
        Ok(Self { run, file, outcome, reached, met, repeated, finding })
    }
}

fn is_hung(outcome: &RunOutcome) -> bool {
    outcome.broken.as_ref().is_some_and(|broken| matches!(broken.cause, Cause::Hung { .. }))
}
