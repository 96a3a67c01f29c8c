//! A projector: takes events from its queue and applies them to its view, each stream in order and
//! each event once, whatever the broker does.
//!
//! What comes before its predecessor is held back and stays unacknowledged, so that a crash loses
//! nothing. What comes again is recognised by the idempotency log, which the read store keeps in the
//! same transaction as the rows; what the projector remembers of it is only a shortcut. When everything
//! it may hold is waiting for a predecessor, it asks the broker for more room, up to a bound; beyond
//! that messages go back to the queue.

use std::collections::BTreeMap;

use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::Domain;
use super::fact::Fact;
use super::ids::{CacheKey, StreamId, Version, ViewId};
use super::message::{ApplyOutcome, Letter, Message};
use super::stream_table::StreamTable;

/// The projector of one view.
#[derive(Clone, Debug)]
pub(crate) struct Projector<D: Domain> {
    view: ViewId,
    volatile: Volatile<D>,
}

/// What a crash takes: everything. Rows, idempotency log and checkpoint are the read store's.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    /// How far each stream is known to be applied.
    applied: StreamTable<Version>,
    /// Row transactions under way, one for each stream at most.
    applying: BTreeMap<StreamId, Held<D>>,
    /// What waits for its predecessor, or for its stream's transaction to end.
    waiting: BTreeMap<(StreamId, Version), Held<D>>,
    prefetch: u32,
    deadlines: Deadlines<StreamId>,
}

/// A message in hand, unacknowledged.
#[derive(Clone, Debug)]
struct Held<D: Domain> {
    tag: u64,
    letter: Letter<D>,
}

impl<D: Domain> Projector<D> {
    pub(crate) fn new(view: ViewId) -> Self {
        let volatile = Volatile {
            applied: StreamTable::default(),
            applying: BTreeMap::new(),
            waiting: BTreeMap::new(),
            prefetch: 0,
            deadlines: Deadlines::default(),
        };
        Self { view, volatile }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.volatile.prefetch = cx.settings().projectors.prefetch;
        let (queue, prefetch) = (self.view.0, self.volatile.prefetch);
        cx.send(cx.map().broker(), Message::Subscribe { queue, prefetch });
    }

    /// How many messages wait for a predecessor.
    pub(crate) fn buffered(&self) -> u64 {
        self.volatile.waiting.len() as u64
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (applying, waiting) = (self.volatile.applying.len(), self.volatile.waiting.len());
        (applying + waiting > 0).then(|| format!("{applying} being applied, {waiting} held back"))
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        *self = Self::new(self.view);
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.start(cx);
    }

    pub(crate) fn handle(&mut self, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Deliver { tag, letter } => self.take(Held { tag, letter }, cx),
            Message::ApplyReply { stream, version, outcome } => {
                self.applied(stream, version, *outcome, cx);
            }
            Message::Tick => {
                for stream in self.volatile.deadlines.take_due(cx) {
                    if let Some(held) = self.volatile.applying.remove(&stream) {
                        self.apply(held, cx);
                    }
                }
            }
            Message::Disconnected(peer) => {
                if peer == cx.map().broker() {
                    self.crash();
                    self.start(cx);
                }
            }
            other => unreachable!("a projector does not take {other:?}"),
        }
    }

    fn take(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (held.letter.event.stream, held.letter.event.version);
        let done = self.volatile.applied.get(stream).copied().unwrap_or_default();
        let last = self.last_in_hand(stream).unwrap_or(done);
        if version <= done {
            self.skip(held, cx);
        } else if version > last.next() && last > Version(0) {
            self.hold_back(held, cx);
        } else if last > done {
            // Its stream is busy; its turn comes when what is before it is applied. A copy of what is
            // in hand already takes that one's place.
            if let Some(copy) = self.volatile.waiting.insert((stream, version), held) {
                self.ack(&copy, cx);
            }
        } else {
            self.apply(held, cx);
        }
    }

    /// The newest version of a stream that is in hand without a gap before it.
    fn last_in_hand(&self, stream: StreamId) -> Option<Version> {
        let applying = self.volatile.applying.get(&stream)?.letter.event.version;
        let from = (stream, applying.next());
        let waiting = self.volatile.waiting.range(from..).zip(from.1.0..);
        let unbroken = waiting
            .take_while(|(((of, version), _), expected)| *of == stream && version.0 == *expected)
            .last();
        Some(unbroken.map_or(applying, |(((_, version), _), _)| *version))
    }

    fn hold_back(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (held.letter.event.stream, held.letter.event.version);
        let (queue, limit) = (self.view.0, cx.settings().projectors.buffer);
        if self.volatile.waiting.len() >= limit as usize {
            cx.send(cx.map().broker(), Message::Nack { queue, tag: held.tag, stream });
            return;
        }
        cx.fact(Fact::Buffered { view: self.view, stream, version });
        if let Some(copy) = self.volatile.waiting.insert((stream, version), held) {
            self.ack(&copy, cx);
        }
        let in_hand = self.volatile.waiting.len() + self.volatile.applying.len();
        if in_hand >= self.volatile.prefetch as usize {
            // The predecessors are still in the queue, and there is no room left to take them.
            let prefetch = self.volatile.prefetch.saturating_mul(2);
            self.volatile.prefetch = prefetch;
            cx.send(cx.map().broker(), Message::Widen { queue, prefetch });
        }
    }

    fn apply(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let stream = held.letter.event.stream;
        self.volatile.deadlines.set(stream, cx.settings().reply_timeout, cx);
        cx.send(cx.map().read_store(), Message::Apply(self.view, held.letter.clone()));
        self.volatile.applying.insert(stream, held);
    }

    fn applied(
        &mut self,
        stream: StreamId,
        version: Version,
        outcome: ApplyOutcome<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let expected = self.volatile.applying.get(&stream).map(|held| held.letter.event.version);
        if expected != Some(version) {
            return; // the answer to an earlier attempt
        }
        let held = self.volatile.applying.remove(&stream).expect("just seen");
        self.volatile.deadlines.clear(stream);
        let done = match outcome {
            ApplyOutcome::Applied(rows) => {
                for (row, copy) in rows {
                    let key = CacheKey::Row(self.view, row);
                    cx.send(cx.map().cache(), Message::CacheRefresh { key, copy });
                }
                self.ack(&held, cx);
                version
            }
            ApplyOutcome::Duplicate => {
                self.skip(held, cx);
                version
            }
            ApplyOutcome::Gap(done) => {
                self.hold_back(held, cx);
                done
            }
        };
        let known = self.volatile.applied.entry(stream);
        *known = done.max(*known);
        self.go_on(stream, done.next(), cx);
    }

    /// Lets go of copies of what is applied by now, and applies what waited for the version before
    /// `next`.
    fn go_on(&mut self, stream: StreamId, next: Version, cx: &mut Cx<'_, '_, D>) {
        let done = (stream, Version(0))..(stream, next);
        while let Some((&key, _)) = self.volatile.waiting.range(done.clone()).next() {
            let copy = self.volatile.waiting.remove(&key).expect("just seen");
            self.skip(copy, cx);
        }
        if let Some(held) = self.volatile.waiting.remove(&(stream, next)) {
            self.apply(held, cx);
        }
    }

    fn skip(&self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (held.letter.event.stream, held.letter.event.version);
        cx.fact(Fact::Skipped { view: self.view, stream, version });
        self.ack(&held, cx);
    }

    fn ack(&self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (queue, tag, stream) = (self.view.0, held.tag, held.letter.event.stream);
        cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
    }
}

#[cfg(test)]
mod tests {
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
        widened: Vec<u32>,
    }

    impl Rig {
        fn new() -> Self {
            let mut bench = Bench::new();
            let mut projector = Projector::new(ViewId(0));
            let node = bench.map.projectors().next().expect("a view");
            bench.tell(node, |cx| projector.start(cx));
            let read_store = ReadStore::new();
            let (acked, refused, widened) = (Vec::new(), Vec::new(), Vec::new());
            Self { bench, projector, read_store, acked, refused, widened }
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
        assert!(
            facts.iter().any(|fact| matches!(fact, Fact::Buffered { version: Version(3), .. }))
        );
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
        assert_eq!(rig.refused, [u64::from(limit) + 2]);
    }
}
