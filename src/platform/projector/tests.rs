//! A projector with its read store, and the test in the place of its broker.

use super::*;
use crate::kernel::Span;
use crate::model::Ordinal;
use crate::platform::broker::BrokerKind;
use crate::platform::faults::BULK_REJECTED;
use crate::platform::read_store::ReadStore;
use crate::platform::settings::KafkaSettings;
use crate::testing::{Bench, Counting, letter};

struct Rig {
    bench: Bench,
    projector: Projector<Counting>,
    read_store: ReadStore<Counting>,
    acked: Vec<u64>,
    refused: Vec<u64>,
    released: Vec<u64>,
    widened: Vec<u32>,
    /// The requests to the event store.
    asked: Vec<(Ordinal, Ordinal)>,
}

impl Rig {
    fn new() -> Self {
        let mut bench = Bench::new();
        let mut projector = Projector::new(ViewId(0));
        let node = bench.map.projectors().next().expect("a view");
        bench.tell(node, |cx| projector.start(cx));
        let read_store = ReadStore::new();
        let [acked, refused, released] = [const { Vec::new() }; 3];
        let (widened, asked) = (Vec::new(), Vec::new());
        Self { bench, projector, read_store, acked, refused, released, widened, asked }
    }

    /// Delivers a version of counter 0 under a tag, and handles what follows.
    fn deliver(&mut self, version: u32, tag: u64) {
        let letter = letter(0, version, u64::from(version));
        let (node, projector) = (self.node(), &mut self.projector);
        let deliver = Message::Deliver { tag, letter };
        self.bench.tell(node, |cx| projector.handle(deliver, cx));
        self.settle();
    }

    fn node(&self) -> crate::kernel::NodeId {
        self.bench.map.projectors().next().expect("a view")
    }

    fn settle(&mut self) {
        let (me, database) = (self.node(), self.bench.map.read_store());
        // After a request for a page, the test continues.
        while self.asked.is_empty() {
            let Some((to, message)) = self.bench.next() else { break };
            match message {
                Message::Ack { tag, .. } => self.acked.push(tag),
                Message::Nack { tag, .. } => self.refused.push(tag),
                Message::Release { tag, .. } => self.released.push(tag),
                Message::ReadLog { after, upto, .. } => self.asked.push((after, upto)),
                Message::Widen { prefetch, .. } => self.widened.push(prefetch),
                message if to == me => {
                    let projector = &mut self.projector;
                    self.bench.tell(me, |cx| projector.handle(message, cx));
                }
                message if to == database => {
                    let read_store = &mut self.read_store;
                    self.bench.tell(database, |cx| read_store.handle(me, message, cx));
                }
                _ => {}
            }
        }
    }

    fn total(&self) -> i64 {
        self.read_store.rows()[0][0].as_ref().expect("a row").total
    }
}

#[test]
fn an_event_that_arrives_before_its_predecessor_waits_unacknowledged_and_is_applied_in_order() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1], 1));
    rig.deliver(2, 2);
    assert_eq!(rig.acked, [1, 2, 3]);
    assert_eq!((rig.total(), rig.read_store.checkpoints()), (1 + 2 + 3, vec![3, 0, 0]));
    let facts = rig.bench.facts();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Buffered { version: Version(3), .. })));
}

#[test]
fn a_duplicate_is_acknowledged_and_not_applied_again() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(1, 2);
    assert_eq!((rig.total(), rig.acked.clone()), (1, vec![1, 2]));
}

#[test]
fn a_duplicate_that_arrives_while_its_event_is_being_applied_is_acknowledged_afterwards() {
    let mut rig = Rig::new();
    let node = rig.node();
    for tag in 1..=3 {
        let (letter, projector) = (letter(0, 1, 1), &mut rig.projector);
        let deliver = Message::Deliver { tag, letter };
        rig.bench.tell(node, |cx| projector.handle(deliver, cx));
    }
    rig.settle();
    rig.acked.sort_unstable();
    assert_eq!((rig.total(), rig.acked.clone()), (1, vec![1, 2, 3]));
    assert_eq!((rig.projector.buffered(), rig.projector.busy()), (0, None));
}

#[test]
fn a_restarted_projector_learns_from_the_idempotency_log() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.projector = Projector::new(ViewId(0));
    rig.deliver(1, 2);
    rig.deliver(2, 3);
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2, vec![1, 2, 3]));
}

#[test]
fn events_that_were_acknowledged_before_a_restart_are_not_waited_for() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(2, 2);
    rig.projector = Projector::new(ViewId(0));
    let node = rig.node();
    // The acknowledgement of the first event was lost, that of the second was not.
    for (version, tag) in [(1, 3), (3, 4)] {
        let (letter, projector) = (letter(0, version, u64::from(version)), &mut rig.projector);
        rig.bench.tell(node, |cx| projector.handle(Message::Deliver { tag, letter }, cx));
    }
    rig.settle();
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2 + 3, vec![1, 2, 3, 4]));
    assert_eq!(rig.projector.buffered(), 0);
}

#[test]
fn when_every_held_message_waits_the_prefetch_is_increased() {
    let mut rig = Rig::new();
    for version in 2..=11 {
        rig.deliver(version, u64::from(version));
    }
    assert_eq!((rig.widened.clone(), rig.acked.len()), (vec![20], 0));
    rig.deliver(1, 1);
    assert_eq!((rig.acked.len(), rig.total()), (11, (1..=11).sum()));
}

#[test]
fn messages_beyond_the_buffer_are_released_to_the_queue() {
    let mut rig = Rig::new();
    let limit = rig.bench.plan.settings.projectors.buffer;
    for version in 2..=limit + 2 {
        rig.deliver(version, u64::from(version));
    }
    assert_eq!(rig.released, [u64::from(limit) + 2]);
}

#[test]
fn a_copy_takes_the_place_of_the_message_that_is_held_also_if_the_buffer_is_full() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| settings.projectors.buffer = 1);
    rig.deliver(2, 1);
    rig.deliver(2, 2);
    assert_eq!((rig.released.clone(), rig.acked.clone()), (vec![], vec![1]));
    rig.deliver(1, 3);
    assert_eq!((rig.acked.clone(), rig.total()), (vec![1, 3, 2], 3));
}

/// The earlier one can be that of a connection that is lost: its acknowledgement means nothing to the broker.
#[test]
fn of_two_copies_the_one_that_was_delivered_last_is_held_whichever_arrives_first() {
    for tags in [[4, 9], [9, 4]] {
        let mut rig = Rig::new();
        rig.deliver(1, 1);
        tags.iter().for_each(|tag| rig.deliver(3, *tag));
        assert_eq!(rig.acked, [1, 4]);
        rig.deliver(2, 10);
        assert_eq!((rig.acked.clone(), rig.total()), (vec![1, 4, 10, 9], 6));
    }
}

/// A consumer that reads a partition again from a record on would never come to what follows it.
#[test]
fn where_a_message_that_is_released_blocks_its_predecessor_it_is_kept_beyond_the_buffer() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| {
        settings.projectors.buffer = 1;
        settings.broker.kind = BrokerKind::Kafka(KafkaSettings::default());
    });
    rig.deliver(3, 1);
    rig.deliver(2, 2);
    assert_eq!((rig.released.clone(), rig.projector.buffered()), (vec![], 2));
    rig.deliver(1, 3);
    assert_eq!((rig.acked.clone(), rig.total()), (vec![3, 2, 1], 6));
}

#[test]
fn an_event_that_fails_is_rejected_and_later_ones_of_its_stream_are_released() {
    let mut rig = Rig::new();
    let (stream, version) = (letter(0, 2, 2).event.stream, Version(2));
    rig.projector.failing.insert((stream, version), 2);
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    rig.deliver(2, 2);
    assert_eq!((rig.refused.clone(), rig.released.clone()), (vec![2], vec![3]));
    rig.deliver(3, 4);
    assert_eq!(rig.released, [3, 4], "its predecessor was rejected");
    rig.deliver(2, 5);
    rig.deliver(2, 6);
    rig.deliver(3, 7);
    assert_eq!((rig.refused.clone(), rig.acked.clone()), (vec![2, 5], vec![1, 6, 7]));
    assert_eq!((rig.total(), rig.projector.busy()), (1 + 2 + 3, None));
}

#[test]
fn a_projector_that_loses_the_broker_drops_its_messages_and_subscribes_again() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    let (node, broker) = (rig.node(), rig.bench.map.broker());
    let projector = &mut rig.projector;
    rig.bench.tell(node, |cx| projector.handle(Message::Disconnected(broker), cx));
    let subscribed = |(to, message)| to == broker && matches!(message, Message::Subscribe { .. });
    assert!(rig.bench.next().is_some_and(subscribed));
    rig.deliver(3, 4);
    rig.deliver(2, 5);
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2 + 3, vec![1, 5, 4]));
}

/// A page of at most two events, from a log of counter 0.
fn page(after: Ordinal, upto: Ordinal) -> Message<Counting> {
    let versions = after.0 as u32 + 1..=(upto.0 as u32).min(after.0 as u32 + 2);
    let page = versions.map(|version| letter(0, version, u64::from(version))).collect();
    Message::LogPage { after, page }
}

/// Rebuilds until the swap, and returns the versions that were replayed.
fn rebuild(rig: &mut Rig, nth: u32, mut meanwhile: impl FnMut(&mut Rig, Ordinal)) -> Vec<u32> {
    let node = rig.node();
    let projector = &mut rig.projector;
    let view = ViewId(0);
    rig.bench.tell(node, |cx| projector.handle(Message::Rebuild { nth, view, keeps: false }, cx));
    rig.bench.facts();
    let mut replayed = Vec::new();
    for _ in 0..100 {
        rig.settle();
        for fact in rig.bench.facts() {
            if let Fact::Replayed { event, .. } = &fact {
                replayed.push(event.version.0);
            }
            if matches!(fact, Fact::Rebuilt { .. }) {
                return replayed;
            }
        }
        let asked = std::mem::take(&mut rig.asked);
        let Some((after, upto)) = asked.last().copied() else { panic!("{replayed:?}") };
        meanwhile(rig, after);
        let projector = &mut rig.projector;
        rig.bench.tell(node, |cx| projector.handle(page(after, upto), cx));
    }
    panic!("the rebuild does not end: {replayed:?}");
}

#[test]
fn a_view_is_rebuilt_page_by_page_with_the_events_that_arrive_meanwhile() {
    let mut rig = Rig::new();
    for version in 1..=5 {
        rig.deliver(version, u64::from(version));
    }
    let mut next = 6;
    let replayed = rebuild(&mut rig, 1, |rig, _| {
        if next <= 9 {
            rig.deliver(next, u64::from(next));
            next += 1;
        }
    });
    assert_eq!(replayed, (1..next).collect::<Vec<_>>());
    assert_eq!(i64::from((1..next).sum::<u32>()), rig.total());
    rig.deliver(next, u64::from(next));
    assert_eq!(
        i64::from((1..=next).sum::<u32>()),
        rig.total(),
        "the new table continues where the old one was"
    );
    assert_eq!(rig.projector.busy(), None);
}

#[test]
fn a_rebuild_that_reads_a_replica_waits_until_that_has_what_the_live_table_has() {
    let mut rig = Rig::new();
    (1..=4).for_each(|version| rig.deliver(version, u64::from(version)));
    let (node, view) = (rig.node(), ViewId(0));
    let tell = |rig: &mut Rig, message| {
        let projector = &mut rig.projector;
        rig.bench.tell(node, |cx| projector.handle(message, cx));
        rig.settle();
        rig.asked.pop()
    };
    let asked = tell(&mut rig, Message::Rebuild { nth: 1, view, keeps: false });
    assert_eq!(asked, Some((Ordinal(0), Ordinal(4))));
    let asked = tell(&mut rig, page(Ordinal(0), Ordinal(2)));
    assert_eq!(asked, Some((Ordinal(2), Ordinal(4))));
    for _ in 0..3 {
        let before = rig.bench.now();
        let (after, page) = (Ordinal(2), Vec::new());
        let asked = tell(&mut rig, Message::LogPage { after, page });
        assert_eq!(asked, Some((Ordinal(2), Ordinal(4))), "the table is not whole");
        assert!(rig.bench.now() >= before + Span::from_millis(50), "it does not ask at once");
    }
    tell(&mut rig, page(Ordinal(2), Ordinal(4)));
    assert!(rig.bench.facts().iter().any(|fact| matches!(fact, Fact::Rebuilt { events: 4, .. })));
}

#[test]
fn readers_see_the_old_rows_until_the_new_ones_are_complete() {
    let mut rig = Rig::new();
    for version in 1..=5 {
        rig.deliver(version, u64::from(version));
    }
    let before = rig.total();
    rebuild(&mut rig, 1, |rig, _| assert_eq!(rig.total(), before));
    assert_eq!((rig.total(), rig.read_store.checkpoints()), (before, vec![5, 0, 0]));
}

#[test]
fn a_rebuild_resumes_where_it_was_after_a_crash_of_its_projector() {
    let mut rig = Rig::new();
    for version in 1..=6 {
        rig.deliver(version, u64::from(version));
    }
    let (node, view) = (rig.node(), ViewId(0));
    let projector = &mut rig.projector;
    rig.bench
        .tell(node, |cx| projector.handle(Message::Rebuild { nth: 1, view, keeps: false }, cx));
    rig.settle();
    let (after, upto) = rig.asked.pop().expect("it reads");
    let projector = &mut rig.projector;
    rig.bench.tell(node, |cx| projector.handle(page(after, upto), cx));
    rig.settle();
    rig.projector.crash();
    rig.asked.clear();
    assert_eq!(rebuild(&mut rig, 1, |_, _| {}), [3, 4, 5, 6]);
    let again = Message::Rebuild { nth: 1, view, keeps: false };
    let projector = &mut rig.projector;
    rig.bench.tell(node, |cx| projector.handle(again, cx));
    rig.settle();
    assert!(rig.bench.facts().is_empty(), "a finished rebuild is not repeated");
}

#[test]
fn an_event_that_a_search_index_rejects_is_sent_again_and_acknowledged_when_it_is_applied() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_fault(&BULK_REJECTED, 0);
    let plan = std::sync::Arc::make_mut(&mut rig.bench.plan);
    plan.settings.search_index.views = vec!["Totals".to_owned()];
    let (node, projector) = (rig.node(), &mut rig.projector);
    let deliver = Message::Deliver { tag: 7, letter: letter(0, 1, 1) };
    rig.bench.tell(node, |cx| projector.handle(deliver, cx));
    rig.settle();
    assert_eq!((rig.acked.clone(), rig.read_store.checkpoints()[0]), (vec![7], 1));
    assert_eq!(rig.bench.faults().0, 1);
    assert!(rig.projector.is_idle());
}

#[test]
fn what_is_held_back_of_a_segment_that_moves_is_forgotten_unless_it_came_later() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| {
        settings.projectors.instances = 2;
        settings.projectors.sharing = crate::platform::settings::Sharing::ByStream { segments: 1 };
    });
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    rig.deliver(4, 4);
    let (node, projector) = (rig.node(), &mut rig.projector);
    let revoked = Message::Revoked { queue: 0, segment: Some(0), upto: 3 };
    rig.bench.tell(node, |cx| projector.handle(revoked, cx));
    assert_eq!(
        rig.projector.buffered(),
        1,
        "the fourth was delivered after the segment had come back"
    );
    rig.deliver(2, 5);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1, 5], 1));
    rig.deliver(3, 6);
    assert_eq!((rig.acked.clone(), rig.total()), (vec![1, 5, 6, 4], 1 + 2 + 3 + 4));
}

/// A delivery can be under way for longer than its receiver takes to restart.
#[test]
fn what_was_delivered_before_it_subscribed_is_forgotten_whether_it_has_arrived_or_not() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| settings.projectors.instances = 2);
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    let (node, projector) = (rig.node(), &mut rig.projector);
    let revoked = Message::Revoked { queue: 0, segment: None, upto: 4 };
    rig.bench.tell(node, |cx| projector.handle(revoked, cx));
    assert_eq!(rig.projector.buffered(), 0);
    rig.deliver(4, 4);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1], 0));
    rig.deliver(2, 5);
    rig.deliver(3, 6);
    assert_eq!((rig.acked.clone(), rig.total()), (vec![1, 5, 6], 1 + 2 + 3));
}

#[test]
fn what_another_instance_has_applied_is_not_waited_for() {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| {
        settings.projectors.instances = 2;
        settings.projectors.sharing = crate::platform::settings::Sharing::ByStream { segments: 1 };
    });
    rig.deliver(1, 1);
    // The other one holds the segment for a while, and applies the second and the third event.
    let other = rig.bench.map.projectors().nth(1).expect("a second instance");
    let (node, store) = (rig.bench.map.read_store(), &mut rig.read_store);
    for version in [2, 3] {
        let apply = Message::Apply(ViewId(0), letter(0, version, u64::from(version)));
        rig.bench.tell(node, |cx| store.handle(other, apply, cx));
    }
    rig.deliver(4, 4);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1, 4], 0));
    assert_eq!(rig.total(), 1 + 2 + 3 + 4);
    // One of which the predecessor is missing everywhere waits.
    rig.deliver(6, 6);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1, 4], 1));
    rig.deliver(5, 7);
    assert_eq!(rig.acked, [1, 4, 7, 6]);
}

/// A rig whose view recognises copies by the ids of messages.
fn with_inbox(kept: Option<Span>) -> Rig {
    let mut rig = Rig::new();
    rig.bench = Bench::with_settings(|settings| {
        settings.projectors.idempotency = Idempotency::MessageIds { kept };
    });
    rig
}

#[test]
fn a_copy_is_recognised_by_its_id_and_not_by_what_the_projector_knows() {
    let mut rig = with_inbox(None);
    rig.deliver(1, 1);
    rig.deliver(2, 2);
    rig.deliver(1, 3);
    rig.projector = Projector::new(ViewId(0));
    rig.deliver(2, 4);
    rig.deliver(3, 5);
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2 + 3, vec![1, 2, 3, 4, 5]));
    let facts = rig.bench.facts();
    assert_eq!(facts.iter().filter(|fact| matches!(fact, Fact::Skipped { .. })).count(), 2);
}

#[test]
fn an_event_that_arrives_while_a_copy_is_looked_up_is_applied_afterwards() {
    let mut rig = with_inbox(None);
    rig.deliver(1, 1);
    let node = rig.node();
    for (version, tag) in [(1, 2), (2, 3), (1, 4), (3, 5)] {
        let (letter, projector) = (letter(0, version, u64::from(version)), &mut rig.projector);
        rig.bench.tell(node, |cx| projector.handle(Message::Deliver { tag, letter }, cx));
    }
    rig.settle();
    rig.acked.sort_unstable();
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2 + 3, vec![1, 2, 3, 4, 5]));
    assert_eq!((rig.projector.buffered(), rig.projector.busy()), (0, None));
    assert!(!rig.bench.facts().iter().any(|fact| matches!(fact, Fact::Buffered { .. })));
}

#[test]
fn a_copy_that_comes_later_than_its_id_is_kept_is_applied_again() {
    let minute = Span::from_secs(60);
    let mut rig = with_inbox(Some(minute));
    rig.deliver(1, 1);
    let node = rig.node();
    rig.bench.tell(node, |cx| cx.timer(minute, Message::Tick));
    rig.settle();
    rig.deliver(1, 2);
    assert_eq!(rig.total(), 1 + 1);
    rig.deliver(2, 3);
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 1 + 2, vec![1, 2, 3]));
}
