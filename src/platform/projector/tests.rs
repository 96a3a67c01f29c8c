//! A projector with its read store, and a broker that is the test.

use super::*;
use crate::platform::read_store::ReadStore;
use crate::platform::testing::{Bench, Counting, letter};

/// A projector with its read store, and a broker that is the test.
struct Rig {
    bench: Bench,
    projector: Projector<Counting>,
    read_store: ReadStore<Counting>,
    acked: Vec<u64>,
    refused: Vec<u64>,
    released: Vec<u64>,
    widened: Vec<u32>,
}

impl Rig {
    fn new() -> Self {
        let mut bench = Bench::new();
        let mut projector = Projector::new(ViewId(0));
        let node = bench.map.projectors().next().expect("a view");
        bench.tell(node, |cx| projector.start(cx));
        let read_store = ReadStore::new();
        let [acked, refused, released] = [const { Vec::new() }; 3];
        let widened = Vec::new();
        Self { bench, projector, read_store, acked, refused, released, widened }
    }

    /// Delivers a version of counter 0 under a tag, and lets everything settle.
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
        while let Some((to, message)) = self.bench.next() {
            match message {
                Message::Ack { tag, .. } => self.acked.push(tag),
                Message::Nack { tag, .. } => self.refused.push(tag),
                Message::Release { tag, .. } => self.released.push(tag),
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
fn what_comes_before_its_predecessor_waits_unacknowledged_and_is_then_applied_in_order() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(3, 3);
    assert_eq!((rig.acked.clone(), rig.projector.buffered()), (vec![1], 1));
    rig.deliver(2, 2);
    assert_eq!(rig.acked, [1, 2, 3]);
    assert_eq!((rig.total(), rig.read_store.checkpoints()), (1 + 2 + 3, vec![3]));
    let facts = rig.bench.facts();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Buffered { version: Version(3), .. })));
}

#[test]
fn what_comes_twice_is_applied_once_and_acknowledged_twice() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.deliver(1, 2);
    assert_eq!((rig.total(), rig.acked.clone()), (1, vec![1, 2]));
}

#[test]
fn what_comes_again_while_it_is_being_applied_is_let_go_of_afterwards() {
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
fn a_projector_that_forgot_everything_learns_from_the_idempotency_log() {
    let mut rig = Rig::new();
    rig.deliver(1, 1);
    rig.projector = Projector::new(ViewId(0));
    rig.deliver(1, 2);
    rig.deliver(2, 3);
    assert_eq!((rig.total(), rig.acked.clone()), (1 + 2, vec![1, 2, 3]));
}

#[test]
fn when_all_it_holds_is_waiting_it_asks_for_more_room() {
    let mut rig = Rig::new();
    for version in 2..=11 {
        rig.deliver(version, u64::from(version));
    }
    assert_eq!((rig.widened.clone(), rig.acked.len()), (vec![20], 0));
    rig.deliver(1, 1);
    assert_eq!((rig.acked.len(), rig.total()), (11, (1..=11).sum()));
}

#[test]
fn what_it_has_no_room_for_goes_back_to_the_queue() {
    let mut rig = Rig::new();
    let limit = rig.bench.plan.settings.projectors.buffer;
    for version in 2..=limit + 2 {
        rig.deliver(version, u64::from(version));
    }
    assert_eq!(rig.released, [u64::from(limit) + 2]);
}
