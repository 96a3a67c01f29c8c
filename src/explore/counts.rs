//! Counts of a campaign: its faults and its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::session::{FiredEntry, RunOutcome};

/// How often a fault fired and was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}

/// One fault in many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCounts {
    /// The number of runs in which it fired.
    pub runs: u64,
    /// How often it fired and was seen, by kind of node.
    pub at: BTreeMap<String, Counts>,
}

/// One file in many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCounts {
    /// The number of its runs.
    pub runs: u64,
    /// The occurrences in them.
    pub occurrences: u64,
}

/// How many runs did something, and the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The number of runs.
    pub runs: u64,
    /// The number of the first run.
    pub first: u64,
}

impl Counts {
    const fn add(&mut self, other: Self) {
        self.fired += other.fired;
        self.seen += other.seen;
    }
}

impl FaultCounts {
    /// The sum over all kinds of node.
    pub fn total(&self) -> Counts {
        self.at.values().fold(Counts::default(), |mut sum, counts| {
            sum.add(*counts);
            sum
        })
    }

    /// The kinds of node at which it fired and was never seen.
    pub fn unseen_at(&self) -> Vec<&str> {
        let unseen = self.at.iter().filter(|(_, counts)| counts.seen == 0);
        unseen.map(|(kind, _)| kind.as_str()).collect()
    }

    fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        other.at.iter().for_each(|(kind, counts)| entry(&mut self.at, kind).add(*counts));
    }
}

impl FileCounts {
    pub(super) const fn add(&mut self, outcome: &RunOutcome) {
        self.runs += 1;
        self.occurrences += outcome.occurrences;
    }
}

/// Counts by name.
pub(super) type ByName<T> = BTreeMap<String, T>;

/// The counts under a name. A name that is there costs no allocation.
pub(super) fn entry<'a, T: Default>(counts: &'a mut ByName<T>, name: &str) -> &'a mut T {
    if !counts.contains_key(name) {
        counts.insert(name.to_owned(), T::default());
    }
    counts.get_mut(name).expect("it is there by now")
}

/// Counts the faults of one run, which are in order of faults.
pub(super) fn add_faults(counts: &mut ByName<FaultCounts>, fired: &[FiredEntry]) {
    for part in fired.chunk_by(|one, other| one.fault == other.fault) {
        let of_fault = entry(counts, part[0].fault.name);
        of_fault.runs += 1;
        for FiredEntry { kind, fired, seen, .. } in part {
            entry(&mut of_fault.at, kind).add(Counts { fired: *fired, seen: *seen });
        }
    }
}

/// Counts by the number of what is counted.
pub(super) type ByNumber = BTreeMap<u32, Times>;

/// Adds runs to what they did.
pub(super) fn add_times(counts: &mut ByNumber, number: u32, times: Times) {
    let known = counts.entry(number).or_insert(Times { runs: 0, first: times.first });
    known.runs += times.runs;
    known.first = known.first.min(times.first);
}

pub(super) fn merge_times(counts: &mut ByNumber, other: &ByNumber) {
    other.iter().for_each(|(number, times)| add_times(counts, *number, *times));
}

pub(super) fn merge_faults(counts: &mut ByName<FaultCounts>, other: &ByName<FaultCounts>) {
    other.iter().for_each(|(name, other)| entry(counts, name).merge(other));
}

pub(super) fn merge_files(counts: &mut ByName<FileCounts>, other: &ByName<FileCounts>) {
    for (name, FileCounts { runs, occurrences }) in other {
        let counts = entry(counts, name);
        counts.runs += runs;
        counts.occurrences += occurrences;
    }
}
