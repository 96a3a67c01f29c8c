//! The sums over the runs of a campaign.

use serde::{Deserialize, Serialize};

use super::counts::{
    ByName, ByNumber, Times, add_faults, add_times, entry, merge_faults, merge_files, merge_times,
};
use super::ran::Ran;
use super::{FaultCounts, FileCounts, Finding, Orders};
use crate::kernel::Digest;

/// The sums over runs. Adding runs and merging tallies commute, and the size is bounded by what there is to
/// count, not by the number of runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The number of runs.
    pub runs: u64,
    /// Occurrences in all runs.
    pub occurrences: u64,
    /// Events in all runs.
    pub events: u64,
    /// Checks in all runs.
    pub checks: u64,
    /// The sum of a hash of each run's number and digest.
    pub digest: u64,
    /// The number of runs that were repeated, with the same result.
    pub repeated: u64,
    /// The number of runs that depart from an earlier run.
    pub relatives: u64,
    /// The runs of each file, by path.
    pub files: ByName<FileCounts>,
    /// The faults that fired, by name.
    pub faults: ByName<FaultCounts>,
    /// The different orders of deliveries.
    pub orders: Orders,
    /// The runs that reached each feature, by its number in the universe.
    pub reached: ByNumber,
    /// The runs that met each claim, by its number in the universe.
    pub met: ByNumber,
    /// The failures, by identity.
    pub findings: ByName<Finding>,
}

impl Tally {
    /// Adds one run.
    pub(super) fn add(&mut self, ran: &Ran) {
        let Ran { outcome, .. } = ran;
        self.runs += 1;
        self.occurrences += outcome.occurrences;
        self.events += outcome.events;
        self.checks += outcome.checks();
        let mut digest = Digest::default();
        digest.word(ran.run);
        digest.word(outcome.digest);
        self.digest = self.digest.wrapping_add(digest.value());
        self.repeated += u64::from(ran.repeated);
        self.relatives += u64::from(!outcome.request.branches.is_empty());
        entry(&mut self.files, &outcome.subject.file).add(outcome);
        add_faults(&mut self.faults, &outcome.fired);
        if outcome.broken.is_none() {
            self.orders.add(outcome.order);
        }
        let once = Times { runs: 1, first: ran.run };
        ran.reached.iter().for_each(|(feature, _)| add_times(&mut self.reached, *feature, once));
        ran.met.iter().for_each(|claim| add_times(&mut self.met, *claim, once));
        if let Some(finding) = &ran.finding {
            self.add_finding(finding);
        }
    }

    /// Adds the runs of another tally, which has none of this one's.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.occurrences += other.occurrences;
        self.events += other.events;
        self.checks += other.checks;
        self.digest = self.digest.wrapping_add(other.digest);
        self.repeated += other.repeated;
        self.relatives += other.relatives;
        merge_files(&mut self.files, &other.files);
        merge_faults(&mut self.faults, &other.faults);
        self.orders.merge(&other.orders);
        merge_times(&mut self.reached, &other.reached);
        merge_times(&mut self.met, &other.met);
        other.findings.values().for_each(|finding| self.add_finding(finding));
    }

    fn add_finding(&mut self, finding: &Finding) {
        match self.findings.get_mut(&finding.failure.identity()) {
            Some(known) => known.merge(finding),
            None => {
                self.findings.insert(finding.failure.identity(), finding.clone());
            }
        }
    }
}
