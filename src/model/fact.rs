//! What happens inside of the platform, as far as anybody outside of it may know.
//!
//! Nodes state facts; checkers, metrics and traces read them and nothing else. A fact is folded into
//! the digest of the run, whether or not anybody listens.

use std::sync::Arc;

use crate::kernel::{Fired, Instant, NodeId};
use crate::model::{
    Answer, AsOf, CacheKey, CommandId, CommandOutcome, CustomerId, Domain, EffectId, Entry, Lookup,
    Ordinal, Position, Reply, Request, RequestId, ServiceId, Stored, StreamId, Token, Version,
    ViewId,
};

/// Why a transaction of the event store ended without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Abort {
    /// A stream was not at the version that the writer had read.
    Conflict {
        /// Which stream.
        stream: StreamId,
        /// What the writer expected.
        expected: Version,
        /// What it was.
        actual: Version,
    },
    /// The command had been settled before: it took effect, or it was turned down for good.
    AlreadyDone,
    /// Its writer's connection was cut.
    ConnectionCut,
    /// The database could not commit, because its disk was full for example.
    CommitRefused,
    /// The database could not rule out that its reads and those of others contradict each other.
    NotSerializable,
}

/// What an append was answered, as the appender learned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendOutcome {
    /// Stored.
    Appended,
    /// Not stored: somebody else was faster.
    Conflict,
    /// The same command had been settled before.
    AlreadyDone,
    /// Not stored: the store could not commit.
    CommitRefused,
    /// Not stored: the store could not rule out a contradiction with others.
    NotSerializable,
    /// No answer: it may be stored or not.
    Unknown,
}

/// How the cache answered a get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheAnswer {
    /// The value was there.
    Hit {
        /// How often its row had been changed.
        revision: u32,
    },
    /// It was not; the asker is to load it.
    Lease {
        /// The number of the lease it loads under.
        lease: u64,
        /// From when on the cache may ask somebody else to load instead.
        until: Instant,
    },
    /// It was not, and somebody else is loading it.
    Wait,
}

/// What a customer who asks something is owed by the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Owed {
    /// Nothing in particular: they have written nothing yet.
    #[default]
    Nothing,
    /// What they wrote last, or "not yet".
    Written(Token),
    /// What they wrote last, at once: their session is pinned to the write side.
    Pinned(Token),
}

impl Owed {
    /// What they wrote last.
    pub const fn token(self) -> Option<Token> {
        match self {
            Self::Nothing => None,
            Self::Written(token) | Self::Pinned(token) => Some(token),
        }
    }

    /// How a query with this is answered: as the domain says, or from the write side if the session is
    /// pinned to it and the query can be.
    pub fn lookup<D: Domain>(
        self,
        domain: &D,
        customer: CustomerId,
        query: &D::Query,
    ) -> Lookup<D> {
        let pinned = match self {
            Self::Pinned(_) => domain.pinned(customer, query),
            Self::Nothing | Self::Written(_) => None,
        };
        match pinned {
            Some(pinned) => Lookup::Stream(pinned, AsOf::Now),
            None => domain.lookup(customer, query),
        }
    }
}

/// How the cache came to lose what it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// A lease came to its end before its loader did.
    Lapsed,
    /// A value or a lease ended before its time.
    Expired,
    /// A value and what was pinned beside it had to make room.
    Evicted,
    /// A replica took over that had not heard of everything: values may be gone or older than they
    /// were, and all leases and pins are gone.
    FailedOver,
    /// The node was restarted, empty.
    Restarted,
}

/// One thing that happened. Fields are named after their types, which say what they are.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Fact<D: Domain> {
    // ---- any node
    /// Something goes wrong.
    Fault(Fired),
    /// This node was down and is back.
    Restarted,
    /// The connection to another node has broken.
    Disconnected { peer: NodeId },

    // ---- customers
    /// A customer sends a command.
    Commanded { request: RequestId, command: D::Command, resend: bool },
    /// A customer asks something.
    Queried { request: RequestId, query: D::Query, owed: Owed, resend: bool },
    /// A customer is told something; what they are owed is what their query said.
    Told { request: RequestId, owed: Owed, answer: Answer<D> },
    /// A customer asks to be forgotten.
    EraseAsked { request: RequestId, resend: bool },

    // ---- command API
    /// A command was decided; its events are proposed to the store. Attempt 1 is the first.
    Decided {
        command: CommandId,
        body: D::Command,
        attempt: u32,
        events: Vec<(StreamId, D::Event)>,
    },
    /// A command was refused by the domain. That is final once it is on record.
    Refused { command: CommandId, body: D::Command, attempt: u32, rejection: D::Rejection },
    /// The appender learned how its append ended.
    Acknowledged { command: CommandId, outcome: AppendOutcome },
    /// A stream was read up to `version`, from a snapshot on, or from events of which some are of an
    /// older schema; this is what was made of it.
    Restored { stream: StreamId, snapshot: Option<Version>, version: Version, state: Box<D::State> },
    /// Whoever states this writes events and snapshots in this schema from here on.
    Deployed { schema: u16 },
    /// A command was answered with what it had led to when it was first sent.
    Recognised { command: CommandId, body: D::Command },
    /// Whoever sent a command is answered.
    Answered { command: CommandId, verdict: CommandOutcome<D> },

    // ---- event store
    /// A transaction took its global positions: `count` of them from `first` on.
    Allocated { command: CommandId, first: Position, count: u32 },
    /// A transaction inserted its rows; nobody else sees them.
    Inserted { command: CommandId },
    /// A transaction waits for another one that is writing to the same stream; without a stream, for
    /// another one of the same command.
    Blocked { command: CommandId, stream: Option<StreamId> },
    /// A transaction is durable; its first position names it.
    Committed { command: CommandId, first: Position },
    /// An event can be read from now on.
    Stored(Arc<Stored<D::Event>>),
    /// A transaction ended without effect; its positions, if it took any, are burned.
    Aborted { command: CommandId, first: Option<Position>, why: Abort },
    /// It is on record that a command has led to no event: it was refused, or changes nothing.
    Concluded { command: CommandId, verdict: CommandOutcome<D> },
    /// A snapshot was saved.
    Snapshotted { stream: StreamId, version: Version, schema: u16, state: Box<D::State> },

    // ---- relay and broker
    /// The relay holds the lease of the outbox from here on.
    Leased { fence: u64, until: Instant },
    /// The relay published an event.
    Published { event: Arc<Stored<D::Event>>, again: bool },
    /// The broker put a message into so many queues and says so.
    Routed { position: Position, queues: u32 },
    /// The relay marked its rows as sent, up to and including this position.
    Marked { upto: Position },
    /// A consumer subscribed to a queue.
    Subscribed { queue: u8, prefetch: u32 },
    /// A queue handed a message to its consumer.
    Delivered { queue: u8, event: Arc<Stored<D::Event>>, redelivered: bool },
    /// A consumer is done with a message.
    Acked { queue: u8, position: Position },
    /// A message went back to its queue.
    Requeued { queue: u8, position: Position },
    /// A queue that a message is meant for is not bound: the message came back to the relay.
    Returned { queue: u8, position: Position },
    /// The broker closed the connection of a queue's consumer.
    ConnectionClosed { queue: u8 },
    /// A message was delivered too often: it rests among the dead letters, and an operator is told.
    DeadLettered { queue: u8, position: Position },
    /// A message rests behind a dead letter of its stream.
    Parked { queue: u8, position: Position },
    /// The operator had another try at a stream that was parked: so many messages.
    Redriven { queue: u8, stream: StreamId, messages: u32 },

    // ---- projectors and read store
    /// An event came before its predecessor and waits, unacknowledged.
    Buffered { view: ViewId, stream: StreamId, version: Version },
    /// An event had been applied already; the idempotency log says so.
    Skipped { view: ViewId, stream: StreamId, version: Version },
    /// A projector could not handle an event and refused it.
    Failed { view: ViewId, event: Arc<Stored<D::Event>> },
    /// A row transaction: rows, idempotency log and checkpoint moved together.
    Applied { view: ViewId, event: Arc<Stored<D::Event>>, checkpoint: Ordinal, upto: Position },

    /// A view is being built anew from position 0, beside the one that is read.
    RebuildStarted { view: ViewId },
    /// The table that is being built has an event.
    Replayed { view: ViewId, event: Arc<Stored<D::Event>> },
    /// The table that was built took the place of the one that was read; so many events are in it.
    Rebuilt { view: ViewId, events: u64 },

    // ---- cache and query API
    /// The cache was asked for a key.
    CacheGet { key: CacheKey, request: RequestId, answer: CacheAnswer },
    /// A loader put its value; it expires then. Waiters that were answered by it.
    CacheFilled { key: CacheKey, lease: u64, revision: u32, expires: Instant, waiters: u32 },
    /// A loader's value was refused: its lease had lapsed, or something newer is there.
    CacheRefused { key: CacheKey, lease: u64 },
    /// The cache was told of a newer row: it takes the place of the value, or bars an older one from
    /// being loaded.
    CacheRefreshed { key: CacheKey, revision: u32 },
    /// An event was put beside a row, for the customer who just wrote it.
    CachePinned { key: CacheKey, token: Token },
    /// The cache lost something: of one key, or of all.
    CacheLost { key: Option<CacheKey>, why: Loss },
    /// A loader began to load.
    Loading { key: CacheKey, lease: u64 },

    // ---- sagas and timers
    /// A saga sent a command.
    SagaCommanded { effect: EffectId, command: D::Command, again: bool },
    /// A saga asked a service.
    OutcomeLabel { effect: EffectId, service: ServiceId, request: Request<D>, again: bool },
    /// A saga was answered by a service.
    Replied { saga: StreamId, service: ServiceId, reply: Reply<D>, webhook: bool },
    /// A saga gave up waiting for a service: unknown.
    GaveUp { effect: EffectId, service: ServiceId, request: Request<D> },
    /// A saga was told how its command went.
    SagaTold { effect: EffectId, command: D::Command, verdict: CommandOutcome<D> },
    /// A durable timer was set, or moved.
    TimerSet { saga: StreamId, timer: u8, due: Instant },
    /// A durable timer was cancelled.
    TimerCancelled { saga: StreamId, timer: u8 },
    /// A durable timer fired.
    TimerFired { saga: StreamId, timer: u8, due: Instant },

    // ---- vault
    /// A customer has a key from here on.
    KeyMade { customer: CustomerId },
    /// What a customer says of themselves was sealed; or dropped, because they were forgotten.
    Sealed { request: RequestId, dropped: bool },
    /// So many texts of one customer were to be opened; nobody can, if they were forgotten.
    Unsealed { request: RequestId, customer: CustomerId, count: u32, forgotten: bool },
    /// A customer's key is destroyed: nothing that is kept of them can be read ever again.
    Erased { customer: CustomerId },

    // ---- outside
    /// A service is there.
    Opened { service: ServiceId },
    /// A service was asked something and answers so.
    Served { service: ServiceId, request: Request<D>, reply: Reply<D> },
    /// A service wrote a line into its own ledger.
    Entered { service: ServiceId, entry: Entry<D> },

    // ---- outbox
    /// The outbox turned down what a relay marks: its lease has passed to another.
    Fenced { relay: NodeId, fence: u64 },

    // ---- views without a projector
    /// A view that the event store keeps itself shows an event, in the step in which it became visible.
    AppliedInline { view: ViewId, event: Arc<Stored<D::Event>> },
    /// An instance of the query API read what its own table of a view lacked: the events of the category
    /// after one rank and up to another. It answers so many queries with it.
    CaughtUp { view: ViewId, after: Ordinal, upto: Ordinal, queries: u32 },

    // ---- query API, beside the cache
    /// A stream was read from the event store to answer a query: as of then, and that is this version.
    Recalled { request: RequestId, stream: StreamId, as_of: AsOf, version: Version },
}
