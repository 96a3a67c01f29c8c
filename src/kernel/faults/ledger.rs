//! What became of faults: asked for, fired, seen.

use super::fault::Fault;
use super::plan::ScriptedFault;
use crate::kernel::name::{Actor, Entity, NodeId};

/// A fault that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fired {
    /// Which fault.
    pub fault: &'static Fault,
    /// At which node, or for which kind of message between which nodes.
    pub actor: Actor,
    /// About what.
    pub entity: Entity,
    /// Its size.
    pub size: u64,
}

/// What became of the faults of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultLedger {
    /// The scripted faults, in the order of the script.
    pub scripted: Vec<ScriptedRecord>,
    /// The faults that fired, by fault and node.
    pub fired: Vec<FiredAt>,
}

/// A scripted fault and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedRecord {
    /// What the script asks for.
    pub asked: ScriptedFault,
    /// How many opportunities it had, with those that it skipped.
    pub opportunities: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler met its effect.
    pub seen: u64,
}

/// How often a fault fired at a node, and how often its effect was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiredAt {
    /// Which fault.
    pub fault: &'static Fault,
    /// At which node, or from which.
    pub node: NodeId,
    /// How often the scripted faults that fired here may fire; 0 if the seed drew them all.
    pub asked: u64,
    /// How often it fired.
    pub fired: u64,
    /// How often a handler met its effect.
    pub seen: u64,
}

/// The fault whose effect an occurrence brings to its handler, and the node at which it fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) struct Mark {
    /// The site of the fault, which is never 0; 0 if there is no fault.
    site: u8,
    node: NodeId,
}

/// What has fired in a run so far, and what of it was seen.
#[derive(Clone, Debug, Default)]
pub(in crate::kernel) struct Firings {
    firings: Vec<Firing>,
    /// Faults whose only effect is that a node waits in vain: where they fired, and which nodes may
    /// notice.
    silent: Vec<(&'static Fault, NodeId, [NodeId; 2])>,
    /// What fired during the present occurrence.
    pub(in crate::kernel) news: Vec<Fired>,
}

/// How often a fault fired at a node for one reason.
#[derive(Clone, Copy, Debug)]
struct Firing {
    fault: &'static Fault,
    node: NodeId,
    /// Which scripted fault asked for it; `None` if it was drawn or forced.
    scripted: Option<usize>,
    fired: u64,
    seen: u64,
}

impl ScriptedRecord {
    pub(super) const fn of(asked: ScriptedFault) -> Self {
        Self { asked, opportunities: 0, fired: 0, seen: 0 }
    }

    /// Counts one opportunity; whether the fault is to fire.
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

    /// Marks what is not marked yet.
    pub(in crate::kernel) fn add(&mut self, fault: &Fault, node: NodeId) {
        if self.site == 0 {
            *self = Self::of(fault, node);
        }
    }
}

impl Firings {
    /// Counts a fault that fired at `node`.
    pub(super) fn count(&mut self, fired: Fired, node: NodeId, scripted: Option<usize>) {
        let fault = fired.fault;
        self.news.push(fired);
        let same = |known: &&mut Firing| {
            known.fault == fault && known.node == node && known.scripted == scripted
        };
        match self.firings.iter_mut().find(same) {
            Some(firing) => firing.fired += 1,
            None => self.firings.push(Firing { fault, node, scripted, fired: 1, seen: 0 }),
        }
    }

    /// A handler met the effect of a fault. Of several firings at one node the earliest is counted as
    /// seen first.
    pub(in crate::kernel) fn seen(&mut self, mark: Mark) {
        let unseen = |firing: &&mut Firing| {
            Mark::of(firing.fault, firing.node) == mark && firing.seen < firing.fired
        };
        if let Some(firing) = self.firings.iter_mut().find(unseen) {
            firing.seen += 1;
        }
    }

    /// A fault that fired at `node` is seen when one of `witnesses` has waited long enough.
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

    /// `witness` has waited long enough.
    pub(in crate::kernel) fn waited(&mut self, witness: NodeId) {
        if self.silent.is_empty() {
            return;
        }
        let shown = |(_, _, witnesses): &mut (_, _, [NodeId; 2])| witnesses.contains(&witness);
        for (fault, node, _) in self.silent.extract_if(.., shown).collect::<Vec<_>>() {
            self.seen(Mark::of(fault, node));
        }
    }

    /// The ledger of the run, with what became of its scripted faults.
    pub(super) fn ledger(&self, scripted: Vec<ScriptedRecord>) -> FaultLedger {
        let mut ledger = FaultLedger { scripted, fired: Vec::new() };
        let mut firings = self.firings.clone();
        firings.sort_by_key(|firing| (firing.fault.site.index(), firing.node));
        for Firing { fault, node, scripted, fired, seen } in firings {
            let asked = scripted.map_or(0, |nth| {
                let record = &mut ledger.scripted[nth];
                record.seen += seen;
                record.asked.times
            });
            match ledger.fired.last_mut() {
                Some(last) if last.fault == fault && last.node == node => {
                    last.asked = last.asked.saturating_add(asked);
                    last.fired += fired;
                    last.seen += seen;
                }
                _ => ledger.fired.push(FiredAt { fault, node, asked, fired, seen }),
            }
        }
        ledger
    }
}
