//! An open transaction of the event store.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::{Cause, Entity, Instant, NodeId};
use crate::model::{CommandId, Domain, Position, STREAMS_MAX, Stored, StreamId, Tag, Version};
use crate::platform::message::{Append, AppendReply, Conclude, Message};
use crate::platform::seal::ORIGIN;
use crate::platform::settings::AppendChecks;

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has begun, and has its positions.
    Begun,
    /// It waits for another transaction that holds one of its keys.
    Blocked,
    /// Its rows are inserted, and only it can see them.
    Inserted,
    /// It is durable.
    Committed,
}

/// What only one transaction at a time can have. All transactions take keys in this order, so that
/// there is no deadlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The row with the outcome of a command.
    Command(CommandId),
    /// The next version of a stream.
    Stream(StreamId),
    /// The next event with a tag.
    Tag(Tag),
}

/// What a transaction writes.
#[derive(Clone, Debug)]
pub(super) enum Work<D: Domain> {
    /// Events, from this position on.
    Append(Box<Append<D>>, Position),
    /// The outcome of a command without events.
    Conclude(Box<Conclude<D>>),
}

impl<D: Domain> Work<D> {
    pub(super) fn command(&self) -> CommandId {
        match self {
            Self::Append(append, _) => append.command,
            Self::Conclude(conclude) => conclude.command,
        }
    }

    /// Its first position, if it takes any.
    pub(super) fn first(&self) -> Option<Position> {
        match self {
            Self::Append(_, first) => Some(*first),
            Self::Conclude(_) => None,
        }
    }

    /// The entity of its choices.
    pub(super) fn entity(&self) -> Entity {
        match self {
            Self::Append(append, _) => append.events[0].0.into(),
            Self::Conclude(conclude) => conclude.command.entity(),
        }
    }

    /// The answer to its writer.
    pub(super) fn answer(&self, reply: AppendReply<D>) -> Message<D> {
        let number = match self {
            Self::Append(append, _) => append.number,
            Self::Conclude(conclude) => conclude.number,
        };
        Message::AppendReply { command: self.command(), number, reply: Box::new(reply) }
    }
}

/// The last version of each stream that an append reads or writes.
pub(super) type Versions = ArrayVec<(StreamId, Version), STREAMS_MAX>;

/// The events of an append as they are stored after `versions`, without chain and signature.
pub(super) fn drafts<D: Domain>(
    append: &Append<D>,
    mut versions: Versions,
    first: Position,
    recorded_at: Instant,
) -> impl Iterator<Item = Stored<D::Event>> {
    append.events.iter().zip(0_u8..).map(move |((stream, event), nth)| {
        let written = versions.iter_mut().find(|(expected, _)| expected == stream);
        let (_, version) = written.expect("events go to streams that were read");
        *version = version.next();
        Stored {
            stream: *stream,
            version: *version,
            position: Position(first.0 + u64::from(nth)),
            metadata: append.metadata(nth, recorded_at),
            event: event.clone(),
            chain: ORIGIN,
            signature: [0; 16],
        }
    })
}

/// A transaction that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Transaction<D: Domain> {
    pub(super) writer: NodeId,
    pub(super) work: Arc<Work<D>>,
    /// The keys that it needs, in order.
    pub(super) keys: ArrayVec<Key, { STREAMS_MAX + 1 }>,
    /// The tags that it needs after them, in order.
    pub(super) tags: Vec<Key>,
    pub(super) phase: Phase,
    /// Whether a fault makes its commit slow.
    pub(super) slow: bool,
    /// When it began, by the node's uptime.
    pub(super) begun: Instant,
    /// Its begin, or the last time that it had to wait.
    pub(super) cause: Cause,
}

impl<D: Domain> Transaction<D> {
    /// Begins a transaction. By default it locks every stream that was read for the decision, so that the
    /// decision still holds at the commit. A rejection only has to be correct at the read. Unless its keys are sorted,
    /// two transactions can wait for each other.
    pub(super) fn new(
        writer: NodeId,
        work: Work<D>,
        tags: Vec<Key>,
        checks: AppendChecks,
        is_sorted: bool,
        (begun, cause): (Instant, Cause),
    ) -> Self {
        let command = work.command();
        let mut keys = ArrayVec::new();
        match command {
            CommandId::Request(_) | CommandId::Effect(_) => keys.push(Key::Command(command)),
            // A saga's own progress is unique by the version of its stream.
            CommandId::Progress { .. } => {}
        }
        if let Work::Append(append, _) = &work {
            keys.extend(append.checked(checks).map(|(_, (stream, _))| Key::Stream(stream)));
        }
        if is_sorted {
            keys.sort_unstable();
        }
        let (work, phase, slow) = (Arc::new(work), Phase::Begun, false);
        Self { writer, work, keys, tags, phase, slow, begun, cause }
    }

    /// The keys that it needs, in the order in which it takes them.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys.iter().chain(&self.tags).copied()
    }
}
