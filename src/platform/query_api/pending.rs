//! A query that is not answered yet: what it has to show, what was found so far, and which node is asked.

use std::sync::Arc;

use crate::kernel::{Instant, NodeId, Span};
use crate::model::{
    Answer, AsOf, CacheKey, Domain, Lookup, Reply, RowKey, ServiceId, Shows, Stored, StreamId,
    Token, Version, View, ViewId,
};
use crate::platform::cx::Cx;
use crate::platform::deadlines;
use crate::platform::defects::{PINNED_TO_A_REPLICA, PINS_OVER_A_GAP, TOKEN_IGNORED};
use crate::platform::message::Copy;
use crate::platform::schema;
use crate::platform::settings::StoreReads;

/// A query.
#[derive(Clone, Debug)]
pub(super) struct Pending<D: Domain> {
    pub(super) customers: NodeId,
    pub(super) token: Option<Token>,
    pub(super) seen: Vec<Token>,
    pub(super) query: Box<D::Query>,
    pub(super) lookup: Lookup<D>,
    /// The events that are pinned beside the row.
    pub(super) recent: Vec<Arc<Stored<D::Event>>>,
    /// A cached row that has expired, and when the cache received it.
    pub(super) stale: Option<(Instant, Copy<D>)>,
    /// Whether a row was found that is behind a token.
    pub(super) behind: bool,
    pub(super) phase: Phase<D>,
    /// When the reader must have an answer, by this node's uptime.
    pub(super) until: Instant,
    /// How long one node may take to answer, so that time is left for another way.
    pub(super) each: Span,
    /// Whether the event store is read at the primary.
    pub(super) fresh: bool,
}

/// What a query waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase<D: Domain> {
    /// Waiting for the cache.
    Asking,
    /// Waiting for another reader to load the value, as the cache has said.
    Waiting,
    /// Loading under a lease, or reading without the cache. The first answer to any of the reads from
    /// `first` to `last` is taken.
    Reading { first: u64, last: u64, lease: Option<u64> },
    /// Waiting for a page of the log, to fold a row from it that a cache does not hold. The number is that of the read.
    Restoring(u64),
    /// Loading from services, under a lease or without the cache; their replies so far.
    /// Those that a circuit breaker protects are not asked.
    Gathering {
        lease: Option<u64>,
        replies: Vec<(ServiceId, Option<Reply<D>>)>,
        not_asked: Vec<ServiceId>,
    },
    /// Waiting for a table of this instance to be brought up to date.
    CatchingUp,
    /// Waiting for the event store.
    Recalling,
    /// Waiting for the key store to open the personal data in the answer.
    Opening(Box<Answer<D>>, Vec<Token>),
}

impl<D: Domain> Pending<D> {
    /// A query of a client that waits for so long, with what its answer has to show.
    pub(super) fn new(
        (customers, patience): (NodeId, Span),
        (token, seen): (Option<Token>, Vec<Token>),
        (query, lookup): (Box<D::Query>, Lookup<D>),
        cx: &Cx<'_, '_, D>,
    ) -> Self {
        let within = deadlines::left(patience, cx);
        let until = cx.uptime() + within;
        let half = Span::from_nanos(within.as_nanos() / 2);
        let each = half.min(cx.settings().reply_timeout);
        let (recent, stale, behind, phase) = (Vec::new(), None, false, Phase::Asking);
        let fresh = cx.settings().store.catch_up == StoreReads::Primary;
        Self {
            customers,
            token,
            seen,
            query,
            lookup,
            recent,
            stale,
            behind,
            phase,
            until,
            each,
            fresh,
        }
    }

    /// Whether a stream that a replica has shown at a version, as it was at `replica_at`, is an answer. A moment that the
    /// replica has not reached is asked of the primary, and so is a stream that the customer has seen at a later version.
    pub(super) fn is_answer(
        &self,
        stream: StreamId,
        version: Version,
        replica_at: Instant,
        cx: &Cx<'_, '_, D>,
    ) -> bool {
        let Lookup::Stream(_, as_of) = &self.lookup else { return true };
        match *as_of {
            AsOf::Version(wanted) => version >= wanted,
            AsOf::Instant(at) => at <= replica_at,
            AsOf::Now => {
                let tokens = self.token.iter().chain(&self.seen);
                let newest = tokens.filter(|token| token.stream == stream);
                { newest }.all(|token| token.version <= version || cx.has(&PINNED_TO_A_REPLICA))
            }
        }
    }

    /// A row, completed with pinned events if need be, if it shows at least what the tokens require.
    pub(super) fn sufficient(
        &self,
        copy: Copy<D>,
        cx: &Cx<'_, '_, D>,
    ) -> Option<(Option<D::Row>, Shows)> {
        let domain = cx.domain();
        let mut row = copy.row.map(Arc::unwrap_or_clone);
        let Lookup::Row(view, key) = self.lookup else { return Some((row, Shows::default())) };
        let mut shows = Shows::of(domain, view, key, row.as_ref());
        let wrote = self.token.filter(|token| View::owes(domain, view, key, *token));
        let wrote = wrote.filter(|_| !cx.has(&TOKEN_IGNORED));
        let suffices =
            |shows: &Shows| wrote.iter().chain(&self.seen).all(|token| shows.includes(token));
        if wrote.is_some() || !suffices(&shows) {
            let any = cx.has(&PINS_OVER_A_GAP);
            complete(domain, (view, key), &mut row, &mut shows, &self.recent, any);
        }
        suffices(&shows).then_some((row, shows))
    }
}

pub(super) fn key_of<D: Domain>(lookup: &Lookup<D>) -> CacheKey {
    match lookup {
        Lookup::Row(view, row) => CacheKey::Row(*view, *row),
        Lookup::Gather(gather) => CacheKey::Gathered(gather.question),
        Lookup::Stream(..) => unreachable!("streams are not cached"),
    }
}

/// Completes a row with the pinned events that follow it; `any`: with all that are newer.
fn complete<D: Domain>(
    domain: &D,
    (view, key): (ViewId, RowKey),
    row: &mut Option<D::Row>,
    shows: &mut Shows,
    recent: &[Arc<Stored<D::Event>>],
    any: bool,
) {
    for event in recent {
        let next = shows.version(event.stream).next();
        if event.version == next || any && event.version > next {
            schema::project(domain, view, key, row, event);
            *shows = Shows::of(domain, view, key, row.as_ref());
        }
    }
}
