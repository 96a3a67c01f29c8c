//! The log: every visible event by position, and the head of every stream.

use std::sync::Arc;

use crate::model::{CommandId, Domain, EventId, Position, Stored, StreamId, Version};
use crate::platform::stream_table::StreamTable;

/// Events by position. A position that is burned or still open is empty.
#[derive(Clone, Debug)]
pub(super) struct Log<D: Domain> {
    slots: Vec<Slot<D::Event>>,
    heads: StreamTable<Head<D::State>>,
}

#[derive(Clone, Debug)]
struct Slot<E> {
    event: Option<Arc<Stored<E>>>,
    /// The position of the stream's event before this one; 0 for the first.
    previous: Position,
}

#[derive(Clone, Debug)]
struct Head<S> {
    version: Version,
    last: Position,
    chain: [u8; 32],
    snapshot: Option<Saved<S>>,
}

/// A snapshot as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Saved<S> {
    pub(super) version: Version,
    pub(super) schema: u16,
    pub(super) state: S,
}

impl<S> Default for Head<S> {
    fn default() -> Self {
        Self { version: Version(0), last: Position(0), chain: [0; 32], snapshot: None }
    }
}

impl<D: Domain> Default for Log<D> {
    fn default() -> Self {
        Self { slots: Vec::new(), heads: StreamTable::default() }
    }
}

impl<D: Domain> Log<D> {
    /// Every visible event, by position.
    pub(super) fn events(&self) -> impl Iterator<Item = &Arc<Stored<D::Event>>> {
        self.slots.iter().filter_map(|slot| slot.event.as_ref())
    }

    /// The event at a position, if it is visible.
    pub(super) fn at(&self, position: Position) -> Option<&Arc<Stored<D::Event>>> {
        let index = usize::try_from(position.0.checked_sub(1)?).ok()?;
        self.slots.get(index)?.event.as_ref()
    }

    /// The version of a stream; 0 if it has no event.
    pub(super) fn version(&self, stream: StreamId) -> Version {
        self.heads.get(stream).map_or(Version(0), |head| head.version)
    }

    /// The hash at the end of a stream's chain.
    pub(super) fn chain(&self, stream: StreamId) -> [u8; 32] {
        self.heads.get(stream).map_or([0; 32], |head| head.chain)
    }

    /// Where the last event of a stream came from.
    pub(super) fn origin(&self, stream: StreamId) -> Option<(CommandId, EventId)> {
        let last = self.at(self.heads.get(stream)?.last)?;
        Some((last.metadata.correlation, last.metadata.id))
    }

    /// Makes an event visible.
    pub(super) fn append(&mut self, event: &Arc<Stored<D::Event>>) {
        let index = (event.position.0 - 1) as usize;
        while self.slots.len() <= index {
            self.slots.push(Slot { event: None, previous: Position(0) });
        }
        let head = self.heads.entry(event.stream);
        assert!(head.version.next() == event.version, "a stream's versions are dense");
        assert!(self.slots[index].event.is_none(), "a position is filled once");
        self.slots[index] = Slot { event: Some(Arc::clone(event)), previous: head.last };
        head.version = event.version;
        head.last = event.position;
        head.chain = event.chain;
    }

    /// The events of a stream after `version`, oldest first. Costs what it returns.
    pub(super) fn tail(&self, stream: StreamId, version: Version) -> Vec<Arc<Stored<D::Event>>> {
        let Some(head) = self.heads.get(stream) else { return Vec::new() };
        let count = head.version.0.saturating_sub(version.0) as usize;
        let mut tail = Vec::with_capacity(count);
        let mut at = head.last;
        for _ in 0..count {
            let slot = &self.slots[(at.0 - 1) as usize];
            tail.push(Arc::clone(slot.event.as_ref().expect("a stream's events are visible")));
            at = slot.previous;
        }
        tail.reverse();
        tail
    }

    /// The snapshot of a stream, if there is one of this schema that is newer than `known`.
    pub(super) fn snapshot_after(
        &self,
        stream: StreamId,
        known: Version,
        schema: u16,
    ) -> Option<(Version, D::State)> {
        let saved = self.heads.get(stream)?.snapshot.as_ref()?;
        (saved.schema == schema && saved.version > known)
            .then(|| (saved.version, saved.state.clone()))
    }

    /// Saves a snapshot unless one of a newer schema, or a newer one of the same, is there; whether it
    /// was saved.
    pub(super) fn save_snapshot(&mut self, stream: StreamId, new: Saved<D::State>) -> bool {
        let head = self.heads.entry(stream);
        let newer = head
            .snapshot
            .as_ref()
            .is_none_or(|saved| (saved.schema, saved.version) < (new.schema, new.version));
        if newer && new.version <= head.version {
            head.snapshot = Some(new);
            return true;
        }
        false
    }

    /// Every snapshot.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = (StreamId, &Saved<D::State>)> {
        self.heads.iter().filter_map(|(stream, head)| Some((stream, head.snapshot.as_ref()?)))
    }
}
