//! The query API: answers from the cache, loads when it is given a lease, and never shows a customer less
//! than they have written or were shown before.
//!
//! A query brings tokens: of the customer's last write, and of what the same query showed the last time.
//! If the cached row is behind one of them, it is completed with the events that were pinned beside it; if
//! that is not enough, the read store is asked; if that is behind too, the answer is "not yet". The answer
//! is correct whatever the cache has lost and whichever instance is asked.
//!
//! Not all views have rows in the read store. Those of a synchronous view are read from the event store,
//! without the cache; a view on demand is a table of this instance ([`on_demand`]), brought up to date
//! before every answer. Some queries are answered from a stream in the event store, and so are those of a
//! session that is pinned to it. These bypass the cache: a past moment is seldom queried twice, and a pinned
//! session needs the present state.
//!
//! A view may be kept in a cache that loses rows: what it does not hold is folded from the log (`restoring`).
//!
//! A client can also subscribe to a query (`subscriptions`).
//!
//! No node that it asks is needed for an answer in time: what does not answer is gone round, and in the end
//! the reader is told to try later (`detours`).
//!
//! Rows hold personal data sealed under the keys of their owners, and so does the cache. The key store
//! opens it just before a row is shown, and the plain text is not kept (`persons`).

mod detours;
mod on_demand;
mod pending;
mod persons;
mod restoring;
mod subscriptions;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::collections::SortedMap;
use crate::kernel::{Instant, NodeId, Span};
use crate::model::{
    Answer, CacheAnswer, Domain, Fact, Gather, Lookup, Ordinal, Plain, Reply, RequestId, Schemas,
    Sealed, ServiceId, Shows, Strategy, Token, Version, ViewId, counted,
};
use crate::platform::capacity::{Breakers, is_overloaded};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::RYOW_TRUSTS_CACHE;
use crate::platform::faults::{LOADER_CRASH, READS_SHED};
use crate::platform::fold::Fold;
use crate::platform::message::{CallId, Copy, Got, Health, Message, Slice};
use on_demand::Tables;
use pending::{Pending, Phase, key_of};
use subscriptions::Subscriptions;

/// A query API instance.
#[derive(Clone, Debug)]
pub(crate) struct QueryApi<D: Domain> {
    volatile: Volatile<D>,
    /// How many reads were sent. Survives a crash: it stands for random numbers, which keep a late answer
    /// from being taken for the answer to a later read.
    reads: u64,
    /// How many connections were opened. Survives a crash: it stands for what distinguishes two connections of TCP.
    openings: u64,
}

/// Lost in a crash.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    pending: SortedMap<RequestId, Pending<D>>,
    deadlines: Deadlines<RequestId>,
    /// The views on demand.
    tables: Tables<D>,
    breakers: Breakers,
    subscriptions: Subscriptions<D>,
    /// Texts that were opened. Empty but for a defect.
    remembered: Vec<(Sealed, Plain)>,
}

impl<D: Domain> QueryApi<D> {
    pub(crate) fn new() -> Self {
        let (pending, deadlines) = (SortedMap::new(), Deadlines::default());
        let (tables, breakers) = (Tables::default(), Breakers::default());
        let (subscriptions, remembered) = (Subscriptions::default(), Vec::new());
        let volatile = Volatile { pending, deadlines, tables, breakers, subscriptions, remembered };
        Self { volatile, reads: 0, openings: 0 }
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| counted(self.volatile.pending.len() as u64, "query") + " pending")
    }

    /// The number of queries that are not answered yet.
    pub(crate) fn in_hand(&self) -> usize {
        self.volatile.pending.len()
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.volatile.pending.is_empty()
    }

    /// Loses all state but the number of reads.
    pub(crate) fn crash(&mut self) {
        self.volatile = Self::new().volatile;
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Query { request, .. } if is_overloaded(&READS_SHED, request, from, cx) => {}
            Message::Query { request, owed, seen, query, patience } => {
                let lookup = owed.lookup(cx.domain(), request.customer, &query);
                let shows = (owed.token(), seen);
                let pending = Pending::new((from, patience), shows, (query, lookup), cx);
                // The answer to a pending query also answers its resend.
                if !self.volatile.pending.contains_key(&request) {
                    self.volatile.pending.insert(request, pending);
                    self.begin(request, cx);
                }
            }
            Message::Watch { connection, .. }
                if is_overloaded(&READS_SHED, connection.request, from, cx) => {}
            Message::Watch { connection, watch } => self.watch(from, connection, *watch, cx),
            Message::Unwatch { connection } => self.unwatch(connection, cx),
            Message::Changed { channel } => self.changed(from, channel, cx),
            Message::Recalled { request, slice, replica_at } => {
                self.recalled(request, *slice, replica_at, cx);
            }
            Message::CacheGot { request, got } => self.got(request, *got, cx),
            Message::ReadReply { request, nth, copy } => self.read(request, nth, copy, cx),
            Message::RowMissing { request, nth, after } => self.missing(request, nth, after, cx),
            Message::TailPage { nth, view, after, page, .. }
                if cx.settings().row_cache.has(&D::VIEWS[usize::from(view.0)]) =>
            {
                self.restore(nth, after, page, cx);
            }
            Message::TailPage { nth, view, after, page, upto, end } => {
                let tables = &mut self.volatile.tables;
                let reads = &mut self.reads;
                for (request, cause) in
                    tables.take_in((nth, view), (after, upto, end), &page, reads, cx)
                {
                    cx.because(cause, |cx| self.caught_up(request, cx));
                }
            }
            Message::CallReply(CallId::Gather(request), reply, health) => {
                self.replied(request, from, (*reply, health), cx);
            }
            Message::Unsealed { request, sealed, opened } => {
                self.opened(request, &sealed, opened, cx);
            }
            Message::Tick => {
                for (request, cause) in self.volatile.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(request, cx));
                }
                self.volatile.tables.overdue(&mut self.reads, cx);
                self.heartbeats_due(cx);
            }
            Message::Disconnected(peer) if peer == cx.map().cache() => self.ask_again(cx),
            Message::Disconnected(_) => {}
            other => unreachable!("a query API does not take {other:?}"),
        }
    }

    /// The connection to the cache broke: it may not have received the pending requests.
    fn ask_again(&mut self, cx: &mut Cx<'_, '_, D>) {
        let pending = self.volatile.pending.iter();
        let asks = |phase: &Phase<D>| matches!(phase, Phase::Asking | Phase::Waiting);
        let asking = pending.filter(|(_, pending)| asks(&pending.phase));
        let asking: Vec<_> = asking.map(|(request, _)| *request).collect();
        for request in asking {
            let asked = self.volatile.deadlines.cause(request);
            cx.because(asked, |cx| self.ask(request, cx));
        }
    }

    /// Asks the node that has the answer: the cache, except for views that are not cached.
    fn begin(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Lookup::Row(view, _) = pending.lookup else { return self.ask(request, cx) };
        let view_kept = &D::VIEWS[usize::from(view.0)];
        match view_kept.strategy {
            Strategy::Outbox
                if cx.settings().search_index.has(view_kept)
                    || cx.settings().row_cache.has(view_kept) =>
            {
                self.read_row(request, None, cx);
            }
            Strategy::Outbox => self.ask(request, cx),
            Strategy::Synchronous => self.read_row(request, None, cx),
            Strategy::OnDemand => {
                pending.phase = Phase::CatchingUp;
                let left = pending.until.since(cx.uptime());
                let fresh = pending.fresh;
                self.volatile.deadlines.set(request, left, cx);
                self.volatile.tables.catch_up(view, (request, fresh), &mut self.reads, cx);
            }
        }
    }

    /// The views on demand, each with its position and its rows.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (ViewId, Ordinal, on_demand::All<D>)> {
        self.volatile.tables.all()
    }

    /// Answers a query whose table is up to date. If it lacks what the customer has written or seen, and a replica was
    /// read, the table is brought up to date once more, from the primary.
    fn caught_up(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let (Phase::CatchingUp, Lookup::Row(view, key)) = (&pending.phase, &pending.lookup) else {
            return;
        };
        let (view, copy) = (*view, self.volatile.tables.copy(*view, *key));
        if !pending.fresh && pending.sufficient(copy.clone(), cx).is_none() {
            pending.fresh = true;
            return self.volatile.tables.catch_up(view, (request, true), &mut self.reads, cx);
        }
        self.show(request, copy, false, cx);
    }

    /// Asks the cache, or the event store if the query is answered from a stream.
    fn ask(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        if let Lookup::Stream(from, as_of) = &pending.lookup {
            let (stream, as_of, schema) = (from.stream, *as_of, D::Schemas::SCHEMA);
            let fresh = pending.fresh;
            pending.phase = Phase::Recalling;
            self.await_answer(request, cx);
            let recall = Message::Recall { request, stream, as_of, schema, fresh };
            return cx.send(cx.map().store(), recall);
        }
        pending.phase = Phase::Asking;
        let key = key_of(&pending.lookup);
        self.await_answer(request, cx);
        cx.send(cx.map().cache(), Message::CacheGet { request, key });
    }

    fn got(&mut self, request: RequestId, got: Got<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        if !matches!(pending.phase, Phase::Asking | Phase::Waiting) {
            return;
        }
        (pending.recent, pending.stale) = (got.recent, got.stale);
        match got.answer {
            CacheAnswer::Hit { .. } => self.show(request, got.value.unwrap_or_default(), true, cx),
            CacheAnswer::Wait => {
                pending.phase = Phase::Waiting;
                self.volatile.deadlines.explain(request, cx);
            }
            CacheAnswer::Lease { lease, .. } => {
                let key = key_of(&pending.lookup);
                cx.fact(Fact::Loading { key, lease });
                if cx.fault(&LOADER_CRASH, request.customer) > 0 {
                    self.volatile.pending.remove(&request);
                    self.volatile.deadlines.clear(request);
                    cx.fault_shows_late(&LOADER_CRASH, cx.map().customers());
                    return;
                }
                match &pending.lookup {
                    Lookup::Row(..) => self.read_row(request, Some(lease), cx),
                    Lookup::Stream(..) => {} // never sent to the cache
                    Lookup::Gather(_) => self.gather(request, Some(lease), cx),
                }
            }
        }
    }

    /// Asks the services. There is no other way after this one, so they may take all the time that is left; but
    /// a loader stops waiting for them before its lease ends, so that the readers who wait for the value get it.
    fn gather(&mut self, request: RequestId, lease: Option<u64>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Lookup::Gather(Gather { requests, .. }) = &pending.lookup else { return };
        let mut not_asked = Vec::new();
        for (service, body) in requests {
            if self.volatile.breakers.allow(*service, None, cx) {
                let call = Message::Call(CallId::Gather(request), Box::new(body.clone()));
                cx.send(cx.map().service(*service), call);
            } else {
                not_asked.push(*service);
            }
        }
        let replies: Vec<_> = requests.iter().map(|(service, _)| (*service, None)).collect();
        let any = not_asked.len() < replies.len();
        pending.phase = Phase::Gathering { lease, replies, not_asked };
        if !any {
            return self.gathered(request, cx);
        }
        let mut deadline = pending.until.since(cx.uptime());
        if lease.is_some() {
            let most = Span::from_nanos(cx.settings().cache.lease.as_nanos() / 4 * 3);
            deadline = deadline.min(most);
        }
        self.volatile.deadlines.set(request, deadline, cx);
    }

    fn read_row(&mut self, request: RequestId, lease: Option<u64>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Lookup::Row(view, key) = pending.lookup else { return };
        self.reads += 1;
        let nth = self.reads;
        let first = match pending.phase {
            Phase::Reading { first, lease: earlier, .. } if earlier == lease => first,
            _ => nth,
        };
        pending.phase = Phase::Reading { first, last: nth, lease };
        self.await_answer(request, cx);
        let keeper = match D::VIEWS[usize::from(view.0)].strategy {
            Strategy::Synchronous => cx.map().store(),
            Strategy::Outbox | Strategy::OnDemand => cx.map().read_store(),
        };
        cx.send(keeper, Message::Read { request, nth, view, key });
    }

    fn read(&mut self, request: RequestId, nth: u64, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let Phase::Reading { first, last, lease } = pending.phase else { return };
        if nth < first || last < nth {
            return; // the answer to a read before the lease, which may be older
        }
        if let Some(lease) = lease {
            self.fill(request, lease, copy.clone(), cx);
        }
        self.show(request, copy, false, cx);
    }

    /// Folds what was read and shows it. Any answer since the query was sent is correct: the state at a past
    /// moment does not change, and the present one only grows. One of a replica may be too old.
    fn recalled(
        &mut self,
        request: RequestId,
        slice: Slice<D>,
        replica_at: Option<Instant>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Recalling = pending.phase else { return };
        if let Some(at) = replica_at
            && !pending.is_answer(slice.stream, slice.version, at, cx)
        {
            if !std::mem::replace(&mut pending.fresh, true) {
                self.ask(request, cx);
            }
            return;
        }
        let Lookup::Stream(from, as_of) = &pending.lookup else { return };
        let (stream, as_of) = (from.stream, *as_of);
        let restoring = slice.restoring();
        let mut fold = Fold::blank(stream, cx.domain());
        fold.take_in(slice, cx.domain());
        let version = fold.version;
        let row = (from.row)(cx.domain(), stream, version, &fold.state);
        cx.fact(Fact::Recalled { request, stream, as_of, version });
        if let Some(fact) = restoring.and_then(|from| fold.restored(&from)) {
            cx.fact(fact);
        }
        let shows = match version {
            Version(0) => Vec::new(),
            version => vec![Token { stream, version }],
        };
        self.answer(request, row, shows, cx);
    }

    fn replied(
        &mut self,
        request: RequestId,
        from: NodeId,
        (reply, health): (Reply<D>, Health),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Gathering { replies, not_asked, .. } = &mut pending.phase else { return };
        let place = replies.iter_mut().find(|(service, _)| cx.map().service(*service) == from);
        if let Some((service, place)) = place {
            *place = Some(reply);
            self.volatile.breakers.called(*service, health, cx);
        }
        let is_settled = |(service, reply): &(ServiceId, Option<Reply<D>>)| {
            reply.is_some() || not_asked.contains(service)
        };
        if replies.iter().all(is_settled) {
            self.gathered(request, cx);
        }
    }

    /// Makes one row of the replies, puts it into the cache, and shows it.
    fn gathered(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let Phase::Gathering { lease, replies, not_asked } = &pending.phase else { return };
        let Lookup::Gather(gather) = &pending.lookup else { return };
        for (service, reply) in replies {
            if reply.is_none() && !not_asked.contains(service) {
                self.volatile.breakers.called(*service, Health::Failed, cx);
            }
        }
        let row = (gather.row)(cx.domain(), replies);
        let (lease, copy) = (*lease, Copy { row: Some(Arc::new(row)), revision: 0 });
        if let Some(lease) = lease {
            self.fill(request, lease, copy.clone(), cx);
        }
        self.show(request, copy, false, cx);
    }

    fn fill(&self, request: RequestId, lease: u64, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let key = key_of(&self.volatile.pending[&request].lookup);
        cx.send(cx.map().cache(), Message::CacheFill { request, key, lease, copy });
    }

    /// Answers with a row, if it shows at least what the customer's tokens require; otherwise reads the row
    /// without the cache, or says "not yet".
    fn show(&mut self, request: RequestId, copy: Copy<D>, cached: bool, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let trusted = copy.row.clone().filter(|_| cached && cx.has(&RYOW_TRUSTS_CACHE));
        if let Some(row) = trusted {
            let Lookup::Row(view, key) = pending.lookup else { return };
            let shows = Shows::of(cx.domain(), view, key, Some(&row));
            self.answer(request, Some(Arc::unwrap_or_clone(row)), shows.tokens(), cx);
        } else if let Some((row, shows)) = pending.sufficient(copy, cx) {
            self.answer(request, row, shows.tokens(), cx);
        } else if cached {
            pending.behind = true;
            self.read_row(request, None, cx);
        } else {
            let answer = Answer::NotYet((*pending.query).clone());
            self.reply(request, answer, Vec::new(), Box::default(), cx);
        }
    }

    fn reply(
        &mut self,
        request: RequestId,
        answer: Answer<D>,
        shows: Vec<Token>,
        opened: Box<[Option<Plain>]>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if let Some(pending) = self.volatile.pending.remove(&request) {
            self.volatile.deadlines.clear(request);
            if self.is_subscribed(request) {
                return self.looked(request, answer, shows, opened, cx);
            }
            let answer = Box::new(answer);
            let reply = Message::QueryReply { request, answer, shows, opened };
            cx.send(pending.customers, reply);
        }
    }
}
