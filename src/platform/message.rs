//! Everything that nodes say to each other, and to themselves later.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::domain::{Answer, AsOf, Domain, STREAMS_MAX, Verdict};
use super::event::{Principal, Stored};
use super::fact::{CacheAnswer, Owed};
use super::ids::{
    CacheKey, Category, CommandId, EffectId, EventId, Ordinal, Position, RequestId, RowKey,
    StreamId, Token, Version, ViewId,
};
use super::personal::{Personal, Plain, Sealed};
use super::schema::ROWS_MAX;
use super::topology::Queues;
use crate::kernel::{Entity, Instant, Kind, NodeId, Payload};

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
    pub(crate) done: Option<Verdict<D>>,
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

/// A transaction without events: a command was refused, or changes nothing, and this is to be what
/// everybody is told who sends it.
#[derive(Clone, Debug)]
pub struct Conclude<D: Domain> {
    pub(crate) command: CommandId,
    pub(crate) attempt: u32,
    pub(crate) verdict: Verdict<D>,
}

/// The answer to an [`Append`] or a [`Conclude`].
#[derive(Clone, Debug)]
pub enum AppendReply<D: Domain> {
    Appended(Token, Vec<Arc<Stored<D::Event>>>),
    /// On record, without events.
    Concluded(Verdict<D>),
    Conflict,
    /// The command was settled before, in this way.
    AlreadyDone(Verdict<D>),
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

/// A message, or a timer of a node.
#[derive(Clone, Debug)]
pub enum Message<D: Domain> {
    // timers
    /// A deadline may have come.
    Tick,
    /// The next line of the script.
    Cue,
    /// The next customer of the workload.
    Arrive,
    /// A customer has thought long enough.
    Act(RequestId, Box<D::Action>),
    /// A transaction of the store goes on.
    StoreStep(u64),
    /// An idle relay looks for rows.
    RelayPoll,
    /// A service has worked on a call long enough.
    Serve(CallId, NodeId, Box<D::Request>),
    /// A service looks after what lapses by itself.
    Lapse,
    /// This node was down and is back, with nothing but what it keeps durably.
    Restarted,
    /// Nothing but an occasion for a scripted fault.
    Occasion,

    // connections
    /// The connection that this node shared with another one has broken.
    Disconnected(NodeId),

    // commands
    Command {
        id: CommandId,
        provenance: Provenance,
        body: Box<D::Command>,
    },
    /// A customer's command, with what they say of themselves along with it.
    PersonalCommand {
        request: RequestId,
        body: Box<D::Command>,
        plain: Plain,
    },
    CommandReply {
        id: CommandId,
        verdict: Verdict<D>,
    },
    Load(Box<Load>),
    Loaded(Box<Loaded<D>>),
    Append(Box<Append<D>>),
    Conclude(Box<Conclude<D>>),
    AppendReply {
        command: CommandId,
        attempt: u32,
        reply: Box<AppendReply<D>>,
    },
    SaveSnapshot {
        stream: StreamId,
        version: Version,
        /// The schema of the state.
        schema: u16,
        state: Box<D::State>,
    },

    /// Which sagas are not over, after this one in their order? Asked in rounds, one for each restart.
    ListSagas {
        round: Instant,
        after: Option<StreamId>,
    },
    /// One page of them, and whether there are more.
    SagasListed {
        round: Instant,
        after: Option<StreamId>,
        sagas: Vec<StreamId>,
        more: bool,
    },

    // outbox and broker
    Notify,
    Fetch {
        fence: u64,
    },
    Batch {
        fence: u64,
        letters: Vec<Letter<D>>,
    },
    Mark {
        fence: u64,
        upto: Position,
    },
    Marked,
    /// For each of these queues by itself, and as mandatory: what a queue cannot take comes back.
    Publish {
        letter: Letter<D>,
        queues: Queues,
    },
    Confirm {
        stream: StreamId,
        position: Position,
        kept: Queues,
        returned: Queues,
    },
    Subscribe {
        queue: u8,
        prefetch: u32,
    },
    Deliver {
        tag: u64,
        letter: Letter<D>,
    },
    Ack {
        queue: u8,
        tag: u64,
        stream: StreamId,
    },
    Nack {
        queue: u8,
        tag: u64,
        stream: StreamId,
    },
    /// Back to its place, by no fault of its own: this delivery does not count.
    Release {
        queue: u8,
        tag: u64,
        stream: StreamId,
    },
    Widen {
        queue: u8,
        prefetch: u32,
    },

    // read side
    Apply(ViewId, Letter<D>),
    ApplyReply {
        stream: StreamId,
        version: Version,
        outcome: Box<ApplyOutcome<D>>,
    },
    Read {
        request: RequestId,
        /// Which read of its asker it is, so that a late answer to an earlier one is known as such.
        nth: u64,
        view: ViewId,
        key: RowKey,
    },
    ReadReply {
        request: RequestId,
        nth: u64,
        copy: Copy<D>,
    },
    CacheGet {
        request: RequestId,
        key: CacheKey,
    },
    CacheGot {
        request: RequestId,
        got: Box<Got<D>>,
    },
    CacheFill {
        request: RequestId,
        key: CacheKey,
        lease: u64,
        copy: Copy<D>,
    },
    CacheRefresh {
        key: CacheKey,
        copy: Copy<D>,
    },
    CachePin {
        key: CacheKey,
        event: Arc<Stored<D::Event>>,
    },
    Query {
        request: RequestId,
        owed: Owed,
        /// What the customer was shown by the same query before.
        seen: Vec<Token>,
        query: Box<D::Query>,
    },
    QueryReply {
        request: RequestId,
        answer: Box<Answer<D>>,
        /// How much of each stream the answer shows.
        shows: Vec<Token>,
        /// What the answer says of persons, readable, in the order of the sealed texts in it.
        opened: Box<[Option<Plain>]>,
    },

    // streams as they were
    /// How was this stream at a moment?
    Recall {
        request: RequestId,
        stream: StreamId,
        as_of: AsOf,
        /// The schema of the states that the reader can take.
        schema: u16,
    },
    Recalled {
        request: RequestId,
        slice: Box<Slice<D>>,
    },

    // persons and the vault
    /// A customer asks to be forgotten.
    Erase {
        request: RequestId,
    },
    EraseReply {
        request: RequestId,
    },
    Seal {
        request: RequestId,
        plain: Plain,
    },
    Sealed {
        request: RequestId,
        personal: Personal,
    },
    Unseal {
        request: RequestId,
        sealed: Box<[Sealed]>,
    },
    Unsealed {
        request: RequestId,
        sealed: Box<[Sealed]>,
        opened: Box<[Option<Plain>]>,
    },
    Destroy {
        request: RequestId,
    },
    Destroyed {
        request: RequestId,
    },

    // rebuilding a view
    /// The operator wants a view rebuilt; rebuilds are numbered.
    Rebuild {
        nth: u32,
        view: ViewId,
    },
    RebuildDone {
        nth: u32,
    },
    /// Begins the new table, or adds a page to it, or only asks how far it is.
    Shadow {
        view: ViewId,
        nth: u32,
        page: Vec<Letter<D>>,
    },
    /// How far the new table is and how far the one that is read; `swapped` if it took its place.
    ShadowAt {
        nth: u32,
        upto: Ordinal,
        live: Ordinal,
        swapped: bool,
    },
    /// Asks for a page of a category's events after one rank, and up to another.
    ReadLog {
        category: Category,
        after: Ordinal,
        upto: Ordinal,
    },
    LogPage {
        after: Ordinal,
        page: Vec<Letter<D>>,
    },

    // views on demand
    /// Asks for a page of what feeds a view, after one rank and up to the end.
    ReadTail {
        /// Which read of its asker it is, so that a late answer to an earlier one is known as such.
        nth: u64,
        view: ViewId,
        after: Ordinal,
    },
    /// One page of it, and the rank at which the log ended when it was read.
    TailPage {
        nth: u64,
        view: ViewId,
        after: Ordinal,
        page: Vec<Arc<Stored<D::Event>>>,
        end: Ordinal,
    },

    // sagas, timers and services
    TimerSet {
        effect: EffectId,
        timer: u8,
        due: Instant,
    },
    TimerSetDone {
        effect: EffectId,
    },
    TimerCancel {
        effect: EffectId,
        timer: u8,
    },
    TimerDue {
        saga: StreamId,
        timer: u8,
        due: Instant,
    },
    TimerDone {
        saga: StreamId,
        timer: u8,
        due: Instant,
    },
    Call(CallId, Box<D::Request>),
    CallReply(CallId, Box<D::Reply>),
    Webhook {
        number: u64,
        saga: StreamId,
        reply: Box<D::Reply>,
    },
    WebhookDone {
        number: u64,
        saga: StreamId,
    },
}

impl<D: Domain> Payload for Message<D> {
    fn disconnected(peer: NodeId) -> Option<Self> {
        Some(Self::Disconnected(peer))
    }

    fn kind(&self) -> Kind {
        Kind(match self {
            Self::Tick => 1,
            Self::Cue => 2,
            Self::Arrive => 3,
            Self::Act(..) => 4,
            Self::StoreStep(_) => 5,
            Self::RelayPoll => 6,
            Self::Serve(..) => 7,
            Self::Lapse => 8,
            Self::Command { .. } => 9,
            Self::CommandReply { .. } => 10,
            Self::Load(_) => 11,
            Self::Loaded(_) => 12,
            Self::Append(_) => 13,
            Self::AppendReply { .. } => 14,
            Self::SaveSnapshot { .. } => 15,
            Self::Notify => 16,
            Self::Fetch { .. } => 17,
            Self::Batch { .. } => 18,
            Self::Mark { .. } => 19,
            Self::Marked => 20,
            Self::Publish { .. } => 21,
            Self::Confirm { .. } => 22,
            Self::Subscribe { .. } => 23,
            Self::Deliver { .. } => 24,
            Self::Ack { .. } => 25,
            Self::Nack { .. } => 26,
            Self::Widen { .. } => 27,
            Self::Apply(..) => 28,
            Self::ApplyReply { .. } => 29,
            Self::Read { .. } => 30,
            Self::ReadReply { .. } => 31,
            Self::CacheGet { .. } => 32,
            Self::CacheGot { .. } => 33,
            Self::CacheFill { .. } => 34,
            Self::CacheRefresh { .. } => 35,
            Self::CachePin { .. } => 36,
            Self::Query { .. } => 37,
            Self::QueryReply { .. } => 38,
            Self::TimerSet { .. } => 39,
            Self::TimerSetDone { .. } => 40,
            Self::TimerCancel { .. } => 41,
            Self::TimerDue { .. } => 42,
            Self::TimerDone { .. } => 43,
            Self::Call(..) => 44,
            Self::CallReply(..) => 45,
            Self::Webhook { .. } => 46,
            Self::WebhookDone { .. } => 47,
            Self::Restarted => 48,
            Self::Occasion => 49,
            Self::Disconnected(_) => 50,
            Self::PersonalCommand { .. } => 51,
            Self::Erase { .. } => 52,
            Self::EraseReply { .. } => 53,
            Self::Seal { .. } => 54,
            Self::Sealed { .. } => 55,
            Self::Unseal { .. } => 56,
            Self::Unsealed { .. } => 57,
            Self::Destroy { .. } => 58,
            Self::Destroyed { .. } => 59,
            Self::Conclude(_) => 60,
            Self::Release { .. } => 61,
            Self::Rebuild { .. } => 62,
            Self::RebuildDone { .. } => 63,
            Self::Shadow { .. } => 64,
            Self::ShadowAt { .. } => 65,
            Self::ReadLog { .. } => 66,
            Self::LogPage { .. } => 67,
            Self::ListSagas { .. } => 68,
            Self::SagasListed { .. } => 69,
            Self::ReadTail { .. } => 70,
            Self::TailPage { .. } => 71,
            Self::Recall { .. } => 72,
            Self::Recalled { .. } => 73,
        })
    }

    fn entity(&self) -> Entity {
        match self {
            Self::Tick
            | Self::Cue
            | Self::Arrive
            | Self::StoreStep(_)
            | Self::RelayPoll
            | Self::Lapse
            | Self::Restarted
            | Self::Occasion
            | Self::Disconnected(_)
            | Self::Notify
            | Self::Fetch { .. }
            | Self::Batch { .. }
            | Self::Mark { .. }
            | Self::Marked
            | Self::ListSagas { .. }
            | Self::SagasListed { .. }
            | Self::Rebuild { .. }
            | Self::RebuildDone { .. }
            | Self::Shadow { .. }
            | Self::ShadowAt { .. }
            | Self::ReadLog { .. }
            | Self::LogPage { .. } => Entity::default(),
            Self::Command { id, .. } | Self::CommandReply { id, .. } => id.entity(),
            Self::Load(load) => load.command.entity(),
            Self::Loaded(loaded) => loaded.command.entity(),
            Self::Append(append) => append.command.entity(),
            Self::Conclude(conclude) => conclude.command.entity(),
            Self::AppendReply { command, .. } => command.entity(),
            Self::SaveSnapshot { stream, .. } | Self::ApplyReply { stream, .. } => (*stream).into(),
            Self::Publish { letter, .. }
            | Self::Apply(_, letter)
            | Self::Deliver { letter, .. } => letter.event.stream.into(),
            Self::Subscribe { queue, .. } | Self::Widen { queue, .. } => Entity(u64::from(*queue)),
            Self::Confirm { stream, .. }
            | Self::Ack { stream, .. }
            | Self::Nack { stream, .. }
            | Self::Release { stream, .. } => (*stream).into(),
            Self::Act(request, _)
            | Self::Read { request, .. }
            | Self::ReadReply { request, .. }
            | Self::CacheGet { request, .. }
            | Self::CacheGot { request, .. }
            | Self::CacheFill { request, .. }
            | Self::Query { request, .. }
            | Self::QueryReply { request, .. }
            | Self::Recall { request, .. }
            | Self::Recalled { request, .. }
            | Self::PersonalCommand { request, .. }
            | Self::Erase { request }
            | Self::EraseReply { request }
            | Self::Seal { request, .. }
            | Self::Sealed { request, .. }
            | Self::Unseal { request, .. }
            | Self::Unsealed { request, .. }
            | Self::Destroy { request }
            | Self::Destroyed { request } => request.customer.into(),
            Self::ReadTail { view, .. } | Self::TailPage { view, .. } => (*view).into(),
            Self::CacheRefresh { key, .. } | Self::CachePin { key, .. } => (*key).into(),
            Self::TimerSet { effect, .. }
            | Self::TimerSetDone { effect }
            | Self::TimerCancel { effect, .. } => effect.saga.into(),
            Self::TimerDue { saga, .. }
            | Self::TimerDone { saga, .. }
            | Self::Webhook { saga, .. }
            | Self::WebhookDone { saga, .. } => (*saga).into(),
            Self::Serve(call, ..) | Self::Call(call, _) | Self::CallReply(call, _) => call.entity(),
        }
    }
}

/// What messages and timers are called, by the number of their kind.
pub(crate) const MESSAGES: &[&str] = &[
    "",
    "Tick",
    "Cue",
    "Arrive",
    "Act",
    "StoreStep",
    "RelayPoll",
    "Serve",
    "Lapse",
    "Command",
    "CommandReply",
    "Load",
    "Loaded",
    "Append",
    "AppendReply",
    "SaveSnapshot",
    "Notify",
    "Fetch",
    "Batch",
    "Mark",
    "Marked",
    "Publish",
    "Confirm",
    "Subscribe",
    "Deliver",
    "Ack",
    "Nack",
    "Widen",
    "Apply",
    "ApplyReply",
    "Read",
    "ReadReply",
    "CacheGet",
    "CacheGot",
    "CacheFill",
    "CacheRefresh",
    "CachePin",
    "Query",
    "QueryReply",
    "TimerSet",
    "TimerSetDone",
    "TimerCancel",
    "TimerDue",
    "TimerDone",
    "Call",
    "CallReply",
    "Webhook",
    "WebhookDone",
    "Restarted",
    "Occasion",
    "Disconnected",
    "PersonalCommand",
    "Erase",
    "EraseReply",
    "Seal",
    "Sealed",
    "Unseal",
    "Unsealed",
    "Destroy",
    "Destroyed",
    "Conclude",
    "Release",
    "Rebuild",
    "RebuildDone",
    "Shadow",
    "ShadowAt",
    "ReadLog",
    "LogPage",
    "ListSagas",
    "SagasListed",
    "ReadTail",
    "TailPage",
    "Recall",
    "Recalled",
];

/// What a kind of message or timer is called.
pub(crate) fn message_name(kind: Kind) -> &'static str {
    MESSAGES.get(usize::from(kind.0)).copied().unwrap_or("?")
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
