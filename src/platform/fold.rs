//! Folded streams, as far as somebody has read them.
//!
//! Only what the store has shown goes in, so there is nothing to roll back: what was decided but not
//! stored leaves no trace here.

use crate::collections::Table;
use std::collections::VecDeque;
use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::model::{Domain, Fact, STREAMS_MAX, Schemas, Stored, StreamId, Version};
use crate::platform::message::Slice;

/// How many streams are kept folded, so that only what is new has to be loaded.
const REMEMBERED: usize = 256;

/// One stream, folded up to a version.
#[derive(Clone, Debug)]
pub(crate) struct Fold<D: Domain> {
    pub(crate) version: Version,
    pub(crate) state: D::State,
}

impl<D: Domain> Fold<D> {
    /// A stream of which nothing is known yet.
    pub(crate) fn blank(stream: StreamId, domain: &D) -> Self {
        Self { version: Version(0), state: domain.blank(stream) }
    }

    /// Folds in what is new. What is known already is passed over, and so is what does not follow: it
    /// has to be loaded again.
    pub(crate) fn take_in(&mut self, slice: Slice<D>, domain: &D) {
        if let Some((version, state)) = slice.snapshot.filter(|(at, _)| *at > self.version) {
            *self = Self { version, state };
        }
        for event in slice.tail {
            self.add(&event, domain);
        }
    }

    /// What was made of a stream that was read, unless more or less is known of it by now.
    pub(crate) fn restored(&self, from: &Restoring) -> Option<Fact<D>> {
        let Restoring { stream, snapshot, version } = *from;
        let state = || Box::new(self.state.clone());
        (self.version == version).then(|| Fact::Restored {
            stream,
            snapshot,
            version,
            state: state(),
        })
    }

    /// Whether a slice begins where this ends, or before: if what it was read for is forgotten by now
    /// it does not, and has to be read again from further back.
    pub(crate) fn reaches(&self, slice: &Slice<D>) -> bool {
        let known = match (&slice.snapshot, slice.tail.first()) {
            (Some((version, _)), _) => *version,
            (None, Some(event)) => Version(event.version.0 - 1),
            (None, None) => slice.version,
        };
        slice.snapshot.is_some() || known <= self.version
    }

    /// Folds in one event, if it is the next.
    pub(crate) fn add(&mut self, event: &Stored<D::Event>, domain: &D) {
        self.add_each(event, domain, |_, _| {});
    }

    /// The same; tells of each part of it as today's code knows it, and of the state after it.
    pub(crate) fn add_each(
        &mut self,
        event: &Stored<D::Event>,
        domain: &D,
        mut tell: impl FnMut(&D::State, &D::Event),
    ) {
        if event.version == self.version.next() {
            for part in event.native(domain).iter() {
                domain.evolve(&mut self.state, part);
                tell(&self.state, part);
            }
            self.version = event.version;
        }
    }
}

/// Which stream was read, from which snapshot on, and up to where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Restoring {
    stream: StreamId,
    snapshot: Option<Version>,
    version: Version,
}

impl<D: Domain> Slice<D> {
    /// What is to be told of it, if it takes more than today's events to make a state of it.
    pub(crate) fn restoring(&self) -> Option<Restoring> {
        let older = |event: &Arc<Stored<D::Event>>| event.metadata.schema != D::Schemas::SCHEMA;
        let snapshot = self.snapshot.as_ref().map(|(version, _)| *version);
        let restores = snapshot.is_some() || self.tail.iter().any(older);
        restores.then_some(Restoring { stream: self.stream, snapshot, version: self.version })
    }
}

/// Many folded streams; the oldest are forgotten first.
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
    /// How far a stream is known.
    pub(crate) fn version(&self, stream: StreamId) -> Version {
        self.known.get(&stream).map_or(Version(0), |fold| fold.version)
    }

    /// What was made of a stream that was read, unless more is known of it by now.
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

    /// Folds in what is new; which streams grew, from which version to which.
    pub(crate) fn take_in(
        &mut self,
        slices: Vec<Slice<D>>,
        domain: &D,
    ) -> ArrayVec<(StreamId, Version, Version), STREAMS_MAX> {
        let mut grown = ArrayVec::new();
        for slice in slices {
            if slice.tail.is_empty() && slice.snapshot.is_none() {
                continue;
            }
            let stream = slice.stream;
            let order = &mut self.order;
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
        while self.order.len() > REMEMBERED {
            let oldest = self.order.pop_front().expect("more than none");
            self.known.remove(&oldest);
        }
        grown
    }
}
