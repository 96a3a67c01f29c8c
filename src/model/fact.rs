//! Facts, which are the observable events inside of a platform, and records of them.
//!
//! Nodes state facts; checkers, metrics and traces read nothing else. Each fact is folded into the digest of
//! the run, even if nothing listens.

use std::sync::Arc;

use crate::kernel::{Fired, Instant, NodeId, Span, Step};
use crate::model::{
    Answer, AsOf, CacheKey, CommandId, CommandOutcome, CustomerId, Domain, EffectId, Entry,
    Expected, Lookup, Ordinal, Position, Reply, Request, RequestId, RowKey, ServiceId, Stored,
    StreamId, Tags, Token, Version, View, ViewId,
};

/// Why a transaction of the event store ended without effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Abort {
    /// A stream was not at the version that the writer had read.
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the writer expected.
        expected: Expected,
        /// The version of the stream.
        actual: Version,
    },
    /// The command was already settled: it took effect, or its rejection is recorded.
    AlreadyDone,
    /// The connection of the writer was cut.
    ConnectionCut,
    /// The database could not commit, because its disk was full for example.
    CommitRefused,
    /// The database could not serialize the transaction with others.
    NotSerializable,
    /// The orchestrator that wrote it was restarted since, and has listed the sagas.
    Superseded,
    /// Another number of events has the tags of a condition than the writer had read.
    Matched {
        /// The tags.
        query: Tags,
        /// How many events the writer had read.
        expected: u32,
        /// How many there are.
        actual: u32,
    },
}

/// The outcome of an append, as known to the appender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendOutcome {
    /// Stored.
    Appended,
    /// Not stored: another writer was faster.
    Conflict,
    /// The same command was already settled.
    AlreadyDone,
    /// Not stored: the store could not commit.
    CommitRefused,
    /// Not stored: serialization failure.
    NotSerializable,
    /// No answer: it may or may not be stored.
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
    /// The value was missing; the asker loads it.
    Lease {
        /// The number of the lease it loads under.
        lease: u64,
        /// When the lease expires, so that another request may load.
        until: Instant,
    },
    /// The value was missing, and another request loads it.
    Wait,
}

/// What the answer to a customer's query must show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Owed {
    /// No particular version: the customer has written nothing yet.
    #[default]
    Nothing,
    /// The last write of the customer, or "not yet".
    Written(Token),
    /// The last write of the customer, at once: the session is pinned to the write side.
    Pinned(Token),
}

impl Owed {
    /// The last write of the customer.
    pub const fn token(self) -> Option<Token> {
        match self {
            Self::Nothing => None,
            Self::Written(token) | Self::Pinned(token) => Some(token),
        }
    }

    /// The write that the answer to a query has to show: none if it is answered from rows that do not show
    /// all writes, or that show other streams.
    pub fn to_show<D: Domain>(
        self,
        domain: &D,
        who: CustomerId,
        query: &D::Query,
    ) -> Option<Token> {
        let token = self.token()?;
        let shows = match self.lookup(domain, who, query) {
            Lookup::Row(view, key) => View::owes(domain, view, key, token),
            Lookup::Stream(from, AsOf::Now) => from.stream == token.stream,
            Lookup::Stream(..) | Lookup::Gather(_) => false,
        };
        shows.then_some(token)
    }

    /// How a query is answered: as the domain says, or from the write side if the session is pinned to it
    /// and the domain supports it for the query.
    pub fn lookup<D: Domain>(self, domain: &D, who: CustomerId, query: &D::Query) -> Lookup<D> {
        let pinned = match self {
            Self::Pinned(_) => domain.pinned(who, query),
            Self::Nothing | Self::Written(_) => None,
        };
        pinned.map_or_else(|| domain.lookup(who, query), |from| Lookup::Stream(from, AsOf::Now))
    }
}

/// How the cache lost an entry or a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// A lease expired before its loader had finished.
    Lapsed,
    /// A value or a lease ended before its time.
    Expired,
    /// A value was evicted together with the events pinned beside it.
    Evicted,
    /// A replica took over that lacked recent writes: values may be gone or older than they were, and
    /// all leases and pins are gone.
    FailedOver,
    /// The node was restarted, empty.
    Restarted,
}

/// A fact. Fields are named after their types.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Fact<D: Domain> {
    // ---- any node
    /// A fault fires.
    Fault(Fired),
    /// This node was down and runs again.
    Restarted,
    /// The connection to another node has broken.
    Disconnected { peer: NodeId },

    // ---- customers
    /// A customer sends a command.
    Commanded { request: RequestId, command: D::Command, resend: bool },
    /// A customer sends a query.
    Queried { request: RequestId, query: D::Query, owed: Owed, resend: bool },
    /// A customer gets an answer; `owed` is what the query asked for.
    Told { request: RequestId, owed: Owed, answer: Answer<D> },
    /// A customer asks for erasure.
    EraseAsked { request: RequestId, resend: bool },

    // ---- command API
    /// A command was decided; its events are proposed to the store. Attempt 1 is the first.
    Decided {
        command: CommandId,
        body: D::Command,
        attempt: u32,
        events: Vec<(StreamId, D::Event)>,
    },
    /// A command was rejected by the domain. That is final once it is recorded.
    Refused { command: CommandId, body: D::Command, attempt: u32, rejection: D::Rejection },
    /// The appender learned how its append ended.
    Acknowledged { command: CommandId, outcome: AppendOutcome },
    /// A stream was folded up to `version`, starting at a snapshot or including events of an older schema.
    Restored { stream: StreamId, snapshot: Option<Version>, version: Version, state: Box<D::State> },
    /// This node writes events and snapshots in this schema from now on.
    Deployed { schema: u16 },
    /// A resend was answered with the recorded outcome of its command.
    Recognised { command: CommandId, body: D::Command },
    /// The sender of a command is answered.
    Answered { command: CommandId, verdict: CommandOutcome<D> },

    // ---- event store
    /// A transaction took its global positions: `count` of them from `first` on.
    Allocated { command: CommandId, first: Position, count: u32 },
    /// A transaction inserted its rows; no other transaction sees them.
    Inserted { command: CommandId },
    /// A transaction waits for another one that is writing to the same stream; without a stream, for
    /// another one of the same command. The holder is named by its command.
    Blocked { command: CommandId, stream: Option<StreamId>, behind: CommandId },
    /// A transaction is durable; its first position names it.
    Committed { command: CommandId, first: Position },
    /// An event can be read from now on.
    Stored(Arc<Stored<D::Event>>),
    /// A transaction ended without effect; its positions, if it took any, are burned.
    Aborted { command: CommandId, first: Option<Position>, why: Abort },
    /// It is recorded that a command led to no event: it was rejected, or changes nothing.
    Concluded { command: CommandId, verdict: CommandOutcome<D> },
    /// A snapshot was saved.
    Snapshotted { stream: StreamId, version: Version, schema: u16, state: Box<D::State> },

    // ---- relay and broker
    /// The relay holds the lease of the outbox from now on.
    Leased { fence: u64, until: Instant },
    /// The relay published an event.
    Published { event: Arc<Stored<D::Event>>, again: bool },
    /// The broker put a message into this many queues and confirms it.
    Routed { position: Position, queues: u32 },
    /// The relay marked its rows as sent, up to and including this position.
    Marked { upto: Position },
    /// A consumer subscribed to a queue.
    Subscribed { queue: u8, prefetch: u32 },
    /// A queue handed a message to its consumer.
    Delivered { queue: u8, event: Arc<Stored<D::Event>>, redelivered: bool },
    /// A consumer acknowledged a message.
    Acked { queue: u8, position: Position },
    /// A message went back to its queue.
    Requeued { queue: u8, position: Position },
    /// A queue is not bound: its message was returned to the relay.
    Returned { queue: u8, position: Position },
    /// The broker closed the connection of a queue's consumer.
    ConnectionClosed { queue: u8 },
    /// A message was delivered too often: it is a dead letter now, and an operator is notified.
    DeadLettered { queue: u8, position: Position },
    /// A message is parked behind a dead letter of its stream.
    Parked { queue: u8, position: Position },
    /// The operator redrove the messages of a parked stream.
    Redriven { queue: u8, stream: StreamId, messages: u32 },

    // ---- projectors and read store
    /// An event arrived before its predecessor and waits, unacknowledged.
    Buffered { view: ViewId, stream: StreamId, version: Version },
    /// An event was already applied, as the idempotency log says.
    Skipped { view: ViewId, stream: StreamId, version: Version },
    /// A projector could not handle an event and rejected it.
    Failed { view: ViewId, event: Arc<Stored<D::Event>> },
    /// A row transaction changed rows, idempotency log and checkpoint together.
    Applied { view: ViewId, event: Arc<Stored<D::Event>>, checkpoint: Ordinal, upto: Position },

    /// A rebuild of a view started at position 0, in a second table.
    RebuildStarted { view: ViewId },
    /// A rebuild applied an event to its table.
    Replayed { view: ViewId, event: Arc<Stored<D::Event>> },
    /// The rebuilt table, with this number of events, replaced the live one.
    Rebuilt { view: ViewId, events: u64 },

    // ---- cache and query API
    /// The cache was asked for a key.
    CacheGet { key: CacheKey, request: RequestId, answer: CacheAnswer },
    /// A loader's value was stored until it expires, and answered this number of waiters.
    CacheFilled { key: CacheKey, lease: u64, revision: u32, expires: Instant, waiters: u32 },
    /// A loader's value was rejected: its lease had expired, or a newer value is there.
    CacheRefused { key: CacheKey, lease: u64 },
    /// The cache received a newer row, which replaces the value or prevents that an older one is loaded.
    CacheRefreshed { key: CacheKey, revision: u32 },
    /// An event was pinned beside a row, for the customer who has just written it.
    CachePinned { key: CacheKey, token: Token },
    /// The cache lost the value or the lease of a key, or all values and leases.
    CacheLost { key: Option<CacheKey>, why: Loss },
    /// A loader began to load.
    Loading { key: CacheKey, lease: u64 },

    // ---- sagas and timers
    /// A saga sent a command.
    SagaCommanded { effect: EffectId, command: D::Command, again: bool },
    /// A saga called a service.
    Called { effect: EffectId, service: ServiceId, request: Request<D>, again: bool },
    /// A saga received a reply of a service.
    Replied { saga: StreamId, service: ServiceId, reply: Reply<D>, webhook: bool },
    /// A saga timed out waiting for a service: the outcome is unknown.
    GaveUp { effect: EffectId, service: ServiceId, request: Request<D> },
    /// A saga learned the outcome of its command.
    SagaTold { effect: EffectId, command: D::Command, verdict: CommandOutcome<D> },
    /// A durable timer was set, or moved.
    TimerSet { saga: StreamId, timer: u8, due: Instant },
    /// A durable timer was cancelled.
    TimerCancelled { saga: StreamId, timer: u8 },
    /// A durable timer fired.
    TimerFired { saga: StreamId, timer: u8, due: Instant },

    // ---- key store
    /// A key was created for a customer.
    KeyMade { customer: CustomerId },
    /// The personal data of a request was encrypted; or dropped, because the customer was erased.
    Sealed { request: RequestId, dropped: bool },
    /// Texts of one customer were to be decrypted; that is impossible if the customer was erased.
    Unsealed { request: RequestId, customer: CustomerId, count: u32, forgotten: bool },
    /// The key of a customer was destroyed: none of the customer's personal data can be read any more.
    Erased { customer: CustomerId },

    // ---- outside
    /// A service is available.
    Opened { service: ServiceId },
    /// A service answers a request.
    Served { service: ServiceId, request: Request<D>, reply: Reply<D> },
    /// A service added an entry to its own ledger.
    Entered { service: ServiceId, entry: Entry<D> },

    // ---- outbox
    /// The outbox ignored the marks of a relay: its lease has passed to another relay.
    Fenced { relay: NodeId, fence: u64 },

    // ---- views without a projector
    /// A synchronous view shows an event, in the step in which the event became visible.
    AppliedInline { view: ViewId, event: Arc<Stored<D::Event>> },
    /// An instance brought a view on demand up to date, with the events of its category after one rank and up
    /// to another, and answers this number of queries.
    CaughtUp { view: ViewId, after: Ordinal, upto: Ordinal, queries: u32 },

    // ---- query API, beside the cache
    /// A stream was read from the event store to answer a query; `version` is what was found.
    Recalled { request: RequestId, stream: StreamId, as_of: AsOf, version: Version },
    /// A node did not answer, and the query is answered without it.
    Bypassed { request: RequestId, node: NodeId },
    /// No node has answered with a row in time, and the query is answered with one that has expired in the
    /// cache; the cache received it `age` ago.
    ServedStale { request: RequestId, key: CacheKey, revision: u32, age: Span },

    // ---- customers
    /// The patience of a client has ended, and none of the instances that it asked has answered. `slowest` is
    /// the longest time that one message, or one request that does not wait for a worker, takes without a fault.
    OutOfPatience { request: RequestId, asked: Vec<NodeId>, patience: Span, slowest: Span },
    /// A customer who comes once waits for nothing any more, and is forgotten.
    Left { customer: CustomerId },

    // ---- capacity
    /// All workers of a node are busy: a message waits, behind this many others.
    Queued { behind: u32 },
    /// A worker takes a message that has waited for this long.
    Dequeued { waited: Span },
    /// No worker and no place in the queue is free: a request is not handled, and its client is told after how
    /// long to send it again.
    Shed { request: RequestId, retry_after: Span },
    /// A service turned a request away, because it has too many: it did not execute it.
    Throttled { service: ServiceId, request: Request<D> },
    /// A circuit breaker is open: a saga's call is not sent, and the saga is told that there is no answer.
    NotCalled { effect: EffectId, service: ServiceId, request: Request<D> },
    /// The circuit breaker of this node towards a service is in this state from now on.
    Breaker { service: ServiceId, state: BreakerState },

    // ---- the search index
    /// Readers see what was written to a search index: this many rows have changed.
    Refreshed { view: ViewId, rows: u32 },

    // ---- subscriptions
    /// A customer subscribes to a query, or again because the connection seems to be lost. In a platform without
    /// faults, a new version of the row is shown `within` this time.
    Watched { request: RequestId, query: D::Query, owed: Owed, again: bool, within: Span },
    /// An instance pushes a version of a row to a subscriber: the `nth` on this connection.
    Pushed { request: RequestId, nth: u32 },
    /// A customer ends a subscription.
    Unwatched { request: RequestId },

    // ---- brokers of one kind
    /// A broker recognised a message that it already has, and confirmed it without keeping the copy.
    Deduplicated { queue: u8, position: Position },
    /// A broker cancelled the consumer of a queue, whose connection stays open.
    ConsumerCancelled { queue: u8 },
    /// The partitions of a consumer group were assigned anew: deliveries go on from the committed offsets.
    Rebalanced { queue: u8 },
    /// A record was deleted because its retention time is over, although the group has not read it.
    RetentionOver { queue: u8, position: Position },

    // ---- retention
    /// The store removed this many outcomes of commands, because they are as old as it is set to keep them. A copy of
    /// such a command is a new command from now on.
    Cleaned { records: u32 },

    // ---- loss
    /// The store goes on from what it had at an earlier moment, on a new timeline: a replica took over that lacked the
    /// last commits, or a backup was restored. Everything that was committed later is lost, and every node that was
    /// ahead starts again from what is left.
    Rewound {
        timeline: u32,
        /// The moment, and the last occurrence that counts.
        to: Instant,
        last: Step,
        /// The transactions that are lost, each with the time of its commit.
        lost: Vec<(Instant, CommandId)>,
        events: Vec<Arc<Stored<D::Event>>>,
    },
    // ---- several instances of a projector
    /// An instance that stood by gets the messages of a queue from now on.
    TakenOver { queue: u8, by: NodeId },
    /// An instance holds this many more segments of a queue.
    Assigned { queue: u8, segments: u32, to: NodeId },

    // ---- several instances of the orchestrator
    /// The store gave the lease of the sagas to an orchestrator.
    LeaderChosen { by: NodeId },
    /// An orchestrator that led does so no longer: its lease has ended, or is another one's.
    SteppedDown,

    // ---- rebuilds
    /// Readers of a view see the table again that was kept when it was rebuilt; it has this many events.
    SwitchedBack { view: ViewId, events: u64 },

    // ---- views in a cache
    /// The cache that a view is kept in lost a row, or all of them.
    RowLost { view: ViewId, row: Option<RowKey>, why: Loss },
    /// A row was read for a query. It is known, or it is not held and may exist. Every event of the view's category up to
    /// this position is applied.
    RowRead { request: RequestId, view: ViewId, row: RowKey, upto: Position, known: bool },
    /// A row was folded from the log for a query, and is held again.
    RowRestored { request: RequestId, view: ViewId, row: RowKey, revision: u32 },

    // ---- several people in one event
    /// What a request says about another customer was encrypted under the key of that customer; or dropped, because
    /// that customer was erased.
    SealedFor { request: RequestId, whose: CustomerId, dropped: bool },

    // ---- retention, besides the outcomes of commands
    /// This many of something were removed, because they were as old as they are kept.
    Expired { what: Expired, count: u32 },
    /// The operator has this many rows of the outbox sent again: those of events that were recorded since a moment.
    SentAgain { since: Instant, rows: u32 },

    // ---- streams that end
    /// The store ended a stream after the event of this version, as the domain says.
    StreamEnded { stream: StreamId, version: Version },

    // ---- replicas
    /// Whoever reads the log or a stream for a query may be answered by a replica, which is behind by no more than this.
    ReplicaReads { lag: Span },
}

/// What is removed when it is old, besides the outcomes of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expired {
    /// Rows of the outbox that are marked as sent.
    OutboxRows,
    /// The snapshot of a stream, of this version.
    Snapshot(StreamId, Version),
    /// Ids of messages in the inbox of a view.
    MessageIds(ViewId),
}

/// The state of a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// Calls are sent.
    Closed,
    /// Calls are not sent.
    Open,
    /// One call is sent, to see whether the service answers.
    HalfOpen,
}

/// A fact with its node, its time, its occurrence and its cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<D: Domain> {
    /// The occurrence in which it was stated.
    pub step: Step,
    /// Which part of the occurrence stated it. A node may deal with several things in one occurrence, each
    /// with a cause of its own; part 0 is the occurrence itself.
    pub part: u32,
    /// The occurrence that led to it: that of the event or the request concerned, if the node dealt with
    /// several things; otherwise the one that sent the message or set the timer. 0 for start-up.
    pub cause: Step,
    /// The virtual time.
    pub at: Instant,
    /// The node that stated it.
    pub node: NodeId,
    /// The fact.
    pub fact: Fact<D>,
}
