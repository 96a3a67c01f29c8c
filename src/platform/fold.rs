//! Folded streams, as far as a reader has read them.
//!
//! Only events from the store are folded in: a decision that is not stored leaves no trace, and
//! nothing has to be rolled back.

use std::collections::VecDeque;
use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::collections::Table;
use crate::model::{Domain, Fact, STREAMS_MAX, Schemas, Stored, StreamId, Version};
use crate::platform::message::Slice;

/// One stream, folded up to a version.
#[derive(Clone, Debug)]
pub(crate) struct Fold<D: Domain> {
    pub(crate) version: Version,
    pub(crate) state: D::State,
}

impl<D: Domain> Fold<D> {
    /// The fold of no event.
    pub(crate) fn blank(stream: StreamId, domain: &D) -> Self {
        Self { version: Version(0), state: domain.blank(stream) }
    }

    /// Folds in what is new. Known events are skipped, and so are events that do not follow: they
    /// have to be loaded again.
    pub(crate) fn take_in(&mut self, slice: Slice<D>, domain: &D) {
        if let Some((version, state)) = slice.snapshot.filter(|(at, _)| *at > self.version) {
            *self = Self { version, state };
        }
        for event in slice.tail {
            self.add(&event, domain);
        }
    }

    /// The state that was restored from a slice, unless the fold is at another version by now.
    pub(crate) fn restored(&self, from: &Restoring) -> Option<Fact<D>> {
        let Restoring { stream, snapshot, version } = *from;
        (self.version == version).then(|| {
            let state = Box::new(self.state.clone());
            Fact::Restored { stream, snapshot, version, state }
        })
    }

    /// Whether a slice begins where the fold ends, or before. If it does not, the fold it was read
    /// for is lost, and the stream has to be read again from an earlier version.
    pub(crate) fn reaches(&self, slice: &Slice<D>) -> bool {
        let first = slice.tail.first().map(|event| Version(event.version.0 - 1));
        slice.snapshot.is_some() || first.unwrap_or(slice.version) <= self.version
    }

    /// Folds in an event, if it is the next.
    pub(crate) fn add(&mut self, event: &Stored<D::Event>, domain: &D) {
        self.add_each(event, domain, |_, _| {});
    }

    /// Folds in an event, if it is the next, and calls `each` with every upcast part of it and the
    /// state after that part.
    pub(crate) fn add_each(
        &mut self,
        event: &Stored<D::Event>,
        domain: &D,
        mut each: impl FnMut(&D::State, &D::Event),
    ) {
        if event.version == self.version.next() {
            for part in event.native(domain).iter() {
                domain.evolve(&mut self.state, part);
                each(&self.state, part);
            }
            self.version = event.version;
        }
    }
}

/// Which stream was read, from which snapshot on, and up to which version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restoring {
    stream: StreamId,
    snapshot: Option<Version>,
    version: Version,
}

impl<D: Domain> Slice<D> {
    /// What to report when the slice is folded, if it has a snapshot or events of an older schema.
    pub(crate) fn restoring(&self) -> Option<Restoring> {
        let older = |event: &Arc<Stored<D::Event>>| event.metadata.schema != D::Schemas::SCHEMA;
        let snapshot = self.snapshot.as_ref().map(|(version, _)| *version);
        let restores = snapshot.is_some() || self.tail.iter().any(older);
        restores.then_some(Restoring { stream: self.stream, snapshot, version: self.version })
    }
}

/// Many folded streams; the oldest are dropped first.
#[derive(Clone, Debug)]
pub(crate) struct Folds<D: Domain> {
    known: Table<StreamId, Fold<D>>,
    order: VecDeque<StreamId>,
}

impl<D: Domain> Default for Folds<D> {
    fn default() -> Self {
        Self { known: Table::default(), order: VecDeque::new() }
    }
}

impl<D: Domain> Folds<D> {
    /// The version up to which a stream is known.
    pub(crate) fn version(&self, stream: StreamId) -> Version {
        self.known.get(&stream).map_or(Version(0), |fold| fold.version)
    }

    /// See [`Fold::restored`].
    pub(crate) fn restored(&self, from: &Restoring) -> Option<Fact<D>> {
        self.known.get(&from.stream)?.restored(from)
    }

    /// A stream as far as it is known.
    pub(crate) fn get(&self, stream: StreamId, domain: &D) -> (StreamId, Version, D::State) {
        match self.known.get(&stream) {
            Some(fold) => (stream, fold.version, fold.state.clone()),
            None => (stream, Version(0), domain.blank(stream)),
        }
    }

    /// Changes the state of a stream that is known by an event that the store does not have, for a defect.
    pub(crate) fn evolve(&mut self, stream: StreamId, event: &D::Event, domain: &D) {
        if let Some(fold) = self.known.get_mut(&stream) {
            domain.evolve(&mut fold.state, event);
        }
    }

    /// Folds in what is new, and keeps at most this many streams. Returns the streams that grew, each with its
    /// version before and after.
    pub(crate) fn take_in(
        &mut self,
        slices: Vec<Slice<D>>,
        domain: &D,
        most: u32,
    ) -> ArrayVec<(StreamId, Version, Version), STREAMS_MAX> {
        let mut grown = ArrayVec::new();
        for slice in slices {
            if slice.tail.is_empty() && slice.snapshot.is_none() {
                continue;
            }
            let (stream, order) = (slice.stream, &mut self.order);
            let fold = self.known.get_or_insert_with(stream, || {
                order.push_back(stream);
                Fold::blank(stream, domain)
            });
            let before = fold.version;
            fold.take_in(slice, domain);
            if fold.version > before {
                grown.push((stream, before, fold.version));
            }
        }
        while self.order.len() > most as usize {
            let oldest = self.order.pop_front().expect("more than none");
            self.known.remove(&oldest);
        }
        grown
    }
}
