//! Faults in outcomes: how often each was requested, fired and seen.

use std::collections::BTreeMap;

use crate::kernel::{Fault, ScriptedRecord, Site};
use crate::platform::node_kinds;

/// A scripted fault and how often it fired, with its nodes by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedEntry {
    /// The fault, its place in the file, and how often it fired and was seen.
    pub record: ScriptedRecord,
    /// The node, or the sender, if the script names one.
    pub node: Option<String>,
    /// The receiver, if the script names one.
    pub to: Option<String>,
}

/// A fault that fired at a node, or for messages from a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredEntry {
    /// The fault.
    pub fault: &'static Fault,
    /// The node.
    pub node: String,
    /// The node's kind, such as `relay`.
    pub kind: &'static str,
    /// How often the scripted faults that fired here may fire: `u64::MAX` at every opportunity, 0 if the
    /// seed drew all of them.
    pub asked: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}

/// The faults of many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFaults(BTreeMap<Site, FaultCounts>);

/// One fault in many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCounts {
    /// The fault.
    pub fault: &'static Fault,
    /// The number of runs in which it fired.
    pub runs: u64,
    /// How often it fired and was seen, by kind of node.
    pub at: BTreeMap<&'static str, Counts>,
}

/// How often a fault fired and was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}

impl CampaignFaults {
    /// Counters of these faults, all zero.
    pub fn of(faults: impl IntoIterator<Item = &'static Fault>) -> Self {
        Self(faults.into_iter().map(|fault| (fault.site, FaultCounts::of(fault))).collect())
    }

    /// Counts the faults of one run.
    pub fn add(&mut self, run: &[FiredEntry]) {
        for part in run.chunk_by(|one, other| one.fault == other.fault) {
            for (nth, FiredEntry { fault, kind, fired, seen, .. }) in part.iter().enumerate() {
                let tally = self.0.entry(fault.site).or_insert_with(|| FaultCounts::of(fault));
                tally.runs += u64::from(nth == 0);
                let counts = tally.at.entry(kind).or_default();
                counts.fired += fired;
                counts.seen += seen;
            }
        }
    }

    /// The counters of each fault, in order of their sites.
    pub fn kinds(&self) -> impl Iterator<Item = &FaultCounts> {
        self.0.values()
    }
}

impl FaultCounts {
    const fn of(fault: &'static Fault) -> Self {
        Self { fault, runs: 0, at: BTreeMap::new() }
    }

    /// The sum over all nodes.
    pub fn total(&self) -> Counts {
        self.at.values().fold(Counts::default(), |sum, counts| Counts {
            fired: sum.fired + counts.fired,
            seen: sum.seen + counts.seen,
        })
    }

    /// The kinds of node at which it can fire and did not.
    pub fn not_exercised_at(&self) -> Vec<&'static str> {
        node_kinds(self.fault).filter(|kind| !self.at.contains_key(kind)).collect()
    }

    /// The kinds of node at which it fired and was never seen.
    pub fn unseen_at(&self) -> Vec<&'static str> {
        let unseen = self.at.iter().filter(|(_, counts)| counts.seen == 0);
        unseen.map(|(kind, _)| *kind).collect()
    }
}
