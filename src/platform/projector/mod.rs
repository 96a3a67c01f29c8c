//! A projector: takes events from its queue and applies them to its view, each stream in order and
//! each event once, whatever the broker does.
//!
//! What comes before its predecessor is held back and stays unacknowledged, so that a crash loses
//! nothing. What comes again is recognised by the idempotency log, which the read store keeps in the
//! same transaction as the rows; what the projector remembers of it is only a shortcut. When everything
//! it may hold is waiting for a predecessor, it asks the broker for more room, up to a bound; beyond
//! that messages go back to the queue.
//!
//! An event that it cannot handle it refuses, and lets go of what it holds of the same stream: nothing of
//! that can be applied before. The broker tries again, and in the end parks the stream.

mod rebuild;
#[cfg(test)]
mod tests;

use crate::collections::SortedMap;

use crate::model::{CacheKey, Domain, Fact, StreamId, Version, ViewId};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::faults::POISON;
use crate::platform::message::{ApplyOutcome, Letter, Message};
use crate::platform::stream_table::StreamTable;
use crate::platform::topology::queue_of;
use rebuild::Rebuild;

/// The projector of one view.
#[derive(Clone, Debug)]
pub(crate) struct Projector<D: Domain> {
    view: ViewId,
    queue: u8,
    volatile: Volatile<D>,
}

/// What a crash takes: everything. Rows, idempotency log and checkpoint are the read store's.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    /// How far each stream is known to be applied.
    applied: StreamTable<Version>,
    /// Row transactions under way, one for each stream at most.
    applying: SortedMap<StreamId, Held<D>>,
    /// What waits for its predecessor, or for its stream's transaction to end.
    waiting: SortedMap<(StreamId, Version), Held<D>>,
    /// What it refused last of a stream. Until that comes again, nothing later is of use.
    refused: SortedMap<StreamId, Version>,
    /// How often it will still fail on an event.
    failing: SortedMap<(StreamId, Version), u64>,
    prefetch: u32,
    rebuild: Option<Rebuild<D>>,
    deadlines: Deadlines<Patience>,
}

/// What can take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Patience {
    /// The row transaction of a stream.
    Apply(StreamId),
    /// The next step of a rebuild.
    Rebuild,
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
            applying: SortedMap::new(),
            waiting: SortedMap::new(),
            refused: SortedMap::new(),
            failing: SortedMap::new(),
            prefetch: 0,
            rebuild: None,
            deadlines: Deadlines::default(),
        };
        let queue = queue_of::<D>(view).expect("a view with a projector has a queue");
        Self { view, queue, volatile }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.volatile.prefetch = cx.settings().projectors.prefetch;
        let (queue, prefetch) = (self.queue, self.volatile.prefetch);
        cx.send(cx.map().broker(), Message::Subscribe { queue, prefetch });
    }

    /// How many messages wait for a predecessor.
    pub(crate) fn buffered(&self) -> u64 {
        self.volatile.waiting.len() as u64
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (applying, waiting) = (self.volatile.applying.len(), self.volatile.waiting.len());
        let rebuild = self.volatile.rebuild.as_ref();
        (applying + waiting > 0 || rebuild.is_some()).then(|| {
            let rebuild = if rebuild.is_some() { ", a rebuild" } else { "" };
            format!("{applying} being applied, {waiting} held back{rebuild}")
        })
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
                for due in self.volatile.deadlines.take_due(cx) {
                    match due {
                        Patience::Apply(stream) => self.apply_again(stream, cx),
                        Patience::Rebuild => self.rebuild_further(cx),
                    }
                }
            }
            Message::Disconnected(peer) => {
                if peer == cx.map().broker() {
                    // The broker gives what was in hand here to whoever subscribes next.
                    let rebuild = self.volatile.rebuild.take();
                    self.crash();
                    self.start(cx);
                    self.volatile.rebuild = rebuild;
                    self.rebuild_further(cx);
                } else if peer == cx.map().read_store() {
                    let applying: Vec<_> = self.volatile.applying.keys().copied().collect();
                    for stream in applying {
                        self.apply_again(stream, cx);
                    }
                    self.rebuild_further(cx);
                }
            }
            Message::Rebuild { nth, view: _ } => self.rebuild(nth, cx),
            Message::ShadowAt { nth, upto, live, swapped } => {
                self.shadow_at(nth, (upto, live), swapped, cx);
            }
            Message::LogPage { after, page } => self.page_read(after, page, cx),
            other => unreachable!("a projector does not take {other:?}"),
        }
    }

    fn take(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (held.letter.event.stream, held.letter.event.version);
        match self.volatile.refused.get(&stream) {
            Some(refused) if version > *refused => {
                let (queue, tag) = (self.queue, held.tag);
                cx.send(cx.map().broker(), Message::Release { queue, tag, stream });
                return;
            }
            Some(_) => _ = self.volatile.refused.remove(&stream),
            None => {}
        }
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
        let (queue, limit) = (self.queue, cx.settings().projectors.buffer);
        if self.volatile.waiting.len() >= limit as usize {
            cx.send(cx.map().broker(), Message::Release { queue, tag: held.tag, stream });
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
        if self.fails(&held, cx) {
            self.refuse(held, cx);
            return;
        }
        self.volatile.deadlines.set(Patience::Apply(stream), cx.settings().reply_timeout, cx);
        cx.send(cx.map().read_store(), Message::Apply(self.view, held.letter.clone()));
        self.volatile.applying.insert(stream, held);
    }

    /// The read store was silent: its answer is lost, or the transaction is.
    fn apply_again(&mut self, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        if let Some(held) = self.volatile.applying.remove(&stream) {
            self.apply(held, cx);
        }
    }

    /// Whether the event is one that triggers a bug here, until it is mended.
    fn fails(&mut self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) -> bool {
        let (stream, version) = (held.letter.event.stream, held.letter.event.version);
        let times = cx.fault(&POISON, stream);
        let failing = &mut self.volatile.failing;
        let left = failing.remove(&(stream, version)).unwrap_or(0).max(times);
        if left > 1 {
            failing.insert((stream, version), left - 1);
        }
        left > 0
    }

    /// Gives back what cannot be handled, and what has to wait for it.
    fn refuse(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (queue, stream, broker) = (self.queue, held.letter.event.stream, cx.map().broker());
        self.volatile.deadlines.clear(Patience::Apply(stream));
        self.volatile.refused.insert(stream, held.letter.event.version);
        cx.fault_seen(&POISON);
        cx.fact(Fact::Failed { view: self.view, event: held.letter.event });
        cx.send(broker, Message::Nack { queue, tag: held.tag, stream });
        let of_it = (stream, Version(0))..=(stream, Version(u32::MAX));
        for (_, waiting) in self.volatile.waiting.remove_range(of_it) {
            cx.send(broker, Message::Release { queue, tag: waiting.tag, stream });
        }
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
        self.volatile.deadlines.clear(Patience::Apply(stream));
        let done = match outcome {
            ApplyOutcome::Applied(rows) => {
                for (row, copy) in rows {
                    let key = CacheKey::Row(self.view, row);
                    cx.send(cx.map().cache(), Message::CacheRefresh { key, copy });
                }
                self.ack(&held, cx);
                version
            }
            // What was applied before this one restarted is not delivered again, so that only the log
            // can tell how far the stream is.
            ApplyOutcome::Duplicate(done) => {
                self.skip(held, cx);
                done
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
        let (queue, tag, stream) = (self.queue, held.tag, held.letter.event.stream);
        cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
    }
}
