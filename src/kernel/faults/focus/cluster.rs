//! Faults that follow each other: what repairs the damage of the first meets the next.

use super::super::rates::Frequency;
use crate::kernel::{Actor, Entity, NodeId};

/// Where faults happen in a run in which they come in clusters: the first anywhere, others soon after it.
#[derive(Clone, Debug)]
pub(super) struct Cluster {
    /// How many occurrences after a fault others are likely.
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
    pub(super) fn often(&self, actor: Actor, entity: Entity) -> Frequency {
        let Some((number, nodes)) = self.last.filter(|_| self.left > 0) else {
            return Frequency::Seldom;
        };
        let is_bound = match self.bond {
            Bond::Nothing => true,
            Bond::Conversation => number == entity.number(),
            Bond::Node => nodes.contains(&actor.from) || nodes.contains(&actor.to),
        };
        if is_bound { Frequency::Often } else { Frequency::Seldom }
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
    use crate::kernel::Kind;

    fn actor(from: u16, to: u16) -> Actor {
        Actor { from: NodeId(from), to: NodeId(to), kind: Kind(1) }
    }

    fn stream(number: u64) -> Entity {
        Entity(1 << 56 | number)
    }

    fn struck(bond: Bond) -> Cluster {
        let mut cluster = Cluster { window: 2, left: 0, bond, last: None };
        assert_eq!(cluster.often(actor(1, 2), stream(7)), Frequency::Seldom);
        cluster.fired(actor(1, 2), stream(7));
        cluster
    }

    #[test]
    fn a_fault_makes_others_likely_for_a_while() {
        let mut cluster = struck(Bond::Nothing);
        assert_eq!(cluster.often(actor(8, 9), stream(8)), Frequency::Often);
        cluster.pass();
        assert_eq!(cluster.often(actor(8, 9), stream(8)), Frequency::Often);
        cluster.pass();
        assert_eq!(cluster.often(actor(1, 2), stream(7)), Frequency::Seldom);
    }

    #[test]
    fn the_others_are_about_the_same_conversation_or_at_the_same_node() {
        let cluster = struck(Bond::Conversation);
        assert_eq!(cluster.often(actor(8, 9), stream(7)), Frequency::Often);
        assert_eq!(cluster.often(actor(1, 2), stream(8)), Frequency::Seldom);
        let cluster = struck(Bond::Node);
        assert_eq!(cluster.often(actor(2, 9), stream(8)), Frequency::Often);
        assert_eq!(cluster.often(actor(8, 9), stream(7)), Frequency::Seldom);
    }
}
