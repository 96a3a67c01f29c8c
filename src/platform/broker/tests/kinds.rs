//! What each kind of broker does otherwise.

use std::sync::Arc;

use super::*;
use crate::platform::broker::kind::{Producer, RabbitQueues, SqsQueues};
use crate::platform::faults::{HALF_OPEN, PRODUCE_RETRIED, REBALANCE, VISIBILITY_LAPSED};
use crate::platform::settings::{KafkaSettings, RabbitMqSettings, SqsSettings};

fn rig(kind: BrokerKind) -> Rig {
    with_fault(kind, None)
}

/// A broker at which a fault fires once, at its first opportunity.
fn with_fault(kind: BrokerKind, fault: Option<&'static crate::kernel::Fault>) -> Rig {
    let mut rig = Rig::new();
    if let Some(fault) = fault {
        rig.bench = Bench::with_fault(fault, 0);
    }
    Arc::make_mut(&mut rig.bench.plan).settings.broker.kind = kind;
    rig
}

fn sqs(queues: SqsQueues) -> BrokerKind {
    BrokerKind::Sqs(SqsSettings { queues, ..SqsSettings::default() })
}

fn kafka(partitions: u32) -> BrokerKind {
    BrokerKind::Kafka(KafkaSettings { partitions, ..KafkaSettings::default() })
}

fn rabbit(version: u8, queues: RabbitQueues) -> BrokerKind {
    BrokerKind::RabbitMq(RabbitMqSettings { version, queues })
}

fn crash_of_projector(rig: &mut Rig) {
    let projector = rig.projector();
    rig.tell(projector, Message::Disconnected(projector));
}

/// Lets time pass in which the broker meets its deadlines.
fn elapse(rig: &mut Rig, span: Span) {
    let (customers, broker) = (rig.bench.map.customers(), rig.bench.map.broker());
    rig.bench.tell(customers, |cx| cx.timer(span, Message::Opportunity));
    loop {
        match rig.bench.next().expect("the time passes") {
            (_, Message::Opportunity) => return,
            (to, message) if to == broker => rig.tell(to, message),
            other => rig.sent.push(other),
        }
    }
}

/// The next delivery, before any deadline that comes after it.
fn next_delivery(rig: &mut Rig) -> (u64, u64) {
    let broker = rig.bench.map.broker();
    loop {
        let earlier = (!rig.sent.is_empty()).then(|| rig.sent.remove(0));
        let (to, message) = earlier.or_else(|| rig.bench.next()).expect("a delivery");
        match message {
            Message::Deliver { tag, letter } => return (letter.event.position.0, tag),
            message if to == broker => rig.tell(to, message),
            _ => {}
        }
    }
}

fn count(rig: &mut Rig, wanted: fn(&Fact<Counting>) -> bool) -> usize {
    rig.bench.facts().iter().filter(|fact| wanted(fact)).count()
}

// ---- SQS

#[test]
fn a_message_of_sqs_is_hidden_for_the_visibility_timeout_whatever_happens_to_its_consumer() {
    let mut rig = rig(sqs(SqsQueues::Standard));
    rig.publish(1..=1);
    rig.subscribe(10);
    let before = rig.bench.now();
    assert_eq!(next_delivery(&mut rig).0, 1);
    crash_of_projector(&mut rig);
    rig.subscribe(10);
    assert_eq!(next_delivery(&mut rig).0, 1);
    let hidden = rig.bench.now().since(before);
    assert!(hidden >= Span::from_secs(30), "{hidden:?}");
}

#[test]
fn an_old_receipt_handle_of_sqs_deletes_nothing() {
    let mut rig = with_fault(sqs(SqsQueues::Standard), Some(&VISIBILITY_LAPSED));
    rig.publish(1..=1);
    rig.subscribe(10);
    let projector = rig.projector();
    let mut tags = Vec::new();
    while tags.len() < 2 {
        let (to, message) = rig.bench.next().expect("it is delivered twice");
        match message {
            Message::Deliver { tag, .. } => tags.push(tag),
            message if to == rig.bench.map.broker() => rig.tell(to, message),
            _ => {}
        }
    }
    rig.tell(projector, Message::Ack { queue: 0, tag: tags[0], stream: Rig::stream() });
    assert_eq!(rig.broker.queued(), [1, 0], "the first handle is old");
    rig.tell(projector, Message::Ack { queue: 0, tag: tags[1], stream: Rig::stream() });
    assert_eq!(rig.broker.queued(), [0, 0]);
}

#[test]
fn each_receipt_of_sqs_counts_also_of_a_message_that_was_released() {
    let mut rig = rig(sqs(SqsQueues::Standard));
    Arc::make_mut(&mut rig.bench.plan).settings.broker.delivery_limit = 2;
    rig.publish(1..=1);
    rig.subscribe(1);
    let projector = rig.projector();
    for _ in 0..2 {
        let (_, tag) = next_delivery(&mut rig);
        rig.tell(projector, Message::Release { queue: 0, tag, stream: Rig::stream() });
    }
    assert_eq!(rig.dead(), [1]);
}

#[test]
fn a_fifo_queue_delivers_one_message_of_a_group_at_a_time() {
    let mut rig = rig(sqs(SqsQueues::Fifo));
    rig.publish([1, 2, 101]);
    rig.subscribe(10);
    let (first, tag) = next_delivery(&mut rig);
    assert_eq!((first, next_delivery(&mut rig).0), (1, 101));
    rig.ack(tag);
    assert_eq!(next_delivery(&mut rig).0, 2);
}

#[test]
fn a_fifo_queue_recognises_a_message_for_five_minutes() {
    let mut rig = rig(sqs(SqsQueues::Fifo));
    rig.publish([1, 1]);
    assert_eq!(rig.broker.queued(), [1, 0]);
    elapse(&mut rig, Span::from_secs(301));
    rig.publish([1]);
    assert_eq!(rig.broker.queued(), [2, 0]);
    assert_eq!(count(&mut rig, |fact| matches!(fact, Fact::Deduplicated { .. })), 1);
}

// ---- Kafka

#[test]
fn a_group_goes_on_from_its_committed_offset() {
    let mut rig = with_fault(kafka(1), None);
    rig.publish(1..=3);
    rig.subscribe(10);
    let delivered = rig.delivered();
    // The second is processed, but nothing up to it can be committed.
    rig.ack(delivered[1].1);
    elapse(&mut rig, Span::from_secs(6));
    crash_of_projector(&mut rig);
    rig.subscribe(10);
    assert_eq!(rig.positions(), [1, 2, 3]);
}

#[test]
fn a_committed_record_is_not_delivered_again() {
    let mut rig = rig(kafka(1));
    rig.publish(1..=2);
    rig.subscribe(10);
    let delivered = rig.delivered();
    rig.ack(delivered[0].1);
    assert_eq!(rig.delivered(), [], "it commits meanwhile");
    crash_of_projector(&mut rig);
    rig.subscribe(10);
    assert_eq!(rig.positions(), [2]);
}

#[test]
fn the_partitions_of_a_lost_member_are_free_when_its_session_ends() {
    let mut rig = rig(kafka(1));
    rig.publish(1..=1);
    rig.subscribe(10);
    rig.delivered();
    let before = rig.bench.now();
    crash_of_projector(&mut rig);
    rig.subscribe(10);
    assert_eq!(rig.positions(), [1]);
    assert!(rig.bench.now().since(before) >= Span::from_secs(45));
}

#[test]
fn a_rebalance_makes_what_was_delivered_before_it_void() {
    let mut rig = with_fault(kafka(1), Some(&REBALANCE));
    rig.publish(1..=1);
    rig.subscribe(10);
    let delivered = rig.delivered();
    assert_eq!(delivered.iter().map(|(position, _)| *position).collect::<Vec<_>>(), [1, 1]);
    rig.ack(delivered[0].1);
    assert_eq!(rig.broker.queued(), [1, 0], "the generation is old");
    rig.ack(delivered[1].1);
    assert_eq!(rig.broker.queued(), [0, 0]);
}

#[test]
fn a_record_that_failed_holds_up_its_partition_and_no_other() {
    let mut rig = rig(kafka(2));
    // The second counter is in the other partition.
    rig.publish([1, 2, 101]);
    rig.subscribe(10);
    let delivered = rig.delivered();
    rig.nack(delivered[0].1);
    rig.publish([3, 102]);
    let next: Vec<_> = (0..4).map(|_| next_delivery(&mut rig).0).collect();
    assert_eq!(next, [102, 1, 2, 3]);
}

#[test]
fn a_retry_of_the_library_is_appended_once_by_an_idempotent_producer() {
    for (producer, expected) in [(Producer::Idempotent, 1), (Producer::AtLeastOnce, 2)] {
        let settings = KafkaSettings { producer, ..KafkaSettings::default() };
        let mut rig = with_fault(BrokerKind::Kafka(settings), Some(&PRODUCE_RETRIED));
        rig.publish([1]);
        assert_eq!(rig.broker.queued(), [expected, 0]);
    }
}

#[test]
fn what_the_application_publishes_again_is_another_record_of_either_producer() {
    let mut rig = rig(kafka(1));
    rig.publish([1, 1]);
    assert_eq!(rig.broker.queued(), [2, 0]);
}

#[test]
fn a_record_is_deleted_when_its_retention_time_is_over_whether_it_was_read_or_not() {
    let mut rig = rig(kafka(1));
    rig.publish([1]);
    elapse(&mut rig, Span::from_secs(8 * 24 * 3600));
    rig.publish([2]);
    rig.subscribe(10);
    assert_eq!(rig.positions(), [2]);
    assert_eq!(count(&mut rig, |fact| matches!(fact, Fact::RetentionOver { .. })), 1);
}

// ---- RabbitMQ

#[test]
fn quorum_queues_of_rabbitmq_4_count_what_was_released_and_classic_ones_count_nothing() {
    for (queues, dead) in [(RabbitQueues::Quorum, vec![1]), (RabbitQueues::Classic, vec![])] {
        let mut rig = rig(rabbit(4, queues));
        rig.publish(1..=1);
        rig.subscribe(1);
        let projector = rig.projector();
        for _ in 0..rig.bench.plan.settings.broker.delivery_limit {
            let (_, tag) = next_delivery(&mut rig);
            rig.tell(projector, Message::Release { queue: 0, tag, stream: Rig::stream() });
        }
        assert_eq!(rig.dead(), dead);
    }
}

#[test]
fn quorum_queues_of_rabbitmq_3_put_a_rejected_message_to_the_end() {
    for (version, order) in [(3, [2, 3, 1]), (4, [1, 2, 3])] {
        let mut rig = rig(rabbit(version, RabbitQueues::Quorum));
        rig.publish([1]);
        rig.subscribe(1);
        let (_, tag) = next_delivery(&mut rig);
        elapse(&mut rig, Span::from_millis(1));
        // While it rests, the consumer is gone, and others are published.
        rig.nack(tag);
        crash_of_projector(&mut rig);
        rig.publish([2, 3]);
        elapse(&mut rig, Span::from_secs(1));
        rig.subscribe(3);
        assert_eq!(rig.positions(), order, "RabbitMQ {version}");
    }
}

#[test]
fn a_half_open_connection_holds_its_messages_until_the_heartbeats_are_missed() {
    let mut rig = with_fault(rabbit(4, RabbitQueues::Quorum), Some(&HALF_OPEN));
    rig.publish([1]);
    let before = rig.bench.now();
    rig.subscribe(10);
    // A consumer that connects again does not get what its old connection holds.
    rig.subscribe(10);
    rig.publish([2]);
    assert_eq!(rig.positions(), [2, 1]);
    assert!(rig.bench.now().since(before) >= Span::from_secs(60));
    assert_eq!(count(&mut rig, |fact| matches!(fact, Fact::ConnectionClosed { .. })), 1);
}

// ---- faults

#[test]
fn a_fault_of_one_kind_happens_with_no_other() {
    let kinds = [
        BrokerKind::Generic,
        rabbit(4, RabbitQueues::Quorum),
        sqs(SqsQueues::Standard),
        sqs(SqsQueues::Fifo),
        kafka(3),
    ];
    let with = |fault| kinds.iter().map(|kind| kind.has(fault)).collect::<Vec<_>>();
    assert_eq!(with(&HALF_OPEN), [false, true, false, false, false]);
    assert_eq!(with(&VISIBILITY_LAPSED), [false, false, true, true, false]);
    assert_eq!(with(&REBALANCE), [false, false, false, false, true]);
    assert_eq!(with(&CONFIRM_LOST), [true; 5]);
    assert_eq!(with(&BINDING_LOST), [true, true, false, false, false]);
    assert_eq!(with(&crate::platform::faults::OVERTAKEN), [true, true, true, false, false]);
}
