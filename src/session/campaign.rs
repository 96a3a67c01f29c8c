//! Many runs: one seed and one scenario after the other.

use std::time::Duration;

use super::{AnyScenario, CampaignFaults, Repeat, RunOutcome, RunRequest, Subject, Verdict};
use crate::kernel::Digest;

/// What came of many runs.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// What was run.
    pub subjects: Vec<Subject>,
    /// The request of the first run; each further run takes the next seed.
    pub request: RunRequest,
    /// How many runs were asked for.
    pub asked: u64,
    /// How many there were.
    pub runs: u64,
    /// One hash over the digests of all runs, in order.
    pub digest: u64,
    /// Occurrences in all runs.
    pub occurrences: u64,
    /// Events in all runs.
    pub events: u64,
    /// Checks in all runs.
    pub checks: u64,
    /// How many runs came to the same a second time.
    pub repeated: u64,
    /// What became of every fault that was scripted or could be drawn.
    pub tallies: CampaignFaults,
    /// The run that did not hold, which ended the campaign.
    pub failure: Option<RunOutcome>,
    /// The wall-clock time it took, if that was asked for.
    pub took: Option<Duration>,
}

impl Campaign {
    /// The verdict on all runs together.
    pub fn verdict(&self) -> Verdict {
        self.failure.as_ref().map_or(Verdict::Held, RunOutcome::verdict)
    }
}

/// Runs the scenarios in turn, each time with the next seed, until a run does not hold. `progress` is
/// called after each run.
///
/// What an author expects of the scenario's own seed need not happen with another, so expectations are
/// not judged here, nor whether scripted faults fired.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{Faults, RunRequest, campaign};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let text = text.trim_end().trim_end_matches(')').to_owned()
///     + "fuzz: (faults: [Delay, Reorder], budget: 3))";
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let first = RunRequest { seed: 1, faults: Faults::Fuzzed, ..RunRequest::default() };
/// let found = campaign(&[&scenario], &first, 20, &mut || ());
/// assert_eq!((found.runs, found.tallies.kinds().count()), (20, 2));
/// ```
pub fn campaign(
    scenarios: &[&dyn AnyScenario],
    first: &RunRequest,
    runs: u64,
    progress: &mut dyn FnMut(),
) -> Campaign {
    let faults = scenarios.iter().flat_map(|scenario| scenario.faults(first.faults));
    let mut campaign = Campaign {
        subjects: scenarios.iter().map(|scenario| scenario.subject()).collect(),
        request: first.clone(),
        asked: runs,
        runs: 0,
        digest: 0,
        occurrences: 0,
        events: 0,
        checks: 0,
        repeated: 0,
        tallies: CampaignFaults::of(faults),
        failure: None,
        took: None,
    };
    let mut digest = Digest::default();
    let mut request = first.clone();
    for (nth, scenario) in (0..runs).zip(scenarios.iter().cycle()) {
        request.seed = first.seed.wrapping_add(nth);
        let mut outcome = scenario.run(&request);
        outcome.missed.clear();
        digest.word(outcome.digest);
        campaign.runs += 1;
        campaign.occurrences += outcome.occurrences;
        campaign.events += outcome.events;
        campaign.checks += outcome.checks();
        campaign.repeated += u64::from(outcome.repeat == Some(Repeat::Same));
        campaign.tallies.add(&outcome.fired);
        progress();
        if outcome.verdict() != Verdict::Held {
            campaign.failure = Some(outcome);
            break;
        }
    }
    campaign.digest = digest.value();
    campaign
}
