//! The log: every visible event by position, and the head of every stream.

use std::sync::Arc;

use crate::collections::{Pack, Packed, Reader, Writer};
use crate::kernel::{Cause, Instant, Span, Step};
use crate::model::{
    AsOf, CommandId, Domain, EventId, Events, Filing, Position, Snapshot, Stored, StreamId, Version,
};
use crate::platform::ages::Ages;
use crate::platform::message::Slice;
use crate::platform::stream_table::StreamTable;

/// Events by position, from 0 on. The entry of a position that is burned or not yet visible is empty.
#[derive(Clone, Debug)]
pub(super) struct Log<D: Domain> {
    events: Events<D::Event>,
    /// By position, from 0 on.
    links: Packed<Link>,
    heads: StreamTable<Head<D::State>>,
    /// The snapshots, each with its version; nothing unless they are removed by age.
    ages: Ages<(StreamId, Version)>,
}

/// What the store knows of an event beside the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Link {
    /// The position of the event before this one in its stream; 0 for the first.
    previous: Position,
    /// The step in which it was stored.
    cause: Cause,
}

#[derive(Clone, Debug)]
struct Head<S> {
    version: Version,
    /// The version of the last snapshot that was removed.
    removed: Version,
    /// The version at which the stream was last ended.
    ended: Version,
    last: Position,
    chain: [u8; 32],
    /// In a place of its own: most streams have none.
    snapshot: Option<Box<Snapshot<S>>>,
}

impl<S> Default for Head<S> {
    fn default() -> Self {
        Self {
            version: Version(0),
            removed: Version(0),
            ended: Version(0),
            last: Position(0),
            chain: [0; 32],
            snapshot: None,
        }
    }
}

impl<D: Domain> Log<D> {
    pub(super) fn new() -> Self {
        let (events, heads) = (Events::default(), StreamTable::default());
        Self { events, links: Packed::default(), heads, ages: Ages::default() }
    }

    /// Every visible event, by position.
    pub(super) const fn events(&self) -> &Events<D::Event> {
        &self.events
    }

    /// Every visible event, by position, to be kept.
    pub(super) fn shared(&self) -> impl Iterator<Item = Arc<Stored<D::Event>>> {
        (0..self.events.entries()).filter_map(|at| self.events.share_of(at))
    }

    /// The event at a position, if it is visible.
    pub(super) fn at(&self, position: Position) -> Option<Arc<Stored<D::Event>>> {
        self.events.share_of(index(position))
    }

    /// Whether the event at a position is visible.
    pub(super) fn has(&self, position: Position) -> bool {
        self.events.has(index(position))
    }

    fn link(&self, position: Position) -> Link {
        self.links.copied(index(position)).unwrap_or_default()
    }

    /// The step in which the event at a position was stored.
    pub(super) fn cause(&self, position: Position) -> Cause {
        self.link(position).cause
    }

    /// The version of a stream; 0 if it has no event.
    pub(super) fn version(&self, stream: StreamId) -> Version {
        self.heads.get(stream).map_or(Version(0), |head| head.version)
    }

    /// The position of the last event of a stream; 0 if it has none.
    pub(super) fn last(&self, stream: StreamId) -> Position {
        self.heads.get(stream).map_or(Position(0), |head| head.last)
    }

    /// The hash at the end of a stream's chain.
    pub(super) fn chain(&self, stream: StreamId) -> [u8; 32] {
        self.heads.get(stream).map_or([0; 32], |head| head.chain)
    }

    /// The correlation and the id of the last event of a stream.
    pub(super) fn origin(&self, stream: StreamId) -> Option<(CommandId, EventId)> {
        let last = self.at(self.heads.get(stream)?.last)?;
        Some((last.metadata.correlation, last.metadata.id))
    }

    /// Makes an event visible.
    pub(super) fn append(&mut self, event: &Arc<Stored<D::Event>>, cause: Cause) {
        let index = index(event.position);
        while self.links.len() <= index {
            self.links.push(Link::default());
        }
        let head = self.heads.entry(event.stream);
        assert!(head.version.next() == event.version, "a stream's versions are dense");
        let link = self.links.get_mut(index).expect("there is room for it");
        *link = Link { previous: head.last, cause };
        self.events.set(index, Arc::clone(event));
        head.version = event.version;
        head.last = event.position;
        head.chain = event.chain;
    }

    /// Files a page of old events, if there is one.
    pub(super) fn file(&mut self) -> Option<Filing<D::Event>> {
        self.events.file()
    }

    /// The events of a stream after `version`, oldest first. The cost grows with the result only.
    pub(super) fn tail(&self, stream: StreamId, version: Version) -> Vec<Arc<Stored<D::Event>>> {
        let Some(head) = self.heads.get(stream) else { return Vec::new() };
        let count = head.version.0.saturating_sub(version.0) as usize;
        let mut tail = Vec::with_capacity(count);
        let mut at = head.last;
        for _ in 0..count {
            tail.push(self.at(at).expect("a stream's events are visible"));
            at = self.link(at).previous;
        }
        tail.reverse();
        tail
    }

    /// A stream, up to its last version that is shown, as it was at a moment: its snapshot, if that is of this schema
    /// and not of a later version, and the events after it up to the moment. `newest`: its snapshot, whatever its version.
    pub(super) fn as_of(
        &self,
        (stream, last): (StreamId, Version),
        as_of: AsOf,
        schema: u16,
        newest: bool,
    ) -> Slice<D> {
        let version = match as_of {
            AsOf::Now => last,
            AsOf::Version(version) => version.min(last),
            AsOf::Instant(at) => self.recorded_until(stream, at).min(last),
        };
        let snapshot = self.snapshot_after(stream, Version(0), Some(schema));
        let snapshot = snapshot.filter(|(saved, _)| newest || *saved <= version);
        let after = snapshot.as_ref().map_or(Version(0), |(saved, _)| *saved);
        let mut tail = self.tail(stream, after);
        tail.truncate(version.0.saturating_sub(after.0) as usize);
        Slice { stream, version, snapshot, tail, origin: None }
    }

    /// The last version before the first event that was recorded later than `at`. The store's clock
    /// may have jumped back: an event that follows a later one is later too.
    fn recorded_until(&self, stream: StreamId, at: Instant) -> Version {
        let events = self.tail(stream, Version(0));
        let until = events.iter().take_while(|event| event.metadata.recorded_at <= at);
        until.last().map_or(Version(0), |event| event.version)
    }

    /// The snapshot of a stream, if it is of this schema, or of any, and newer than `known`.
    pub(super) fn snapshot_after(
        &self,
        stream: StreamId,
        known: Version,
        schema: Option<u16>,
    ) -> Option<(Version, D::State)> {
        let saved = self.heads.get(stream)?.snapshot.as_deref()?;
        (schema.is_none_or(|schema| saved.schema == schema) && saved.version > known)
            .then(|| (saved.version, saved.state.clone()))
    }

    /// Saves a snapshot unless there is one of a newer schema, or a newer one of the same schema.
    /// Returns whether it was saved. `since`: when it begins to age, if it does; `replaces`: it replaces any other.
    pub(super) fn save_snapshot(
        &mut self,
        new: Snapshot<D::State>,
        since: Option<Instant>,
        replaces: bool,
    ) -> bool {
        let head = self.heads.entry(new.stream);
        let older = |saved: &Snapshot<_>| (saved.schema, saved.version) < (new.schema, new.version);
        let is_newer = replaces || head.snapshot.as_deref().is_none_or(older);
        // One of a version that was ended is of the life before.
        let saves = is_newer && new.version <= head.version && new.version > head.ended;
        if saves {
            if let Some(since) = since {
                self.ages.add(since, (new.stream, new.version));
            }
            head.snapshot = Some(Box::new(new));
        }
        saves
    }

    /// Removes a snapshot that was saved so long ago, if there is one, and returns its stream and version. The stream is
    /// read from its first event on until the next snapshot.
    pub(super) fn clean_snapshot(
        &mut self,
        keep: Span,
        now: Instant,
    ) -> Option<(StreamId, Version)> {
        loop {
            let (_, (stream, version)) = self.ages.take_due(keep, now)?;
            let head = self.heads.entry(stream);
            // A later one may have taken its place, or one of another schema.
            if head.snapshot.take_if(|saved| saved.version == version).is_some() {
                head.removed = version;
                return Some((stream, version));
            }
        }
    }

    /// Ends a stream at its last event. `keeps_snapshot`: its
    /// snapshot stays. `from_the_beginning`: its versions begin again at 1.
    pub(super) fn end(&mut self, stream: StreamId, keeps_snapshot: bool, from_the_beginning: bool) {
        let head = self.heads.entry(stream);
        if from_the_beginning {
            *head = Head::default();
            return;
        }
        head.ended = head.version;
        if !keeps_snapshot {
            head.snapshot = None;
        }
    }

    /// The version at which a stream was last ended; 0 if it was not.
    pub(super) fn ended(&self, stream: StreamId) -> Version {
        self.heads.get(stream).map_or(Version(0), |head| head.ended)
    }

    /// The version of the last snapshot of a stream that was removed; 0 if none was.
    pub(super) fn removed_snapshot(&self, stream: StreamId) -> Version {
        self.heads.get(stream).map_or(Version(0), |head| head.removed)
    }

    /// The first position that has no event.
    pub(super) fn first_gap(&self) -> Position {
        let gap = (1..self.events.entries()).find(|at| !self.events.has(*at));
        Position(gap.unwrap_or(self.events.entries().max(1)) as u64)
    }

    /// Every snapshot, by stream.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &Snapshot<D::State>> {
        self.heads.iter().filter_map(|(_, head)| head.snapshot.as_deref())
    }
}

/// The place of a position in a table. There is no position 0.
const fn index(position: Position) -> usize {
    position.0 as usize
}

impl Pack for Link {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        let (before, step) = (before.copied().unwrap_or_default(), self.cause.step());
        to.difference(self.previous.0, before.previous.0);
        to.difference(step.0, before.cause.step().0);
        to.number(self.cause.part().into());
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        let before = before.copied().unwrap_or_default();
        let previous = Position(from.difference(before.previous.0));
        let step = Step(from.difference(before.cause.step().0));
        Self { previous, cause: Cause::new(step, from.number() as u32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written() {
        let cause = Cause::new(Step(1 << 43), Cause::PARTS_MAX as u32 - 1);
        let far = Link { previous: Position(u64::MAX), cause };
        let mut to = Writer::default();
        far.pack(None, &mut to);
        Link::default().pack(Some(&far), &mut to);
        far.pack(Some(&Link::default()), &mut to);
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        assert_eq!(Link::unpack(None, &mut from), far);
        assert_eq!(Link::unpack(Some(&far), &mut from), Link::default());
        assert_eq!(Link::unpack(Some(&Link::default()), &mut from), far);
    }
}
