//! Many runs, each with the next seed and the next scenario.

use std::time::Duration;

use super::{
    AnyScenario, Broken, CampaignFaults, Repeat, RunOutcome, RunRequest, Subject, Verdict,
};
use crate::kernel::Digest;

/// The number of runs that break off at which a campaign ends: further ones would tell the same.
const BROKEN_MAX: usize = 3;

/// The outcome of many runs.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The scenarios.
    pub subjects: Vec<Subject>,
    /// The request of the first run; each further run takes the next seed.
    pub request: RunRequest,
    /// The number of requested runs.
    pub asked: u64,
    /// The number of runs.
    pub runs: u64,
    /// One hash over the digests of all runs, in order.
    pub digest: u64,
    /// Occurrences in all runs.
    pub occurrences: u64,
    /// Events in all runs.
    pub events: u64,
    /// Checks in all runs.
    pub checks: u64,
    /// The number of runs that were repeated with the same digest.
    pub repeated: u64,
    /// How often each scripted or allowed fault fired and was seen.
    pub tallies: CampaignFaults,
    /// Runs that broke off and did not end the campaign.
    pub broken: Vec<RunOutcome>,
    /// Whether somebody interrupted it.
    pub interrupted: bool,
    /// The run that ended the campaign because it did not hold.
    pub failure: Option<RunOutcome>,
    /// The wall-clock time it took, if that was requested.
    pub took: Option<Duration>,
}

impl Campaign {
    /// The verdict on all runs together.
    pub fn verdict(&self) -> Verdict {
        let whole = if self.interrupted { Verdict::Interrupted } else { Verdict::Held };
        self.failures().map(RunOutcome::verdict).fold(whole, Verdict::max)
    }

    /// All runs that did not hold.
    pub fn failures(&self) -> impl Iterator<Item = &RunOutcome> {
        self.broken.iter().chain(&self.failure)
    }
}

/// Runs the scenarios in turn, each time with the next seed, until a run does not hold. `progress` is
/// called after each run.
///
/// Runs that broke off do not end the campaign until there are three: the next one can find something else.
///
/// Expectations hold for the scenario's own seed only, so they are not judged; nor is whether scripted
/// faults fired.
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
        broken: Vec::new(),
        interrupted: false,
        failure: None,
        took: None,
    };
    let mut digest = Digest::default();
    let mut request = first.clone();
    for (nth, scenario) in (0..runs).zip(scenarios.iter().cycle()) {
        request.seed = first.seed.wrapping_add(nth);
        let mut outcome = scenario.run(&request);
        if outcome.is_interrupted() {
            campaign.interrupted = true;
            break;
        }
        outcome.missed.clear();
        digest.word(outcome.digest);
        campaign.runs += 1;
        campaign.occurrences += outcome.occurrences;
        campaign.events += outcome.events;
        campaign.checks += outcome.checks();
        campaign.repeated += u64::from(outcome.repeat == Some(Repeat::Same));
        campaign.tallies.add(&outcome.fired);
        progress();
        let goes_on = outcome.broken.as_ref().is_some_and(Broken::is_of_this_run_only);
        if goes_on && campaign.broken.len() + 1 < BROKEN_MAX {
            campaign.broken.push(outcome);
        } else if outcome.verdict() != Verdict::Held {
            campaign.failure = Some(outcome);
            break;
        }
    }
    campaign.digest = digest.value();
    campaign
}
