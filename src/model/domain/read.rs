//! How a domain is read: its views, and how queries are answered.

use std::fmt;

use super::{Domain, Reply, Request};
use crate::kernel::Instant;
use crate::model::{Category, RowKey, ServiceId, StreamId, Token, Version, ViewId};

/// A read model: rows kept up to date from the events of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name, as in `CustomerBookings`.
    pub name: &'static str,
    /// The category whose events feed it.
    pub category: Category,
    /// Whether a customer who has just written must find the write in it. The command side then also
    /// hands the new event to the cache, beside the row that the projector brings up to date later.
    pub pinned: bool,
    /// When it is brought up to date.
    pub strategy: Strategy,
}

impl View {
    /// A view that a projector brings up to date, some time after its events.
    pub const fn of(name: &'static str, category: Category) -> Self {
        Self { name, category, pinned: false, strategy: Strategy::Outbox }
    }
}

/// When a view is brought up to date with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// In the transaction that appends it: never behind, and every writer pays for it.
    Synchronous,
    /// Later, through outbox, broker and a projector: writers pay nothing, readers see it late.
    Outbox,
    /// When it is queried: nothing is paid before, and the first query pays for all that was missed.
    OnDemand,
}

impl View {
    /// Whether a projector keeps it, fed by a queue: its rows are the read store's, and are cached.
    pub const fn has_projector(&self) -> bool {
        match self.strategy {
            Strategy::Outbox => true,
            Strategy::Synchronous | Strategy::OnDemand => false,
        }
    }

    /// Whether it is kept as its events come, somewhere; one that is not is made when it is asked for.
    pub const fn is_kept(&self) -> bool {
        match self.strategy {
            Strategy::Synchronous | Strategy::Outbox => true,
            Strategy::OnDemand => false,
        }
    }
}

impl Strategy {
    /// What it is called, in reports.
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
    /// From the event store itself: one stream, folded as it was.
    Stream(StreamLookup<D>, AsOf),
}

/// A question to several services, and how their replies become a row.
#[derive(Clone)]
pub struct Gather<D: Domain> {
    /// The number under which the row is cached.
    pub question: u32,
    /// Which services are asked, and what.
    pub requests: Vec<(ServiceId, Request<D>)>,
    /// Makes one row of the replies; `None` for a service that did not reply.
    pub row: fn(&D, &[(ServiceId, Option<Reply<D>>)]) -> D::Row,
}

/// A stream that a query is answered from, and how its state becomes a row.
#[derive(Clone)]
pub struct StreamLookup<D: Domain> {
    /// Which stream.
    pub stream: StreamId,
    /// Makes a row of the stream's state at a version; `None` if there is nothing to show.
    pub row: fn(&D, StreamId, Version, &D::State) -> Option<D::Row>,
}

// Without the functions: addresses differ from run to run.
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
    /// With all that can be read.
    Now,
    /// After the event of this version.
    Version(Version),
    /// With all that was recorded until then, by the store's clock.
    Instant(Instant),
}

/// What a row shows of each stream, for many questions about one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shows(Vec<Token>);

impl Shows {
    /// What a row of a view shows; nothing if there is no row.
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

    /// How much of a stream it shows: 0 if nothing.
    pub(crate) fn version(&self, stream: StreamId) -> Version {
        let place = self.0.binary_search_by_key(&stream, |token| token.stream);
        place.map_or(Version(0), |place| self.0[place].version)
    }

    /// Whether it shows as much as a token stands for.
    pub(crate) fn includes(&self, token: &Token) -> bool {
        self.version(token.stream) >= token.version
    }

    /// Whether it shows nothing of any stream.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each stream with how much of it is shown, in order of the streams.
    pub(crate) fn tokens(self) -> Vec<Token> {
        self.0
    }
}
