//! Streams as of a moment: the slice that the store reads, and the fold that its reader makes of
//! it.

use super::*;
use crate::model::{AsOf, EventRef};
use crate::platform::fold::Fold;
use crate::testing::{SCHEMA, plan};

/// A counter to which 1 is added five times, once a second, and the times of recording.
fn counted() -> (Rig, Vec<Instant>) {
    let mut rig = Rig::new();
    for nth in 0..5 {
        rig.append(nth, &[(0, nth)]);
        rig.append(100 + nth, &[(1, nth)]);
        rig.settle();
        rig.bench.pass(Span::from_secs(1));
    }
    let of_it = |event: &EventRef<'_, Event>| event.stream == counter(0);
    let recorded = rig.store.events().iter().filter(of_it).map(|event| event.metadata.recorded_at);
    let recorded = recorded.collect();
    (rig, recorded)
}

fn save(rig: &mut Rig, version: u32, schema: u16) {
    let (stream, version) = (counter(0), Version(version));
    let state = Box::new(State::of(i64::from(version.0)));
    let api = rig.bench.map.command_api(0);
    rig.tell(api, Message::SaveSnapshot { stream, version, schema, state });
}

/// The store's answer: the version of the snapshot, the versions that follow, and their fold.
fn recall(rig: &mut Rig, as_of: AsOf) -> (Option<u32>, Vec<u32>, (u32, i64)) {
    let request = RequestId { customer: CustomerId(0), nth: 1 };
    let (stream, schema) = (counter(0), SCHEMA);
    let api = rig.bench.map.query_api(0);
    rig.inbox.clear();
    rig.tell(api, Message::Recall { request, stream, as_of, schema, fresh: true });
    rig.settle();
    let Some(Message::Recalled { slice, .. }) = rig.inbox.pop() else { panic!("an answer") };
    let snapshot = slice.snapshot.as_ref().map(|(version, _)| version.0);
    let tail = slice.tail.iter().map(|event| event.version.0).collect();
    let (domain, version) = (&plan().domain, slice.version);
    let mut fold = Fold::blank(stream, domain);
    fold.take_in(*slice, domain);
    assert_eq!(fold.version, version, "the answer states its version");
    (snapshot, tail, (fold.version.0, fold.state.total))
}

#[test]
fn a_stream_is_read_up_to_a_version_and_a_future_version_reads_all_of_it() {
    let (mut rig, _) = counted();
    let mut at = |version| recall(&mut rig, AsOf::Version(Version(version)));
    assert_eq!(at(0), (None, vec![], (0, 0)));
    assert_eq!(at(3), (None, vec![1, 2, 3], (3, 3)));
    assert_eq!(at(9), (None, vec![1, 2, 3, 4, 5], (5, 5)));
    assert_eq!(recall(&mut rig, AsOf::Now), (None, vec![1, 2, 3, 4, 5], (5, 5)));
}

#[test]
fn an_instant_includes_the_events_recorded_up_to_and_at_it() {
    let (mut rig, recorded) = counted();
    let mut at = |instant| recall(&mut rig, AsOf::Instant(instant)).2;
    assert_eq!(at(Instant::ZERO), (0, 0));
    for (version, &instant) in (1..).zip(&recorded) {
        assert_eq!(at(instant), (version, i64::from(version)));
        assert_eq!(at(instant + Span::from_micros(1)), (version, i64::from(version)));
    }
    let just_before = Instant::ZERO + (recorded[3].since(Instant::ZERO) - Span::from_micros(1));
    assert_eq!(at(just_before), (3, 3));
    assert_eq!(at(Instant::MAX), (5, 5));
}

#[test]
fn a_snapshot_is_used_from_its_own_version_on_and_not_before() {
    let (mut rig, recorded) = counted();
    save(&mut rig, 3, SCHEMA);
    let mut at = |as_of| recall(&mut rig, as_of);
    assert_eq!(at(AsOf::Version(Version(2))), (None, vec![1, 2], (2, 2)));
    assert_eq!(at(AsOf::Version(Version(3))), (Some(3), vec![], (3, 3)));
    assert_eq!(at(AsOf::Version(Version(4))), (Some(3), vec![4], (4, 4)));
    assert_eq!(at(AsOf::Instant(recorded[1])), (None, vec![1, 2], (2, 2)));
    assert_eq!(at(AsOf::Instant(recorded[3])), (Some(3), vec![4], (4, 4)));
    assert_eq!(at(AsOf::Now), (Some(3), vec![4, 5], (5, 5)));
}

#[test]
fn a_snapshot_of_an_older_schema_is_not_used() {
    let (mut rig, _) = counted();
    save(&mut rig, 3, SCHEMA - 1);
    assert_eq!(recall(&mut rig, AsOf::Now), (None, vec![1, 2, 3, 4, 5], (5, 5)));
}

#[test]
fn an_event_that_is_upcast_to_several_is_read_with_all_of_them_or_none() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.settle();
    let mut old = append(2, &[(0, 1)]);
    old.schema = 1;
    old.events[0].1 = Event::Moved { came: 7, went: 2, note: 9 };
    let writer = rig.bench.map.command_api(0);
    rig.tell(writer, Message::Append(old));
    rig.settle();
    save(&mut rig, 2, 1);
    assert_eq!(recall(&mut rig, AsOf::Version(Version(1))), (None, vec![1], (1, 1)));
    assert_eq!(recall(&mut rig, AsOf::Version(Version(2))), (None, vec![1, 2], (2, 1 + 5)));
}
