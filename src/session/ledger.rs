//! What became of the faults: asked for, fired, seen.

use std::collections::BTreeMap;

use crate::kernel::{Fault, Scope, Site};
use crate::platform::befalls;

/// A scripted fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Which.
    pub fault: &'static Fault,
    /// At which node, or from which, if the file says so.
    pub node: Option<String>,
    /// To which, if the file says so.
    pub to: Option<String>,
    /// How often at most; `u64::MAX` is at every occasion.
    pub times: u64,
    /// How often it fired.
    pub fired: u64,
    /// Where in the scenario's file it stands, from 1.
    pub line: usize,
    /// In which column, from 1.
    pub column: usize,
}

/// A fault that fired at a node, or at messages from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// Which.
    pub fault: &'static Fault,
    /// The node.
    pub node: String,
    /// The node's kind, as in `relay`.
    pub kind: &'static str,
    /// How often it fired.
    pub fired: u64,
    /// How often somebody met with what it did.
    pub seen: u64,
}

impl Asked {
    /// Whether what struck was, or may have been, what was asked for.
    pub(crate) fn covers(&self, struck: &Struck) -> bool {
        let is = |wanted: &Option<String>| wanted.as_ref().is_none_or(|node| *node == struck.node);
        let here = match self.fault.scope {
            Scope::Node => is(&self.node),
            Scope::Link if self.to.is_some() => is(&self.node),
            // Without a direction it may have fired at whoever sent something to that node.
            Scope::Link | Scope::Pair => is(&self.node) || is(&self.to),
        };
        self.fired > 0 && self.fault == struck.fault && here
    }
}

/// What became of every fault in many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFaults(BTreeMap<Site, FaultCounts>);

/// What became of one fault in many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCounts {
    /// Which.
    pub fault: &'static Fault,
    /// In how many runs it fired.
    pub runs: u64,
    /// How often it fired and was seen, by kind of node.
    pub at: BTreeMap<&'static str, Counts>,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// It fired.
    pub fired: u64,
    /// Somebody met with what it did.
    pub seen: u64,
}

impl CampaignFaults {
    /// Of these faults nothing has fired yet.
    pub fn of(faults: impl IntoIterator<Item = &'static Fault>) -> Self {
        Self(faults.into_iter().map(|fault| (fault.site, FaultCounts::of(fault))).collect())
    }

    /// Counts what fired in one run.
    pub fn add(&mut self, run: &[Struck]) {
        for part in run.chunk_by(|one, other| one.fault == other.fault) {
            for (nth, Struck { fault, node: _, kind, fired, seen }) in part.iter().enumerate() {
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

    /// The kinds of node that it can befall and has not.
    pub fn spared(&self) -> Vec<&'static str> {
        let kinds = befalls(self.fault).unwrap_or_default().iter().copied();
        kinds.filter(|kind| !self.at.contains_key(kind)).collect()
    }

    /// The kinds of node at which it fired and nobody ever noticed.
    pub fn unseen(&self) -> Vec<&'static str> {
        let unseen = self.at.iter().filter(|(_, counts)| counts.seen == 0);
        unseen.map(|(kind, _)| *kind).collect()
    }
}
