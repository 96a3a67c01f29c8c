//! All messages between nodes, and the timers of nodes.

mod contents;
mod kind;

pub(crate) use contents::{
    Append, AppendReply, ApplyOutcome, CallId, Channel, Conclude, Connection, Copy, Course, Got,
    Health, Letter, Load, Loaded, Progress, Provenance, SagaPage, Slice, Watch,
};
pub(crate) use kind::{MESSAGES, message_name};

use std::sync::Arc;

use crate::kernel::{Entity, Instant, NodeId, Span};
use crate::model::{
    Answer, AsOf, CacheKey, Category, CommandId, CommandOutcome, CustomerId, Domain, EffectId,
    Ordinal, Owed, Personal, Plain, Position, Reply, Request, RequestId, RowKey, Sealed, Stored,
    StreamId, Token, Version, ViewId,
};
use crate::platform::topology::Queues;
use crate::platform::workload::Turn;

/// A message, or a timer of a node.
#[derive(Clone, Debug)]
pub enum Message<D: Domain> {
    // ---- timers
    /// A deadline may have passed.
    Tick,
    /// The next line of the script.
    Cue,
    /// A customer of a workload acts.
    Arrive(Turn),
    /// A customer acts after a pause.
    Act(RequestId, Box<D::Action>),
    /// The next step of a transaction of the store.
    StoreStep(u64),
    /// An idle relay polls for rows.
    RelayPoll,
    /// A service executes a request.
    Serve(CallId, NodeId, Box<Request<D>>),
    /// A service looks for ledger entries that have lapsed.
    Lapse,
    /// This node was down and runs again, with its durable state only.
    Restarted,
    /// Nothing but an opportunity for a scripted fault.
    Opportunity,
    /// A worker of a node with a limited capacity has done a job; `about` is what the job is about.
    Worked { job: u64, about: Entity },

    // ---- connections
    /// The connection between this node and another one has broken.
    Disconnected(NodeId),

    // ---- commands
    /// A command of a customer or a saga.
    Command { id: CommandId, provenance: Provenance, body: Box<D::Command> },
    /// A customer's command, with the personal data that accompanies it.
    PersonalCommand { request: RequestId, body: Box<D::Command>, said: Box<[(CustomerId, Plain)]> },
    /// The outcome of a command, for its sender.
    CommandReply { id: CommandId, verdict: CommandOutcome<D> },
    /// Reads streams.
    Load(Box<Load>),
    /// The streams that were read.
    Loaded(Box<Loaded<D>>),
    /// Runs a transaction.
    Append(Box<Append<D>>),
    /// Records the outcome of a command that leads to no event.
    Conclude(Box<Conclude<D>>),
    /// The outcome of an [`Append`](Self::Append) or a [`Conclude`](Self::Conclude).
    AppendReply { command: CommandId, number: u32, reply: Box<AppendReply<D>> },
    /// Saves a snapshot; `schema` is that of the state.
    SaveSnapshot { stream: StreamId, version: Version, schema: u16, state: Box<D::State> },

    /// Lists the sagas that have not ended, from after one of them on. Each restart starts a round.
    ListSagas { round: Instant, after: Option<StreamId> },
    /// One page of the list, and whether there are more.
    SagasListed { round: Instant, after: Option<StreamId>, page: Box<SagaPage> },

    // ---- outbox and broker
    /// The outbox has new rows.
    Notify,
    /// Reads the next rows of the outbox.
    Fetch { fence: u64 },
    /// Rows of the outbox.
    Batch { fence: u64, letters: Vec<Letter<D>> },
    /// Marks rows as sent, up to and including a position.
    Mark { fence: u64, upto: Position },
    /// The rows are marked.
    Marked,
    /// Publishes to each of these queues separately, as mandatory: an unbound queue returns the message.
    Publish { letter: Letter<D>, queues: Queues },
    /// The queues that have accepted a message, and those that have returned it.
    Confirm { stream: StreamId, position: Position, kept: Queues, returned: Queues },
    /// Subscribes to a queue.
    Subscribe { queue: u8, prefetch: u32 },
    /// Delivers a message of a queue.
    Deliver { tag: u64, letter: Letter<D> },
    /// Acknowledges a delivery.
    Ack { queue: u8, tag: u64, stream: StreamId },
    /// Rejects a delivery.
    Nack { queue: u8, tag: u64, stream: StreamId },
    /// Returns a delivery to its place in the queue, without counting it.
    Release { queue: u8, tag: u64, stream: StreamId },
    /// Raises the prefetch of a queue.
    Widen { queue: u8, prefetch: u32 },

    // ---- read side
    /// Applies an event to a view.
    Apply(ViewId, Letter<D>),
    /// The outcome of an [`Apply`](Self::Apply).
    ApplyReply { stream: StreamId, version: Version, outcome: Box<ApplyOutcome<D>> },
    /// Reads a row. `nth` numbers the reads of one reader, to recognise late answers.
    Read { request: RequestId, nth: u64, view: ViewId, key: RowKey },
    /// The row that was read.
    ReadReply { request: RequestId, nth: u64, copy: Copy<D> },
    /// The row is not held by the cache that its view is kept in, and may exist: the reader is to fold it from the log,
    /// from after this rank on.
    RowMissing { request: RequestId, nth: u64, after: Ordinal },
    /// A page of the log for a row that is not held, from after a rank on. Answered like a [`Read`](Self::Read).
    RestoreRow {
        request: RequestId,
        nth: u64,
        view: ViewId,
        key: RowKey,
        after: Ordinal,
        page: Vec<Arc<Stored<D::Event>>>,
    },
    /// Asks the cache for a value.
    CacheGet { request: RequestId, key: CacheKey },
    /// The answer of the cache.
    CacheGot { request: RequestId, got: Box<Got<D>> },
    /// Fills the cache under a lease.
    CacheFill { request: RequestId, key: CacheKey, lease: u64, copy: Copy<D> },
    /// A row has changed.
    CacheRefresh { key: CacheKey, copy: Copy<D> },
    /// Puts a new event beside a row.
    CachePin { key: CacheKey, event: Arc<Stored<D::Event>> },
    /// A customer's query; `seen` is what the same query has shown before, `patience` how long the client
    /// still waits.
    Query { request: RequestId, owed: Owed, seen: Vec<Token>, query: Box<D::Query>, patience: Span },
    /// The answer to a query, how much of each stream it shows, and the opened texts of the personal data
    /// in it, in order.
    QueryReply {
        request: RequestId,
        answer: Box<Answer<D>>,
        shows: Vec<Token>,
        opened: Box<[Option<Plain>]>,
    },

    // ---- streams at a moment
    /// Reads a stream as of a moment; `schema` is that of the states that the reader understands. `fresh`: at the primary.
    Recall { request: RequestId, stream: StreamId, as_of: AsOf, schema: u16, fresh: bool },
    /// The stream as of the moment. If a replica has answered, what it has is of `replica_at`.
    Recalled { request: RequestId, slice: Box<Slice<D>>, replica_at: Option<Instant> },

    // ---- personal data and the key store
    /// A customer asks for erasure.
    Erase { request: RequestId },
    /// The customer is erased; or not yet, because the key store does not answer.
    EraseReply { request: RequestId, erased: bool },
    /// Seals texts, each under the key of the person that it is about.
    Seal { request: RequestId, said: Box<[(CustomerId, Plain)]> },
    /// The sealed texts, in the same order.
    Sealed { request: RequestId, personal: Box<[(CustomerId, Personal)]> },
    /// Opens sealed texts.
    Unseal { request: RequestId, sealed: Box<[Sealed]> },
    /// The opened texts, each with its sealed form; `None` if its key is destroyed.
    Unsealed { request: RequestId, sealed: Box<[Sealed]>, opened: Box<[Option<Plain>]> },
    /// Destroys the key of a customer.
    Destroy { request: RequestId },
    /// The key is destroyed.
    Destroyed { request: RequestId },

    // ---- rebuilding a view
    /// The operator asks for a rebuild of a view. Rebuilds are numbered.
    Rebuild { nth: u32, view: ViewId, keeps: bool },
    /// The rebuild is complete.
    RebuildDone { nth: u32 },
    /// Creates the new table of a rebuild or adds a page to it. An empty page only asks for the progress. `ended`: the
    /// log had nothing more where it was read.
    Shadow { view: ViewId, nth: u32, keeps: bool, page: Vec<Letter<D>>, ended: bool },
    /// The progress of the new table and of the live one, and whether the new one has replaced it.
    ShadowAt { nth: u32, upto: Ordinal, live: Ordinal, swapped: bool },
    /// Reads a page of a category's events, after one rank and up to another.
    ReadLog { category: Category, after: Ordinal, upto: Ordinal },
    /// The page.
    LogPage { after: Ordinal, page: Vec<Letter<D>> },

    // ---- views on demand
    /// Reads a page of the events of a view's category, from after a rank to the end of the log. `nth`
    /// numbers the reads of one reader, to recognise late answers. `fresh`: at the primary.
    ReadTail { nth: u64, fresh: bool, view: ViewId, after: Ordinal },
    /// The page, the rank up to which it has everything, and the one at which the log ended where it was read.
    TailPage {
        nth: u64,
        view: ViewId,
        after: Ordinal,
        page: Vec<Arc<Stored<D::Event>>>,
        upto: Ordinal,
        end: Ordinal,
    },

    // ---- timers and services
    /// Sets a durable timer.
    TimerSet { effect: EffectId, timer: u8, due: Instant },
    /// The timer is set.
    TimerSetDone { effect: EffectId },
    /// Cancels a durable timer.
    TimerCancel { effect: EffectId, timer: u8 },
    /// A durable timer is due.
    TimerDue { effect: EffectId, timer: u8 },
    /// The saga has handled the timer that this effect has set.
    TimerDone { effect: EffectId, timer: u8 },
    /// A request to a service.
    Call(CallId, Box<Request<D>>),
    /// The reply of a service,, and whether the service has failed.
    CallReply(CallId, Box<Reply<D>>, Health),
    /// A report of a service that was not requested.
    Webhook { number: u64, saga: StreamId, reply: Box<Reply<D>> },
    /// Acknowledges a webhook.
    WebhookDone { number: u64, saga: StreamId },

    // ---- capacity
    /// An instance has no room for a request (503): it was not handled, and may be sent again after this time.
    Overloaded { request: RequestId, retry_after: Span },

    // ---- subscriptions
    /// A customer subscribes, on a new connection.
    Watch { connection: Connection, watch: Box<Watch<D>> },
    /// The client has closed the connection, or knows nothing of it.
    Unwatch { connection: Connection },
    /// A row, the `nth` on this connection; the rest is that of a [`QueryReply`](Self::QueryReply).
    Push {
        connection: Connection,
        nth: u32,
        answer: Box<Answer<D>>,
        shows: Vec<Token>,
        opened: Box<[Option<Plain>]>,
    },
    /// The connection is open, and so many rows were pushed on it.
    Heartbeat { connection: Connection, pushed: u32 },
    /// An instance wants to be notified when something changes (`LISTEN`), or no longer.
    Listen { channel: Channel, on: bool },
    /// Something has changed (`NOTIFY`).
    Changed { channel: Channel },

    // ---- brokers of one kind
    /// The broker has cancelled the consumer of a queue (`basic.cancel`).
    Cancelled { queue: u8 },

    // ---- restoring the store
    /// The operator has the event store restored to an earlier moment.
    RestoreStore { nth: u32, to: Instant },
    /// It is restored.
    StoreRestored { nth: u32 },
    // ---- several instances of a projector
    /// What was delivered under tags up to this one is no longer the receiver's: another instance holds this segment of
    /// the queue, or, if none is named, it was delivered before the receiver subscribed.
    Revoked { queue: u8, segment: Option<u32>, upto: u64 },

    // ---- several instances of the orchestrator
    /// Ends a subscription to a queue.
    Unsubscribe { queue: u8 },
    /// An instance is to ask for the lease.
    LeasePoll,
    /// Asks for the lease of the sagas; without `afresh`, renews it.
    Lead { asked: Instant, afresh: bool },
    /// Whether the sender of a [`Lead`](Self::Lead) leads, and since which round.
    Leads { asked: Instant, round: Option<Instant> },

    // ---- rebuilds
    /// Switches readers of a view back to the table that was kept.
    SwitchBack { nth: u32, view: ViewId },

    // ---- sending rows of the outbox again
    /// The operator has the rows of events that were recorded since a moment sent again.
    SendAgain { nth: u32, since: Instant },
    /// They are about to be.
    SentAgain { nth: u32 },

    // ---- reconciling with services after a loss
    /// Asks a service for a report of what has changed in its ledger since a moment.
    Report { since: Instant },
    /// The report: for each saga what the service has for it.
    Reported { since: Instant, replies: Vec<(StreamId, Reply<D>)> },
    /// The sagas have recorded what the reports said about them.
    Reconciled { timeline: u32 },
}
