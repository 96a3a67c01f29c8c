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

    /// Applies what waited for the version before `next`.
    fn go_on(&mut self, stream: StreamId, next: Version, cx: &mut Cx<'_, '_, D>) {
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
