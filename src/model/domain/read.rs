//! The read side of a domain: its views, and how queries are answered.

use std::fmt;

use super::{Domain, Reply, Request};
use crate::kernel::Instant;
use crate::model::{Category, RowKey, ServiceId, StreamId, Token, Version, ViewId};

/// A read model: rows that are computed from the events of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name, as in `CustomerBookings`.
    pub name: &'static str,
    /// The category of its events.
    pub category: Category,
    /// What a customer sees of their own writes in it.
    pub own_writes: OwnWrites,
    /// When it is updated.
    pub strategy: Strategy,
}

impl View {
    /// A view of the outbox strategy that promises no own writes.
    pub const fn of(name: &'static str, category: Category) -> Self {
        let (own_writes, strategy) = (OwnWrites::Unpromised, Strategy::Outbox);
        Self { name, category, own_writes, strategy }
    }

    /// Whether the row of view `id` under `key` owes the write of a token to the customer who wrote it.
    pub(crate) fn owes<D: Domain>(domain: &D, id: ViewId, key: RowKey, token: Token) -> bool {
        let view = &D::VIEWS[usize::from(id.0)];
        view.own_writes != OwnWrites::Unpromised
            && view.category == token.stream.category
            && domain.concerns(id, key, token.stream)
    }

    /// Whether new events are kept in the cache, beside the row that its projector updates later.
    pub(crate) const fn is_pinned(&self) -> bool {
        matches!(self.own_writes, OwnWrites::Pinned) && self.has_projector()
    }

    /// Whether it has a projector and a queue. Its rows are in the read store and are cached.
    pub const fn has_projector(&self) -> bool {
        matches!(self.strategy, Strategy::Outbox)
    }

    /// Whether its rows are stored; otherwise they are computed on demand.
    pub const fn is_kept(&self) -> bool {
        !matches!(self.strategy, Strategy::OnDemand)
    }
}

/// What a customer sees of their own writes in a view. To promise them is only possible if its rows show the
/// version of every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnWrites {
    /// What the view has come to.
    Unpromised,
    /// The answer to a query that brings the token of a write shows the write, or is "not yet".
    Promised,
    /// The same. For a view with a projector, the command side also sends new events to the cache, beside the
    /// row that the projector updates later, so that "not yet" is rare.
    Pinned,
}

/// When a view is updated with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// In the transaction that appends the event: never behind, but every transaction takes longer.
    Synchronous,
    /// Later, through outbox, broker and projector: transactions take no longer, but rows may be behind.
    Outbox,
    /// When it is queried: transactions take no longer, but the first query reads all missing events.
    OnDemand,
}

impl Strategy {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Synchronous => "synchronous",
            Self::Outbox => "outbox",
            Self::OnDemand => "on demand",
        }
    }
}

/// How a query is answered.
#[derive(Clone, Debug)]
pub enum Lookup<D: Domain> {
    /// From one row of a view, cached.
    Row(ViewId, RowKey),
    /// By asking services and gathering their replies into one row, cached.
    Gather(Gather<D>),
    /// From the event store: one stream, folded as of a moment.
    Stream(StreamLookup<D>, AsOf),
}

/// Makes a row of the replies of services; `None` for a service that did not reply.
pub type RowOfReplies<D> = fn(&D, &[(ServiceId, Option<Reply<D>>)]) -> <D as Domain>::Row;

/// Makes a row of the state of a stream at a version; `None` if there is nothing to show.
pub type RowOfState<D> =
    fn(&D, StreamId, Version, &<D as Domain>::State) -> Option<<D as Domain>::Row>;

/// A question to several services, and how a row is made from their replies.
#[derive(Clone)]
pub struct Gather<D: Domain> {
    /// The number under which the row is cached.
    pub question: u32,
    /// The requests.
    pub requests: Vec<(ServiceId, Request<D>)>,
    /// Makes a row from the replies; `None` for a service that did not reply.
    pub row: RowOfReplies<D>,
}

/// A stream from which a query is answered, and how a row is made from its state.
#[derive(Clone)]
pub struct StreamLookup<D: Domain> {
    /// The stream.
    pub stream: StreamId,
    /// Makes a row from the stream's state at a version; `None` if there is nothing to show.
    pub row: RowOfState<D>,
}

// Function pointers are left out: addresses differ from run to run.
impl<D: Domain> fmt::Debug for Gather<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gather").field(&self.question).field(&self.requests).finish()
    }
}

impl<D: Domain> fmt::Debug for StreamLookup<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StreamLookup").field(&self.stream).finish()
    }
}

/// A moment in the life of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AsOf {
    /// After all visible events.
    Now,
    /// After the event with this version.
    Version(Version),
    /// After all events that were recorded until then, by the store's clock.
    Instant(Instant),
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Version(version) => version.fmt(f),
            Self::Instant(at) => at.fmt(f),
        }
    }
}

/// The versions that a row shows, sorted by stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shows(Vec<Token>);

impl Shows {
    /// The versions that a row of a view shows; none if there is no row.
    pub(crate) fn of<D: Domain>(
        domain: &D,
        view: ViewId,
        key: RowKey,
        row: Option<&D::Row>,
    ) -> Self {
        let mut tokens = row.map_or_else(Vec::new, |row| domain.shows(view, key, row));
        tokens.sort_unstable_by_key(|token| token.stream);
        Self(tokens)
    }

    /// The version of a stream that it shows; 0 if none.
    pub(crate) fn version(&self, stream: StreamId) -> Version {
        let place = self.0.binary_search_by_key(&stream, |token| token.stream);
        place.map_or(Version(0), |place| self.0[place].version)
    }

    /// Whether it shows at least the version of a token.
    pub(crate) fn includes(&self, token: &Token) -> bool {
        self.version(token.stream) >= token.version
    }

    /// Whether it shows no stream.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The version of each stream, in order of the streams.
    pub(crate) fn tokens(self) -> Vec<Token> {
        self.0
    }
}
