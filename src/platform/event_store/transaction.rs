//! An open transaction of the event store.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::NodeId;
use crate::platform::domain::{Domain, STREAMS_MAX};
use crate::platform::ids::StreamId;
use crate::platform::message::Append;

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has its positions.
    Allocated,
    /// It waits for another one that writes to a stream of its own.
    Blocked,
    /// Its rows are there for nobody but itself.
    Inserted,
    /// It is durable.
    Committed,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Allocated => "allocated",
            Self::Blocked => "blocked",
            Self::Inserted => "inserted",
            Self::Committed => "committed",
        })
    }
}

/// An append on its way.
#[derive(Clone, Debug)]
pub(super) struct Transaction<D: Domain> {
    /// Who wants it.
    pub(super) writer: NodeId,
    pub(super) append: Arc<Append<D>>,
    /// The streams it read and may write to, in order of their names: all are locked, so that what
    /// was decided on still holds when it commits.
    pub(super) streams: ArrayVec<StreamId, STREAMS_MAX>,
    pub(super) phase: Phase,
}

impl<D: Domain> Transaction<D> {
    pub(super) fn new(writer: NodeId, append: Box<Append<D>>) -> Self {
        let mut streams: ArrayVec<StreamId, STREAMS_MAX> =
            append.expected.iter().map(|(stream, _)| *stream).collect();
        streams.sort_unstable();
        let foreign = append.events.iter().find(|(stream, _)| !streams.contains(stream));
        assert!(foreign.is_none(), "events go to streams that were read: {foreign:?}");
        Self { writer, append: Arc::from(append), streams, phase: Phase::Allocated }
    }
}
