//! A projector: applies the events of its queue to its view, each stream in order and each event
//! once, whatever the broker does.
//!
//! An event that arrives before its predecessor is held back and stays unacknowledged, so that a
//! crash loses nothing. Duplicates are recognised by the idempotency log, which the read store
//! changes in the same transaction as the rows; the projector's own copy of it only saves requests.
//! When every message that it may hold waits for a predecessor, it asks the broker for a larger
//! prefetch, up to a bound; beyond that it releases messages to the queue.
//!
//! An event that it cannot handle is rejected, and later events of the same stream are released,
//! because they cannot be applied first. The broker redelivers it, and parks the stream in the end.
//!
//! There may be several instances. Each is a projector like a single one and does not know of the others: the broker
//! decides who gets which messages, and the read store what is applied. An instance that was replaced in the middle of
//! its work writes nothing twice, because its transactions are compared with the same idempotency log.

mod rebuild;
#[cfg(test)]
mod tests;

use crate::collections::SortedMap;
use crate::model::{CacheKey, Domain, Fact, Schemas, StreamId, Version, ViewId, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{
    ACK_BEFORE_APPLY, ACKED_WHILE_BUFFERED, BUFFER_WANTS_ALL_TYPES, BULK_ERRORS_IGNORED,
    CANCEL_NOT_HEARD, DEDUP_ON_FLAG, FIFO_ASSUMED, FULL_BUFFER_DROPS, LATE_IS_DROPPED,
    NEITHER_ACK_NOR_NACK, OLD_SCHEMA_SKIPPED, POISON_SKIPS_AHEAD, PREFETCH_NEVER_WIDENED,
    RESUBSCRIBE_FORGOTTEN, SEGMENT_NOT_RELEASED,
};
use crate::platform::faults::POISON;
use crate::platform::message::{ApplyOutcome, Letter, Message};
use crate::platform::schema;
use crate::platform::settings::Idempotency;
use crate::platform::stream_table::StreamTable;
use crate::platform::topology::{queue_of, segment_of};
use rebuild::Rebuild;

/// The projector of one view. A crash loses all of its state: rows, idempotency log and checkpoint
/// belong to the read store.
#[derive(Clone, Debug)]
pub(crate) struct Projector<D: Domain> {
    view: ViewId,
    queue: u8,
    /// The version up to which each stream is known to be applied.
    applied: StreamTable<Version>,
    /// Running row transactions, at most one for each stream.
    applying: SortedMap<StreamId, Held<D>>,
    /// Messages that wait for a predecessor, or for the transaction of their stream.
    waiting: SortedMap<(StreamId, Version), Held<D>>,
    /// The last rejected event of a stream. Until it is redelivered, later ones are released.
    refused: SortedMap<StreamId, Version>,
    /// How many more times an event fails.
    failing: SortedMap<(StreamId, Version), u64>,
    /// The last tag of each segment before it was lost to another instance, and of all before the instance subscribed.
    revoked: SortedMap<Option<u32>, u64>,
    prefetch: u32,
    rebuild: Option<Rebuild<D>>,
    deadlines: Deadlines<Patience>,
}

/// What has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Patience {
    /// The row transaction of a stream.
    Apply(StreamId),
    /// The next step of a rebuild.
    Rebuild,
}

/// An unacknowledged message.
#[derive(Clone, Debug)]
struct Held<D: Domain> {
    tag: u64,
    letter: Letter<D>,
}

impl<D: Domain> Held<D> {
    fn place(&self) -> (StreamId, Version) {
        (self.letter.event.stream, self.letter.event.version)
    }
}

impl<D: Domain> Projector<D> {
    pub(crate) fn new(view: ViewId) -> Self {
        Self {
            view,
            queue: queue_of::<D>(view).expect("a view with a projector has a queue"),
            applied: StreamTable::default(),
            applying: SortedMap::new(),
            waiting: SortedMap::new(),
            refused: SortedMap::new(),
            failing: SortedMap::new(),
            revoked: SortedMap::new(),
            prefetch: 0,
            rebuild: None,
            deadlines: Deadlines::default(),
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.prefetch = cx.settings().projectors.prefetch;
        let (queue, prefetch) = (self.queue, self.prefetch);
        cx.send(cx.map().broker(), Message::Subscribe { queue, prefetch });
    }

    /// The number of messages that are held back.
    pub(crate) fn buffered(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// The work that is left, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        let rebuild = if self.rebuild.is_some() { ", rebuilding" } else { "" };
        (!self.is_idle()).then(|| {
            let (applying, waiting) = (self.applying.len() as u64, self.waiting.len());
            format!("{} pending, {waiting} held back{rebuild}", counted(applying, "event"))
        })
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.applying.is_empty() && self.waiting.is_empty() && self.rebuild.is_none()
    }

    /// Loses everything.
    pub(crate) fn crash(&mut self) {
        *self = Self::new(self.view);
    }

    /// Subscribes again.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.start(cx);
    }

    pub(crate) fn handle(&mut self, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Deliver { tag, mut letter } => {
                letter.cause = cx.here();
                self.take(Held { tag, letter }, cx);
            }
            Message::ApplyReply { stream, version, outcome } => {
                self.applied(stream, version, *outcome, cx);
            }
            Message::Tick => {
                for (due, cause) in self.deadlines.take_due(cx) {
                    cx.because(cause, |cx| match due {
                        Patience::Apply(stream) => self.apply_again(stream, cx),
                        Patience::Rebuild => self.rebuild_further(cx),
                    });
                }
            }
            Message::Revoked { segment, upto, .. } => {
                if !cx.has(&SEGMENT_NOT_RELEASED) {
                    self.release_revoked(segment, upto, cx);
                }
            }
            Message::Cancelled { .. } => {
                if !cx.has(&CANCEL_NOT_HEARD) {
                    self.begin_again(cx);
                }
            }
            Message::Disconnected(peer) => {
                if peer == cx.map().broker() {
                    self.begin_again(cx);
                } else if peer == cx.map().read_store() {
                    let applying: Vec<_> = self.applying.keys().copied().collect();
                    for stream in applying {
                        self.apply_again(stream, cx);
                    }
                    self.rebuild_further(cx);
                }
            }
            Message::Rebuild { nth, keeps, view: _ } => self.rebuild(nth, keeps, cx),
            Message::ShadowAt { nth, upto, live, swapped } => {
                self.shadow_at(nth, (upto, live), swapped, cx);
            }
            Message::LogPage { after, page } => self.page_read(after, page, cx),
            other => unreachable!("a projector does not take {other:?}"),
        }
    }

    /// Forgets the messages that it holds, all of which the broker delivers again, and subscribes again.
    fn begin_again(&mut self, cx: &mut Cx<'_, '_, D>) {
        let rebuild = self.rebuild.take();
        self.crash();
        if !cx.has(&RESUBSCRIBE_FORGOTTEN) {
            self.start(cx);
        }
        self.rebuild = rebuild;
        self.rebuild_further(cx);
    }

    /// Forgets the messages of a segment that another instance holds by now, or all that were delivered before it
    /// subscribed. What is being applied goes on: whether it counts is for the read store to say.
    fn release_revoked(&mut self, segment: Option<u32>, upto: u64, cx: &Cx<'_, '_, D>) {
        self.revoked.insert(segment, upto);
        let of = cx.settings().segments();
        let is_its = |stream: StreamId| {
            segment.is_none_or(|segment| of.is_some_and(|of| segment_of(stream, of) == segment))
        };
        self.waiting
            .extract_if(|(stream, _), held| is_its(*stream) && held.tag <= upto)
            .for_each(drop);
        self.refused.extract_if(|stream, _| is_its(*stream)).for_each(drop);
    }

    /// Whether a message was delivered before its segment was lost, or before this instance subscribed.
    fn is_revoked(&self, held: &Held<D>, cx: &Cx<'_, '_, D>) -> bool {
        let is_upto = |segment| self.revoked.get(&segment).is_some_and(|upto| held.tag <= *upto);
        let segments = cx.settings().segments();
        let segment = segments.map(|of| segment_of(held.letter.event.stream, of));
        is_upto(None) || segment.is_some() && is_upto(segment)
    }

    fn take(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = held.place();
        if cx.has(&BUFFER_WANTS_ALL_TYPES)
            && schema::rows(cx.domain(), self.view, &held.letter.event).is_empty()
        {
            return self.ack(&held, cx);
        }
        let is_old = held.letter.event.metadata.schema < D::Schemas::SCHEMA;
        if is_old && cx.has(&OLD_SCHEMA_SKIPPED) {
            return self.skip(&held, cx);
        }
        match self.refused.get(&stream) {
            Some(refused) if version > *refused => return self.release(&held, cx),
            Some(_) => _ = self.refused.remove(&stream),
            None => {}
        }
        let done = self.applied.get(stream).copied().unwrap_or_default();
        let in_hand = self.last_in_hand(stream);
        let by_ids = self.goes_by_ids(cx);
        let last = if by_ids { in_hand.unwrap_or(done).max(done) } else { in_hand.unwrap_or(done) };
        // What it does not know of, another instance can have applied: then the read store says what is missing.
        let is_known = in_hand.is_some() || cx.settings().segments().is_none();
        let is_copy = held.letter.redelivered || !cx.has(&DEDUP_ON_FLAG);
        if version <= done && !by_ids && is_copy {
            self.skip(&held, cx);
        } else if is_known
            && version > last.next()
            && last > Version(0)
            && !cx.has(&LATE_IS_DROPPED)
            && !(by_ids && cx.has(&FIFO_ASSUMED))
        {
            self.hold_back(held, cx);
        } else if last > done || by_ids && in_hand.is_some() {
            // The stream is busy: the event is applied when its predecessors are.
            self.wait(held, cx);
        } else {
            self.apply(held, cx);
        }
    }

    /// The last version of a stream that is held without a gap before it.
    fn last_in_hand(&self, stream: StreamId) -> Option<Version> {
        let applying = self.applying.get(&stream)?.letter.event.version;
        let from = (stream, applying.next());
        let waiting = self.waiting.range(from..).zip(from.1.0..);
        let unbroken = waiting
            .take_while(|(((of, version), _), expected)| *of == stream && version.0 == *expected)
            .last();
        Some(unbroken.map_or(applying, |(((_, version), _), _)| *version))
    }

    fn hold_back(&mut self, mut held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        if self.is_revoked(&held, cx) {
            return; // its predecessor is delivered to another one
        }
        let (stream, version) = held.place();
        held.letter.cause = cx.here();
        // A copy takes the place of the one that is held.
        let is_new = !self.waiting.contains_key(&held.place());
        if is_new && self.waiting.len() >= cx.settings().projectors.buffer as usize {
            if cx.has(&FULL_BUFFER_DROPS) {
                return self.ack(&held, cx);
            }
            // Where it would block its predecessor, it is kept nevertheless.
            if !cx.settings().broker.kind.blocks_what_follows() {
                return self.release(&held, cx);
            }
        }
        cx.fact(Fact::Buffered { view: self.view, stream, version });
        if cx.has(&ACKED_WHILE_BUFFERED) {
            self.ack(&held, cx);
        }
        self.wait(held, cx);
        if self.waiting.len() + self.applying.len() >= self.prefetch as usize
            && !cx.has(&PREFETCH_NEVER_WIDENED)
        {
            // The predecessors are still in the queue, and there is no room left to take them.
            self.prefetch = self.prefetch.saturating_mul(2);
            let (queue, prefetch) = (self.queue, self.prefetch);
            cx.send(cx.map().broker(), Message::Widen { queue, prefetch });
        }
    }

    /// Keeps a message. Of two copies it keeps the one that was delivered last, and acknowledges the other: the broker
    /// may have forgotten an earlier delivery.
    fn wait(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let place = held.place();
        if self.waiting.get(&place).is_some_and(|copy| copy.tag > held.tag) {
            return self.ack(&held, cx);
        }
        if let Some(copy) = self.waiting.insert(place, held) {
            self.ack(&copy, cx);
        }
    }

    fn apply(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        if self.is_revoked(&held, cx) {
            // It is another one's to apply by now, or was delivered again since.
            return self.apply_first_waiting(held.letter.event.stream, cx);
        }
        if self.fails(&held, cx) {
            return self.refuse(held, cx);
        }
        let stream = held.letter.event.stream;
        if cx.has(&ACK_BEFORE_APPLY) {
            self.ack(&held, cx);
        }
        self.deadlines.set(Patience::Apply(stream), cx.settings().reply_timeout, cx);
        cx.send(cx.map().read_store(), Message::Apply(self.view, held.letter.clone()));
        self.applying.insert(stream, held);
    }

    /// Repeats a row transaction after a missing reply: the reply is lost, or the transaction is.
    fn apply_again(&mut self, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        if let Some(held) = self.applying.remove(&stream) {
            if cx.has(&NEITHER_ACK_NOR_NACK) {
                return;
            }
            cx.because(held.letter.cause, |cx| self.apply(held, cx));
        }
    }

    /// Whether the event triggers a bug here that is not fixed yet.
    fn fails(&mut self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) -> bool {
        let times = cx.fault(&POISON, held.letter.event.stream);
        let left = self.failing.remove(&held.place()).unwrap_or(0).max(times);
        if left > 1 {
            self.failing.insert(held.place(), left - 1);
        }
        left > 0
    }

    /// Rejects an event that cannot be handled, and releases the later events of its stream.
    fn refuse(&mut self, held: Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (queue, tag, (stream, version)) = (self.queue, held.tag, held.place());
        self.deadlines.clear(Patience::Apply(stream));
        cx.fault_seen(&POISON);
        cx.fact(Fact::Failed { view: self.view, event: held.letter.event });
        cx.send(cx.map().broker(), Message::Nack { queue, tag, stream });
        if cx.has(&POISON_SKIPS_AHEAD) {
            *self.applied.entry(stream) = version;
            return self.go_on(stream, version.next(), cx);
        }
        self.refused.insert(stream, version);
        let of_stream = (stream, Version(0))..=(stream, Version(u32::MAX));
        for (_, later) in self.waiting.remove_range(of_stream).collect::<Vec<_>>() {
            cx.because(later.letter.cause, |cx| self.release(&later, cx));
        }
    }

    fn applied(
        &mut self,
        stream: StreamId,
        version: Version,
        outcome: ApplyOutcome<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let expected = self.applying.get(&stream).map(|held| held.letter.event.version);
        if expected != Some(version) {
            return; // the reply to an earlier attempt
        }
        let held = self.applying.remove(&stream).expect("just seen");
        self.deadlines.clear(Patience::Apply(stream));
        let is_gap = matches!(outcome, ApplyOutcome::Gap(_));
        let done = match outcome {
            ApplyOutcome::Applied(rows) => {
                for (row, copy) in rows {
                    let key = CacheKey::Row(self.view, row);
                    cx.send(cx.map().cache(), Message::CacheRefresh { key, copy });
                }
                self.ack(&held, cx);
                version
            }
            // Events that were applied before a restart are not redelivered: only the log knows how
            // far the stream is applied.
            ApplyOutcome::Duplicate(done) => {
                self.skip(&held, cx);
                done
            }
            ApplyOutcome::Gap(done) => {
                self.hold_back(held, cx);
                done
            }
            ApplyOutcome::Rejected if cx.has(&BULK_ERRORS_IGNORED) => {
                self.ack(&held, cx);
                version
            }
            ApplyOutcome::Rejected => {
                let retry = cx.settings().search_index.retry;
                self.deadlines.set(Patience::Apply(stream), retry, cx);
                self.applying.insert(stream, held);
                return;
            }
        };
        let known = self.applied.entry(stream);
        *known = done.max(*known);
        let last = *known;
        let next = if self.goes_by_ids(cx) { last } else { done }.next();
        self.go_on(stream, next, cx);
        if !is_gap && cx.settings().segments().is_some() && !self.applying.contains_key(&stream) {
            // The predecessor of what it holds back may be applied by another instance.
            self.apply_first_waiting(stream, cx);
        }
    }

    /// Applies the first event of a stream that is held, whatever its version: the read store says what is missing.
    fn apply_first_waiting(&mut self, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        let of_stream = (stream, Version(0))..=(stream, Version(u32::MAX));
        let first = self.waiting.range(of_stream).map(|(place, _)| *place).next();
        if let Some(held) = first.and_then(|place| self.waiting.remove(&place)) {
            cx.because(held.letter.cause, |cx| self.apply(held, cx));
        }
    }

    /// Skips held events of a stream that are applied by now, and applies `next` if it is held.
    fn go_on(&mut self, stream: StreamId, next: Version, cx: &mut Cx<'_, '_, D>) {
        if self.goes_by_ids(cx) {
            let upto_next = (stream, Version(0))..=(stream, next);
            if self.waiting.range(upto_next).next().is_some() {
                self.apply_first_waiting(stream, cx);
            }
            return;
        }
        let done = (stream, Version(0))..(stream, next);
        for (_, copy) in self.waiting.remove_range(done).collect::<Vec<_>>() {
            cx.because(copy.letter.cause, |cx| self.skip(&copy, cx));
        }
        let mut place = (stream, next);
        if cx.has(&LATE_IS_DROPPED) {
            let later = self.waiting.range(place..).map(|(place, _)| *place).next();
            place = later.filter(|(of, _)| *of == stream).unwrap_or(place);
        }
        if let Some(held) = self.waiting.remove(&place) {
            cx.because(held.letter.cause, |cx| self.apply(held, cx));
        }
    }

    /// Whether copies are recognised by the ids of messages, which only the read store has.
    fn goes_by_ids(&self, cx: &Cx<'_, '_, D>) -> bool {
        matches!(cx.settings().projectors.idempotency, Idempotency::MessageIds { .. })
    }

    fn skip(&self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = held.place();
        cx.fact(Fact::Skipped { view: self.view, stream, version });
        self.ack(held, cx);
    }

    fn ack(&self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (queue, tag, stream) = (self.queue, held.tag, held.letter.event.stream);
        cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
    }

    fn release(&self, held: &Held<D>, cx: &mut Cx<'_, '_, D>) {
        let (queue, tag, stream) = (self.queue, held.tag, held.letter.event.stream);
        cx.send(cx.map().broker(), Message::Release { queue, tag, stream });
    }
}
