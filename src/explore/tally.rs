//! The sums over the runs of a campaign.

use serde::{Deserialize, Serialize};

use super::counts::{ByName, add_faults, entry, merge_faults, merge_files};
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
