//! An open transaction of the event store.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::{Entity, NodeId};
use crate::model::{CommandId, Domain, Position, STREAMS_MAX, StreamId};
use crate::platform::message::{Append, Conclude};

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has begun, and has its positions.
    Begun,
    /// It waits for another one that wants the same key.
    Blocked,
    /// Its rows are there for nobody but itself.
    Inserted,
    /// It is durable.
    Committed,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Begun => "begun",
            Self::Blocked => "blocked",
            Self::Inserted => "inserted",
            Self::Committed => "committed",
        })
    }
}

/// What two transactions cannot have at the same time. Everybody takes keys in this order, so that no
/// two wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The row that says what a command led to.
    Command(CommandId),
    /// The next version of a stream.
    Stream(StreamId),
}

/// What a transaction writes.
#[derive(Clone, Debug)]
pub(super) enum Work<D: Domain> {
    /// Events, from this position on.
    Append(Box<Append<D>>, Position),
    /// That a command led to no event.
    Conclude(Box<Conclude<D>>),
}

impl<D: Domain> Work<D> {
    pub(super) fn command(&self) -> CommandId {
        match self {
            Self::Append(append, _) => append.command,
            Self::Conclude(conclude) => conclude.command,
        }
    }

    pub(super) fn attempt(&self) -> u32 {
        match self {
            Self::Append(append, _) => append.attempt,
            Self::Conclude(conclude) => conclude.attempt,
        }
    }

    /// Its first position, if it takes any.
    pub(super) fn first(&self) -> Option<Position> {
        match self {
            Self::Append(_, first) => Some(*first),
            Self::Conclude(_) => None,
        }
    }

    /// What chance is drawn about.
    pub(super) fn entity(&self) -> Entity {
        match self {
            Self::Append(append, _) => append.events[0].0.into(),
            Self::Conclude(conclude) => conclude.command.entity(),
        }
    }

    /// All streams that were read for the decision are locked, so that it still holds at the commit. A
    /// refusal was true when its streams were read, and nobody is kept from writing to them.
    fn keys(&self) -> ArrayVec<Key, { STREAMS_MAX + 1 }> {
        let command = self.command();
        // A saga's own progress is unique by the version of its stream.
        let own = match command {
            CommandId::Request(_) | CommandId::Effect(_) => Some(Key::Command(command)),
            CommandId::Progress { .. } => None,
        };
        let mut keys: ArrayVec<_, { STREAMS_MAX + 1 }> = own.into_iter().collect();
        match self {
            Self::Append(append, _) => {
                keys.extend(append.expected.iter().map(|(stream, _)| Key::Stream(*stream)));
            }
            Self::Conclude(_) => {}
        }
        keys.sort_unstable();
        keys
    }
}

/// A transaction on its way.
#[derive(Clone, Debug)]
pub(super) struct Transaction<D: Domain> {
    /// Who wants it.
    pub(super) writer: NodeId,
    pub(super) work: Arc<Work<D>>,
    /// What it has to have for itself, in order.
    pub(super) keys: ArrayVec<Key, { STREAMS_MAX + 1 }>,
    pub(super) phase: Phase,
    /// Whether its commit takes longer than it should.
    pub(super) slow: bool,
}

impl<D: Domain> Transaction<D> {
    pub(super) fn new(writer: NodeId, work: Work<D>) -> Self {
        let keys = work.keys();
        if let Work::Append(append, _) = &work {
            let read = |stream| keys.contains(&Key::Stream(stream));
            let foreign = append.events.iter().find(|(stream, _)| !read(*stream));
            assert!(foreign.is_none(), "events go to streams that were read: {foreign:?}");
        }
        Self { writer, work: Arc::new(work), keys, phase: Phase::Begun, slow: false }
    }
}
