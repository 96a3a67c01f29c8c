//! What became of faults: asked for, fired, seen.

use std::collections::BTreeMap;

use crate::kernel::{Fault, ScriptedRecord, Site};
use crate::platform::node_kinds;

/// A scripted fault and what became of it, with its nodes by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedEntry {
    /// What the script asks for, where it does so, and what became of it.
    pub record: ScriptedRecord,
    /// At which node, or from which, if the script says so.
    pub node: Option<String>,
    /// To which node, if the script says so.
    pub to: Option<String>,
}

/// A fault that fired at a node, or for messages from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiredEntry {
    /// Which fault.
    pub fault: &'static Fault,
    /// The node.
    pub node: String,
    /// The node's kind, as in `relay`.
    pub kind: &'static str,
    /// How often the scripted faults that fired here may fire; `u64::MAX` is at every opportunity, 0 if
    /// the seed drew them all.
    pub asked: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler met its effect.
    pub seen: u64,
}

/// What became of every fault in many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFaults(BTreeMap<Site, FaultCounts>);

/// What became of one fault in many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCounts {
    /// Which fault.
    pub fault: &'static Fault,
    /// In how many runs it fired.
    pub runs: u64,
    /// How often it fired and was seen, by kind of node.
    pub at: BTreeMap<&'static str, Counts>,
}

/// How often a fault fired, and how often its effect was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often it fired.
    pub fired: u64,
    /// How often a handler met its effect.
    pub seen: u64,
}

impl CampaignFaults {
    /// These faults, before any run.
    pub fn of(faults: impl IntoIterator<Item = &'static Fault>) -> Self {
        Self(faults.into_iter().map(|fault| (fault.site, FaultCounts::of(fault))).collect())
    }

    /// Counts what fired in one run.
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

    /// One for each fault, in order of their sites.
    pub fn kinds(&self) -> impl Iterator<Item = &FaultCounts> {
        self.0.values()
    }
}

impl FaultCounts {
    const fn of(fault: &'static Fault) -> Self {
        Self { fault, runs: 0, at: BTreeMap::new() }
    }

    /// At all nodes together.
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

    /// The kinds of node at which it fired and its effect was never seen.
    pub fn unseen_at(&self) -> Vec<&'static str> {
        let unseen = self.at.iter().filter(|(_, counts)| counts.seen == 0);
        unseen.map(|(kind, _)| *kind).collect()
    }
}
