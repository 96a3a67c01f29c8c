//! The query API: answers from the cache, loads when it is told to, and never shows a customer who has
//! just written something a row without it.
//!
//! A query that carries a token is answered from the cached row, completed with what was pinned beside
//! it; failing that from the read store; failing that with "not yet".

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::{Answer, Domain, Lookup};
use super::event::Stored;
use super::fact::{CacheAnswer, Fact};
use super::ids::{CacheKey, RequestId, RowKey, ServiceId, Token, ViewId};
use super::message::{CallId, Copy, Got, Message};
use crate::kernel::NodeId;

/// A query API instance.
#[derive(Clone, Debug)]
pub(crate) struct QueryApi<D: Domain> {
    volatile: Volatile<D>,
}

/// What a crash takes: everything.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    pending: BTreeMap<RequestId, Pending<D>>,
    deadlines: Deadlines<RequestId>,
}

#[derive(Clone, Debug)]
struct Pending<D: Domain> {
    customers: NodeId,
    token: Option<Token>,
    query: Box<D::Query>,
    lookup: Lookup<D>,
    /// What was pinned beside the row.
    recent: Vec<Arc<Stored<D::Event>>>,
    phase: Phase<D>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    /// Waiting for the cache, or for another one's loading.
    Asking,
    /// Loading under a lease, or reading past the cache without one.
    Reading { lease: Option<u64> },
    /// Loading from services under a lease; their replies so far.
    Gathering { lease: u64, replies: Vec<(ServiceId, Option<D::Reply>)> },
}

impl<D: Domain> QueryApi<D> {
    pub(crate) fn new() -> Self {
        Self { volatile: Volatile { pending: BTreeMap::new(), deadlines: Deadlines::default() } }
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let count = self.volatile.pending.len();
        (count > 0).then(|| format!("{count} queries under way"))
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, _cx: &mut Cx<'_, '_, D>) {}

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Query { request, token, query } => {
                let lookup = cx.domain().lookup(request.customer, &query);
                let (recent, phase) = (Vec::new(), Phase::Asking);
                let pending = Pending { customers: from, token, query, lookup, recent, phase };
                // A resend of what is under way is answered when that is done.
                if let Entry::Vacant(vacant) = self.volatile.pending.entry(request) {
                    vacant.insert(pending);
                    self.ask(request, cx);
                }
            }
            Message::CacheGot { request, got } => self.got(request, *got, cx),
            Message::ReadReply { request, copy } => self.read(request, copy, cx),
            Message::CallReply(CallId::Gather(request), reply) => {
                self.replied(request, from, *reply, cx);
            }
            Message::Tick => {
                for request in self.volatile.deadlines.take_due(cx) {
                    self.overdue(request, cx);
                }
            }
            Message::Disconnected(_) => {}
            other => unreachable!("a query API does not take {other:?}"),
        }
    }

    /// Asks the cache.
    fn ask(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        pending.phase = Phase::Asking;
        let key = key_of(&pending.lookup);
        self.volatile.deadlines.set(request, cx.settings().reply_timeout, cx);
        cx.send(cx.map().cache(), Message::CacheGet { request, key });
    }

    fn got(&mut self, request: RequestId, got: Got<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        if !matches!(pending.phase, Phase::Asking) {
            return;
        }
        pending.recent = got.recent;
        match got.answer {
            CacheAnswer::Hit => self.show(request, got.value.unwrap_or_default(), true, cx),
            CacheAnswer::Wait => {}
            CacheAnswer::Lease { lease, .. } => {
                let key = key_of(&pending.lookup);
                cx.fact(Fact::Loading { key, lease });
                match &pending.lookup {
                    Lookup::Row(view, row) => {
                        let (view, row) = (*view, *row);
                        self.read_row(request, view, row, Some(lease), cx);
                    }
                    Lookup::Gather(_, calls) => {
                        for (service, body) in calls {
                            let call =
                                Message::Call(CallId::Gather(request), Box::new(body.clone()));
                            cx.send(cx.map().service(*service), call);
                        }
                        let replies = calls.iter().map(|(service, _)| (*service, None)).collect();
                        pending.phase = Phase::Gathering { lease, replies };
                        self.volatile.deadlines.set(request, cx.settings().reply_timeout, cx);
                    }
                }
            }
        }
    }

    fn read_row(
        &mut self,
        request: RequestId,
        view: ViewId,
        key: RowKey,
        lease: Option<u64>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        pending.phase = Phase::Reading { lease };
        self.volatile.deadlines.set(request, cx.settings().reply_timeout, cx);
        cx.send(cx.map().read_store(), Message::Read { request, view, key });
    }

    fn read(&mut self, request: RequestId, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let Phase::Reading { lease } = pending.phase else { return };
        if let Some(lease) = lease {
            self.fill(request, lease, copy.clone(), cx);
        }
        self.show(request, copy, false, cx);
    }

    fn replied(
        &mut self,
        request: RequestId,
        from: NodeId,
        reply: D::Reply,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Gathering { replies, .. } = &mut pending.phase else { return };
        let place = replies.iter_mut().find(|(service, _)| cx.map().service(*service) == from);
        if let Some((_, place)) = place {
            *place = Some(reply);
        }
        if replies.iter().all(|(_, reply)| reply.is_some()) {
            self.gathered(request, cx);
        }
    }

    /// Makes one row of what came back, keeps it in the cache, and shows it.
    fn gathered(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let Phase::Gathering { lease, replies } = &pending.phase else { return };
        let Lookup::Gather(question, _) = &pending.lookup else { return };
        let row = cx.domain().gather(*question, replies);
        let (lease, copy) = (*lease, Copy { row: Some(Arc::new(row)), revision: 0 });
        self.fill(request, lease, copy.clone(), cx);
        self.show(request, copy, false, cx);
    }

    fn fill(&self, request: RequestId, lease: u64, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let key = key_of(&self.volatile.pending[&request].lookup);
        cx.send(cx.map().cache(), Message::CacheFill { request, key, lease, copy });
    }

    /// Answers, if what is at hand shows what the customer's token stands for; otherwise reads past
    /// the cache, or says "not yet".
    fn show(&mut self, request: RequestId, copy: Copy<D>, cached: bool, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let mut row = copy.row.map(Arc::unwrap_or_clone);
        let mut caught_up = true;
        if let (Lookup::Row(view, key), Some(token)) = (&pending.lookup, pending.token) {
            let (view, key) = (*view, *key);
            if concerns::<D>(view, token) {
                caught_up = complete(cx.domain(), view, key, &mut row, &pending.recent, token);
            }
            if !caught_up && cached {
                self.read_row(request, view, key, None, cx);
                return;
            }
        }
        let query = (*pending.query).clone();
        let answer = if caught_up { Answer::Shown(query, row) } else { Answer::NotYet(query) };
        self.reply(request, answer, cx);
    }

    fn reply(&mut self, request: RequestId, answer: Answer<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(pending) = self.volatile.pending.remove(&request) {
            self.volatile.deadlines.clear(request);
            cx.send(pending.customers, Message::QueryReply { request, answer: Box::new(answer) });
        }
    }

    /// Somebody is silent: services are done without, everybody else is asked once more. Whichever
    /// answer comes first will do, so that a slow one is not waited for in vain.
    fn overdue(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        match (&pending.phase, &pending.lookup) {
            (Phase::Gathering { .. }, _) => self.gathered(request, cx),
            (Phase::Reading { lease }, Lookup::Row(view, key)) => {
                self.read_row(request, *view, *key, *lease, cx);
            }
            (Phase::Asking | Phase::Reading { .. }, _) => self.ask(request, cx),
        }
    }
}

fn key_of<D: Domain>(lookup: &Lookup<D>) -> CacheKey {
    match lookup {
        Lookup::Row(view, row) => CacheKey::Row(*view, *row),
        Lookup::Gather(question, _) => CacheKey::Gathered(*question),
    }
}

/// Whether a row of `view` is where the holder of `token` looks for what they wrote.
fn concerns<D: Domain>(view: ViewId, token: Token) -> bool {
    let view = &D::VIEWS[usize::from(view.0)];
    view.pinned && view.category == token.stream.category
}

/// Completes a row with pinned events that follow what it shows; whether it shows the token's version.
fn complete<D: Domain>(
    domain: &D,
    view: ViewId,
    key: RowKey,
    row: &mut Option<D::Row>,
    recent: &[Arc<Stored<D::Event>>],
    token: Token,
) -> bool {
    let shown = |row: &Option<D::Row>, stream| {
        row.as_ref().map_or_else(Default::default, |row| domain.shown(row, stream))
    };
    for event in recent {
        if event.version == shown(row, event.stream).next() {
            domain.project(view, key, row, event);
        }
    }
    shown(row, token.stream) >= token.version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::testing::{Bench, Counting, Please, Query, Row, added, counter};
    use crate::platform::{CustomerId, Version};

    struct Rig {
        bench: Bench,
        api: QueryApi<Counting>,
    }

    const REQUEST: RequestId = RequestId { customer: CustomerId(0), nth: 1 };

    impl Rig {
        fn new() -> Self {
            Self { bench: Bench::new(), api: QueryApi::new() }
        }

        fn tell(&mut self, message: Message<Counting>) {
            self.tell_from(self.bench.map.customers(), message);
        }

        fn tell_from(&mut self, from: NodeId, message: Message<Counting>) {
            let (node, api) = (self.bench.map.query_api(0), &mut self.api);
            self.bench.tell(node, |cx| api.handle(from, message, cx));
        }

        fn ask(&mut self, token: Option<u32>) {
            let token =
                token.map(|version| Token { stream: counter(0), version: Version(version) });
            let query = Box::new(Query::Total(0));
            self.tell(Message::Query { request: REQUEST, token, query });
        }

        fn hit(
            &mut self,
            row: Option<Row>,
            recent: Vec<Arc<Stored<crate::platform::testing::Event>>>,
        ) {
            let value = Some(Copy { row: row.map(Arc::new), revision: 1 });
            let got = Box::new(Got { answer: CacheAnswer::Hit, value, recent });
            self.tell(Message::CacheGot { request: REQUEST, got });
        }

        fn answer(&mut self) -> Option<Answer<Counting>> {
            let customers = self.bench.map.customers();
            self.bench.sent_to(customers).into_iter().find_map(|message| match message {
                Message::QueryReply { answer, .. } => Some(*answer),
                _ => None,
            })
        }
    }

    fn row(total: i64, version: u32) -> Option<Row> {
        Some(Row { total, version: Version(version) })
    }

    #[test]
    fn a_customer_who_wrote_nothing_is_shown_what_is_cached() {
        let mut rig = Rig::new();
        rig.ask(None);
        rig.hit(row(1, 1), vec![added(0, 2, 2)]);
        assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1, 1))));
    }

    #[test]
    fn a_customer_who_just_wrote_is_shown_the_row_completed_with_what_they_wrote() {
        let mut rig = Rig::new();
        rig.ask(Some(2));
        rig.hit(row(1, 1), vec![added(0, 2, 2)]);
        assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1 + 2, 2))));
    }

    #[test]
    fn when_the_cache_does_not_know_the_write_the_read_store_is_asked_and_then_it_is_not_yet() {
        let mut rig = Rig::new();
        rig.ask(Some(2));
        rig.hit(row(1, 1), Vec::new());
        let read_store = rig.bench.map.read_store();
        let asked = rig.bench.sent_to(read_store);
        assert!(matches!(asked[..], [Message::Read { .. }]));
        let copy = Copy { row: row(1, 1).map(Arc::new), revision: 1 };
        rig.tell(Message::ReadReply { request: REQUEST, copy });
        assert_eq!(rig.answer(), Some(Answer::NotYet(Query::Total(0))));
    }

    #[test]
    fn a_pinned_event_that_does_not_follow_the_row_is_not_shown_out_of_order() {
        let mut rig = Rig::new();
        rig.ask(Some(3));
        rig.hit(row(1, 1), vec![added(0, 3, 3)]);
        let copy = Copy { row: row(6, 3).map(Arc::new), revision: 3 };
        rig.tell(Message::ReadReply { request: REQUEST, copy });
        assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(6, 3))));
    }

    #[test]
    fn asking_again_does_not_take_the_load_out_of_the_loader_s_hands() {
        let mut rig = Rig::new();
        let stamps =
            || Message::Query { request: REQUEST, token: None, query: Box::new(Query::Stamps) };
        rig.tell(stamps());
        let answer = CacheAnswer::Lease { lease: 1, until: crate::kernel::Instant::MAX };
        let got = Box::new(Got { answer, value: None, recent: Vec::new() });
        rig.tell(Message::CacheGot { request: REQUEST, got });
        rig.tell(stamps());
        let service = rig.bench.map.service(ServiceId(0));
        rig.tell_from(service, Message::CallReply(CallId::Gather(REQUEST), Box::new(Please)));
        let mut filled = 0;
        let cache = rig.bench.map.cache();
        while let Some((to, message)) = rig.bench.next() {
            filled += u32::from(to == cache && matches!(message, Message::CacheFill { .. }));
        }
        assert_eq!(filled, 1, "the loader fills the cache");
    }

    #[test]
    fn a_read_that_takes_longer_than_its_patience_is_still_an_answer() {
        let mut rig = Rig::new();
        rig.ask(Some(2));
        rig.hit(row(1, 1), Vec::new());
        let me = rig.bench.map.query_api(0);
        while let Some((to, message)) = rig.bench.next() {
            if to == me && matches!(message, Message::Tick) {
                rig.tell(message); // it has waited long enough, and asks again
                break;
            }
        }
        let copy = Copy { row: row(3, 2).map(Arc::new), revision: 2 };
        rig.tell(Message::ReadReply { request: REQUEST, copy });
        assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(3, 2))));
    }

    #[test]
    fn services_that_stay_silent_are_done_without() {
        let mut rig = Rig::new();
        rig.tell(Message::Query { request: REQUEST, token: None, query: Box::new(Query::Stamps) });
        let until = crate::kernel::Instant::MAX;
        let answer = CacheAnswer::Lease { lease: 1, until };
        let got = Box::new(Got { answer, value: None, recent: Vec::new() });
        rig.tell(Message::CacheGot { request: REQUEST, got });
        while let Some((to, message)) = rig.bench.next() {
            if to == rig.bench.map.query_api(0) {
                rig.tell(message);
            } else if let Message::QueryReply { answer, .. } = message {
                assert_eq!(*answer, Answer::Shown(Query::Stamps, row(0, 0)));
                return;
            }
        }
        panic!("a query is answered, also when nobody else answers");
    }
}
