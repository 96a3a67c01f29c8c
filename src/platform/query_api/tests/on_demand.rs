//! Views on demand, with lost, late and repeated pages.

use super::*;
use crate::testing::{Event, HEADS, RECALLED};

pub(super) fn asked(nth: u32) -> RequestId {
    RequestId { customer: CustomerId(nth), nth: 1 }
}

impl Rig {
    pub(super) fn look(&mut self, nth: u32, version: Option<u32>) {
        let token = |version| Token { stream: counter(0), version: Version(version) };
        let owed = version.map_or(Owed::Nothing, |version| Owed::Written(token(version)));
        let query = Box::new(Query::Recalled(0));
        self.tell(Message::Query {
            request: asked(nth),
            owed,
            seen: Vec::new(),
            query,
            patience: PATIENCE,
        });
    }

    /// The reads that the store has received: their numbers, and the ranks after which they begin. Other
    /// messages are recorded meanwhile.
    fn reads(&mut self) -> Vec<(u64, u64)> {
        let store = self.bench.map.store();
        let read = |message| match message {
            Message::ReadTail { nth, after, .. } => Some((nth, after.0)),
            _ => None,
        };
        self.bench.sent_to(store).into_iter().filter_map(read).collect()
    }

    /// A page with the events of counter 0 from one version to another; the log ends there.
    pub(super) fn page(&mut self, nth: u64, versions: std::ops::Range<u32>, end: u64) {
        let after = Ordinal(u64::from(versions.start) - 1);
        let page: Vec<Arc<Stored<Event>>> =
            versions.map(|version| added(0, version, u64::from(version))).collect();
        let store = self.bench.map.store();
        let (upto, end) = (Ordinal(after.0 + page.len() as u64), Ordinal(end));
        self.tell_from(store, Message::TailPage { nth, view: RECALLED, after, page, upto, end });
    }

    /// The answers, with their requests.
    pub(super) fn answers(&mut self) -> Vec<(u32, Answer<Counting>)> {
        let customers = self.bench.map.customers();
        let answer = |message| match message {
            Message::QueryReply { request, answer, .. } => Some((request.customer.0, *answer)),
            _ => None,
        };
        self.bench.sent_to(customers).into_iter().filter_map(answer).collect()
    }

    /// Lets time pass until the deadline for a page.
    fn wait(&mut self) {
        let me = self.bench.map.query_api(0);
        while let Some((to, message)) = self.bench.next() {
            if to == me && matches!(message, Message::Tick) {
                self.tell(message);
                return;
            }
        }
        panic!("nobody waits");
    }
}

pub(super) fn shown(total: i64, version: u32) -> Answer<Counting> {
    Answer::Shown(Query::Recalled(0), row(total, version))
}

#[test]
fn the_first_query_reads_the_whole_log_and_the_next_one_only_new_events() {
    let mut rig = Rig::new();
    rig.look(1, None);
    rig.page(1, 1..3, 3);
    rig.page(2, 3..4, 4);
    assert_eq!(rig.answers(), [(1, shown(1 + 2 + 3, 3))], "no further than it was when it began");
    rig.look(2, None);
    rig.page(3, 4..5, 4);
    assert_eq!(rig.answers(), [(2, shown(1 + 2 + 3 + 4, 4))]);
}

#[test]
fn a_query_is_not_answered_by_a_catch_up_that_began_before_it() {
    let mut rig = Rig::new();
    rig.look(1, None);
    rig.look(2, None);
    rig.look(3, None);
    rig.page(1, 1..2, 1);
    assert_eq!(rig.answers(), [(1, shown(1, 1))]);
    rig.page(2, 2..3, 2);
    assert_eq!(rig.answers(), [(2, shown(1 + 2, 2)), (3, shown(1 + 2, 2))], "they share the next");
    assert_eq!(rig.api.busy(), None);
}

#[test]
fn a_lost_page_is_read_again_and_either_answer_is_taken() {
    let mut rig = Rig::new();
    rig.look(1, None);
    rig.wait();
    assert_eq!(rig.reads(), [(2, 0)]);
    rig.page(1, 1..3, 3);
    rig.page(2, 1..3, 3);
    rig.page(3, 3..4, 3);
    assert_eq!(rig.answers(), [(1, shown(1 + 2 + 3, 3))], "no page is taken in twice");
}

#[test]
fn a_crash_loses_the_table_and_earlier_pages_are_ignored() {
    let mut rig = Rig::new();
    rig.look(1, None);
    rig.page(1, 1..3, 2);
    rig.look(2, None);
    rig.api.crash();
    rig.look(2, None);
    rig.page(2, 3..4, 3);
    rig.page(1, 1..3, 2);
    assert_eq!(rig.answers(), [(1, shown(1 + 2, 2))], "an earlier query is asked again");
    rig.page(3, 1..4, 3);
    assert_eq!(rig.answers(), [(2, shown(1 + 2 + 3, 3))]);
}

#[test]
fn a_write_that_the_log_withholds_is_not_shown_yet() {
    let mut rig = Rig::new();
    rig.look(1, Some(2));
    rig.page(1, 1..2, 1);
    assert_eq!(rig.answers(), [(1, Answer::NotYet(Query::Recalled(0)))]);
}

#[test]
fn a_synchronous_row_is_read_from_the_event_store_without_the_cache() {
    let mut rig = Rig::new();
    let query = Box::new(Query::Head(0));
    rig.tell(Message::Query {
        request: asked(1),
        owed: Owed::Nothing,
        seen: Vec::new(),
        query,
        patience: PATIENCE,
    });
    let (store, cache) = (rig.bench.map.store(), rig.bench.map.cache());
    let mut sent = Vec::new();
    while let Some((to, message)) = rig.bench.next() {
        assert_ne!(to, cache);
        if to == store {
            sent.push(message);
        }
    }
    assert!(matches!(sent[..], [Message::Read { view: HEADS, nth: 1, .. }]), "{sent:?}");
    let copy = Copy { row: row(5, 2).map(Arc::new), revision: 2 };
    rig.tell(Message::ReadReply { request: asked(1), nth: 1, copy });
    assert_eq!(rig.answers(), [(1, Answer::Shown(Query::Head(0), row(5, 2)))]);
}
