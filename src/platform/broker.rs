//! The broker: one exchange, a queue for every consumer, at-least-once delivery.
//!
//! Messages are routed by category. A queue hands messages to its consumer in order, up to its
//! prefetch; what is not acknowledged goes back to where it was when the consumer subscribes anew or
//! refuses it, and is then marked as redelivered. What was delivered too often goes to the dead
//! letters instead of in circles. A confirm means that every queue the message was routed to has it,
//! also when there is none.

use std::collections::VecDeque;

use super::cx::Cx;
use super::domain::Domain;
use super::fact::Fact;
use super::ids::{Category, Position, StreamId};
use super::message::{Letter, Message};
use crate::check::DeadLetter;
use crate::kernel::NodeId;

/// The queue of the saga orchestrator; those before it belong to the views, by number.
pub(crate) fn saga_queue<D: Domain>() -> u8 {
    D::VIEWS.len() as u8
}

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
    dead: Vec<DeadLetter>,
    /// Numbers messages within their queues, in order of arrival.
    arrivals: u64,
}

#[derive(Clone, Debug)]
struct Queue<D: Domain> {
    /// The categories that are routed here.
    bindings: Vec<Category>,
    ready: VecDeque<Parcel<D>>,
    /// By tag, which is the order of delivery.
    unacked: VecDeque<(u64, Parcel<D>)>,
}

#[derive(Clone, Debug)]
struct Parcel<D: Domain> {
    arrival: u64,
    deliveries: u32,
    letter: Letter<D>,
}

/// What a crash takes: who is connected.
#[derive(Clone, Debug)]
struct Volatile {
    consumers: Vec<Option<Consumer>>,
    tags: u64,
}

#[derive(Clone, Copy, Debug)]
struct Consumer {
    node: NodeId,
    prefetch: u32,
}

impl<D: Domain> Broker<D> {
    pub(crate) fn new(domain: &D) -> Self {
        let queue = |bindings| Queue { bindings, ready: VecDeque::new(), unacked: VecDeque::new() };
        let mut queues: Vec<_> = D::VIEWS.iter().map(|view| queue(vec![view.category])).collect();
        let followed = (0..D::CATEGORIES.len() as u8)
            .map(Category)
            .filter(|&category| domain.saga_of(StreamId { category, number: 0 }).is_some());
        queues.push(queue(followed.collect()));
        let consumers = vec![None; queues.len()];
        Self {
            durable: Durable { queues, dead: Vec::new(), arrivals: 0 },
            volatile: Volatile { consumers, tags: 0 },
        }
    }

    /// What each queue holds that nobody has acknowledged.
    pub(crate) fn queued(&self) -> Vec<u64> {
        let held = |queue: &Queue<D>| (queue.ready.len() + queue.unacked.len()) as u64;
        self.durable.queues.iter().map(held).collect()
    }

    /// Dead letters, in order of arrival.
    pub(crate) fn dead_letters(&self) -> &[DeadLetter] {
        &self.durable.dead
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let messages: u64 = self.queued().iter().sum();
        (messages > 0).then(|| format!("{messages} messages unacknowledged"))
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        self.volatile.consumers.fill(None);
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..self.durable.queues.len() as u8 {
            self.requeue_unacked(queue, cx);
        }
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Publish(letter) => self.route(from, &letter, cx),
            Message::Subscribe { queue, prefetch } => self.subscribe(from, queue, prefetch, cx),
            Message::Widen { queue, prefetch } => {
                if let Some(consumer) = self.consumer(from, queue) {
                    consumer.prefetch = prefetch;
                }
                self.deliver(queue, cx);
            }
            Message::Ack { queue, tag, .. } => {
                if let Some(parcel) = self.take_unacked(queue, tag) {
                    let position = parcel.letter.event.position;
                    cx.fact(Fact::Acked { queue, position });
                    self.deliver(queue, cx);
                }
            }
            Message::Nack { queue, tag, .. } => {
                if let Some(parcel) = self.take_unacked(queue, tag) {
                    self.requeue(queue, parcel, cx);
                    self.deliver(queue, cx);
                }
            }
            Message::Disconnected(peer) => self.lost(peer, cx),
            other => unreachable!("the broker does not take {other:?}"),
        }
    }

    /// A consumer is gone: what it had goes back to its queues.
    fn lost(&mut self, node: NodeId, cx: &mut Cx<'_, '_, D>) {
        for queue in 0..self.durable.queues.len() as u8 {
            if self.consumer(node, queue).is_some() {
                self.volatile.consumers[usize::from(queue)] = None;
                self.requeue_unacked(queue, cx);
            }
        }
    }

    fn route(&mut self, relay: NodeId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, position) = (letter.event.stream, letter.event.position);
        let mut queues = 0;
        self.durable.arrivals += 1;
        for queue in 0..self.durable.queues.len() {
            let target = &mut self.durable.queues[queue];
            if target.bindings.contains(&stream.category) {
                let letter = letter.clone();
                let arrival = self.durable.arrivals;
                target.ready.push_back(Parcel { arrival, deliveries: 0, letter });
                queues += 1;
            }
        }
        cx.fact(Fact::Routed { position, queues });
        cx.send(relay, Message::Confirm { stream, position });
        for queue in 0..self.durable.queues.len() {
            self.deliver(queue as u8, cx);
        }
    }

    /// A consumer that subscribes holds nothing: what its predecessor had goes back first.
    fn subscribe(&mut self, node: NodeId, queue: u8, prefetch: u32, cx: &mut Cx<'_, '_, D>) {
        self.requeue_unacked(queue, cx);
        self.volatile.consumers[usize::from(queue)] = Some(Consumer { node, prefetch });
        cx.fact(Fact::Subscribed { queue, prefetch });
        self.deliver(queue, cx);
    }

    /// Hands over what the consumer has room for.
    fn deliver(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        let Some(consumer) = self.volatile.consumers[usize::from(queue)] else { return };
        let source = &mut self.durable.queues[usize::from(queue)];
        while source.unacked.len() < consumer.prefetch as usize {
            let Some(mut parcel) = source.ready.pop_front() else { break };
            self.volatile.tags += 1;
            let tag = self.volatile.tags;
            let redelivered = parcel.deliveries > 0;
            parcel.deliveries += 1;
            let letter = parcel.letter.clone();
            cx.fact(Fact::Delivered { queue, event: letter.event.clone(), redelivered });
            cx.send(consumer.node, Message::Deliver { tag, letter });
            source.unacked.push_back((tag, parcel));
        }
    }

    /// Puts back everything that a consumer had and has not acknowledged.
    fn requeue_unacked(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        for (_, parcel) in std::mem::take(&mut self.queue(queue).unacked) {
            self.requeue(queue, parcel, cx);
        }
    }

    /// Puts a message back where it was, or among the dead letters.
    fn requeue(&mut self, queue: u8, parcel: Parcel<D>, cx: &mut Cx<'_, '_, D>) {
        let position: Position = parcel.letter.event.position;
        if parcel.deliveries >= cx.settings().broker.delivery_limit {
            self.durable.dead.push(DeadLetter { queue, position });
            cx.fact(Fact::DeadLettered { queue, position });
            return;
        }
        cx.fact(Fact::Requeued { queue, position });
        let ready = &mut self.queue(queue).ready;
        let place = ready.partition_point(|other| other.arrival < parcel.arrival);
        ready.insert(place, parcel);
    }

    fn take_unacked(&mut self, queue: u8, tag: u64) -> Option<Parcel<D>> {
        let unacked = &mut self.queue(queue).unacked;
        let place = unacked.iter().position(|(held, _)| *held == tag)?;
        unacked.remove(place).map(|(_, parcel)| parcel)
    }

    fn queue(&mut self, queue: u8) -> &mut Queue<D> {
        &mut self.durable.queues[usize::from(queue)]
    }

    fn consumer(&mut self, node: NodeId, queue: u8) -> Option<&mut Consumer> {
        let consumer = self.volatile.consumers[usize::from(queue)].as_mut();
        consumer.filter(|consumer| consumer.node == node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::{Bench, Counting, letter};

    struct Rig {
        bench: Bench,
        broker: Broker<Counting>,
    }

    impl Rig {
        fn new() -> Self {
            let bench = Bench::new();
            let broker = Broker::new(&bench.plan.domain);
            Self { bench, broker }
        }

        fn tell(&mut self, from: NodeId, message: Message<Counting>) {
            let (node, broker) = (self.bench.map.broker(), &mut self.broker);
            self.bench.tell(node, |cx| broker.handle(from, message, cx));
        }

        fn projector(&self) -> NodeId {
            self.bench.map.projectors().next().expect("a view")
        }

        fn publish(&mut self, positions: std::ops::RangeInclusive<u64>) {
            let relay = self.bench.map.relays().next().expect("a relay");
            for position in positions {
                self.tell(relay, Message::Publish(letter(0, position as u32, position)));
            }
        }

        fn subscribe(&mut self, prefetch: u32) {
            let projector = self.projector();
            self.tell(projector, Message::Subscribe { queue: 0, prefetch });
        }

        /// Positions and tags that the projector is handed.
        fn delivered(&mut self) -> Vec<(u64, u64)> {
            let projector = self.projector();
            let deliveries = self.bench.sent_to(projector).into_iter();
            deliveries
                .map(|message| match message {
                    Message::Deliver { tag, letter } => (letter.event.position.0, tag),
                    other => panic!("a projector is sent {other:?}"),
                })
                .collect()
        }

        fn stream() -> StreamId {
            StreamId { category: Category(0), number: 0 }
        }
    }

    #[test]
    fn a_queue_delivers_in_order_and_never_more_than_the_prefetch() {
        let mut rig = Rig::new();
        rig.publish(1..=5);
        rig.subscribe(2);
        let first = rig.delivered();
        assert_eq!(first.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1, 2]);
        let (projector, tag) = (rig.projector(), first[0].1);
        rig.tell(projector, Message::Ack { queue: 0, tag, stream: Rig::stream() });
        assert_eq!(rig.delivered().iter().map(|(position, _)| *position).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_refused_message_goes_back_to_its_place_and_comes_again() {
        let mut rig = Rig::new();
        rig.publish(1..=3);
        rig.subscribe(1);
        let (projector, tag) = (rig.projector(), rig.delivered()[0].1);
        rig.bench.facts();
        rig.tell(projector, Message::Nack { queue: 0, tag, stream: Rig::stream() });
        assert_eq!(rig.delivered()[0].0, 1, "before the ones that came after it");
        let again = |fact: &Fact<_>| matches!(fact, Fact::Delivered { redelivered: true, .. });
        assert_eq!(rig.bench.facts().iter().filter(|fact| again(fact)).count(), 1);
    }

    #[test]
    fn what_a_lost_consumer_held_is_delivered_to_its_successor() {
        let mut rig = Rig::new();
        rig.publish(1..=3);
        rig.subscribe(2);
        rig.delivered();
        rig.subscribe(3);
        let positions: Vec<_> = rig.delivered().iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, [1, 2, 3]);
    }

    #[test]
    fn what_was_delivered_too_often_rests_among_the_dead_letters() {
        let mut rig = Rig::new();
        rig.publish(1..=1);
        rig.subscribe(1);
        let (projector, limit) = (rig.projector(), rig.bench.plan.settings.broker.delivery_limit);
        for _ in 0..limit {
            let tag = rig.delivered()[0].1;
            rig.tell(projector, Message::Nack { queue: 0, tag, stream: Rig::stream() });
        }
        assert_eq!(rig.delivered(), []);
        assert_eq!(rig.broker.dead_letters(), [DeadLetter { queue: 0, position: Position(1) }]);
        assert_eq!(rig.broker.queued(), [0, 1], "the saga's queue still has its own copy");
    }

    #[test]
    fn a_message_that_no_queue_wants_is_confirmed_all_the_same() {
        let mut rig = Rig::new();
        rig.broker.durable.queues.iter_mut().for_each(|queue| queue.bindings.clear());
        rig.publish(1..=1);
        let relay = rig.bench.map.relays().next().expect("a relay");
        let confirmed = rig.bench.sent_to(relay);
        assert!(matches!(confirmed[..], [Message::Confirm { position: Position(1), .. }]));
        assert!(rig.bench.facts().contains(&Fact::Routed { position: Position(1), queues: 0 }));
    }
}
