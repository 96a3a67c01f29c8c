//! Faults that follow each other: what repairs the damage of the first meets the next.

use super::super::rates::Frequency;
use crate::kernel::faults::Fault;
use crate::kernel::{Actor, Entity, NodeId};

/// Where faults happen in a run in which they come in clusters: one of a family anywhere, others soon after it.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// The family of the first fault.
    pub(super) first: &'static str,
    /// How many occurrences after a fault others happen.
    pub(super) window: u64,
    /// How many of them are left.
    pub(super) left: u64,
    pub(super) bond: Bond,
    /// The conversation and the nodes of the last fault.
    pub(super) last: Option<(Option<u32>, [NodeId; 2])>,
}

/// What the faults of a cluster have in common, besides their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    Nothing,
    Conversation,
    /// One of the two nodes.
    Node,
}

impl Cluster {
    pub(super) fn often(&self, fault: &Fault, actor: Actor, entity: Entity) -> Frequency {
        let Some((number, nodes)) = self.last.filter(|_| self.left > 0) else {
            return if fault.family == self.first { Frequency::Seldom } else { Frequency::Never };
        };
        let is_bound = match self.bond {
            Bond::Nothing => true,
            Bond::Conversation => number == entity.number(),
            Bond::Node => nodes.contains(&actor.from) || nodes.contains(&actor.to),
        };
        if is_bound { Frequency::Often } else { Frequency::Never }
    }

    /// A drawn fault has fired.
    pub(super) fn fired(&mut self, actor: Actor, entity: Entity) {
        self.left = self.window;
        self.last = Some((entity.number(), [actor.from, actor.to]));
    }

    /// An occurrence is delivered.
    pub(super) fn pass(&mut self) {
        self.left = self.left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{CRASH_AFTER, DROP, Kind};

    fn actor(from: u16, to: u16) -> Actor {
        Actor { from: NodeId(from), to: NodeId(to), kind: Kind(1) }
    }

    /// How often a node crashes at a message about the stream with this number.
    fn crashes(cluster: &Cluster, (from, to): (u16, u16), number: u64) -> Frequency {
        cluster.often(&CRASH_AFTER, actor(from, to), Entity(1 << 56 | number))
    }

    /// After a message about stream 7 from node 1 to node 2 was lost.
    fn struck(bond: Bond) -> Cluster {
        let mut cluster = Cluster { first: DROP.family, window: 2, left: 0, bond, last: None };
        let (lost, about) = (actor(1, 2), Entity(1 << 56 | 7));
        assert_eq!(cluster.often(&DROP, lost, about), Frequency::Seldom);
        assert_eq!(crashes(&cluster, (1, 2), 7), Frequency::Never, "it is of another family");
        cluster.fired(lost, about);
        cluster
    }

    #[test]
    fn a_fault_makes_others_likely_for_a_while() {
        let mut cluster = struck(Bond::Nothing);
        assert_eq!(crashes(&cluster, (8, 9), 8), Frequency::Often);
        cluster.pass();
        assert_eq!(crashes(&cluster, (8, 9), 8), Frequency::Often);
        cluster.pass();
        assert_eq!(crashes(&cluster, (1, 2), 7), Frequency::Never);
    }

    #[test]
    fn the_others_are_about_the_same_conversation_or_at_the_same_node() {
        let cluster = struck(Bond::Conversation);
        assert_eq!(crashes(&cluster, (8, 9), 7), Frequency::Often);
        assert_eq!(crashes(&cluster, (1, 2), 8), Frequency::Never);
        let cluster = struck(Bond::Node);
        assert_eq!(crashes(&cluster, (2, 9), 8), Frequency::Often);
        assert_eq!(crashes(&cluster, (8, 9), 7), Frequency::Never);
    }
}
