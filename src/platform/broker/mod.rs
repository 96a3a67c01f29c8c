//! The broker: a queue for each consumer, with at-least-once delivery.
//!
//! A message names its queues. A queue delivers to its consumer in order, up to the prefetch. When
//! the consumer is lost, its unacknowledged messages return to their places and are marked as
//! redelivered. A rejected message rests before it is delivered again, longer each time. A confirm
//! lists the queues that have the message; queues that are not bound return it.
//!
//! A message that was delivered too often becomes a dead letter, and its stream is parked in that
//! queue: later messages of the stream wait behind it, in order, and other streams continue. An
//! operator retries parked messages after a while, as often as necessary. Queues survive a crash
//! with all their messages, as quorum queues do; consumers have to subscribe again.

mod queue;
#[cfg(test)]
mod tests;

use crate::kernel::{Backoff, Entity, NodeId, Span};
use crate::model::{DeadLetter, Domain, Fact, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{
    LIMIT_WITHOUT_DLX, REDRIVE_NOT_REARMED, RESTING_LOST_IN_RESTART, UNACKED_LOST,
};
use crate::platform::faults::{
    BINDING_LOST, CONFIRM_LOST, CONNECTION_CLOSED, OVERTAKEN, REDELIVERY,
};
use crate::platform::message::{Letter, Message};
use crate::platform::topology::{Queues, queues};
use queue::{Parcel, Queue};

/// How long a message waits at most for those that overtake it.
const OVERTAKING: Span = Span::from_secs(1);

/// The broker as a node.
#[derive(Clone, Debug)]
pub(crate) struct Broker<D: Domain> {
    durable: Durable<D>,
    volatile: Volatile,
}

/// What survives a crash: the queues, with the messages that consumers held.
#[derive(Clone, Debug)]
struct Durable<D: Domain> {
    queues: Vec<Queue<D>>,
    /// The number of the last arrival.
    arrivals: u64,
    /// The last tag. No tag is reused: an acknowledgement from before a crash matches nothing.
    tags: u64,
}

/// What a crash loses: connections and deadlines.
#[derive(Clone, Debug)]
struct Volatile {
    consumers: Vec<Option<Consumer>>,
    /// Queues whose consumer's connection was closed, until it subscribes again.
    closed: Queues,
    deadlines: Deadlines<Due>,
}

#[derive(Clone, Copy, Debug)]
struct Consumer {
    node: NodeId,
    prefetch: u32,
}

/// What has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The rest of a message ends: its queue and its arrival.
    Rested(u8, u64),
    /// A queue is bound again.
    Bound(u8),
    /// The operator retries the dead letters.
    Redrive,
}

impl<D: Domain> Broker<D> {
    pub(crate) fn new() -> Self {
        let queues: Vec<_> = (0..queues::<D>()).map(|_| Queue::new()).collect();
        let (consumers, deadlines) = (vec![None; queues.len()], Deadlines::default());
        let volatile = Volatile { consumers, closed: Queues::NONE, deadlines };
        Self { durable: Durable { queues, arrivals: 0, tags: 0 }, volatile }
    }

    /// Loses connections and deadlines.
    pub(crate) fn crash(&mut self) {
        self.volatile = Self::new().volatile;
    }

    /// Returns all messages to their queues, and binds every queue again.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            self.queue(queue).bound = true;
            if !cx.has(&RESTING_LOST_IN_RESTART) {
                for arrival in self.queue(queue).resting() {
                    self.rested(queue, arrival, cx);
                }
            }
            self.take_from_consumer(queue, cx);
        }
        if !self.dead_letters().is_empty() && !cx.has(&REDRIVE_NOT_REARMED) {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
    }

    /// The number of messages in each queue that are not parked.
    pub(crate) fn queued(&self) -> Vec<u64> {
        self.durable.queues.iter().map(Queue::len).collect()
    }

    /// Dead letters and the messages parked behind them, by queue and stream.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let letter = |queue, parcel: &Parcel<D>| DeadLetter { queue, position: parcel.position() };
        let queues = self.durable.queues.iter().zip(0..);
        queues.flat_map(|(held, queue)| held.parked().map(move |it| letter(queue, it))).collect()
    }

    /// The work that is left, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| {
            let queues = &self.durable.queues;
            let messages: u64 = queues.iter().map(Queue::len).sum();
            let parked: usize = queues.iter().map(|queue| queue.parked().count()).sum();
            counted(messages, "unacknowledged message") + &format!(", {parked} parked")
        })
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.durable.queues.iter().all(|queue| queue.len() == 0 && queue.parked().next().is_none())
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Publish { letter, queues } => self.route(from, &letter, queues, cx),
            Message::Subscribe { queue, prefetch } => self.subscribe(from, queue, prefetch, cx),
            Message::Widen { queue, prefetch } => {
                if let Some(consumer) = self.consumer(from, queue) {
                    consumer.prefetch = prefetch;
                }
                self.deliver(queue, cx);
            }
            Message::Ack { queue, tag, .. } => self.acked(queue, tag, cx),
            Message::Nack { queue, tag, .. } => {
                if let Some(parcel) = self.queue(queue).take(tag) {
                    self.give_back(queue, parcel, true, cx);
                    self.deliver(queue, cx);
                }
            }
            Message::Release { queue, tag, .. } => {
                if let Some(mut parcel) = self.queue(queue).take(tag) {
                    parcel.deliveries -= 1;
                    self.rest(queue, parcel, cx);
                    self.deliver(queue, cx);
                }
            }
            Message::Disconnected(peer) => self.disconnected(peer, cx),
            Message::Tick => {
                for (due, cause) in self.volatile.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(due, cx));
                }
            }
            other => unreachable!("the broker does not take {other:?}"),
        }
    }

    fn overdue(&mut self, due: Due, cx: &mut Cx<'_, '_, D>) {
        match due {
            Due::Rested(queue, arrival) => {
                self.rested(queue, arrival, cx);
                self.deliver(queue, cx);
            }
            Due::Bound(queue) => self.queue(queue).bound = true,
            Due::Redrive => self.redrive(cx),
        }
    }

    /// Puts a message into each of its queues, and confirms it.
    fn route(&mut self, relay: NodeId, letter: &Letter<D>, wanted: Queues, cx: &mut Cx<'_, '_, D>) {
        let (stream, position) = (letter.event.stream, letter.event.position);
        let (mut kept, mut returned) = (Queues::NONE, Queues::NONE);
        self.durable.arrivals += 1;
        let arrival = self.durable.arrivals;
        for queue in wanted.iter() {
            let lasts = cx.fault(&BINDING_LOST, Entity(u64::from(queue)));
            if lasts > 0 {
                self.queue(queue).bound = false;
                self.volatile.deadlines.set(Due::Bound(queue), Span::from_micros(lasts), cx);
            }
            if self.queue(queue).bound {
                kept = kept.with(queue);
                let letter = Letter { cause: cx.here(), ..letter.clone() };
                self.put(queue, Parcel::new(arrival, letter), cx);
            } else {
                returned = returned.with(queue);
                cx.fact(Fact::Returned { queue, position });
            }
        }
        cx.fact(Fact::Routed { position, queues: kept.count() });
        let confirm = Message::Confirm { stream, position, kept, returned };
        if !returned.are_none() {
            cx.send_faulty(&BINDING_LOST, relay, confirm);
        } else if cx.fault(&CONFIRM_LOST, stream) > 0 {
            cx.fault_shows_late(&CONFIRM_LOST, relay);
        } else {
            cx.send(relay, confirm);
        }
        for queue in kept.iter() {
            self.deliver(queue, cx);
        }
    }

    /// Connects a consumer. It holds nothing: the messages of its predecessor go back first.
    fn subscribe(&mut self, node: NodeId, queue: u8, prefetch: u32, cx: &mut Cx<'_, '_, D>) {
        self.take_from_consumer(queue, cx);
        let closed = self.volatile.closed.without(Queues::NONE.with(queue));
        if std::mem::replace(&mut self.volatile.closed, closed) != closed {
            cx.fault_seen(&CONNECTION_CLOSED);
        }
        self.volatile.consumers[usize::from(queue)] = Some(Consumer { node, prefetch });
        cx.fact(Fact::Subscribed { queue, prefetch });
        self.deliver(queue, cx);
    }

    /// Takes back the messages of a lost consumer.
    fn disconnected(&mut self, peer: NodeId, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            if self.consumer(peer, queue).is_some() {
                self.volatile.consumers[usize::from(queue)] = None;
                self.take_from_consumer(queue, cx);
            }
        }
    }

    fn acked(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        let Some(mut parcel) = self.queue(queue).take(tag) else { return };
        if cx.fault(&REDELIVERY, parcel.stream()) > 0 {
            parcel.acknowledged = true;
            self.give_back(queue, parcel, false, cx);
        } else {
            cx.fact(Fact::Acked { queue, position: parcel.position() });
        }
        self.deliver(queue, cx);
    }

    /// Delivers messages as long as the consumer has room.
    fn deliver(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        while let Some(consumer) = self.volatile.consumers[usize::from(queue)] {
            let Some(parcel) = self.queue(queue).next(consumer.prefetch) else { break };
            cx.because(parcel.letter.cause, |cx| self.deliver_to(consumer.node, queue, parcel, cx));
        }
    }

    fn deliver_to(
        &mut self,
        consumer: NodeId,
        queue: u8,
        parcel: Parcel<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let stream = parcel.stream();
        let overtakers = cx.fault(&OVERTAKEN, stream);
        if overtakers > 0 {
            return self.set_aside(queue, parcel, OVERTAKING, Some(overtakers), cx);
        }
        self.hand_over(queue, consumer, parcel, cx);
        if cx.fault(&CONNECTION_CLOSED, stream) > 0 {
            // The consumer notices when its heartbeat fails; its messages go back at once.
            cx.fact(Fact::ConnectionClosed { queue });
            self.volatile.closed = self.volatile.closed.with(queue);
            self.disconnected(consumer, cx);
            cx.disconnect(consumer);
        }
    }

    fn hand_over(&mut self, queue: u8, to: NodeId, mut parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        self.durable.tags += 1;
        let tag = self.durable.tags;
        // A released message was delivered too, although that delivery does not count.
        let redelivered = parcel.deliveries + parcel.refusals > 0;
        parcel.deliveries += 1;
        parcel.letter.cause = cx.here();
        let letter = parcel.letter.clone();
        cx.fact(Fact::Delivered { queue, event: letter.event.clone(), redelivered });
        let overtakes = self.queue(queue).overtakes(&parcel);
        let delivery = Message::Deliver { tag, letter };
        if overtakes.is_some() {
            cx.send_faulty(&OVERTAKEN, to, delivery);
        } else if std::mem::take(&mut parcel.acknowledged) {
            cx.send_faulty(&REDELIVERY, to, delivery);
        } else {
            cx.send(to, delivery);
        }
        self.queue(queue).hand_over(tag, parcel);
        for overtaken in overtakes.into_iter().flatten() {
            self.rested(queue, overtaken, cx);
        }
    }

    /// Takes back all messages that a queue's consumer holds.
    fn take_from_consumer(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        for parcel in self.queue(queue).take_all() {
            if cx.has(&UNACKED_LOST) {
                continue;
            }
            cx.because(parcel.letter.cause, |cx| self.give_back(queue, parcel, false, cx));
        }
    }

    /// Returns a message to its queue, or makes it a dead letter if it was delivered too often.
    fn give_back(&mut self, queue: u8, mut parcel: Parcel<D>, rests: bool, cx: &mut Cx<'_, '_, D>) {
        parcel.letter.cause = cx.here();
        if parcel.deliveries >= cx.settings().broker.delivery_limit {
            self.dead_letter(queue, parcel, cx);
        } else if rests {
            self.rest(queue, parcel, cx);
        } else {
            cx.fact(Fact::Requeued { queue, position: parcel.position() });
            self.put(queue, parcel, cx);
        }
    }

    /// Lets a message rest before it is delivered again.
    fn rest(&mut self, queue: u8, mut parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
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
    fn rested(&mut self, queue: u8, arrival: u64, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.clear(Due::Rested(queue, arrival));
        if let Some(parcel) = self.queue(queue).take_back(arrival) {
            self.put(queue, parcel, cx);
        }
    }

    fn put(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        let position = parcel.position();
        if !self.queue(queue).put(parcel) {
            cx.fact(Fact::Parked { queue, position });
        }
    }

    /// Makes a message a dead letter, and parks its stream behind it: a consumer that cannot handle
    /// v2 must not get v3.
    fn dead_letter(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        if self.dead_letters().is_empty() {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
        cx.fact(Fact::DeadLettered { queue, position: parcel.position() });
        if cx.has(&LIMIT_WITHOUT_DLX) {
            return;
        }
        for (position, cause) in self.queue(queue).park(parcel) {
            cx.because(cause, |cx| cx.fact(Fact::Parked { queue, position }));
        }
    }

    /// The operator retries everything that is parked.
    fn redrive(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            for (stream, parcels) in self.queue(queue).unpark() {
                let (messages, dead) = (parcels.len() as u32, parcels[0].letter.cause);
                cx.because(dead, |cx| {
                    cx.fact(Fact::Redriven { queue, stream, messages });
                    self.queue(queue).redrive(parcels, cx.here());
                });
            }
            self.deliver(queue, cx);
        }
    }

    fn queue(&mut self, queue: u8) -> &mut Queue<D> {
        &mut self.durable.queues[usize::from(queue)]
    }

    fn consumer(&mut self, node: NodeId, queue: u8) -> Option<&mut Consumer> {
        let consumer = self.volatile.consumers[usize::from(queue)].as_mut();
        consumer.filter(|consumer| consumer.node == node)
    }
}
