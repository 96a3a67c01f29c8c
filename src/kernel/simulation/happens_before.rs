//! The order in which each node handles what it receives.

use super::Class;
use crate::kernel::{Digest, NodeId, OccurrenceKey};

/// For each node, the hash of what was delivered to it so far, in order and without times.
///
/// A node's state depends on nothing else but its clock and its draws. So two runs of one world with the same
/// orders differ in nothing but timing, however the deliveries to different nodes were interleaved: they are in
/// one class under happens-before. Polls are left out: how often a node polled in vain would tell runs apart in
/// which the same happened.
#[derive(Clone, Debug)]
pub(super) struct HappensBefore(Vec<Digest>);

impl HappensBefore {
    /// Nothing was delivered yet to any of this number of nodes.
    pub(super) fn new(nodes: usize) -> Self {
        Self(vec![Digest::default(); nodes])
    }

    /// Notes a delivery.
    #[inline]
    pub(super) fn note(&mut self, to: NodeId, class: Class, key: OccurrenceKey) {
        if class != Class::Poll {
            let node = &mut self.0[to.index()];
            node.word(key.actor.bits() << 16 ^ u64::from(key.nth));
            node.word(key.entity.0);
        }
    }

    /// One hash over all nodes, in order of their numbers.
    pub(super) fn value(&self) -> u64 {
        let mut all = Digest::default();
        self.0.iter().for_each(|node| all.word(node.value()));
        all.value()
    }
}

#[cfg(test)]
mod tests {
    use crate::kernel::{
        Choices, Entity, Holds, Kernel, Kind, Link, Links, NodeId, Overrides, Payload, Policy, Span,
    };

    /// A message about something.
    #[derive(Clone)]
    struct About(u64);

    impl Payload for About {
        fn kind(&self) -> Kind {
            Kind(1)
        }

        fn entity(&self) -> Entity {
            Entity(self.0)
        }
    }

    const IDLE: u64 = 9;

    /// The order of a run in which each of these receivers gets a message about this, at this time. What is
    /// idle is a poll of the receiver.
    fn order(messages: &[(u16, u64, u64)]) -> u64 {
        let link = Link { base: Span::from_millis(1), jitter: Span::ZERO, ordered: false };
        let choices = Choices::new(Policy::Benign, Overrides::default());
        let mut kernel = Kernel::new(Links::new(3, link), choices, Holds::default());
        assert_eq!(kernel.order(), 0);
        kernel.watch_order();
        for &(to, at, about) in messages {
            let mut receiver = kernel.context(NodeId(to));
            match about {
                IDLE => receiver.timer_idly(Span::from_millis(at), About(about)),
                _ => receiver.timer(Span::from_millis(at), About(about)),
            }
        }
        for (nth, _) in messages.iter().enumerate() {
            assert!(kernel.next().is_some(), "{nth}");
        }
        kernel.order()
    }

    #[test]
    fn deliveries_to_different_nodes_can_be_swapped_and_those_to_one_node_cannot() {
        let run = order(&[(1, 1, 4), (2, 2, 5), (1, 3, 6)]);
        assert_eq!(order(&[(2, 1, 5), (1, 2, 4), (1, 7, 6)]), run, "independent");
        assert_ne!(order(&[(1, 1, 6), (2, 2, 5), (1, 3, 4)]), run, "at one node");
        assert_ne!(order(&[(2, 1, 4), (1, 2, 5), (1, 3, 6)]), run, "other receivers");
        assert_ne!(order(&[(1, 1, 4), (2, 2, 5)]), run, "one less");
    }

    #[test]
    fn polls_do_not_count() {
        let run = order(&[(1, 1, 4), (2, 2, 5)]);
        assert_eq!(order(&[(1, 1, 4), (1, 2, IDLE), (2, 3, 5), (2, 4, IDLE)]), run);
    }
}
