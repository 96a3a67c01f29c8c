mod detours;
mod on_demand;
mod replicas;
mod restoring;
mod subscriptions;

use super::*;
use crate::kernel::Instant;
use crate::model::{AsOf, CustomerId, Owed, RowKey, Stored, StreamId};
use crate::testing::{Bench, Counting, Please, Query, Row, State, added, counter};

struct Rig {
    bench: Bench,
    api: QueryApi<Counting>,
}

const REQUEST: RequestId = RequestId { customer: CustomerId(0), nth: 1 };
const PATIENCE: Span = Span::from_secs(5);

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

    fn ask(&mut self, wrote: Option<u32>) {
        let token = |version| Token { stream: counter(0), version: Version(version) };
        let owed = wrote.map_or(Owed::Nothing, |version| Owed::Written(token(version)));
        let query = Box::new(Query::Total(0));
        self.tell(Message::Query {
            request: REQUEST,
            owed,
            seen: Vec::new(),
            query,
            patience: PATIENCE,
        });
    }

    fn hit(&mut self, row: Option<Row>, recent: Vec<Arc<Stored<crate::testing::Event>>>) {
        let value = Some(Copy { row: row.map(Arc::new), revision: 1 });
        let got =
            Box::new(Got { answer: CacheAnswer::Hit { revision: 1 }, value, stale: None, recent });
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
fn a_customer_without_writes_is_shown_the_cached_row() {
    let mut rig = Rig::new();
    rig.ask(None);
    rig.hit(row(1, 1), vec![added(0, 2, 2)]);
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1, 1))));
}

#[test]
fn after_a_write_the_row_is_completed_with_the_pinned_event() {
    let mut rig = Rig::new();
    rig.ask(Some(2));
    rig.hit(row(1, 1), vec![added(0, 2, 2)]);
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1 + 2, 2))));
}

#[test]
fn without_the_write_in_cache_and_read_store_the_answer_is_not_yet() {
    let mut rig = Rig::new();
    rig.ask(Some(2));
    rig.hit(row(1, 1), Vec::new());
    let read_store = rig.bench.map.read_store();
    let asked = rig.bench.sent_to(read_store);
    assert!(matches!(asked[..], [Message::Read { .. }]));
    let copy = Copy { row: row(1, 1).map(Arc::new), revision: 1 };
    rig.tell(Message::ReadReply { request: REQUEST, nth: 1, copy });
    assert_eq!(rig.answer(), Some(Answer::NotYet(Query::Total(0))));
}

#[test]
fn a_pinned_event_that_does_not_follow_the_row_is_not_shown_out_of_order() {
    let mut rig = Rig::new();
    rig.ask(Some(3));
    rig.hit(row(1, 1), vec![added(0, 3, 3)]);
    let copy = Copy { row: row(6, 3).map(Arc::new), revision: 3 };
    rig.tell(Message::ReadReply { request: REQUEST, nth: 1, copy });
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(6, 3))));
}

#[test]
fn a_resend_does_not_take_the_load_from_the_loader() {
    let mut rig = Rig::new();
    let stamps = || Message::Query {
        request: REQUEST,
        owed: Owed::Nothing,
        seen: Vec::new(),
        query: Box::new(Query::Stamps),
        patience: PATIENCE,
    };
    rig.tell(stamps());
    let answer = CacheAnswer::Lease { lease: 1, until: Instant::MAX };
    let got = Box::new(Got { answer, value: None, stale: None, recent: Vec::new() });
    rig.tell(Message::CacheGot { request: REQUEST, got });
    rig.tell(stamps());
    let service = rig.bench.map.service(ServiceId(0));
    rig.tell_from(
        service,
        Message::CallReply(CallId::Gather(REQUEST), Box::new(Please), Health::Good),
    );
    let mut filled = 0;
    let cache = rig.bench.map.cache();
    while let Some((to, message)) = rig.bench.next() {
        filled += u32::from(to == cache && matches!(message, Message::CacheFill { .. }));
    }
    assert_eq!(filled, 1, "the loader fills the cache");
}

#[test]
fn a_late_read_is_still_an_answer() {
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
    rig.tell(Message::ReadReply { request: REQUEST, nth: 1, copy });
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(3, 2))));
}

#[test]
fn silent_services_are_left_out() {
    let mut rig = Rig::new();
    rig.tell(Message::Query {
        request: REQUEST,
        owed: Owed::Nothing,
        seen: Vec::new(),
        query: Box::new(Query::Stamps),
        patience: PATIENCE,
    });
    let until = Instant::MAX;
    let answer = CacheAnswer::Lease { lease: 1, until };
    let got = Box::new(Got { answer, value: None, stale: None, recent: Vec::new() });
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

#[test]
fn a_customer_is_never_shown_less_than_before_after_any_loss_of_the_cache() {
    let mut rig = Rig::new();
    let seen = vec![Token { stream: counter(0), version: Version(2) }];
    let query = Box::new(Query::Total(0));
    rig.tell(Message::Query {
        request: REQUEST,
        owed: Owed::Nothing,
        seen,
        query,
        patience: PATIENCE,
    });
    rig.hit(row(1, 1), Vec::new());
    assert_eq!(rig.answer(), None, "the read store is asked");
    let copy = Copy { row: row(1, 1).map(Arc::new), revision: 1 };
    rig.tell(Message::ReadReply { request: REQUEST, nth: 1, copy });
    assert_eq!(rig.answer(), Some(Answer::NotYet(Query::Total(0))));
}

#[test]
fn an_answer_names_the_versions_that_it_shows() {
    let mut rig = Rig::new();
    rig.ask(None);
    rig.hit(row(3, 2), Vec::new());
    let customers = rig.bench.map.customers();
    let shows = rig.bench.sent_to(customers).into_iter().find_map(|message| match message {
        Message::QueryReply { shows, .. } => Some(shows),
        _ => None,
    });
    assert_eq!(shows, Some(vec![Token { stream: counter(0), version: Version(2) }]));
}

#[test]
fn a_late_answer_to_an_earlier_read_is_not_put_into_the_cache() {
    let mut rig = Rig::new();
    let granted = |lease| {
        let answer = CacheAnswer::Lease { lease, until: Instant::MAX };
        Message::CacheGot {
            request: REQUEST,
            got: Box::new(Got { answer, value: None, stale: None, recent: Vec::new() }),
        }
    };
    let read = |nth| Message::ReadReply {
        request: REQUEST,
        nth,
        copy: Copy { row: row(1, 1).map(Arc::new), revision: 1 },
    };
    rig.ask(None);
    rig.tell(granted(1));
    rig.tell(read(1));
    rig.ask(None); // sent again: the answer was lost
    rig.tell(granted(2));
    rig.tell(read(1)); // delivered twice
    rig.tell(read(2));
    let (cache, mut under) = (rig.bench.map.cache(), Vec::new());
    while let Some((to, message)) = rig.bench.next() {
        if let Message::CacheFill { lease, .. } = message {
            assert_eq!(to, cache);
            under.push(lease);
        }
    }
    assert_eq!(under, [1, 2]);
}

fn wrote(version: u32) -> Owed {
    Owed::Pinned(Token { stream: counter(0), version: Version(version) })
}

/// What the event store was asked.
fn recalled(rig: &mut Rig) -> Vec<(StreamId, AsOf)> {
    let store = rig.bench.map.store();
    let asked = rig.bench.sent_to(store).into_iter();
    let recall = |message| match message {
        Message::Recall { stream, as_of, .. } => (stream, as_of),
        other => panic!("{other:?}"),
    };
    asked.map(recall).collect()
}

fn slice(
    versions: std::ops::RangeInclusive<u32>,
    snapshot: Option<(u32, i64)>,
) -> Message<Counting> {
    let version = Version(*versions.end());
    let tail = versions.map(|version| added(0, version, u64::from(version))).collect();
    let snapshot = snapshot.map(|(version, total)| (Version(version), State::of(total)));
    let slice = Slice { stream: counter(0), version, snapshot, tail, origin: None };
    Message::Recalled { request: REQUEST, slice: Box::new(slice), replica_at: None }
}

#[test]
fn a_stream_as_of_a_moment_is_read_from_the_store_folded_and_shown() {
    let mut rig = Rig::new();
    let (owed, seen, as_of) = (Owed::Nothing, Vec::new(), AsOf::Version(Version(3)));
    let query = Box::new(Query::TotalAt(0, as_of));
    rig.tell(Message::Query { request: REQUEST, owed, seen, query, patience: PATIENCE });
    assert_eq!(recalled(&mut rig), [(counter(0), as_of)]);
    rig.tell(slice(3..=3, Some((2, 10))));
    let facts = rig.bench.facts();
    let stated =
        |wanted: fn(&Fact<Counting>) -> bool| facts.iter().filter(|fact| wanted(fact)).count();
    assert_eq!(stated(|fact| matches!(fact, Fact::Recalled { version: Version(3), .. })), 1);
    assert_eq!(stated(|fact| matches!(fact, Fact::Restored { snapshot: Some(Version(2)), .. })), 1);
    let customers = rig.bench.map.customers();
    let replies = rig.bench.sent_to(customers);
    let [Message::QueryReply { answer, shows, .. }] = &replies[..] else { panic!("{replies:?}") };
    assert_eq!(**answer, Answer::Shown(Query::TotalAt(0, as_of), row(10 + 3, 3)));
    assert_eq!(shows[..], [Token { stream: counter(0), version: Version(3) }]);
}

#[test]
fn an_empty_stream_shows_nothing() {
    let mut rig = Rig::new();
    let query = Query::TotalAt(0, AsOf::Now);
    let (owed, seen) = (Owed::Nothing, Vec::new());
    rig.tell(Message::Query {
        request: REQUEST,
        owed,
        seen,
        query: Box::new(query),
        patience: PATIENCE,
    });
    let nothing = Slice {
        stream: counter(0),
        version: Version(0),
        snapshot: None,
        tail: Vec::new(),
        origin: None,
    };
    let slice = Box::new(nothing);
    rig.tell(Message::Recalled { request: REQUEST, slice, replica_at: None });
    assert_eq!(rig.answer(), Some(Answer::Shown(query, None)));
}

#[test]
fn a_pinned_session_is_answered_from_the_stream_and_others_from_the_cache() {
    let query = || Box::new(Query::Total(0));
    let (request, seen) = (REQUEST, Vec::new());
    let mut rig = Rig::new();
    rig.tell(Message::Query {
        request,
        owed: wrote(2),
        seen: seen.clone(),
        query: query(),
        patience: PATIENCE,
    });
    assert_eq!(recalled(&mut rig), [(counter(0), AsOf::Now)]);
    rig.tell(slice(1..=2, None));
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1 + 2, 2))));
    rig.tell(slice(1..=2, None)); // delivered twice
    assert_eq!(rig.answer(), None);

    let mut rig = Rig::new();
    let stamps = Box::new(Query::Stamps); // no stream has them
    rig.tell(Message::Query { request, owed: wrote(2), seen, query: stamps, patience: PATIENCE });
    let cache = rig.bench.map.cache();
    assert!(matches!(rig.bench.sent_to(cache)[..], [Message::CacheGet { .. }]));
}

#[test]
fn a_silent_store_is_asked_again() {
    let mut rig = Rig::new();
    let (owed, seen, query) = (wrote(2), Vec::new(), Box::new(Query::Total(0)));
    rig.tell(Message::Query { request: REQUEST, owed, seen, query, patience: PATIENCE });
    let (me, store) = (rig.bench.map.query_api(0), rig.bench.map.store());
    let mut asked = 0;
    while asked < 2 {
        let (to, message) = rig.bench.next().expect("it does not give up");
        if to == me {
            rig.tell(message);
        } else if to == store {
            assert!(matches!(message, Message::Recall { .. }));
            asked += 1;
        }
    }
    rig.tell(slice(1..=2, None));
    assert_eq!(rig.answer(), Some(Answer::Shown(Query::Total(0), row(1 + 2, 2))));
}
