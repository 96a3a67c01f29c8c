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
//!
//! That is the generic broker. With `broker.kind` it behaves like a product: what is published and delivered goes the
//! same ways, and each kind decides what may be delivered next, what an acknowledgement or a lost consumer does, and
//! which faults can happen.

mod dead_letters;
mod delivery;
mod group;
mod kafka;
mod kind;
mod queue;
mod rabbitmq;
mod sqs;
#[cfg(test)]
mod tests;

pub(crate) use kind::BrokerKind;
pub(super) use kind::{Producer, RabbitQueues, SqsQueues};

use crate::kernel::{Entity, NodeId, Span};
use crate::model::{Domain, Fact, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{REDRIVE_NOT_REARMED, RESTING_LOST_IN_RESTART};
use crate::platform::faults::{BINDING_LOST, CONFIRM_LOST, CONNECTION_CLOSED};
use crate::platform::message::{Letter, Message};
use crate::platform::topology::{Queues, queues};
use group::Group;
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
    /// The other instances at each queue.
    groups: Vec<Group>,
    /// Queues whose consumer's connection was closed, until it subscribes again.
    closed: Queues,
    /// Queues whose consumer's connection is half-open.
    half_open: Queues,
    /// Queues that wait for the end of the session of a lost member.
    joining: Queues,
    deadlines: Deadlines<Due>,
}

#[derive(Clone, Copy, Debug)]
struct Consumer {
    node: NodeId,
    prefetch: u32,
    /// The last tag before it subscribed.
    since: u64,
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
    /// The heartbeats of a half-open connection are missed.
    Heartbeat(u8),
    /// A message that was received is visible again: its queue and its tag.
    Visible(u8, u64),
    /// Offsets are committed.
    Commit(u8),
    /// The session of a lost member ends.
    Session(u8),
    /// An instance hears that another one has replaced it, at a queue or at a segment of it.
    Unaware(u8, NodeId, u32),
}

impl<D: Domain> Broker<D> {
    pub(crate) fn new() -> Self {
        let queues: Vec<_> = (0..queues::<D>()).map(|_| Queue::new()).collect();
        let (consumers, deadlines) = (vec![None; queues.len()], Deadlines::default());
        let groups = vec![Group::default(); queues.len()];
        let [closed, half_open, joining] = [Queues::NONE; 3];
        let volatile = Volatile { consumers, groups, closed, half_open, joining, deadlines };
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
            match &cx.settings().broker.kind {
                BrokerKind::Generic | BrokerKind::RabbitMq(_) => {
                    self.take_back(queue, u64::MAX, cx);
                }
                BrokerKind::Sqs(_) => self.hide_all(queue, cx),
                BrokerKind::Kafka(_) => self.assign(queue, cx),
            }
        }
        if !self.dead_letters().is_empty() && !cx.has(&REDRIVE_NOT_REARMED) {
            self.volatile.deadlines.set(Due::Redrive, cx.settings().broker.redrive, cx);
        }
    }

    /// The number of messages in each queue that are not parked.
    pub(crate) fn queued(&self) -> Vec<u64> {
        self.durable.queues.iter().map(Queue::len).collect()
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
            Message::Widen { queue, .. }
            | Message::Ack { queue, .. }
            | Message::Nack { queue, .. }
            | Message::Release { queue, .. }
                if self.is_cut_off(from, queue) => {}
            Message::Widen { queue, prefetch } => {
                match self.consumer(from, queue) {
                    Some(consumer) => consumer.prefetch = prefetch,
                    None => self.widen_member(from, queue, prefetch),
                }
                self.deliver(queue, cx);
            }
            Message::Ack { queue, tag, .. } => self.acked(queue, tag, cx),
            Message::Nack { queue, tag, .. } => self.rejected(queue, tag, cx),
            Message::Release { queue, tag, .. } => self.released(queue, tag, cx),
            Message::Unsubscribe { queue } => {
                if !self.leaves(from, queue, cx) && self.consumer(from, queue).is_some() {
                    self.lose_active(queue, cx);
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
            Due::Heartbeat(queue) => self.heartbeat_missed(queue, cx),
            Due::Visible(queue, tag) => self.visible(queue, tag, cx),
            Due::Commit(queue) => self.commit(queue, cx),
            Due::Session(queue) => self.session_over(queue, cx),
            Due::Unaware(queue, node, segment) => self.tell_unaware(queue, node, segment, cx),
        }
    }

    /// Puts a message into each of its queues, and confirms it.
    fn route(&mut self, relay: NodeId, letter: &Letter<D>, wanted: Queues, cx: &mut Cx<'_, '_, D>) {
        let (stream, position) = (letter.event.stream, letter.event.position);
        let (mut kept, mut returned) = (Queues::NONE, Queues::NONE);
        self.durable.arrivals += 1;
        let arrival = self.durable.arrivals;
        for queue in wanted.iter() {
            let lasts =
                if is_bound(cx) { cx.fault(&BINDING_LOST, Entity(u64::from(queue))) } else { 0 };
            if lasts > 0 {
                self.queue(queue).bound = false;
                self.volatile.deadlines.set(Due::Bound(queue), Span::from_micros(lasts), cx);
            }
            if self.queue(queue).bound {
                kept = kept.with(queue);
                let letter = Letter { cause: cx.here(), ..letter.clone() };
                self.keep(queue, Parcel::new(arrival, letter, cx.uptime()), cx);
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

    /// Keeps a message that was published to a queue, unless the broker recognises it.
    fn keep(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        match &cx.settings().broker.kind {
            BrokerKind::Generic | BrokerKind::RabbitMq(_) => self.put(queue, parcel, cx),
            BrokerKind::Sqs(_) => {
                if sqs::is_fifo(cx) && self.is_known(queue, &parcel.letter.event, cx) {
                    cx.fact(Fact::Deduplicated { queue, position: parcel.position() });
                } else {
                    self.put(queue, parcel, cx);
                }
            }
            BrokerKind::Kafka(kafka) => {
                self.put(queue, parcel.clone(), cx);
                self.produce_again(queue, parcel, kafka.producer, cx);
            }
        }
    }

    /// Connects a consumer. It holds nothing: the messages of its predecessor go back first, if the broker knows
    /// that the predecessor is gone.
    fn subscribe(&mut self, node: NodeId, queue: u8, prefetch: u32, cx: &mut Cx<'_, '_, D>) {
        if self.joins(node, queue, prefetch, cx) {
            return;
        }
        let just = Queues::NONE.with(queue);
        match &cx.settings().broker.kind {
            BrokerKind::RabbitMq(_) if self.volatile.half_open.has(queue) => {
                self.volatile.half_open = self.volatile.half_open.without(just);
            }
            BrokerKind::Generic | BrokerKind::RabbitMq(_) => self.take_back(queue, u64::MAX, cx),
            BrokerKind::Sqs(_) => {}
            BrokerKind::Kafka(_) if self.volatile.joining.has(queue) => {}
            BrokerKind::Kafka(_) => self.assign(queue, cx),
        }
        let since = self.durable.tags;
        self.volatile.consumers[usize::from(queue)] = Some(Consumer { node, prefetch, since });
        self.greet(queue, prefetch, cx);
        self.deliver(queue, cx);
    }

    /// Notes that an instance has subscribed.
    fn greet(&mut self, queue: u8, prefetch: u32, cx: &mut Cx<'_, '_, D>) {
        let closed = self.volatile.closed.without(Queues::NONE.with(queue));
        if std::mem::replace(&mut self.volatile.closed, closed) != closed {
            cx.fault_seen(&CONNECTION_CLOSED);
        }
        cx.fact(Fact::Subscribed { queue, prefetch });
    }

    /// Notices that a connection is lost.
    fn disconnected(&mut self, peer: NodeId, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..queues::<D>() {
            if self.leaves(peer, queue, cx)
                || self.consumer(peer, queue).is_none()
                || self.volatile.half_open.has(queue)
            {
                continue;
            }
            self.lose_active(queue, cx);
        }
    }

    /// Removes the only consumer of a queue, or the active one.
    fn lose_active(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        self.volatile.consumers[usize::from(queue)] = None;
        match &cx.settings().broker.kind {
            BrokerKind::Generic | BrokerKind::RabbitMq(_) => self.take_back(queue, u64::MAX, cx),
            BrokerKind::Sqs(_) => {}
            BrokerKind::Kafka(kafka) => self.member_lost(queue, kafka.session, cx),
        }
        self.take_over(queue, cx);
    }

    fn queue(&mut self, queue: u8) -> &mut Queue<D> {
        &mut self.durable.queues[usize::from(queue)]
    }

    fn consumer(&mut self, node: NodeId, queue: u8) -> Option<&mut Consumer> {
        let consumer = self.volatile.consumers[usize::from(queue)].as_mut();
        consumer.filter(|consumer| consumer.node == node)
    }
}

/// Whether queues are bound, so that a binding can be lost.
fn is_bound<D: Domain>(cx: &Cx<'_, '_, D>) -> bool {
    matches!(cx.settings().broker.kind, BrokerKind::Generic | BrokerKind::RabbitMq(_))
}
