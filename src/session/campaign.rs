//! Many seeds of many scenarios, with whatever goes wrong that these allow.

use std::fmt;
use std::sync::Arc;

use super::examine::{examine, subject};
use crate::kernel::{Digest, Fault};
use crate::report::{self, CampaignFaults, Subject, Verdict};
use crate::scenario::{Scenario, ScenarioDomain};

/// A scenario as a campaign takes it, whatever its domain.
pub struct Target {
    subject: Subject,
    faults: Vec<&'static Fault>,
    run: Box<dyn Fn(u64) -> report::Run>,
}

impl Target {
    /// A target for a campaign; `None` if the scenario names no faults that may be drawn.
    pub fn of<D: ScenarioDomain>(scenario: Scenario<D>) -> Option<Self> {
        if scenario.fuzz.faults.is_empty() {
            return None;
        }
        let plan = Arc::new(scenario.fuzzed());
        let scripted = plan.faults.scripted.iter().map(|scripted| scripted.fault);
        let faults = scripted.chain(scenario.fuzz.faults.iter().copied()).collect();
        let subject = subject(&scenario);
        let run = Box::new(move |seed| examine(&scenario, &plan, seed, false));
        Some(Self { subject, faults, run })
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Goes round the targets, each time with the next seed from `base` on, until a run does not hold.
/// `progress` is called after each run.
///
/// ```
/// use jetlag::domains::Flights;
/// use jetlag::scenario::Scenario;
/// use jetlag::session::{Target, campaign};
///
/// let text = Scenario::<Flights>::template("last seat").unwrap();
/// let text = text.trim_end().trim_end_matches(')').to_owned()
///     + "fuzz: (faults: [Delay, Reorder], budget: 3))";
/// let scenario = Scenario::<Flights>::load("last_seat.ron", text.as_bytes()).unwrap();
/// let targets: Vec<Target> = Target::of(scenario).into_iter().collect();
/// let found = campaign(&targets, 1, 20, || ());
/// assert_eq!((found.runs, found.tallies.kinds().count()), (20, 2));
/// ```
pub fn campaign(
    targets: &[Target],
    base: u64,
    runs: u64,
    mut progress: impl FnMut(),
) -> report::Campaign {
    let faults = targets.iter().flat_map(|target| &target.faults).copied();
    let mut campaign = report::Campaign {
        subjects: targets.iter().map(|target| target.subject.clone()).collect(),
        base,
        asked: runs,
        runs: 0,
        digest: 0,
        occurrences: 0,
        events: 0,
        checks: 0,
        tallies: CampaignFaults::of(faults),
        failure: None,
        took: None,
    };
    let mut digest = Digest::default();
    for (nth, target) in (0..runs).zip(targets.iter().cycle()) {
        let run = (target.run)(base.wrapping_add(nth));
        digest.word(run.digest);
        campaign.runs += 1;
        campaign.occurrences += run.occurrences;
        campaign.events += run.events;
        campaign.checks += run.checks();
        campaign.tallies.add(&run.fired);
        progress();
        if run.verdict() != Verdict::Held {
            campaign.failure = Some(run);
            break;
        }
    }
    campaign.digest = digest.value();
    campaign
}
