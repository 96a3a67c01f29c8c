//! Several instances of a projector at one queue.

use super::*;
use crate::kernel::Fault;
use crate::platform::broker::kind::RabbitQueues;
use crate::platform::faults::{CLAIM_LAPSED, HALF_OPEN, STANDBY_EARLY};
use crate::platform::settings::{KafkaSettings, RabbitMqSettings, Settings, Sharing};

/// A broker and the two instances of the projector of queue 0, which have subscribed one after the other.
struct Pair {
    rig: Rig,
    first: NodeId,
    second: NodeId,
}

impl Pair {
    fn new(fault: Option<&'static Fault>, change: impl FnOnce(&mut Settings)) -> Self {
        let mut rig = Rig::new();
        rig.bench = Bench::with_settings(|settings| {
            settings.projectors.instances = 2;
            change(settings);
        });
        if let Some(fault) = fault {
            rig.bench = rig.bench.and_fault(fault, 0);
        }
        let its: Vec<NodeId> = rig.bench.map.projectors().take(2).collect();
        let mut pair = Self { rig, first: its[0], second: its[1] };
        pair.subscribe(pair.first);
        pair.subscribe(pair.second);
        pair
    }

    fn single_active(fault: Option<&'static Fault>) -> Self {
        Self::new(fault, |_| {})
    }

    fn by_stream(fault: Option<&'static Fault>) -> Self {
        Self::new(fault, |settings| {
            settings.projectors.sharing = Sharing::ByStream { segments: 2 };
        })
    }

    fn subscribe(&mut self, node: NodeId) {
        self.rig.tell(node, Message::Subscribe { queue: 0, prefetch: 10 });
    }

    /// Publishes versions of a counter, as [`Rig::publish`] does, without waiting for anything.
    fn publish(&mut self, positions: impl IntoIterator<Item = u64>) {
        let relay = self.rig.bench.map.relays().next().expect("a relay");
        for position in positions {
            self.rig.tell(relay, publication(position));
        }
    }

    fn lose(&mut self, node: NodeId) {
        self.rig.tell(node, Message::Disconnected(node));
    }

    fn ack(&mut self, node: NodeId, tag: u64) {
        self.rig.tell(node, Message::Ack { queue: 0, tag, stream: Rig::stream() });
    }

    /// Handles what happens within a time, and returns what a node gets.
    fn within(&mut self, span: Span, node: NodeId) -> Vec<Message<Counting>> {
        let (customers, broker) = (self.rig.bench.map.customers(), self.rig.bench.map.broker());
        self.rig.bench.tell(customers, |cx| cx.timer(span, Message::Opportunity));
        loop {
            match self.rig.bench.next().expect("the time passes") {
                (_, Message::Opportunity) => break,
                (to, message) if to == broker => self.rig.tell(to, message),
                other => self.rig.sent.push(other),
            }
        }
        self.rig.sent.extract_if(.., |(to, _)| *to == node).map(|(_, message)| message).collect()
    }

    /// The positions and tags that a node gets within a second.
    fn delivered(&mut self, node: NodeId) -> Vec<(u64, u64)> {
        let sent = self.within(Span::from_secs(1), node).into_iter();
        let delivery = |message| match message {
            Message::Deliver { tag, letter } => Some((letter.event.position.0, tag)),
            _ => None,
        };
        sent.filter_map(delivery).collect()
    }

    fn positions(&mut self, node: NodeId) -> Vec<u64> {
        self.delivered(node).into_iter().map(|(position, _)| position).collect()
    }

    fn queued(&self) -> u64 {
        self.rig.broker.queued()[0]
    }
}

#[test]
fn a_standby_gets_nothing_until_the_active_instance_is_lost_and_then_what_that_had_not_acknowledged()
 {
    let mut pair = Pair::single_active(None);
    pair.publish(1..=3);
    let first = pair.delivered(pair.first);
    assert_eq!(first.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(pair.positions(pair.second).is_empty());
    pair.ack(pair.first, first[0].1);
    pair.lose(pair.first);
    assert_eq!(pair.positions(pair.second), [2, 3]);
    let facts = pair.rig.bench.facts();
    let taken = |fact: &Fact<Counting>| matches!(fact, Fact::TakenOver { queue: 0, by } if *by == pair.second);
    assert!(facts.iter().any(taken));
    // The one that was lost comes back as a standby.
    pair.subscribe(pair.first);
    pair.publish(4..=4);
    assert_eq!((pair.positions(pair.first), pair.positions(pair.second)), (vec![], vec![4]));
}

#[test]
fn an_instance_that_was_replaced_too_early_acknowledges_nothing_and_is_disconnected_later() {
    let mut pair = Pair::single_active(Some(&STANDBY_EARLY));
    pair.publish(1..=1);
    let (first, second) = (pair.delivered(pair.first), pair.delivered(pair.second));
    assert_eq!((first[0].0, second[0].0), (1, 1), "both have it in hand");
    pair.ack(pair.first, first[0].1);
    assert_eq!(pair.queued(), 1, "the acknowledgement has no effect");
    pair.ack(pair.second, second[0].1);
    assert_eq!(pair.queued(), 0);
    let later = pair.within(Span::from_secs(10), pair.first);
    let broker = pair.rig.bench.map.broker();
    assert!(
        later.iter().any(|message| matches!(message, Message::Disconnected(by) if *by == broker))
    );
    assert_eq!(pair.rig.bench.faults(), (1, 1));
}

#[test]
fn on_a_half_open_connection_an_instance_stays_active_until_heartbeats_are_missed() {
    let mut pair = Pair::new(Some(&HALF_OPEN), |settings| {
        let rabbit = RabbitMqSettings { version: 4, queues: RabbitQueues::Quorum };
        settings.broker.kind = BrokerKind::RabbitMq(rabbit);
    });
    pair.publish(1..=1);
    // It connects again, and is a standby behind itself.
    pair.subscribe(pair.first);
    assert_eq!((pair.positions(pair.first), pair.positions(pair.second)), (vec![], vec![]));
    let second = pair.within(Span::from_secs(61), pair.second);
    assert!(matches!(second[..], [Message::Deliver { .. }]));
    pair.lose(pair.second);
    assert_eq!(pair.positions(pair.first), [1]);
}

#[test]
fn each_stream_has_one_holder_and_a_lost_one_is_replaced_by_the_others() {
    let mut pair = Pair::by_stream(None);
    pair.publish([1, 2, 101, 102]);
    let (first, second) = (pair.delivered(pair.first), pair.delivered(pair.second));
    let positions = |all: &[(u64, u64)]| all.iter().map(|(at, _)| *at).collect::<Vec<_>>();
    let (mine, its) = (positions(&first), positions(&second));
    assert!([mine.clone(), its.clone()].contains(&vec![1, 2]), "{mine:?}, {its:?}");
    assert!([mine.clone(), its.clone()].contains(&vec![101, 102]), "{mine:?}, {its:?}");
    pair.lose(pair.second);
    assert_eq!(pair.positions(pair.first), its);
    // A member that comes back gets a segment, with what is not acknowledged of it.
    pair.subscribe(pair.second);
    let back = pair.positions(pair.second);
    assert!([vec![1, 2], vec![101, 102]].contains(&back), "{back:?}");
}

#[test]
fn an_instance_that_subscribes_again_hears_that_what_it_was_delivered_before_is_not_its_own() {
    for mut pair in [Pair::single_active(None), Pair::by_stream(None)] {
        let of_all =
            |message: &Message<Counting>| matches!(message, Message::Revoked { segment: None, .. });
        let first = pair.within(Span::from_secs(1), pair.first);
        assert!(!first.iter().any(of_all), "nothing was delivered before: {first:?}");
        pair.publish([1, 101]);
        let delivered = [pair.delivered(pair.first), pair.delivered(pair.second)].concat();
        let last = delivered.iter().map(|(_, tag)| *tag).max().expect("two were delivered");
        pair.lose(pair.second);
        pair.within(Span::from_secs(1), pair.first);
        pair.subscribe(pair.second);
        let told = pair.within(Span::from_secs(1), pair.second);
        let Some(Message::Revoked { segment: None, upto, .. }) = told.first() else {
            panic!("{told:?}")
        };
        assert!(*upto >= last);
        let deliveries = told.iter().filter_map(|message| match message {
            Message::Deliver { tag, .. } => Some(*tag),
            _ => None,
        });
        assert!(deliveries.into_iter().all(|tag| tag > *upto), "{told:?}");
    }
}

#[test]
fn a_holder_whose_claim_has_lapsed_hears_of_it_later_and_acknowledges_nothing_meanwhile() {
    let mut pair = Pair::by_stream(Some(&CLAIM_LAPSED));
    pair.publish([1]);
    let got = [pair.delivered(pair.first), pair.delivered(pair.second)];
    assert_eq!(got.each_ref().map(|its| its[0].0), [1, 1], "both have it in hand");
    let (loser, winner) = if got[0][0].1 < got[1][0].1 { (0, 1) } else { (1, 0) };
    let nodes = [pair.first, pair.second];
    pair.ack(nodes[loser], got[loser][0].1);
    assert_eq!(pair.queued(), 1);
    pair.ack(nodes[winner], got[winner][0].1);
    assert_eq!(pair.queued(), 0);
    let later = pair.within(Span::from_secs(10), nodes[loser]);
    let upto = got[loser][0].1;
    assert!(matches!(later[..], [Message::Revoked { upto: at, .. }] if at == upto), "{later:?}");
    assert_eq!(pair.rig.bench.faults().0, 1);
}

#[test]
fn the_partitions_of_a_lost_member_wait_until_its_session_ends() {
    let mut pair = Pair::new(None, |settings| {
        let kafka = KafkaSettings { partitions: 2, ..KafkaSettings::default() };
        settings.broker.kind = BrokerKind::Kafka(kafka);
        settings.projectors.sharing = Sharing::ByStream { segments: 2 };
    });
    pair.publish([1, 101]);
    let lost = pair.positions(pair.second);
    assert_eq!((lost.len(), pair.positions(pair.first).len()), (1, 1));
    pair.lose(pair.second);
    assert!(pair.positions(pair.first).is_empty(), "its session lasts 45 s");
    let later = pair.within(Span::from_secs(50), pair.first);
    let [Message::Deliver { letter, .. }] = &later[..] else { panic!("{later:?}") };
    assert_eq!(letter.event.position.0, lost[0]);
}
