//! The broker: a queue for every consumer, at-least-once delivery.
//!
//! A message comes with the queues that it is for. A queue hands messages to its consumer in order, up
//! to its prefetch; what is not acknowledged goes back to where it was when the consumer is gone, and is
//! then marked as redelivered. What is refused rests a while, longer each time. A confirm says which
//! queues have the message; those that are not bound return it.
//!
//! What was delivered too often becomes a dead letter instead of going in circles, and its stream is
//! parked in that queue: what comes later in the stream waits behind it, in order, and other streams flow
//! on. An operator is told, and has another try at what is parked after a while, as often as it takes.
//! Queues survive a crash with all they hold, as quorum queues do; consumers have to come back.

mod queue;
#[cfg(test)]
mod tests;

use crate::kernel::{Backoff, Entity, NodeId, Span};
use crate::model::{DeadLetter, Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::faults::{
    BINDING_LOST, CONFIRM_LOST, CONNECTION_CLOSED, OVERTAKEN, REDELIVERY,
};
use crate::platform::message::{Letter, Message};
use crate::platform::topology::{Queues, queues};
use queue::{Parcel, Queue};

pub(crate) use crate::platform::topology::saga_queue;

/// How long a message that lost its place waits for those that overtake it.
const OVERTAKING: Span = Span::from_secs(1);

/// The broker as a node.
#[derive(Clone, Debug)]
pub(crate) struct Broker<D: Domain> {
    durable: Durable<D>,
    volatile: Volatile,
}

/// What a crash leaves: queues, and what was in the hands of consumers.
#[derive(Clone, Debug)]
struct Durable<D: Domain> {
    queues: Vec<Queue<D>>,
    /// Numbers messages within their queues, in order of arrival.
    arrivals: u64,
    /// The last tag; none is used twice, so that an acknowledgement from before a crash means nothing
    /// after it.
    tags: u64,
}

/// What a crash takes: who is connected, and what time will bring.
#[derive(Clone, Debug)]
struct Volatile {
    consumers: Vec<Option<Consumer>>,
    /// Queues whose consumer's connection was closed, until it subscribes anew.
    closed: Queues,
    deadlines: Deadlines<Due>,
}

#[derive(Clone, Copy, Debug)]
struct Consumer {
    node: NodeId,
    prefetch: u32,
}

/// What is due some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A message has rested long enough: its queue and its arrival.
    Rested(u8, u64),
    /// A queue's binding is declared anew.
    Bound(u8),
    /// The operator looks after the dead letters.
    Redrive,
}

impl Volatile {
    fn new(queues: usize) -> Self {
        let consumers = vec![None; queues];
        Self { consumers, closed: Queues::NONE, deadlines: Deadlines::default() }
    }
}

impl<D: Domain> Broker<D> {
    pub(crate) fn new() -> Self {
        let queues: Vec<_> = (0..queues::<D>()).map(|_| Queue::new()).collect();
        let volatile = Volatile::new(queues.len());
        Self { durable: Durable { queues, arrivals: 0, tags: 0 }, volatile }
    }

    /// The process dies.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::new(self.durable.queues.len());
    }

    /// All that was in anybody's hands is in its queue again, and every binding is declared anew.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            self.queue(queue).bound = true;
            for arrival in self.queue(queue).resting() {
                self.rested(queue, arrival, cx);
            }
            self.take_from_consumer(queue, cx);
        }
        if !self.dead_letters().is_empty() {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
    }

    /// What each queue holds that nobody has acknowledged.
    pub(crate) fn queued(&self) -> Vec<u64> {
        self.durable.queues.iter().map(Queue::len).collect()
    }

    /// Dead letters and what is parked behind them, by queue and stream.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let letter = |queue, parcel: &Parcel<D>| DeadLetter { queue, position: parcel.position() };
        let queues = self.durable.queues.iter().zip(0..);
        queues.flat_map(|(held, queue)| held.parked().map(move |it| letter(queue, it))).collect()
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let messages: u64 = self.durable.queues.iter().map(Queue::len).sum();
        let parked: usize = self.durable.queues.iter().map(|queue| queue.parked().count()).sum();
        (messages + parked as u64 > 0)
            .then(|| format!("{messages} messages unacknowledged, {parked} parked"))
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
                    self.refused(queue, parcel, cx);
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
                for due in self.volatile.deadlines.take_due(cx) {
                    match due {
                        Due::Rested(queue, arrival) => {
                            self.rested(queue, arrival, cx);
                            self.deliver(queue, cx);
                        }
                        Due::Bound(queue) => self.queue(queue).bound = true,
                        Due::Redrive => self.redrive(cx),
                    }
                }
            }
            other => unreachable!("the broker does not take {other:?}"),
        }
    }

    // ---- from relays

    /// Puts a message into each of its queues. One whose stream is parked there is parked too.
    fn route(&mut self, relay: NodeId, letter: &Letter<D>, wanted: Queues, cx: &mut Cx<'_, '_, D>) {
        let (stream, position) = (letter.event.stream, letter.event.position);
        let (mut kept, mut returned) = (Queues::NONE, Queues::NONE);
        self.durable.arrivals += 1;
        let arrival = self.durable.arrivals;
        for queue in wanted.iter() {
            self.maybe_lose_binding(queue, cx);
            if self.queue(queue).bound {
                kept = kept.with(queue);
                self.put(queue, Parcel::new(arrival, letter.clone()), cx);
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

    fn maybe_lose_binding(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        let lasts = cx.fault(&BINDING_LOST, Entity(u64::from(queue)));
        if lasts > 0 {
            self.queue(queue).bound = false;
            self.volatile.deadlines.set(Due::Bound(queue), Span::from_micros(lasts), cx);
        }
    }

    // ---- from consumers

    /// A consumer that subscribes holds nothing: what it or its predecessor had goes back first.
    fn subscribe(&mut self, node: NodeId, queue: u8, prefetch: u32, cx: &mut Cx<'_, '_, D>) {
        self.take_from_consumer(queue, cx);
        let this = Queues::NONE.with(queue);
        if self.volatile.closed.without(this) != self.volatile.closed {
            self.volatile.closed = self.volatile.closed.without(this);
            cx.fault_seen(&CONNECTION_CLOSED);
        }
        self.volatile.consumers[usize::from(queue)] = Some(Consumer { node, prefetch });
        cx.fact(Fact::Subscribed { queue, prefetch });
        self.deliver(queue, cx);
    }

    /// Nobody is at the other end any more.
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
            self.requeue(queue, parcel, cx);
        } else {
            cx.fact(Fact::Acked { queue, position: parcel.position() });
        }
        self.deliver(queue, cx);
    }

    /// Hands over what the consumer has room for.
    fn deliver(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        while let Some(consumer) = self.volatile.consumers[usize::from(queue)] {
            let source = self.queue(queue);
            if source.in_hand() >= consumer.prefetch as usize {
                break;
            }
            let Some(parcel) = source.next() else { break };
            let stream = parcel.stream();
            let overtakers = cx.fault(&OVERTAKEN, stream);
            if overtakers > 0 {
                self.set_aside(queue, parcel, OVERTAKING, Some(overtakers), cx);
                continue;
            }
            self.hand_over(queue, consumer.node, parcel, cx);
            if cx.fault(&CONNECTION_CLOSED, stream) > 0 {
                self.close_connection(queue, consumer.node, cx);
            }
        }
    }

    fn hand_over(
        &mut self,
        queue: u8,
        consumer: NodeId,
        mut parcel: Parcel<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        self.durable.tags += 1;
        let tag = self.durable.tags;
        // What was given back unread was delivered all the same; it only does not count.
        let redelivered = parcel.deliveries + parcel.refusals > 0;
        parcel.deliveries += 1;
        let letter = parcel.letter.clone();
        cx.fact(Fact::Delivered { queue, event: letter.event.clone(), redelivered });
        let overtakes = self.queue(queue).overtakes(&parcel);
        let delivery = Message::Deliver { tag, letter };
        if overtakes.is_some() {
            cx.send_faulty(&OVERTAKEN, consumer, delivery);
        } else if std::mem::take(&mut parcel.acknowledged) {
            cx.send_faulty(&REDELIVERY, consumer, delivery);
        } else {
            cx.send(consumer, delivery);
        }
        self.queue(queue).hand_over(tag, parcel);
        for overtaken in overtakes.into_iter().flatten() {
            self.rested(queue, overtaken, cx);
        }
    }

    /// Hangs up on a consumer. It is told when its heartbeat fails; what it had is free at once.
    fn close_connection(&mut self, queue: u8, consumer: NodeId, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::ConnectionClosed { queue });
        self.volatile.closed = self.volatile.closed.with(queue);
        self.disconnected(consumer, cx);
        cx.disconnect(consumer);
    }

    // ---- what comes back

    /// Whatever a queue's consumer had in hand goes back.
    fn take_from_consumer(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        for parcel in self.queue(queue).take_all() {
            self.requeue(queue, parcel, cx);
        }
    }

    /// Puts a message back where it was, or among the dead letters.
    fn requeue(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        if parcel.deliveries >= cx.settings().broker.delivery_limit {
            self.dead_letter(queue, parcel, cx);
        } else {
            cx.fact(Fact::Requeued { queue, position: parcel.position() });
            self.put(queue, parcel, cx);
        }
    }

    /// The consumer cannot do anything with a message: it comes again later, or not at all.
    fn refused(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        if parcel.deliveries >= cx.settings().broker.delivery_limit {
            self.dead_letter(queue, parcel, cx);
        } else {
            self.rest(queue, parcel, cx);
        }
    }

    /// Lets a message rest before it is delivered again.
    fn rest(&mut self, queue: u8, mut parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        let settings = &cx.settings().broker;
        let backoff = Backoff::capped(settings.retry, settings.retry_max);
        let pause = backoff.delay(parcel.refusals);
        parcel.refusals += 1;
        self.set_aside(queue, parcel, pause, None, cx);
    }

    fn set_aside(
        &mut self,
        queue: u8,
        parcel: Parcel<D>,
        pause: Span,
        overtakers: Option<u64>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        cx.fact(Fact::Requeued { queue, position: parcel.position() });
        self.volatile.deadlines.set(Due::Rested(queue, parcel.arrival), pause, cx);
        self.queue(queue).set_aside(parcel, overtakers);
    }

    /// A message that rested may be delivered again.
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

    // ---- dead letters

    /// Gives a message up, and parks its stream behind it: whoever cannot handle v2 must not get v3.
    fn dead_letter(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        if self.durable.queues.iter().all(|queue| queue.parked().next().is_none()) {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
        cx.fact(Fact::DeadLettered { queue, position: parcel.position() });
        for position in self.queue(queue).park(parcel) {
            cx.fact(Fact::Parked { queue, position });
        }
    }

    /// The operator has another try at everything that is parked.
    fn redrive(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            for (stream, messages) in self.queue(queue).redrive() {
                cx.fact(Fact::Redriven { queue, stream, messages });
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
