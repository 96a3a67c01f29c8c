//! The broker, with the test in the place of its relay and consumers.

use super::*;
use crate::model::{Category, Position, StreamId};
use crate::testing::{Bench, Counting, letter};

mod group;
mod kinds;

struct Rig {
    bench: Bench,
    broker: Broker<Counting>,
    /// The next message after a long pause: usually the operator's.
    later: Option<(NodeId, Message<Counting>)>,
    /// Messages to other nodes that they have not read.
    sent: Vec<(NodeId, Message<Counting>)>,
}

/// A version of a counter for the queue of its view; positions from 100 on belong to another counter.
fn publication(position: u64) -> Message<Counting> {
    let letter = letter((position / 100) as u32, (position % 100) as u32, position);
    Message::Publish { letter, queues: Queues::NONE.with(0) }
}

impl Rig {
    fn new() -> Self {
        Self { bench: Bench::new(), broker: Broker::new(), later: None, sent: Vec::new() }
    }

    fn tell(&mut self, from: NodeId, message: Message<Counting>) {
        self.act(|broker, cx| broker.handle(from, message, cx));
    }

    fn act(&mut self, act: impl FnOnce(&mut Broker<Counting>, &mut Cx<'_, '_, Counting>)) {
        let (node, broker) = (self.bench.map.broker(), &mut self.broker);
        self.bench.tell(node, |cx| act(broker, cx));
    }

    fn projector(&self) -> NodeId {
        self.bench.map.projectors().next().expect("a view")
    }

    /// Publishes versions of a counter to the queue of its view; positions from 100 on belong to
    /// another counter.
    fn publish(&mut self, positions: impl IntoIterator<Item = u64>) -> Vec<Message<Counting>> {
        let relay = self.bench.map.relays().next().expect("a relay");
        for position in positions {
            self.tell(relay, publication(position));
        }
        self.sent_to(relay)
    }

    fn subscribe(&mut self, prefetch: u32) {
        let projector = self.projector();
        self.tell(projector, Message::Subscribe { queue: 0, prefetch });
    }

    /// The messages to a node until nothing happens for a minute.
    fn sent_to(&mut self, node: NodeId) -> Vec<Message<Counting>> {
        while self.later.is_none() {
            let before = self.bench.now();
            let Some((to, message)) = self.bench.next() else { break };
            if self.bench.now().since(before) > Span::from_secs(60) {
                self.later = Some((to, message));
            } else if to == self.bench.map.broker() {
                self.tell(to, message);
            } else {
                self.sent.push((to, message));
            }
        }
        let its = self.sent.extract_if(.., |(to, _)| *to == node);
        its.map(|(_, message)| message).collect()
    }

    /// The positions and tags that the projector gets.
    fn delivered(&mut self) -> Vec<(u64, u64)> {
        let projector = self.projector();
        let deliveries = self.sent_to(projector).into_iter();
        deliveries
            .map(|message| match message {
                Message::Deliver { tag, letter } => (letter.event.position.0, tag),
                other => panic!("a projector is sent {other:?}"),
            })
            .collect()
    }

    fn positions(&mut self) -> Vec<u64> {
        self.delivered().into_iter().map(|(position, _)| position).collect()
    }

    fn nack(&mut self, tag: u64) {
        let projector = self.projector();
        self.tell(projector, Message::Nack { queue: 0, tag, stream: Self::stream() });
    }

    fn ack(&mut self, tag: u64) {
        let projector = self.projector();
        self.tell(projector, Message::Ack { queue: 0, tag, stream: Self::stream() });
    }

    /// Rejects every delivery until there are no more.
    fn refuse_for_good(&mut self) {
        let mut delivered = self.delivered();
        while let Some((_, tag)) = delivered.pop() {
            self.nack(tag);
            delivered.extend(self.delivered());
        }
    }

    fn stream() -> StreamId {
        StreamId { category: Category(0), number: 0 }
    }

    fn dead(&self) -> Vec<u64> {
        self.broker.dead_letters().iter().map(|letter| letter.position.0).collect()
    }
}

#[test]
fn a_queue_delivers_in_order_and_never_more_than_the_prefetch() {
    let mut rig = Rig::new();
    rig.publish(1..=5);
    rig.subscribe(2);
    let first = rig.delivered();
    assert_eq!(first.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1, 2]);
    rig.ack(first[0].1);
    assert_eq!(rig.positions(), [3]);
}

#[test]
fn a_rejected_message_rests_longer_each_time_before_it_is_redelivered() {
    let mut rig = Rig::new();
    rig.publish(1..=1);
    rig.subscribe(1);
    let mut tag = rig.delivered()[0].1;
    rig.bench.facts();
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let before = rig.bench.now();
        rig.nack(tag);
        tag = rig.delivered()[0].1;
        pauses.push(rig.bench.now().since(before).as_micros() / 1000);
    }
    assert_eq!(pauses, [101, 201, 401, 801, 1601, 3201, 6401, 10001, 10001]);
    let again = |fact: &Fact<_>| matches!(fact, Fact::Delivered { redelivered: true, .. });
    assert_eq!(rig.bench.facts().iter().filter(|fact| again(fact)).count(), 9);
}

#[test]
fn a_released_message_returns_to_its_place_and_is_marked_but_not_counted_as_delivered() {
    let mut rig = Rig::new();
    rig.publish(1..=3);
    rig.subscribe(1);
    let (projector, limit) = (rig.projector(), rig.bench.plan.settings.broker.delivery_limit);
    let mut first = 0;
    for _ in 0..2 * limit {
        let (position, tag) = rig.delivered()[0];
        if position == 1 {
            first += 1;
            rig.tell(projector, Message::Release { queue: 0, tag, stream: Rig::stream() });
        } else {
            rig.ack(tag);
        }
    }
    assert_eq!((rig.dead(), rig.broker.queued()), (Vec::new(), vec![1, 0]));
    let again = |fact: &Fact<_>| matches!(fact, Fact::Delivered { redelivered: true, .. });
    let facts = rig.bench.facts();
    assert_eq!(facts.iter().filter(|fact| again(fact)).count(), first - 1);
}

#[test]
fn the_messages_of_a_lost_consumer_are_delivered_to_its_successor() {
    let mut rig = Rig::new();
    rig.publish(1..=3);
    rig.subscribe(2);
    rig.delivered();
    rig.subscribe(3);
    assert_eq!(rig.positions(), [1, 2, 3]);
}

#[test]
fn a_disconnected_consumer_gets_nothing_until_it_subscribes_again() {
    let mut rig = Rig::new();
    rig.publish(1..=3);
    rig.subscribe(2);
    rig.delivered();
    let projector = rig.projector();
    rig.act(|broker, cx| broker.disconnected(projector, cx));
    assert_eq!((rig.delivered(), rig.broker.queued()), (Vec::new(), vec![3, 0]));
    rig.subscribe(3);
    assert_eq!(rig.positions(), [1, 2, 3]);
}

#[test]
fn a_crash_loses_every_consumer_and_no_message() {
    let mut rig = Rig::new();
    rig.publish(1..=3);
    rig.subscribe(2);
    let held = rig.delivered();
    rig.nack(held[0].1);
    rig.delivered();
    rig.broker.crash();
    rig.act(Broker::recover);
    assert_eq!((rig.delivered(), rig.broker.queued()), (Vec::new(), vec![3, 0]));
    rig.ack(held[1].1);
    rig.subscribe(3);
    assert_eq!(rig.positions(), [1, 2, 3], "an acknowledgement from before the crash is ignored");
}

#[test]
fn a_consumer_that_crashes_repeatedly_loses_nothing() {
    let mut rig = Rig::new();
    rig.publish(1..=3);
    for _ in 0..=rig.bench.plan.settings.broker.delivery_limit {
        rig.subscribe(3);
        rig.delivered();
    }
    assert_eq!(rig.dead(), [1, 2, 3], "a crash counts as a delivery");
    rig.later = None;
    rig.act(Broker::redrive);
    assert_eq!((rig.positions(), rig.dead()), (vec![1, 2, 3], Vec::new()));
}

#[test]
fn a_message_that_is_rejected_too_often_is_a_dead_letter_and_its_stream_waits_behind_it() {
    let mut rig = Rig::new();
    rig.publish([1, 101]);
    rig.subscribe(1);
    let (_, tag) = rig.delivered()[0];
    rig.nack(tag);
    let other = rig.delivered();
    assert_eq!(other[0].0, 101, "another stream continues while this one rests");
    rig.ack(other[0].1);
    rig.publish(2..=2);
    rig.bench.facts();
    rig.refuse_for_good();
    assert!(rig.dead().starts_with(&[1]), "{:?}", rig.dead());
    rig.later = None;
    rig.publish([3, 102]);
    assert_eq!(rig.dead(), [1, 2, 3]);
    let facts = rig.bench.facts();
    let position = Position(3);
    assert!(facts.contains(&Fact::Parked { queue: 0, position }));
    assert!(facts.contains(&Fact::DeadLettered { queue: 0, position: Position(1) }));
}

#[test]
fn the_operator_retries_parked_messages_in_order_and_as_often_as_necessary() {
    let mut rig = Rig::new();
    rig.publish([1]);
    rig.subscribe(1);
    for _ in 0..3 {
        rig.refuse_for_good();
        assert_eq!(rig.dead(), [1]);
        let (to, message) = rig.later.take().expect("the operator retries it");
        rig.tell(to, message);
    }
    let redriven = Fact::Redriven { queue: 0, stream: Rig::stream(), messages: 1 };
    let facts = rig.bench.facts();
    assert_eq!(facts.iter().filter(|fact| **fact == redriven).count(), 3);
}

#[test]
fn a_message_is_confirmed_by_bound_queues_and_returned_by_unbound_ones() {
    let mut rig = Rig::new();
    rig.broker.durable.queues[1].bound = false;
    let relay = rig.bench.map.relays().next().expect("a relay");
    let (one, other) = (Queues::NONE.with(0), Queues::NONE.with(1));
    rig.tell(relay, Message::Publish { letter: letter(0, 1, 1), queues: one.with(1) });
    let answer = rig.sent_to(relay);
    let [Message::Confirm { kept, returned, .. }] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!((*kept, *returned, rig.broker.queued()), (one, other, vec![1, 0]));
    let facts = rig.bench.facts();
    assert!(facts.contains(&Fact::Returned { queue: 1, position: Position(1) }));
    assert!(facts.contains(&Fact::Routed { position: Position(1), queues: 1 }));
}

#[test]
fn a_message_without_queues_is_confirmed() {
    let mut rig = Rig::new();
    let relay = rig.bench.map.relays().next().expect("a relay");
    rig.tell(relay, Message::Publish { letter: letter(0, 1, 1), queues: Queues::NONE });
    let confirmed = rig.sent_to(relay);
    assert!(matches!(confirmed[..], [Message::Confirm { position: Position(1), .. }]));
    assert!(rig.bench.facts().contains(&Fact::Routed { position: Position(1), queues: 0 }));
}
