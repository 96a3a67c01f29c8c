//! What a query does when a node does not answer.

use super::*;

impl Rig {
    /// The next message to another node, with the node. Deadlines pass meanwhile.
    fn next(&mut self) -> (NodeId, Message<Counting>) {
        loop {
            let (to, message) = self.bench.next().expect("the reader gets an answer");
            if to != self.bench.map.query_api(0) {
                return (to, message);
            }
            self.tell(message);
        }
    }

    /// The answer, if nobody else says anything.
    fn answer_at_last(&mut self) -> Answer<Counting> {
        loop {
            if let (_, Message::QueryReply { answer, .. }) = self.next() {
                let spent = self.bench.now().since(Instant::ZERO);
                assert!(spent < PATIENCE, "the client has lost patience: {spent}");
                assert_eq!(self.api.busy(), None);
                return *answer;
            }
        }
    }

    fn says(&mut self, answer: CacheAnswer) {
        let got = Box::new(Got { answer, value: None, stale: None, recent: Vec::new() });
        self.tell(Message::CacheGot { request: REQUEST, got });
    }
}

fn ask_for(rig: &mut Rig, owed: Owed, query: Query) {
    let (request, seen, query) = (REQUEST, Vec::new(), Box::new(query));
    rig.tell(Message::Query { request, owed, seen, query, patience: PATIENCE });
}

#[test]
fn without_the_cache_the_read_store_is_asked_and_nothing_is_filled() {
    let mut rig = Rig::new();
    rig.ask(None);
    assert!(matches!(rig.next(), (_, Message::CacheGet { .. })));
    let (to, message) = rig.next();
    assert_eq!(to, rig.bench.map.read_store());
    assert!(matches!(message, Message::Read { nth: 1, .. }));
    let around = |fact: &Fact<_>| matches!(fact, Fact::Bypassed { .. });
    assert_eq!(rig.bench.facts().iter().filter(|fact| around(fact)).count(), 1);
    let copy = Copy { row: row(3, 2).map(Arc::new), revision: 2 };
    rig.tell(Message::ReadReply { request: REQUEST, nth: 1, copy });
    let (to, message) = rig.next();
    assert_eq!(to, rig.bench.map.customers(), "{message:?}");
}

#[test]
fn without_the_cache_services_are_asked_and_nothing_is_filled() {
    let mut rig = Rig::new();
    ask_for(&mut rig, Owed::Nothing, Query::Stamps);
    assert!(matches!(rig.next(), (_, Message::CacheGet { .. })));
    assert!(matches!(rig.next(), (_, Message::Call(..))));
    let service = rig.bench.map.service(ServiceId(0));
    rig.tell_from(
        service,
        Message::CallReply(CallId::Gather(REQUEST), Box::new(Please), Health::Good),
    );
    assert!(matches!(rig.next(), (_, Message::QueryReply { .. })));
}

#[test]
fn without_cache_and_services_what_is_known_is_shown() {
    let mut rig = Rig::new();
    ask_for(&mut rig, Owed::Nothing, Query::Stamps);
    assert_eq!(rig.answer_at_last(), Answer::Shown(Query::Stamps, row(0, 0)));
}

#[test]
fn without_cache_and_read_store_the_reader_is_asked_to_try_later() {
    let mut rig = Rig::new();
    rig.ask(Some(2));
    assert_eq!(rig.answer_at_last(), Answer::TryLater(Some(Query::Total(0))));
}

#[test]
fn without_the_read_store_a_cached_row_that_is_behind_is_not_shown() {
    let mut rig = Rig::new();
    rig.ask(Some(2));
    rig.hit(row(1, 1), Vec::new());
    assert_eq!(rig.answer_at_last(), Answer::NotYet(Query::Total(0)));
}

/// What is answered without the read store if the cache has this row, expired.
fn expired(token: Option<u32>, row: Option<Row>) -> (Rig, Answer<Counting>) {
    let mut rig = Rig::new();
    rig.ask(token);
    let stale = Some((Instant::ZERO, Copy { row: row.map(Arc::new), revision: 1 }));
    let answer = CacheAnswer::Lease { lease: 1, until: Instant::MAX };
    let got = Box::new(Got { answer, value: None, stale, recent: Vec::new() });
    rig.tell(Message::CacheGot { request: REQUEST, got });
    let answer = rig.answer_at_last();
    (rig, answer)
}

#[test]
fn without_the_read_store_a_row_that_has_expired_is_shown_and_called_stale() {
    let (mut rig, answer) = expired(Some(2), row(3, 2));
    assert_eq!(answer, Answer::Shown(Query::Total(0), row(3, 2)));
    let stale = |fact: &Fact<_>| matches!(fact, Fact::ServedStale { revision: 1, .. });
    assert_eq!(rig.bench.facts().iter().filter(|fact| stale(fact)).count(), 1);
}

#[test]
fn an_expired_row_that_is_behind_and_one_that_did_not_exist_are_not_shown() {
    assert_eq!(expired(Some(2), row(1, 1)).1, Answer::TryLater(Some(Query::Total(0))));
    assert_eq!(expired(None, None).1, Answer::TryLater(Some(Query::Total(0))));
}

#[test]
fn who_waits_for_a_loader_that_is_gone_asks_for_the_lease() {
    let mut rig = Rig::new();
    rig.ask(None);
    assert!(matches!(rig.next(), (_, Message::CacheGet { .. })));
    rig.says(CacheAnswer::Wait);
    assert!(matches!(rig.next(), (_, Message::CacheGet { .. })));
    rig.says(CacheAnswer::Lease { lease: 2, until: Instant::MAX });
    assert!(matches!(rig.next(), (_, Message::Read { .. })));
}

#[test]
fn a_loader_leaves_silent_services_out_before_its_lease_ends() {
    let mut rig = Rig::new();
    ask_for(&mut rig, Owed::Nothing, Query::Stamps);
    rig.says(CacheAnswer::Lease { lease: 1, until: Instant::MAX });
    rig.answer_at_last();
    assert!(rig.bench.now() < Instant::ZERO + rig.bench.plan.settings.cache.lease);
}

#[test]
fn without_the_event_store_the_reader_of_any_other_view_is_asked_to_try_later() {
    for query in [Query::Head(0), Query::Recalled(0), Query::TotalAt(0, AsOf::Now)] {
        let mut rig = Rig::new();
        ask_for(&mut rig, wrote(2), query);
        assert_eq!(rig.answer_at_last(), Answer::TryLater(Some(query)));
    }
}

#[test]
fn who_waits_half_as_long_is_answered_in_half_the_time() {
    let mut rig = Rig::new();
    let half = Span::from_millis(2_500);
    let (owed, seen, query) = (Owed::Nothing, Vec::new(), Box::new(Query::Total(0)));
    rig.tell(Message::Query { request: REQUEST, owed, seen, query, patience: half });
    rig.answer_at_last();
    assert!(rig.bench.now() < Instant::ZERO + half);
}
