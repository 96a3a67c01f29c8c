//! Everything that nodes say to each other, and to themselves later.

mod contents;
mod kind;

pub(crate) use contents::{
    Append, AppendReply, ApplyOutcome, CallId, Conclude, Copy, Course, Got, Letter, Load, Loaded,
    Provenance, Slice,
};
pub(crate) use kind::{MESSAGES, message_name};

use std::sync::Arc;

use crate::kernel::{Instant, NodeId};
use crate::model::{
    Answer, AsOf, CacheKey, Category, CommandId, CommandOutcome, Domain, EffectId, Ordinal, Owed,
    Personal, Plain, Position, Reply, Request, RequestId, RowKey, Sealed, Stored, StreamId, Token,
    Version, ViewId,
};
use crate::platform::topology::Queues;

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
    Serve(CallId, NodeId, Box<Request<D>>),
    /// A service looks after what lapses by itself.
    Lapse,
    /// This node was down and is back, with nothing but what it keeps durably.
    Restarted,
    /// Nothing but an occasion for a scripted fault.
    Opportunity,

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
        verdict: CommandOutcome<D>,
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
    Call(CallId, Box<Request<D>>),
    CallReply(CallId, Box<Reply<D>>),
    Webhook {
        number: u64,
        saga: StreamId,
        reply: Box<Reply<D>>,
    },
    WebhookDone {
        number: u64,
        saga: StreamId,
    },
}
