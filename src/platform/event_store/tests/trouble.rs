//! The guarantees of the event store when it crashes, or its commits and connections fail.

use super::*;
use crate::testing::BelowZero;

impl Rig {
    fn with_fault(fault: &'static Fault, skip: u64) -> Self {
        Self { bench: Bench::with_fault(fault, skip), ..Self::new() }
    }

    fn crash_and_recover(&mut self) {
        self.store.crash();
        let (node, store) = (self.bench.map.store(), &mut self.store);
        self.bench.tell(node, |cx| store.recover(cx));
    }

    /// Steps until the store has stated a wanted fact.
    fn step_until(&mut self, wanted: fn(&Fact<Counting>) -> bool) {
        while !self.bench.facts().iter().any(wanted) {
            assert!(self.step(), "the fact is not stated");
        }
    }

    fn conclude(&mut self, nth: u32) {
        let (command, verdict) = (request(nth), CommandOutcome::Refused(BelowZero));
        let conclude = Conclude { command, number: 1, verdict };
        let writer = self.bench.map.command_api(1);
        self.tell(writer, Message::Conclude(Box::new(conclude)));
    }

    /// The recorded outcome of a command.
    fn settled(&self, nth: u32) -> Option<&CommandOutcome<Counting>> {
        self.store.durable.processed.get(&request(nth))
    }

    fn positions(&self) -> Vec<u64> {
        self.store.events().iter().map(|event| event.position.0).collect()
    }
}

fn accepted(version: u32) -> CommandOutcome<Counting> {
    CommandOutcome::Accepted(Token { stream: counter(0), version: Version(version) })
}

#[test]
fn a_crash_before_the_commit_drops_a_transaction_and_its_locks_and_burns_its_positions() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0), (1, 0)]);
    rig.append(2, &[(0, 0)]);
    rig.step_until(|fact| matches!(fact, Fact::Inserted { .. }));
    rig.crash_and_recover();
    rig.settle();
    assert_eq!(rig.outcomes(), [], "no reply is sent");
    assert_eq!((rig.store.busy(), rig.settled(1)), (None, None));
    rig.append(2, &[(0, 0), (1, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(2), "appended")]);
    assert_eq!(rig.positions(), [SEQUENCE_AHEAD + 1, SEQUENCE_AHEAD + 2]);
}

#[test]
fn a_transaction_that_committed_before_a_crash_becomes_visible_and_a_resend_is_recognised() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0), (1, 0)]);
    rig.step_until(|fact| matches!(fact, Fact::Committed { .. }));
    assert_eq!(rig.positions(), [] as [u64; 0]);
    rig.crash_and_recover();
    assert_eq!(rig.positions(), [1, 2]);
    assert_eq!(rig.fetched(), [1, 2], "the outbox has its rows too");
    rig.settle();
    assert_eq!(rig.outcomes(), [], "no reply is sent");
    rig.append(1, &[(0, 1), (1, 1)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "already done")]);
    assert_eq!(rig.positions(), [1, 2]);
}

#[test]
fn a_second_crash_changes_nothing() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.step_until(|fact| matches!(fact, Fact::Committed { .. }));
    rig.crash_and_recover();
    rig.crash_and_recover();
    assert_eq!(rig.positions(), [1]);
}

#[test]
fn two_copies_of_a_command_that_are_decided_differently_have_one_outcome() {
    let mut accepted_first = Rig::new();
    accepted_first.append(1, &[(0, 0)]);
    accepted_first.conclude(1);
    accepted_first.settle();
    assert_eq!(accepted_first.outcomes(), [(request(1), "appended"), (request(1), "already done")]);
    assert_eq!(accepted_first.settled(1), Some(&accepted(1)));

    let mut refused_first = Rig::new();
    refused_first.conclude(1);
    refused_first.append(1, &[(0, 0)]);
    refused_first.settle();
    assert_eq!(refused_first.outcomes(), [(request(1), "concluded"), (request(1), "already done")]);
    assert_eq!(refused_first.settled(1), Some(&CommandOutcome::Refused(BelowZero)));
    assert_eq!(refused_first.positions(), [] as [u64; 0]);
}

#[test]
fn a_rejection_waits_only_for_its_own_command_and_takes_no_position() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.store.transaction(1).phase = Phase::Blocked;
    rig.conclude(2);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(2), "concluded")]);
    assert_eq!(rig.store.durable.sequence, Position(1));
}

#[test]
fn a_committed_rejection_survives_a_crash() {
    let mut rig = Rig::new();
    rig.conclude(1);
    while rig.store.durable.ahead.is_empty() {
        assert!(rig.step());
    }
    assert_eq!(rig.settled(1), None);
    rig.crash_and_recover();
    assert_eq!(rig.settled(1), Some(&CommandOutcome::Refused(BelowZero)));
}

#[test]
fn a_commit_whose_reply_is_lost_is_kept() {
    let mut rig = Rig::with_fault(&COMMIT_REPLY_LOST, 0);
    rig.append(1, &[(0, 0)]);
    rig.settle();
    assert_eq!((rig.outcomes(), rig.positions()), (vec![], vec![1]));
    assert_eq!(rig.settled(1), Some(&accepted(1)));
}

#[test]
fn a_cut_connection_passes_its_locks_to_the_next_transaction() {
    // Cut at the insert, or at the commit.
    for skip in [0, 2] {
        let mut rig = Rig::with_fault(&CONNECTION_CUT, skip);
        rig.append(1, &[(0, 0), (1, 0)]);
        rig.append(2, &[(1, 0)]);
        rig.settle();
        assert_eq!(rig.outcomes(), [(request(2), "appended")], "skip {skip}");
        assert_eq!((rig.positions(), rig.settled(1)), (vec![3], None), "skip {skip}");
        assert_eq!(rig.bench.faults().0, 1);
    }
}

#[test]
fn a_connection_that_is_cut_while_its_transaction_waits_leaves_no_lock() {
    let mut rig = Rig::with_fault(&CONNECTION_CUT, 4);
    rig.append(1, &[(1, 0)]);
    // Holds stream 0 and waits for stream 1; cut when it gets stream 1.
    rig.append(2, &[(0, 0), (1, 1)]);
    rig.append(3, &[(0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(3), "appended")]);
    assert_eq!(rig.bench.faults().0, 1);
}

#[test]
fn a_commit_that_is_refused_or_not_serializable_stores_nothing_and_is_reported() {
    for (fault, outcome) in
        [(&COMMIT_REFUSED, "commit refused"), (&SERIALIZATION_FAILURE, "not serializable")]
    {
        let mut rig = Rig::with_fault(fault, 0);
        rig.append(1, &[(0, 0)]);
        rig.settle();
        assert_eq!(rig.outcomes(), [(request(1), outcome)]);
        assert_eq!((rig.positions(), rig.settled(1)), (vec![], None));
        rig.append(1, &[(0, 0)]);
        rig.settle();
        assert_eq!(rig.outcomes()[1], (request(1), "appended"));
        assert_eq!((rig.positions(), rig.bench.faults()), (vec![2], (1, 1)));
    }
}

#[test]
fn only_writers_to_the_streams_of_a_slow_commit_wait() {
    let mut rig = Rig::with_fault(&SLOW_COMMIT, 0);
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(0, 1)]);
    rig.append(3, &[(1, 0)]);
    rig.settle();
    assert_eq!(
        rig.outcomes(),
        [(request(3), "appended"), (request(1), "appended"), (request(2), "appended")]
    );
    assert_eq!(rig.bench.faults(), (1, 1));
}

#[test]
fn a_relay_fetches_nothing_beyond_a_slow_commit() {
    let mut rig = Rig::with_fault(&SLOW_COMMIT, 0);
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(1, 0)]);
    while rig.store.events().is_empty() {
        assert!(rig.step());
    }
    assert_eq!((rig.positions(), rig.fetched()), (vec![2], vec![]));
    rig.settle();
    assert_eq!(rig.fetched(), [1, 2]);
}

#[test]
fn a_relay_fetches_nothing_beyond_what_is_in_flight_when_an_older_transaction_takes_other_positions()
 {
    let mut rig = Rig::with_fault(&SLOW_COMMIT, 0);
    let writer = rig.bench.map.command_api(0);
    let any = |rig: &mut Rig, nth, writes| {
        let mut any = append(nth, writes);
        any.expected.iter_mut().for_each(|(_, expected)| *expected = Expected::Any);
        rig.tell(writer, Message::Append(any));
    };
    rig.append(1, &[(0, 0)]);
    // Two that wait for the first. What the older one writes next grows meanwhile, so that it takes other positions.
    any(&mut rig, 2, &[(0, 0), (5, 0)]);
    any(&mut rig, 3, &[(0, 0)]);
    rig.append(4, &[(5, 0)]);
    rig.append(5, &[(6, 0)]);
    let mut allocated = 0;
    while allocated < 6 {
        assert!(rig.step());
        let facts = rig.bench.facts();
        allocated += facts.iter().filter(|fact| matches!(fact, Fact::Allocated { .. })).count();
    }
    assert_eq!(rig.positions(), [1, 5, 6]);
    assert_eq!(rig.fetched(), [1], "position 4 is in flight");
}
