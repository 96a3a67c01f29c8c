//! The contents of messages.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::{Cause, Entity, Instant, Span};
use crate::model::{
    CacheAnswer, CacheKey, CommandId, CommandOutcome, Condition, Domain, EffectId, EventId,
    Expected, Metadata, Ordinal, Owed, Principal, RequestId, RowKey, STREAMS_MAX, Stored, StreamId,
    Tags, Token, Version, ViewId,
};
use crate::platform::schema::ROWS_MAX;
use crate::platform::settings::AppendChecks;

/// The origin of a command, which its events record.
#[derive(Clone, Copy, Debug)]
pub struct Provenance {
    pub(crate) correlation: CommandId,
    pub(crate) causation: Option<EventId>,
    pub(crate) actor: Principal,
}

/// A page of the sagas that have not ended.
#[derive(Clone, Debug)]
pub struct SagaPage {
    pub(crate) sagas: Vec<StreamId>,
    /// Whether there are more.
    pub(crate) more: bool,
    /// The timeline whose sagas are not reconciled with services yet, and since when commits are lost.
    pub(crate) loss: Option<(u32, Instant)>,
}

/// A request to read streams, from after the versions that the reader has already folded.
#[derive(Clone, Debug)]
pub struct Load {
    pub(crate) command: CommandId,
    /// The schema of the states that the reader understands.
    pub(crate) schema: u16,
    pub(crate) streams: ArrayVec<(StreamId, Version), STREAMS_MAX>,
    /// The queries of decision models, whose events are read from the beginning.
    pub(crate) queries: Vec<Tags>,
    /// Whether it has to be read from the primary.
    pub(crate) fresh: bool,
}

/// One stream as it was read, in the same statement as the others.
#[derive(Clone, Debug)]
pub struct Slice<D: Domain> {
    pub(crate) stream: StreamId,
    /// The version of the last event in `tail`, or that of the reader if there is none.
    pub(crate) version: Version,
    /// A snapshot that is newer than the version of the reader.
    pub(crate) snapshot: Option<(Version, D::State)>,
    /// The events after the snapshot, or after the version of the reader.
    pub(crate) tail: Vec<Arc<Stored<D::Event>>>,
    /// The correlation id and the id of the stream's last event, which a snapshot does not have.
    pub(crate) origin: Option<(CommandId, EventId)>,
}

/// The answer to a [`Load`].
#[derive(Clone, Debug)]
pub struct Loaded<D: Domain> {
    pub(crate) command: CommandId,
    /// The outcome of the command, if it was settled before.
    pub(crate) done: Option<CommandOutcome<D>>,
    /// Whether it was read at the primary.
    pub(crate) fresh: bool,
    pub(crate) slices: Vec<Slice<D>>,
    /// The events that match each query, in order of position.
    pub(crate) matches: Vec<Vec<Arc<Stored<D::Event>>>>,
}

/// Whether a saga has ended with an append of its own. The store keeps this beside the events, so that a
/// restarted orchestrator finds the sagas that have not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    /// It has not ended.
    Open,
    /// It has ended.
    Over,
}

/// What the store is told besides the events that a saga records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Whether the saga has ended.
    pub(crate) course: Course,
    /// When the orchestrator that records it was started. After the next one has listed the sagas, the store
    /// takes nothing of it any more.
    pub(crate) round: Instant,
}

/// A transaction: events for streams that must be at the versions on which they were decided.
#[derive(Clone, Debug)]
pub struct Append<D: Domain> {
    pub(crate) command: CommandId,
    /// The number of the transaction at its node since that started, which the answer repeats.
    pub(crate) number: u32,
    pub(crate) provenance: Provenance,
    pub(crate) decided_at: Instant,
    /// The schema of the events.
    pub(crate) schema: u16,
    /// Every stream that was read for the decision, whether or not it is written, with what is expected of it.
    pub(crate) expected: ArrayVec<(StreamId, Expected), STREAMS_MAX>,
    /// How many events were read by tags, of which there must be no more.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) events: Vec<(StreamId, D::Event)>,
    /// The progress that a saga records of itself, if it does.
    pub(crate) progress: Option<Progress>,
}

impl<D: Domain> Append<D> {
    /// The streams that a store checks and locks, each with its place among all.
    pub(crate) fn checked(
        &self,
        checks: AppendChecks,
    ) -> impl Iterator<Item = (usize, (StreamId, Expected))> {
        let is_written = |stream| self.events.iter().any(|(written, _)| *written == stream);
        let checked = move |(stream, _)| match checks {
            AppendChecks::Read => true,
            AppendChecks::Written => is_written(stream),
        };
        self.expected.iter().copied().enumerate().filter(move |&(_, expected)| checked(expected))
    }

    /// The metadata of the nth event.
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

/// A transaction without events: a command was rejected or changes nothing. Every later resend of the
/// command gets the recorded outcome.
#[derive(Clone, Debug)]
pub struct Conclude<D: Domain> {
    pub(crate) command: CommandId,
    /// The same as that of an append.
    pub(crate) number: u32,
    pub(crate) verdict: CommandOutcome<D>,
}

/// The answer to an [`Append`] or a [`Conclude`].
#[derive(Clone, Debug)]
pub enum AppendReply<D: Domain> {
    Appended(Token, Vec<Arc<Stored<D::Event>>>),
    /// The outcome is recorded, without events.
    Concluded(CommandOutcome<D>),
    Conflict,
    /// The command was settled before, with this outcome.
    AlreadyDone(CommandOutcome<D>),
    /// Rolled back: the database could not commit. A later attempt may succeed.
    CommitRefused,
    /// Rolled back by a serialization failure. An immediate attempt may succeed.
    NotSerializable,
}

/// An outbox row as a message.
#[derive(Clone, Debug)]
pub struct Letter<D: Domain> {
    pub(crate) event: Arc<Stored<D::Event>>,
    pub(crate) ordinal: Ordinal,
    /// Whether the broker has delivered this message before. A copy that was published again is another message.
    pub(crate) redelivered: bool,
    /// What last happened to it, which leads to what happens next: letters travel in pages and wait in
    /// queues, so the message that brings one says nothing of its origin.
    pub(crate) cause: Cause,
}

/// A copy of a row in the read store or the cache.
#[derive(Clone, Debug)]
pub struct Copy<D: Domain> {
    pub(crate) row: Option<Arc<D::Row>>,
    /// How often the row was changed. A newer copy has a higher revision.
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
    /// Applied, with the rows if they are kept in the cache.
    Applied(ArrayVec<(RowKey, Copy<D>), ROWS_MAX>),
    /// The idempotency log already has the event; this is the last version in it.
    Duplicate(Version),
    /// The idempotency log ends at this version: events in between are missing.
    Gap(Version),
    /// A search index is too busy to take it.
    Rejected,
}

/// What can change and can be listened to: a row of a view, or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A row of a view.
    Row(ViewId, RowKey),
    /// A stream.
    Stream(StreamId),
}

impl Channel {
    pub(crate) fn entity(self) -> Entity {
        match self {
            Self::Row(view, key) => CacheKey::Row(view, key).into(),
            Self::Stream(stream) => stream.into(),
        }
    }
}

/// A connection over which a subscription is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The request with which the customer has subscribed.
    pub(crate) request: RequestId,
    /// The number of the connection, from 1: the client opens another one when it hears nothing.
    pub(crate) nth: u32,
    /// The number that the instance gives to what it has opened; 0 in what the client sends. A copy of the request that
    /// arrives when the instance has forgotten the connection opens something else, in which rows are counted anew.
    pub(crate) opening: u64,
}

impl Connection {
    pub(crate) fn entity(self) -> Entity {
        self.request.customer.into()
    }
}

/// A subscription as its client asks for it.
#[derive(Clone, Debug)]
pub struct Watch<D: Domain> {
    pub(crate) query: D::Query,
    pub(crate) owed: Owed,
    /// What the query has shown so far. In server-sent events it is `Last-Event-ID`.
    pub(crate) seen: Vec<Token>,
    /// How long one reading of the row may take.
    pub(crate) patience: Span,
}

/// The answer of the cache.
#[derive(Clone, Debug)]
pub struct Got<D: Domain> {
    pub(crate) answer: CacheAnswer,
    /// The value, on a hit.
    pub(crate) value: Option<Copy<D>>,
    /// On a miss: the value that has expired, and when the cache received it. For a reader who gets no other.
    pub(crate) stale: Option<(Instant, Copy<D>)>,
    /// The events that are pinned beside the row.
    pub(crate) recent: Vec<Arc<Stored<D::Event>>>,
}

/// Whether a service has done what a reply is about, or has failed (4xx or 5xx). A failure may come after the
/// effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has an answer.
    Good,
    /// It has failed, or has turned the request away.
    Failed,
}

/// The sender of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallId {
    /// A saga.
    Effect(EffectId),
    /// A query.
    Gather(RequestId),
    /// A customer, without the platform.
    Outside(RequestId),
}

impl CallId {
    /// The saga or the customer that the call is for.
    pub(crate) fn entity(self) -> Entity {
        match self {
            Self::Effect(effect) => effect.saga.into(),
            Self::Gather(request) | Self::Outside(request) => request.customer.into(),
        }
    }
}
