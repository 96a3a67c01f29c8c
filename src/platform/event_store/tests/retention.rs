//! What is removed when it is old, and streams that were ended.

use super::*;
use crate::kernel::Span;
use crate::platform::event_store::log::Log;
use crate::testing::added;

const MINUTE: Span = Span::from_secs(60);

impl Rig {
    fn with_settings(change: impl FnOnce(&mut crate::platform::settings::Settings)) -> Self {
        Self { bench: Bench::with_settings(change), ..Self::new() }
    }

    /// Lets time pass until the store handles a message again.
    fn wait(&mut self, span: Span) {
        let store = self.bench.map.store();
        self.bench.tell(store, |cx| cx.timer(span, Message::LeasePoll));
        while let Some((_, message)) = self.bench.next() {
            if matches!(message, Message::LeasePoll) {
                break;
            }
        }
    }

    fn send_again(&mut self, nth: u32) -> u64 {
        let operator = self.bench.map.command_api(0);
        self.tell(operator, Message::SendAgain { nth, since: Instant::ZERO });
        self.store.unsent()
    }
}

#[test]
fn rows_that_were_sent_are_sent_again_once_for_each_operation_as_long_as_they_are_kept() {
    let mut rig = Rig::with_settings(|set| set.store.retention.outbox = Some(MINUTE));
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(1, 0)]);
    rig.settle();
    let relay = rig.bench.map.relays().next().expect("a relay");
    assert_eq!(rig.fetched(), [1, 2]);
    rig.tell(relay, Message::Mark { fence: 1, upto: Position(2) });
    assert_eq!(rig.store.unsent(), 0);
    assert_eq!((rig.send_again(1), rig.fetched()), (2, vec![1, 2]));
    rig.tell(relay, Message::Mark { fence: 1, upto: Position(2) });
    assert_eq!(rig.send_again(1), 0, "that is done");
    rig.wait(MINUTE);
    assert_eq!(rig.send_again(2), 0, "they are gone");
    let facts = rig.bench.facts();
    let gone = Fact::Expired { what: crate::model::Expired::OutboxRows, count: 2 };
    assert!(facts.contains(&gone), "{facts:?}");
}

#[test]
fn rows_that_were_not_sent_are_not_removed_however_old_they_are() {
    let mut rig = Rig::with_settings(|set| set.store.retention.outbox = Some(MINUTE));
    rig.append(1, &[(0, 0)]);
    rig.settle();
    rig.wait(MINUTE.times(10));
    assert_eq!(rig.fetched(), [1]);
}

fn snapshot(version: u32) -> Snapshot<State> {
    let version = Version(version);
    Snapshot { stream: counter(0), version, schema: 1, state: State::of(3) }
}

/// A log with three events of one counter.
fn three() -> Log<Counting> {
    let mut log = Log::new();
    for nth in 1..=3 {
        log.append(&added(0, nth, u64::from(nth)), crate::kernel::Cause::START);
    }
    log
}

#[test]
fn a_snapshot_is_removed_when_it_is_old_unless_a_newer_one_has_taken_its_place() {
    let (mut log, minute) = (three(), |nth| Instant::ZERO + MINUTE.times(nth));
    assert!(log.save_snapshot(snapshot(1), Some(minute(0)), false));
    assert!(log.save_snapshot(snapshot(2), Some(minute(5)), false));
    assert_eq!(log.clean_snapshot(MINUTE.times(10), minute(10)), None, "the first is replaced");
    assert_eq!(log.snapshots().count(), 1);
    let removed = log.clean_snapshot(MINUTE.times(10), minute(15));
    assert_eq!(removed, Some((counter(0), Version(2))));
    assert_eq!((log.snapshots().count(), log.removed_snapshot(counter(0))), (0, Version(2)));
}

#[test]
fn a_stream_that_is_ended_keeps_its_version_and_none_of_its_snapshots() {
    let mut log = three();
    assert!(log.save_snapshot(snapshot(2), None, false));
    log.end(counter(0), false, false);
    assert_eq!((log.ended(counter(0)), log.version(counter(0))), (Version(3), Version(3)));
    assert_eq!(log.snapshots().count(), 0);
    assert!(!log.save_snapshot(snapshot(3), None, false), "it is of the life before");
    log.append(&added(0, 4, 4), crate::kernel::Cause::START);
    assert!(log.save_snapshot(snapshot(4), None, false));
}
