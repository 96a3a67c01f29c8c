//! RabbitMQ: a consumer has a connection, and what it holds goes back when the connection is closed.
//!
//! Quorum queues of version 4 count deliveries, up to 4.2 also those that the consumer returned without having
//! failed. Quorum queues of version 3 have no limit by default, and then a message that is returned goes to the
//! end of the queue. Classic queues count nothing and put it back to its place.
//!
//! Two faults are its own. A connection can be *half-open*: messages on it are lost, and the broker holds on to the
//! consumer until heartbeats are missed. If the consumer connects again before, the messages of its old connection
//! stay there. And the server can *cancel* a consumer, of which it is told by a message.

use super::kind::{BrokerKind, RabbitQueues};
use super::{Broker, Consumer, Due};
use crate::kernel::{Fault, NodeId, Span};
use crate::model::{Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::faults::{CONSUMER_CANCELLED, HALF_OPEN};
use crate::platform::message::Message;
use crate::platform::settings::RabbitMqSettings;
use crate::platform::topology::Queues;

/// The faults that no other kind has.
pub(super) const FAULTS: &[&Fault] = &[&HALF_OPEN, &CONSUMER_CANCELLED];

impl RabbitMqSettings {
    /// Whether deliveries are limited.
    pub(super) const fn has_limit(&self) -> bool {
        self.version >= 4 && matches!(self.queues, RabbitQueues::Quorum)
    }

    /// Whether a message that is returned goes to the end of the queue.
    pub(super) const fn returns_to_the_end(&self) -> bool {
        self.version < 4 && matches!(self.queues, RabbitQueues::Quorum)
    }
}

impl<D: Domain> Broker<D> {
    /// Whether what a node sends about a queue is lost on its half-open connection.
    pub(super) fn is_cut_off(&mut self, node: NodeId, queue: u8) -> bool {
        self.volatile.half_open.has(queue) && self.consumer(node, queue).is_some()
    }

    /// Draws whether the connection is half-open from now on.
    pub(super) fn half_open(
        &mut self,
        queue: u8,
        about: &super::Parcel<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if !matches!(cx.settings().broker.kind, BrokerKind::RabbitMq(_))
            || self.volatile.half_open.has(queue)
        {
            return;
        }
        let lasts = cx.fault(&HALF_OPEN, about.stream());
        if lasts > 0 {
            self.volatile.half_open = self.volatile.half_open.with(queue);
            self.volatile.deadlines.set(Due::Heartbeat(queue), Span::from_micros(lasts), cx);
        }
    }

    /// Closes a connection whose heartbeats are missing.
    pub(super) fn heartbeat_missed(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        cx.fault_seen(&HALF_OPEN);
        cx.fact(Fact::ConnectionClosed { queue });
        let consumer = self.volatile.consumers[usize::from(queue)];
        if self.volatile.half_open.has(queue)
            && let Some(Consumer { node, .. }) = consumer
        {
            self.volatile.half_open = self.volatile.half_open.without(Queues::NONE.with(queue));
            let is_back = self.stands_by(node, queue);
            self.lose_active(queue, cx);
            if !is_back {
                cx.disconnect(node);
            }
        } else {
            // It has connected again: only the messages of the old connection go back.
            let since = consumer.map_or(u64::MAX, |consumer| consumer.since);
            self.take_back(queue, since, cx);
            self.deliver(queue, cx);
        }
    }

    /// Cancels the consumer of a queue.
    pub(super) fn cancel(&mut self, queue: u8, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::ConsumerCancelled { queue });
        self.volatile.consumers[usize::from(queue)] = None;
        self.take_back(queue, u64::MAX, cx);
        cx.send_faulty(&CONSUMER_CANCELLED, node, Message::Cancelled { queue });
        self.take_over(queue, cx);
    }
}
