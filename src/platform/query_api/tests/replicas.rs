//! Reads that replicas of the event store answer.

use super::on_demand::{asked, shown};
use super::*;
use crate::platform::settings::StoreReads;
use crate::testing::TOTALS;

fn replicated() -> Rig {
    let mut rig = Rig::new();
    let settings = &mut Arc::make_mut(&mut rig.bench.plan).settings;
    settings.store.catch_up = StoreReads::Replica { lag: Span::from_secs(2) };
    rig
}

/// Whether each read that the event store has received is for the primary.
fn fresh(rig: &mut Rig) -> Vec<bool> {
    let store = rig.bench.map.store();
    let fresh = |message| match message {
        Message::ReadTail { fresh, .. } | Message::Recall { fresh, .. } => Some(fresh),
        _ => None,
    };
    rig.bench.sent_to(store).into_iter().filter_map(fresh).collect()
}

#[test]
fn a_view_that_lacks_what_the_customer_has_written_is_brought_up_to_date_from_the_primary() {
    let mut rig = replicated();
    rig.look(1, Some(2));
    assert_eq!(fresh(&mut rig), [false]);
    rig.page(1, 1..2, 1);
    assert_eq!(fresh(&mut rig), [true]);
    rig.page(2, 2..3, 2);
    assert_eq!(rig.answers(), [(1, shown(1 + 2, 2))]);
    rig.look(2, None);
    assert_eq!(fresh(&mut rig), [false]);
    rig.page(3, 3..3, 1);
    assert_eq!(rig.answers(), [(2, shown(1 + 2, 2))], "the table is ahead of the replica");
}

#[test]
fn what_the_primary_withholds_too_is_not_yet_shown() {
    let mut rig = replicated();
    rig.look(1, Some(2));
    rig.page(1, 1..2, 1);
    assert_eq!(rig.answers(), []);
    rig.page(2, 2..2, 1);
    assert_eq!(rig.answers(), [(1, Answer::NotYet(Query::Recalled(0)))]);
}

#[test]
fn the_rest_of_a_catch_up_is_read_at_the_primary_if_the_next_replica_lacks_it() {
    let mut rig = replicated();
    rig.look(1, None);
    rig.page(1, 1..3, 3);
    assert_eq!(fresh(&mut rig), [false, false]);
    rig.page(2, 3..3, 2);
    assert_eq!(fresh(&mut rig), [true]);
    rig.page(3, 3..4, 3);
    assert_eq!(rig.answers(), [(1, shown(1 + 2 + 3, 3))]);
}

/// A question about counter 0, which a replica answers with a version as of some second. Whether the primary is asked.
fn recalling(owed: Owed, seen: &[u32], query: Query, (version, at): (u32, u64)) -> (Rig, bool) {
    let mut rig = replicated();
    let seen = seen.iter().map(|version| Token { stream: counter(0), version: Version(*version) });
    let (seen, query) = (seen.collect(), Box::new(query));
    rig.tell(Message::Query { request: REQUEST, owed, seen, query, patience: PATIENCE });
    assert_eq!(fresh(&mut rig), [false]);
    let Message::Recalled { request, slice, .. } = slice(1..=version, None) else {
        panic!("a stream that was recalled")
    };
    let replica_at = Some(Instant::ZERO + Span::from_secs(at));
    rig.tell(Message::Recalled { request, slice, replica_at });
    // What it does first: its deadline comes later.
    let is_asked = std::iter::from_fn(|| rig.bench.next()).find_map(|(_, message)| match message {
        Message::Recall { fresh, .. } => Some(fresh),
        Message::QueryReply { .. } => Some(false),
        _ => None,
    });
    (rig, is_asked.expect("it answers or asks"))
}

#[test]
fn a_stream_that_lacks_a_write_or_what_was_seen_is_asked_of_the_primary() {
    let now = || Query::TotalAt(0, AsOf::Now);
    let asks = |owed, seen: &[u32], query| recalling(owed, seen, query, (2, 10)).1;
    assert!(!asks(wrote(2), &[], now()));
    assert!(asks(Owed::Nothing, &[3], now()));
    let (mut rig, is_asked) = recalling(wrote(3), &[], now(), (2, 10));
    assert!(is_asked);
    rig.tell(slice(1..=3, None));
    assert_eq!(rig.answer(), Some(Answer::Shown(now(), row(1 + 2 + 3, 3))));
}

#[test]
fn a_version_or_an_instant_that_the_replica_has_not_reached_is_asked_of_the_primary() {
    let asks = |as_of| recalling(Owed::Nothing, &[], Query::TotalAt(0, as_of), (2, 10)).1;
    assert!(!asks(AsOf::Version(Version(2))));
    assert!(asks(AsOf::Version(Version(3))));
    assert!(!asks(AsOf::Instant(Instant::ZERO + Span::from_secs(10))));
    assert!(asks(AsOf::Instant(Instant::ZERO + Span::from_millis(10_001))));
}

#[test]
fn a_subscription_reads_the_primary() {
    let mut rig = replicated();
    let connection = crate::platform::message::Connection { request: asked(1), nth: 1, opening: 0 };
    let (query, owed, seen) = (Query::Recalled(0), Owed::Nothing, Vec::new());
    let watch = crate::platform::message::Watch { query, owed, seen, patience: PATIENCE };
    rig.tell(Message::Watch { connection, watch: Box::new(watch) });
    assert_eq!(fresh(&mut rig), [true]);
}

#[test]
fn a_row_that_a_cache_has_lost_is_folded_from_the_primary_where_the_replica_ends() {
    let mut rig = replicated();
    Arc::make_mut(&mut rig.bench.plan).settings.row_cache.views = vec!["Totals".to_owned()];
    rig.ask(None);
    let from = rig.bench.map.read_store();
    rig.tell_from(from, Message::RowMissing { request: REQUEST, nth: 1, after: Ordinal(2) });
    assert_eq!(fresh(&mut rig), [false]);
    let store = rig.bench.map.store();
    let (page, after, upto, end) = (Vec::new(), Ordinal(2), Ordinal(2), Ordinal(2));
    rig.tell_from(store, Message::TailPage { nth: 2, view: TOTALS, after, page, upto, end });
    assert_eq!(fresh(&mut rig), [true]);
}
