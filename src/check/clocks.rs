//! How wrong the clocks of nodes are. A record has the true time; a node acts by its own clock.

use crate::collections::SortedMap;
use crate::kernel::{CLOCK_AHEAD, CLOCK_BEHIND, Fault, Fired, Instant, NodeId, Span};

/// The last fault of each clock, by how much, and until when. A clock is wrong by its last fault only.
#[derive(Clone, Debug, Default)]
pub(super) struct Clocks(SortedMap<NodeId, (&'static Fault, Span, Instant)>);

impl Clocks {
    /// A fault has fired. If it sets a clock, it says when that is right again.
    pub(super) fn disturbed(&mut self, fired: &Fired) {
        if let Some(until) = fired.until {
            let by = Span::from_micros(fired.size);
            self.0.insert(fired.actor.to, (fired.fault, by, until));
        }
    }

    /// How far the clock of a node is ahead.
    pub(super) fn ahead(&self, node: NodeId, now: Instant) -> Span {
        self.wrong(&CLOCK_AHEAD, node, now)
    }

    /// How far the clock of a node is behind.
    pub(super) fn behind(&self, node: NodeId, now: Instant) -> Span {
        self.wrong(&CLOCK_BEHIND, node, now)
    }

    fn wrong(&self, fault: &Fault, node: NodeId, now: Instant) -> Span {
        let last = self.0.get(&node).filter(|(last, _, until)| *last == fault && now < *until);
        last.map_or(Span::ZERO, |(_, by, _)| *by)
    }
}
