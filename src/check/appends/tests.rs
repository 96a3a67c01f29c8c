//! Histories of appends that are accepted, and those that are not.

use std::sync::Arc;

use super::*;
use crate::check::testing::{Counted, Counters, History, counter, request, saga};
use crate::model::{EffectId, Expected, StreamId, Token, Version};

const ONE: (StreamId, Counted) = (counter(0), Counted::Added(1));
const OTHER: (StreamId, Counted) = (counter(1), Counted::Added(1));

fn conflict() -> Abort {
    let stream = counter(0);
    Abort::Conflict { stream, expected: Expected::Exact(Version(0)), actual: Version(1) }
}

#[test]
fn a_race_that_is_lost_and_then_won_is_accepted() {
    let mut history = History::default();
    let loser = history.begin(1, &[ONE]);
    history.append(2, &[ONE, OTHER]);
    history.abort(loser, conflict());
    history.append(1, &[ONE]);
    history.accepted_by::<Appends>();
}

#[test]
fn a_command_that_is_sent_twice_and_recognised_by_the_store_is_accepted() {
    let mut history = History::default();
    let late = history.begin(1, &[ONE]);
    history.append(1, &[ONE]);
    history.abort(late, Abort::AlreadyDone);
    history.accepted_by::<Appends>();
}

#[test]
fn an_append_without_an_answer_is_accepted_stored_or_not() {
    let mut history = History::default();
    let stored = history.begin(1, &[ONE, OTHER]);
    history.store(&stored);
    history.fact(Fact::Acknowledged { command: request(1), outcome: AppendOutcome::Unknown });
    history.begin(2, &[ONE]);
    history.fact(Fact::Acknowledged { command: request(2), outcome: AppendOutcome::Unknown });
    history.accepted_by::<Appends>();
}

#[test]
fn a_decision_without_events_and_a_saga_without_a_decision_are_accepted() {
    let mut history = History::default();
    history.fact(Fact::Decided { command: request(1), body: 0, attempt: 1, events: vec![] });
    let progress = CommandId::Progress { saga: saga(0), after: Version(0) };
    history.append_as(progress, &[(saga(0), Counted::Began)]);
    let effect = CommandId::Effect(EffectId { saga: saga(0), version: Version(1), nth: 0 });
    history.append_as(effect, &[ONE]);
    history.accepted_by::<Appends>();
}

#[test]
fn an_append_that_was_answered_but_is_not_stored_is_rejected() {
    let mut history = History::default();
    history.begin(1, &[ONE]);
    history.fact(Fact::Acknowledged { command: request(1), outcome: AppendOutcome::Appended });
    history.rejected_by::<Appends>(
        "acknowledged-once",
        "request 1 of ana is answered as appended, but was never committed",
    );
}

#[test]
fn an_append_that_is_stored_although_it_was_answered_as_rolled_back_is_rejected() {
    for (outcome, says) in [
        (AppendOutcome::Conflict, "was answered with a conflict, but"),
        (AppendOutcome::CommitRefused, "was answered with a refused commit, but"),
        (AppendOutcome::NotSerializable, "was answered with a serialization failure, but"),
    ] {
        let mut history = History::default();
        let append = history.begin(1, &[ONE]);
        history.store(&append);
        history.fact(Fact::Acknowledged { command: request(1), outcome });
        history.rejected_by::<Appends>("acknowledged-once", says);
    }
}

#[test]
fn a_command_said_to_be_done_that_is_not_is_rejected() {
    let mut history = History::default();
    let append = history.begin(1, &[ONE]);
    history.abort(append, Abort::AlreadyDone);
    history.rejected_by::<Appends>("acknowledged-once", "but was never committed");
}

#[test]
fn an_event_that_is_visible_before_its_commit_is_rejected() {
    let mut history = History::default();
    let append = history.begin(1, &[ONE]);
    history.reveal(&append);
    history.rejected_by::<Appends>("acknowledged-once", "which has committed nothing");
}

#[test]
fn an_event_at_the_position_of_another_command_is_rejected() {
    let mut history = History::default();
    let append = history.begin(1, &[ONE]);
    let mut thief = history.begin(2, &[OTHER]);
    thief.first = append.first;
    history.store(&thief);
    history.rejected_by::<Appends>("acknowledged-once", "which was never allocated that position");
}

#[test]
fn an_append_that_is_larger_than_its_decision_is_rejected() {
    let mut history = History::default();
    history.fact(Fact::Allocated { command: request(1), first: Position(1), count: 2 });
    history.rejected_by::<Appends>("acknowledged-once", "but no decision has that number");
}

#[test]
fn half_of_an_append_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE, OTHER]);
    history.log.pop();
    history.rejected_by::<Appends>(
        "acknowledged-once",
        "was answered with appended and was committed, but the log holds 1 of its events, which \
         should be 2",
    );
}

#[test]
fn an_event_without_a_commit_in_the_log_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    let mut foreign = (*history.log[0]).clone();
    foreign.metadata.id.command = request(2);
    history.begin(2, &[ONE]);
    history.log.push(Arc::new(foreign));
    history.rejected_by::<Appends>("acknowledged-once", "was never committed, but the log holds 1");
}

#[test]
fn a_command_that_is_committed_a_second_time_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.append(1, &[ONE]);
    history.rejected_by::<Appends>("command-once", "request 1 of ana was committed in step 4");
}

#[test]
fn an_event_of_a_command_that_becomes_visible_again_is_rejected() {
    let mut history = History::default();
    let first = history.begin(1, &[ONE]);
    let second = history.begin(1, &[ONE]);
    history.store(&first);
    history.reveal(&second);
    history.rejected_by::<Appends>("command-once", "event 1 of it is already visible");
}

#[test]
fn events_of_one_command_from_two_transactions_are_rejected() {
    let mut history = History::default();
    let first = history.begin(1, &[ONE]);
    let mut second = history.begin(1, &[ONE]);
    second.nth = 1;
    history.store(&first);
    history.reveal(&second);
    history.rejected_by::<Appends>("command-once", "another transaction of it");
}

#[test]
fn an_event_that_is_in_the_log_twice_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.log.push(Arc::clone(&history.log[0]));
    history
        .rejected_by::<Appends>("command-once", "event 1 of request 1 of ana is in the log twice");
}

#[test]
fn an_append_that_was_answered_before_its_events_can_be_read_is_rejected() {
    let mut history = History::default();
    history.begin(1, &[ONE]);
    history.fact(Fact::Committed { command: request(1), first: Position(1) });
    history.fact(Fact::Acknowledged { command: request(1), outcome: AppendOutcome::Appended });
    history.rejected_by::<Appends>(
        "acknowledged-once",
        "request 1 of ana is answered as appended, but none of its events is visible",
    );
}

fn answered(nth: u32, verdict: CommandOutcome<Counters>) -> Fact<Counters> {
    Fact::Answered { command: request(nth), verdict }
}

fn concluded(nth: u32, verdict: CommandOutcome<Counters>) -> Fact<Counters> {
    Fact::Concluded { command: request(nth), verdict }
}

fn unanswered(nth: u32) -> Fact<Counters> {
    Fact::Acknowledged { command: request(nth), outcome: AppendOutcome::Unknown }
}

const fn accepted_at(version: u32) -> CommandOutcome<Counters> {
    CommandOutcome::Accepted(Token { stream: counter(0), version: Version(version) })
}

const YES: CommandOutcome<Counters> = accepted_at(1);
const NO: CommandOutcome<Counters> = CommandOutcome::Refused(0);

#[test]
fn every_way_to_be_rolled_back_and_decided_again_is_accepted() {
    let mut history = History::default();
    for why in [Abort::ConnectionCut, Abort::CommitRefused, Abort::NotSerializable] {
        let begun = history.begin(1, &[ONE, OTHER]);
        history.abort(begun, why);
    }
    history.append(1, &[ONE, OTHER]);
    history.fact(answered(1, YES));
    history.accepted_by::<Appends>();
}

#[test]
fn a_commit_that_a_crash_made_visible_without_an_answer_is_accepted() {
    let mut history = History::default();
    let committed = history.begin(1, &[ONE, OTHER]);
    let open = history.begin(2, &[ONE]);
    history.fact(Fact::Committed { command: request(1), first: committed.first });
    // The store crashes and recovers; what was open has left no trace.
    history.reveal(&committed);
    history.fact(unanswered(1));
    history.fact(unanswered(2));
    history.fact(answered(1, YES));
    drop(open);
    history.append(2, &[OTHER]);
    history.accepted_by::<Appends>();
}

#[test]
fn a_commit_that_a_crash_lost_is_rejected() {
    let mut history = History::default();
    let committed = history.begin(1, &[ONE, OTHER]);
    history.fact(Fact::Committed { command: request(1), first: committed.first });
    history.fact(unanswered(1));
    history.rejected_by::<Appends>(
        "acknowledged-once",
        "was answered with unknown and was committed, but the log holds 0 of its events",
    );
}

#[test]
fn half_of_what_a_crash_interrupted_is_rejected() {
    let mut history = History::default();
    let committed = history.begin(1, &[ONE, OTHER]);
    history.store(&committed);
    history.fact(unanswered(1));
    history.log.pop();
    history.rejected_by::<Appends>("acknowledged-once", "the log holds 1 of its events");
}

#[test]
fn events_that_become_visible_after_a_rollback_are_rejected() {
    for why in [conflict(), Abort::ConnectionCut, Abort::CommitRefused, Abort::NotSerializable] {
        let mut history = History::default();
        let begun = history.begin(1, &[ONE]);
        history.abort(begun.clone(), why);
        let mut late = history.clone();
        history.reveal(&begun);
        history.rejected_by::<Appends>("acknowledged-once", "has rolled that transaction back");
        late.store(&begun);
        late.rejected_by::<Appends>("acknowledged-once", "is committed after its end");
    }
}

#[test]
fn what_was_open_when_the_store_crashed_and_becomes_visible_is_rejected() {
    let mut history = History::default();
    let open = history.begin(1, &[ONE]);
    history.fact(unanswered(1));
    history.append(2, &[OTHER]);
    history.reveal(&open);
    history.rejected_by::<Appends>("acknowledged-once", "which has committed nothing there");
}

#[test]
fn the_wrong_one_of_two_attempts_that_becomes_visible_is_rejected() {
    let mut history = History::default();
    let lost = history.begin(1, &[ONE]);
    let kept = history.begin(1, &[ONE]);
    history.fact(Fact::Committed { command: request(1), first: kept.first });
    history.reveal(&lost);
    history.rejected_by::<Appends>("acknowledged-once", "which has committed nothing there");
}

#[test]
fn a_transaction_that_is_rolled_back_after_its_commit_is_rejected() {
    let mut history = History::default();
    let begun = history.begin(1, &[ONE]);
    history.fact(Fact::Committed { command: request(1), first: begun.first });
    history.abort(begun, Abort::CommitRefused);
    history.rejected_by::<Appends>("acknowledged-once", "is rolled back after its end");
}

#[test]
fn a_recorded_refusal_that_answers_every_copy_of_the_command_is_accepted() {
    let mut history = History::default();
    let other_copy = history.begin(1, &[ONE]);
    history.fact(concluded(1, NO));
    history.fact(answered(1, NO));
    history.abort(other_copy, Abort::AlreadyDone);
    history.fact(answered(1, NO));
    // Unknown first, then known.
    history.fact(answered(2, CommandOutcome::Unknown));
    history.append(2, &[ONE]);
    history.fact(answered(2, YES));
    history.fact(answered(2, YES));
    // Nothing had to be changed.
    history.fact(concluded(3, YES));
    history.fact(answered(3, YES));
    history.accepted_by::<Appends>();
}

#[test]
fn a_refusal_that_is_told_and_not_on_record_is_rejected() {
    let mut history = History::default();
    history.fact(answered(1, NO));
    history.rejected_by::<Appends>("command-once", "but nothing prevents its effect");
}

#[test]
fn a_command_that_took_effect_and_is_refused_when_it_comes_again_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.fact(answered(1, NO));
    history.rejected_by::<Appends>("command-once", "but it took effect in step 4");
}

#[test]
fn a_refusal_on_record_and_an_effect_of_the_same_command_are_rejected() {
    let mut history = History::default();
    let copy = history.begin(1, &[ONE]);
    history.fact(concluded(1, NO));
    let mut refused_late = History::default();
    refused_late.append(1, &[ONE]);
    refused_late.fact(concluded(1, NO));
    refused_late.rejected_by::<Appends>("command-once", "but it was settled in step 4");
    history.finish(copy);
    history.rejected_by::<Appends>("command-once", "has been on record since step 4");
}

#[test]
fn different_answers_to_two_copies_of_a_command_are_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.fact(answered(1, YES));
    history.append(2, &[ONE]);
    history.fact(answered(1, accepted_at(2)));
    history.rejected_by::<Appends>("command-once", "and is now answered differently");
}

#[test]
fn a_command_is_answered_with_a_version_that_includes_all_of_its_events() {
    let answered_at = |version| {
        let mut history = History::default();
        history.append(1, &[ONE]);
        history.append(2, &[ONE, ONE]);
        history.append(3, &[ONE]);
        history.fact(answered(2, accepted_at(version)));
        history
    };
    for version in [3, 4] {
        answered_at(version).accepted_by::<Appends>();
    }
    for version in [0, 1, 2, 5] {
        let says =
            format!("request 2 of ana is answered with k-0 v{version}, which does not include");
        answered_at(version).rejected_by::<Appends>("acknowledged-once", &says);
    }
}

#[test]
fn an_acceptance_without_an_effect_is_rejected() {
    let mut history = History::default();
    history.begin(1, &[ONE]);
    history.fact(answered(1, YES));
    history.rejected_by::<Appends>("acknowledged-once", "but was never committed");
}

#[test]
fn a_store_that_goes_back_may_lose_what_was_committed_later_and_nothing_else() {
    let lost = |at: u64, last: u64| {
        let mut history = History::default();
        history.append(1, &[ONE]);
        let [at, to] = [at, 5].map(Instant::from_nanos);
        let (lost, events) = (vec![(at, request(1))], Vec::new());
        history.fact(Fact::Rewound { timeline: 1, to, last: Step(last), lost, events });
        history
    };
    lost(6, 0).accepted_by::<Appends>();
    lost(5, 0).rejected_by::<Appends>("acknowledged-once", "which was committed before");
    lost(6, 1000).rejected_by::<Appends>("acknowledged-once", "which was committed before");
}
