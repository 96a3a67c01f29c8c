//! The fault plan of a run: scripted faults, faults that a seed may draw, and when recovery begins.

use super::{Aim, Fault, Operation, Scope, Unit};
use crate::kernel::{Actor, Entity, Instant, Kind, NodeId, Span};

/// A scripted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptedFault {
    /// Which fault.
    pub fault: &'static Fault,
    /// Its place in the scenario file.
    pub origin: Origin,
    /// The first instant at which it can fire.
    pub from: Instant,
    /// When it ends; it never lasts into the recovery phase.
    pub until: Instant,
    /// The node, or the sender; any if `None`.
    pub node: Option<NodeId>,
    /// The receiver; any if `None`.
    pub to: Option<NodeId>,
    /// The kind of message; any if `None`.
    pub kind: Option<Kind>,
    /// What it is aimed at; anything by default.
    pub aim: Aim,
    /// Its size; the first of the fault's sizes if `None`.
    pub size: Option<u64>,
    /// How many opportunities it skips first.
    pub skip: u64,
    /// The most often it fires.
    pub times: u64,
}

/// A place in a scenario file, both counted from 1. The kernel only passes it on to the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The faults that a seed may draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fuzz {
    /// The faults, in the order of their sites.
    pub faults: Vec<&'static Fault>,
    /// The most that are drawn in one run.
    pub budget: u32,
}

/// All faults that can happen in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// The scripted faults.
    pub scripted: Vec<ScriptedFault>,
    /// The faults that may be drawn.
    pub fuzz: Fuzz,
    /// When the recovery phase begins, in which no fault fires.
    pub recovery_from: Instant,
}

impl Default for FaultPlan {
    /// No faults.
    fn default() -> Self {
        Self { scripted: Vec::new(), fuzz: Fuzz::default(), recovery_from: Instant::MAX }
    }
}

impl ScriptedFault {
    /// The fault at every opportunity.
    pub fn always(fault: &'static Fault) -> Self {
        Self {
            fault,
            origin: Origin::default(),
            from: Instant::ZERO,
            until: Instant::MAX,
            node: None,
            to: None,
            kind: None,
            aim: Aim::default(),
            size: None,
            skip: 0,
            times: u64::MAX,
        }
    }

    /// Whether an opportunity for `fault` is an opportunity for this one.
    pub(super) fn covers(
        &self,
        fault: &Fault,
        actor: Actor,
        (entity, operation): (Entity, Operation),
        now: Instant,
    ) -> bool {
        if self.fault != fault
            || now < self.from
            || now >= self.until
            || self.kind.is_some_and(|kind| kind != actor.kind)
            || !self.aim.admits(entity, operation)
        {
            return false;
        }
        let is = |wanted: Option<NodeId>, node| wanted.is_none_or(|wanted| wanted == node);
        let along = is(self.node, actor.from) && is(self.to, actor.to);
        let against = is(self.node, actor.to) && is(self.to, actor.from);
        match fault.scope {
            Scope::AnyNode | Scope::Node(_) | Scope::Service => is(self.node, actor.to),
            Scope::Link if self.to.is_some() => along,
            Scope::Link | Scope::Pair => along || against,
        }
    }

    /// Its size if it fires now. A lasting fault without a size lasts until its end.
    pub(super) fn size_at(&self, now: Instant, recovery_from: Instant) -> u64 {
        let usual = self.fault.sizes[0];
        match self.fault.unit {
            Unit::Once | Unit::Times | Unit::Span => self.size.unwrap_or(usual),
            Unit::Lasting => {
                let end = self.until.min(recovery_from);
                let left = end.since(now).as_micros().max(1);
                let left = if end == Instant::MAX { usual } else { left };
                self.size.map_or(left, |size| size.min(left))
            }
        }
    }

    /// When its effect ends if it fires now.
    pub(super) fn ends(&self, now: Instant, size: u64) -> Instant {
        match (self.fault.unit, self.size) {
            (Unit::Lasting, Some(_)) => now + Span::from_micros(size),
            (Unit::Lasting | Unit::Once | Unit::Times | Unit::Span, _) => self.until,
        }
    }
}
