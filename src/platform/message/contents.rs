//! What messages carry.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::{Entity, Instant};
use crate::model::{
    CacheAnswer, CommandId, CommandOutcome, Domain, EffectId, EventId, Metadata, Ordinal,
    Principal, RequestId, RowKey, STREAMS_MAX, Stored, StreamId, Token, Version,
};
use crate::platform::schema::ROWS_MAX;

/// Where a command comes from: what its events will say about their origin.
#[derive(Clone, Copy, Debug)]
pub struct Provenance {
    pub(crate) correlation: CommandId,
    pub(crate) causation: Option<EventId>,
    pub(crate) actor: Principal,
}

/// A request to read streams, from after the versions that the reader knows already.
#[derive(Clone, Debug)]
pub struct Load {
    pub(crate) command: CommandId,
    /// The schema of the states that the reader can take.
    pub(crate) schema: u16,
    pub(crate) streams: ArrayVec<(StreamId, Version), STREAMS_MAX>,
}

/// One stream as it was read, in one statement with the others.
#[derive(Clone, Debug)]
pub struct Slice<D: Domain> {
    pub(crate) stream: StreamId,
    /// The version of the last event in `tail`, or what the reader knew if there is none.
    pub(crate) version: Version,
    /// A saved state that is newer than what the reader knew.
    pub(crate) snapshot: Option<(Version, D::State)>,
    /// The events after the snapshot, or after what the reader knew.
    pub(crate) tail: Vec<Arc<Stored<D::Event>>>,
    /// Where the stream's last event came from, whether or not it is in `tail`: a snapshot does not say.
    pub(crate) origin: Option<(CommandId, EventId)>,
}

/// The answer to a [`Load`].
#[derive(Clone, Debug)]
pub struct Loaded<D: Domain> {
    pub(crate) command: CommandId,
    /// What the command led to, if it was settled before.
    pub(crate) done: Option<CommandOutcome<D>>,
    pub(crate) slices: Vec<Slice<D>>,
}

/// Whether a saga has come to its end with an append of its own: a row that the store keeps beside the
/// events, so that a restarted orchestrator finds what it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// There is more to do.
    Open,
    /// It is over.
    Over,
}

/// A transaction: events for streams that must be at the versions their decision was made on.
#[derive(Clone, Debug)]
pub struct Append<D: Domain> {
    pub(crate) command: CommandId,
    /// Which of its writer's attempts this is; the answer says so too.
    pub(crate) attempt: u32,
    pub(crate) provenance: Provenance,
    pub(crate) decided_at: Instant,
    /// The schema that the events are written in.
    pub(crate) schema: u16,
    /// Every stream that was read for the decision, whether or not it is written.
    pub(crate) expected: ArrayVec<(StreamId, Version), STREAMS_MAX>,
    pub(crate) events: Vec<(StreamId, D::Event)>,
    /// How the saga stands afterwards, if a saga records its own progress.
    pub(crate) course: Option<Course>,
}

impl<D: Domain> Append<D> {
    /// What is known about the event at a place in it.
    pub(crate) fn metadata(&self, nth: u8, recorded_at: Instant) -> Metadata {
        Metadata {
            id: EventId { command: self.command, nth },
            schema: self.schema,
            correlation: self.provenance.correlation,
            causation: self.provenance.causation,
            actor: self.provenance.actor,
            occurred_at: self.decided_at,
            recorded_at,
        }
    }
}

/// A transaction without events: a command was refused, or changes nothing, and this is to be what
/// everybody is told who sends it.
#[derive(Clone, Debug)]
pub struct Conclude<D: Domain> {
    pub(crate) command: CommandId,
    pub(crate) attempt: u32,
    pub(crate) verdict: CommandOutcome<D>,
}

/// The answer to an [`Append`] or a [`Conclude`].
#[derive(Clone, Debug)]
pub enum AppendReply<D: Domain> {
    Appended(Token, Vec<Arc<Stored<D::Event>>>),
    /// On record, without events.
    Concluded(CommandOutcome<D>),
    Conflict,
    /// The command was settled before, in this way.
    AlreadyDone(CommandOutcome<D>),
    /// Rolled back: the database could not commit. It may be able to later.
    CommitRefused,
    /// Rolled back: the database could not rule out a contradiction. Worth deciding again at once.
    NotSerializable,
}

/// An outbox row on its way.
#[derive(Clone, Debug)]
pub struct Letter<D: Domain> {
    pub(crate) event: Arc<Stored<D::Event>>,
    pub(crate) ordinal: Ordinal,
}

/// A row as the read store and the cache hand it over.
#[derive(Clone, Debug)]
pub struct Copy<D: Domain> {
    pub(crate) row: Option<Arc<D::Row>>,
    /// How often the row was changed; a newer copy has more.
    pub(crate) revision: u32,
}

impl<D: Domain> Default for Copy<D> {
    /// No row, never changed.
    fn default() -> Self {
        Self { row: None, revision: 0 }
    }
}

/// How a row transaction ended.
#[derive(Clone, Debug)]
pub enum ApplyOutcome<D: Domain> {
    /// Applied; the rows of a pinned view come along.
    Applied(ArrayVec<(RowKey, Copy<D>), ROWS_MAX>),
    /// The idempotency log has this version or a later one: which.
    Duplicate(Version),
    /// The idempotency log has only this version: something is missing in between.
    Gap(Version),
}

/// What the cache answers.
#[derive(Clone, Debug)]
pub struct Got<D: Domain> {
    pub(crate) answer: CacheAnswer,
    /// The value, on a hit.
    pub(crate) value: Option<Copy<D>>,
    /// What was written lately by the one the row belongs to.
    pub(crate) recent: Vec<Arc<Stored<D::Event>>>,
}

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallId {
    /// A saga's.
    Effect(EffectId),
    /// A query's.
    Gather(RequestId),
    /// A customer's own, beside the platform.
    Outside(RequestId),
}

impl CallId {
    /// The saga or the customer whose call it is.
    pub(crate) fn entity(self) -> Entity {
        match self {
            Self::Effect(effect) => effect.saga.into(),
            Self::Gather(request) | Self::Outside(request) => request.customer.into(),
        }
    }
}
