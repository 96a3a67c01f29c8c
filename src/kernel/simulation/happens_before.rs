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
