//! The ledger of faults: requested, fired, seen.

use super::{Fault, ScriptedFault};
use crate::kernel::{Actor, Cause, Entity, Instant, NodeId};

/// A fault that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fired {
    /// Which fault.
    pub fault: &'static Fault,
    /// The node, or the kind of message between two nodes.
    pub actor: Actor,
    /// The entity that it is about.
    pub entity: Entity,
    /// Its size.
    pub size: u64,
    /// When a wrong clock is right again.
    pub until: Option<Instant>,
}

/// The faults of one run, and how often they fired and were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultLedger {
    /// The scripted faults, in the order of the script.
    pub scripted: Vec<ScriptedRecord>,
    /// The faults that fired, by fault and node.
    pub fired: Vec<FiredAt>,
}

/// A scripted fault, and how often it fired and was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedRecord {
    /// The fault as the script requests it.
    pub asked: ScriptedFault,
    /// Its opportunities, including those that it skipped.
    pub opportunities: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}

/// How often a fault fired at a node, and how often its effect was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiredAt {
    /// Which fault.
    pub fault: &'static Fault,
    /// The node at which it fired; for a link or a pair, the sender.
    pub node: NodeId,
    /// How often the scripted faults that fired here may fire; 0 if the seed drew all of them.
    pub asked: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler was affected by it.
    pub seen: u64,
}

/// The fault that affects an occurrence, and the node at which it fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) struct Mark {
    /// The site of the fault, which is never 0; 0 means no fault.
    site: u8,
    node: NodeId,
}

/// The faults that have fired in a run so far, and how often they were seen.
#[derive(Clone, Debug, Default)]
pub(in crate::kernel) struct Firings {
    /// How often each fault fired at each node, separately for each scripted fault that requested it.
    firings: Vec<(Option<usize>, FiredAt)>,
    /// Faults whose only effect is a timeout: where they fired, and the nodes that can time out.
    silent: Vec<(&'static Fault, NodeId, [NodeId; 2])>,
    /// The faults that fired during the current occurrence.
    pub(in crate::kernel) news: Vec<(Cause, Fired)>,
}

impl ScriptedRecord {
    pub(super) const fn of(asked: ScriptedFault) -> Self {
        Self { asked, opportunities: 0, fired: 0, seen: 0 }
    }

    /// Counts one opportunity; whether the fault fires.
    pub(super) fn count_opportunity(&mut self) -> bool {
        self.opportunities += 1;
        self.opportunities > self.asked.skip && self.fired < self.asked.times
    }
}

impl Mark {
    pub(in crate::kernel) const NONE: Self = Self { site: 0, node: NodeId(0) };

    pub(in crate::kernel) const fn of(fault: &Fault, node: NodeId) -> Self {
        Self { site: fault.site.index(), node }
    }

    /// Sets the mark if there is none yet.
    pub(in crate::kernel) fn add(&mut self, fault: &Fault, node: NodeId) {
        if self.site == 0 {
            *self = Self::of(fault, node);
        }
    }
}

impl Firings {
    /// Counts a fault that fired at `node`.
    pub(super) fn count(
        &mut self,
        fired: Fired,
        here: Cause,
        node: NodeId,
        scripted: Option<usize>,
    ) {
        let fault = fired.fault;
        self.news.push((here, fired));
        let same =
            |(by, at): &&mut (_, FiredAt)| *by == scripted && at.fault == fault && at.node == node;
        match self.firings.iter_mut().find(same) {
            Some((_, at)) => at.fired += 1,
            None => {
                let at = FiredAt { fault, node, asked: 0, fired: 1, seen: 0 };
                self.firings.push((scripted, at));
            }
        }
    }

    /// A handler was affected by a fault. Of several firings at one node the earliest is counted first.
    pub(in crate::kernel) fn seen(&mut self, mark: Mark) {
        let unseen = |at: &&mut FiredAt| Mark::of(at.fault, at.node) == mark && at.seen < at.fired;
        if let Some(at) = self.firings.iter_mut().map(|(_, at)| at).find(unseen) {
            at.seen += 1;
        }
    }

    /// A fault that fired at `node` is seen when one of `witnesses` times out.
    pub(in crate::kernel) fn shows_late(
        &mut self,
        fault: &'static Fault,
        node: NodeId,
        witnesses: [NodeId; 2],
    ) {
        if !self.silent.contains(&(fault, node, witnesses)) {
            self.silent.push((fault, node, witnesses));
        }
    }

    /// `witness` has timed out.
    pub(in crate::kernel) fn waited(&mut self, witness: NodeId) {
        let shown = |(_, _, witnesses): &mut (_, _, [NodeId; 2])| witnesses.contains(&witness);
        for (fault, node, _) in self.silent.extract_if(.., shown).collect::<Vec<_>>() {
            self.seen(Mark::of(fault, node));
        }
    }

    /// The ledger of the run.
    pub(super) fn ledger(&self, scripted: Vec<ScriptedRecord>) -> FaultLedger {
        let mut ledger = FaultLedger { scripted, fired: Vec::new() };
        let mut firings = self.firings.clone();
        firings.sort_by_key(|(_, at)| (at.fault.site.index(), at.node));
        for (scripted, mut at) in firings {
            if let Some(nth) = scripted {
                ledger.scripted[nth].seen += at.seen;
                at.asked = ledger.scripted[nth].asked.times;
            }
            match ledger.fired.last_mut() {
                Some(last) if last.fault == at.fault && last.node == at.node => {
                    last.asked = last.asked.saturating_add(at.asked);
                    last.fired += at.fired;
                    last.seen += at.seen;
                }
                _ => ledger.fired.push(at),
            }
        }
        ledger
    }
}
