//! What an append checks, and what it expects of the streams that it checks.

use super::*;
use crate::platform::settings::AppendChecks;

/// An append that reads two streams and writes to one of them.
fn reads_both(nth: u32, writes: u32) -> Box<Append<Counting>> {
    let mut both = append(nth, &[(0, 0), (1, 0)]);
    both.events.retain(|(stream, _)| *stream == counter(writes));
    both
}

/// The outcomes of two appends, each of which reads what the other one writes.
fn skewed(checks: AppendChecks) -> Vec<(CommandId, &'static str)> {
    let mut rig = Rig::new();
    Arc::make_mut(&mut rig.bench.plan).settings.store.checks = checks;
    let writer = rig.bench.map.command_api(0);
    rig.tell(writer, Message::Append(reads_both(1, 0)));
    rig.tell(writer, Message::Append(reads_both(2, 1)));
    rig.settle();
    rig.outcomes()
}

#[test]
fn a_store_that_checks_what_was_read_takes_one_of_two_skewed_writes() {
    let outcomes = skewed(AppendChecks::Read);
    assert_eq!(outcomes, [(request(1), "appended"), (request(2), "conflict")]);
}

#[test]
fn a_store_that_checks_what_is_written_takes_both() {
    let mut outcomes = skewed(AppendChecks::Written);
    outcomes.sort_unstable();
    assert_eq!(outcomes, [(request(1), "appended"), (request(2), "appended")]);
}

#[test]
fn a_stream_that_is_written_is_checked_in_any_case() {
    let mut rig = Rig::new();
    Arc::make_mut(&mut rig.bench.plan).settings.store.checks = AppendChecks::Written;
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(2), "conflict")]);
}

/// The outcome of an append to a stream with `events` events, with this expectation.
fn expecting(expected: Expected, events: u32) -> &'static str {
    let mut rig = Rig::new();
    (0..events).for_each(|at| {
        rig.append(at + 1, &[(0, at)]);
        rig.settle();
    });
    let mut last = append(9, &[(0, 0)]);
    last.expected[0].1 = expected;
    let writer = rig.bench.map.command_api(0);
    rig.tell(writer, Message::Append(last));
    rig.settle();
    let stored = rig.store.events().len() as u32;
    let (_, outcome) = rig.outcomes().pop().expect("an answer");
    assert_eq!(stored, events + u32::from(outcome == "appended"), "a conflict stores nothing");
    outcome
}

#[test]
fn each_expectation_is_checked() {
    let outcomes = |expected| [0, 1, 2].map(|events| expecting(expected, events));
    assert_eq!(outcomes(Expected::Exact(Version(1))), ["conflict", "appended", "conflict"]);
    assert_eq!(outcomes(Expected::Any), ["appended", "appended", "appended"]);
    assert_eq!(outcomes(Expected::NoStream), ["appended", "conflict", "conflict"]);
    assert_eq!(outcomes(Expected::StreamExists), ["conflict", "appended", "appended"]);
}

#[test]
fn writers_that_expect_nothing_wait_for_each_other_and_follow_each_other() {
    let mut rig = Rig::new();
    let writer = rig.bench.map.command_api(0);
    for nth in [1, 2] {
        let mut any = append(nth, &[(0, 0)]);
        any.expected[0].1 = Expected::Any;
        rig.tell(writer, Message::Append(any));
    }
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(2), "appended")]);
    let versions: Vec<_> = rig.store.events().iter().map(|event| event.version.0).collect();
    assert_eq!(versions, [1, 2]);
}
