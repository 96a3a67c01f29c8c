//! From a queue to its consumer, and back.

use super::kind::BrokerKind;
use super::{Broker, Due, OVERTAKING, Parcel, kafka, sqs};
use crate::kernel::{Backoff, NodeId, Span};
use crate::model::{Domain, Fact, StreamId};
use crate::platform::cx::Cx;
use crate::platform::defects::UNACKED_LOST;
use crate::platform::faults::{
    CONNECTION_CLOSED, CONSUMER_CANCELLED, OVERTAKEN, REBALANCE, REDELIVERY, VISIBILITY_LAPSED,
};
use crate::platform::message::Message;

impl<D: Domain> Broker<D> {
    /// Delivers messages as long as the consumer has room.
    pub(super) fn deliver(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        if self.deliver_shared(queue, cx) {
            return;
        }
        while let Some(consumer) = self.volatile.consumers[usize::from(queue)] {
            if self.volatile.joining.has(queue) {
                break;
            }
            let room = (consumer.prefetch, consumer.since);
            let Some(parcel) = self.next(queue, room, cx) else { break };
            cx.because(parcel.letter.cause, |cx| self.deliver_to(consumer.node, queue, parcel, cx));
        }
    }

    /// The next message of a queue whose consumer has a prefetch, and all messages from after a tag on.
    fn next(
        &mut self,
        queue: u8,
        (prefetch, since): (u32, u64),
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<Parcel<D>> {
        if let Some(kafka) = kafka::settings(cx) {
            self.expire(queue, kafka.retention, cx);
        }
        let held = self.queue(queue);
        if held.held_since(since) >= prefetch as usize {
            return None;
        }
        match &cx.settings().broker.kind {
            BrokerKind::Generic | BrokerKind::RabbitMq(_) => held.next(),
            BrokerKind::Sqs(_) if !sqs::is_fifo(cx) => held.next(),
            BrokerKind::Sqs(_) => held.next_that(sqs::is_first_of_group),
            BrokerKind::Kafka(kafka) => {
                held.next_that(|held, parcel| kafka::is_next_of_partition(held, parcel, kafka))
            }
        }
    }

    /// Draws whether another instance replaces the one that has just got a message of a stream.
    fn may_replace(
        &mut self,
        queue: u8,
        consumer: NodeId,
        stream: StreamId,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if self.consumer(consumer, queue).is_some() {
            self.standby_early(queue, stream, cx);
        } else {
            self.claim_lapsed(queue, stream, cx);
        }
    }

    pub(super) fn deliver_to(
        &mut self,
        consumer: NodeId,
        queue: u8,
        parcel: Parcel<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let stream = parcel.stream();
        let kind = &cx.settings().broker.kind;
        let keeps_order = matches!(kind, BrokerKind::Kafka(_)) || sqs::is_fifo(cx);
        let overtakers = if keeps_order { 0 } else { cx.fault(&OVERTAKEN, stream) };
        if overtakers > 0 {
            return self.set_aside(queue, parcel, OVERTAKING, Some(overtakers), cx);
        }
        self.half_open(queue, &parcel, cx);
        let tag = self.hand_over(queue, consumer, parcel, cx);
        match kind {
            BrokerKind::Generic => {
                self.may_close(queue, consumer, stream, cx);
                self.may_replace(queue, consumer, stream, cx);
            }
            BrokerKind::RabbitMq(_) => {
                self.may_close(queue, consumer, stream, cx);
                self.may_replace(queue, consumer, stream, cx);
                if self.consumer(consumer, queue).is_some()
                    && cx.fault(&CONSUMER_CANCELLED, stream) > 0
                {
                    self.cancel(queue, consumer, cx);
                }
            }
            BrokerKind::Sqs(_) => {
                let lapses = cx.fault(&VISIBILITY_LAPSED, stream) > 0;
                if lapses {
                    self.queue(queue).show(&VISIBILITY_LAPSED);
                }
                self.hide(queue, tag, lapses, cx);
            }
            BrokerKind::Kafka(_) => {
                if cx.fault(&REBALANCE, stream) > 0 {
                    self.rebalance(queue, cx);
                }
                self.claim_lapsed(queue, stream, cx);
            }
        }
    }

    /// Draws whether the connection of a consumer is closed.
    fn may_close(&mut self, queue: u8, consumer: NodeId, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        if cx.fault(&CONNECTION_CLOSED, stream) > 0 {
            // The consumer notices when its heartbeat fails; its messages go back at once.
            cx.fact(Fact::ConnectionClosed { queue });
            self.volatile.closed = self.volatile.closed.with(queue);
            self.disconnected(consumer, cx);
            cx.disconnect(consumer);
        }
    }

    /// Delivers a message, under a new tag.
    fn hand_over(
        &mut self,
        queue: u8,
        to: NodeId,
        mut parcel: Parcel<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> u64 {
        self.durable.tags += 1;
        let tag = self.durable.tags;
        // A released message was delivered too, although that delivery does not count.
        let redelivered = parcel.deliveries + parcel.refusals > 0;
        parcel.deliveries += 1;
        (parcel.letter.redelivered, parcel.letter.cause) = (redelivered, cx.here());
        let letter = parcel.letter.clone();
        cx.fact(Fact::Delivered { queue, event: letter.event.clone(), redelivered });
        let overtakes = self.queue(queue).overtakes(&parcel);
        let delivery = Message::Deliver { tag, letter };
        if self.volatile.half_open.has(queue) {
            // It is lost on the way.
        } else if overtakes.is_some() {
            cx.send_faulty(&OVERTAKEN, to, delivery);
        } else if let Some(fault) = parcel.shows.take() {
            cx.send_faulty(fault, to, delivery);
        } else {
            cx.send(to, delivery);
        }
        self.queue(queue).hand_over(tag, parcel);
        for overtaken in overtakes.into_iter().flatten() {
            self.rested(queue, overtaken, cx);
        }
        tag
    }

    /// Removes a message that is acknowledged.
    pub(super) fn acked(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        match &cx.settings().broker.kind {
            BrokerKind::Generic | BrokerKind::RabbitMq(_) => {}
            BrokerKind::Sqs(_) => return self.delete(queue, tag, cx),
            BrokerKind::Kafka(kafka) => return self.processed(queue, tag, kafka.commit, cx),
        }
        let Some(mut parcel) = self.take(queue, tag) else { return };
        if cx.fault(&REDELIVERY, parcel.stream()) > 0 {
            parcel.shows = Some(&REDELIVERY);
            self.give_back(queue, parcel, false, cx);
        } else {
            cx.fact(Fact::Acked { queue, position: parcel.position() });
        }
        self.deliver(queue, cx);
    }

    /// Takes back a message that its consumer could not handle.
    pub(super) fn rejected(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        if kafka::settings(cx).is_some() {
            return self.seek(queue, tag, true, cx);
        }
        if let Some(parcel) = self.take(queue, tag) {
            self.give_back(queue, parcel, true, cx);
            self.deliver(queue, cx);
        }
    }

    /// Takes back a message that its consumer has not tried to handle.
    pub(super) fn released(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        match &cx.settings().broker.kind {
            BrokerKind::Generic => {}
            // To the broker it is a delivery that failed.
            BrokerKind::RabbitMq(_) | BrokerKind::Sqs(_) => return self.rejected(queue, tag, cx),
            BrokerKind::Kafka(_) => return self.seek(queue, tag, false, cx),
        }
        if let Some(mut parcel) = self.take(queue, tag) {
            parcel.deliveries -= 1;
            self.rest(queue, parcel, cx);
            self.deliver(queue, cx);
        }
    }

    /// Takes a message from its consumer.
    pub(super) fn take(&mut self, queue: u8, tag: u64) -> Option<Parcel<D>> {
        self.volatile.deadlines.clear(Due::Visible(queue, tag));
        self.queue(queue).take(tag)
    }

    /// Takes back the messages that were handed out under tags up to this one.
    pub(super) fn take_back(&mut self, queue: u8, upto: u64, cx: &mut Cx<'_, '_, D>) {
        for parcel in self.queue(queue).take_upto(upto) {
            if cx.has(&UNACKED_LOST) {
                continue;
            }
            cx.because(parcel.letter.cause, |cx| self.give_back(queue, parcel, false, cx));
        }
    }

    /// Returns a message to its queue, or makes it a dead letter if it was delivered too often.
    pub(super) fn give_back(
        &mut self,
        queue: u8,
        mut parcel: Parcel<D>,
        rests: bool,
        cx: &mut Cx<'_, '_, D>,
    ) {
        parcel.letter.cause = cx.here();
        if cx.settings().broker.limit().is_some_and(|limit| parcel.deliveries >= limit) {
            self.dead_letter(queue, parcel, cx);
        } else if rests {
            self.rest(queue, parcel, cx);
        } else {
            self.requeue(queue, parcel, cx);
        }
    }

    /// Returns a message to its place.
    pub(super) fn requeue(&mut self, queue: u8, mut parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        parcel.letter.cause = cx.here();
        cx.fact(Fact::Requeued { queue, position: parcel.position() });
        self.put(queue, parcel, cx);
    }

    /// Lets a message rest before it is delivered again.
    pub(super) fn rest(&mut self, queue: u8, mut parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        let settings = &cx.settings().broker;
        let pause = Backoff::capped(settings.retry, settings.retry_max).delay(parcel.refusals);
        parcel.refusals += 1;
        self.set_aside(queue, parcel, pause, None, cx);
    }

    fn set_aside(
        &mut self,
        queue: u8,
        mut parcel: Parcel<D>,
        pause: Span,
        overtakers: Option<u64>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        parcel.letter.cause = cx.here();
        cx.fact(Fact::Requeued { queue, position: parcel.position() });
        self.volatile.deadlines.set(Due::Rested(queue, parcel.arrival), pause, cx);
        self.queue(queue).set_aside(parcel, overtakers);
    }

    /// Ends the rest of a message.
    pub(super) fn rested(&mut self, queue: u8, arrival: u64, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.clear(Due::Rested(queue, arrival));
        let Some((mut parcel, overtakers)) = self.queue(queue).take_back(arrival) else { return };
        if let BrokerKind::RabbitMq(rabbit) = &cx.settings().broker.kind
            && rabbit.returns_to_the_end()
            && overtakers.is_none()
        {
            self.durable.arrivals += 1;
            parcel.arrival = self.durable.arrivals;
        }
        self.put(queue, parcel, cx);
    }

    /// Puts a message to its place, or behind a dead letter of its stream.
    pub(super) fn put(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        let position = parcel.position();
        if !self.queue(queue).put(parcel) {
            cx.fact(Fact::Parked { queue, position });
        }
    }
}
