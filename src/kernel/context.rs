//! What a node may do while it handles an occurrence.

use super::choice::{Site, Space};
use super::name::{Actor, Entity, NodeId, Step};
use super::simulation::{Kernel, Payload};
use super::time::{Instant, Span};

/// A node's view of the kernel during one occurrence: its clock, its sends, its timers, its choices.
///
/// There is nothing else a node can reach: no other node, no queue, no wall clock.
#[derive(Debug)]
pub struct Context<'k, P: Payload> {
    kernel: &'k mut Kernel<P>,
    node: NodeId,
    step: Step,
}

impl<'k, P: Payload> Context<'k, P> {
    pub(super) fn new(kernel: &'k mut Kernel<P>, node: NodeId, step: Step) -> Self {
        Self { kernel, node, step }
    }

    /// The time by this node's clock.
    #[inline]
    pub fn now(&self) -> Instant {
        self.kernel.now()
    }

    /// Which node this is.
    #[inline]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The number of the occurrence being handled.
    #[inline]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Sends a message over the link to `to`.
    #[inline]
    pub fn send(&mut self, to: NodeId, payload: P) {
        self.kernel.send(self.node, to, self.step, false, payload);
    }

    /// Sends a message that by itself is no work: a poll, a heartbeat. A run can rest while such
    /// messages are on their way.
    #[inline]
    pub fn send_idly(&mut self, to: NodeId, payload: P) {
        self.kernel.send(self.node, to, self.step, true, payload);
    }

    /// Gives this node an occurrence of its own after `delay`. A timer is no work by itself: what it
    /// guards has to keep the node busy (see [`Model::idle`](super::Model::idle)).
    #[inline]
    pub fn timer(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.step, delay, false, payload);
    }

    /// Gives this node an occurrence of its own after `delay`, only to look whether there is something
    /// to do. A run in which nothing else is pending has come to its end.
    #[inline]
    pub fn timer_idly(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.step, delay, true, payload);
    }

    /// Draws a choice of this node about `entity`; 0 is benign.
    #[inline]
    pub fn draw(&mut self, site: Site, entity: Entity, space: Space) -> u64 {
        self.kernel.choices_mut().draw(site, Actor::node(self.node), entity, space)
    }

    /// Folds a value into the digest of the run.
    #[inline]
    pub fn fold<T: std::hash::Hash>(&mut self, value: &T) {
        self.kernel.fold(value);
    }
}
