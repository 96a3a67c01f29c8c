//! Histories of appends that are accepted, and those that are not.

use super::*;
use crate::check::testing::{Counted, History, counter, request, saga};
use crate::platform::{EffectId, StreamId, Version};

const ONE: (StreamId, Counted) = (counter(0), Counted::Added(1));
const OTHER: (StreamId, Counted) = (counter(1), Counted::Added(1));

fn conflict() -> Abort {
    let stream = counter(0);
    Abort::Conflict { stream, expected: Version(0), actual: Version(1) }
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
        "request 1 of ana is said to have been appended, but was never committed",
    );
}

#[test]
fn an_append_that_is_stored_although_a_conflict_was_answered_is_rejected() {
    let mut history = History::default();
    let append = history.begin(1, &[ONE]);
    history.store(&append);
    history.fact(Fact::Acknowledged { command: request(1), outcome: AppendOutcome::Conflict });
    history.rejected_by::<Appends>("acknowledged-once", "was answered with a conflict, but");
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
    history.rejected_by::<Appends>("acknowledged-once", "which was never given that position");
}

#[test]
fn an_append_that_is_larger_than_its_decision_is_rejected() {
    let mut history = History::default();
    history.fact(Fact::Allocated { command: request(1), first: Position(1), count: 2 });
    history.rejected_by::<Appends>("acknowledged-once", "was not decided with so many");
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
fn an_event_of_nobody_in_the_log_is_rejected() {
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
    history.rejected_by::<Appends>("command-once", "event 1 of it is visible already");
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
    history.fact(Fact::Committed { command: request(1) });
    history.fact(Fact::Acknowledged { command: request(1), outcome: AppendOutcome::Appended });
    history.rejected_by::<Appends>(
        "acknowledged-once",
        "request 1 of ana is said to have been appended, but not one of its events is visible",
    );
}

fn refused(nth: u32) -> Fact<crate::check::testing::Counters> {
    Fact::Refused { command: request(nth), body: 0, attempt: 1, rejection: 0 }
}

#[test]
fn a_command_that_is_refused_and_has_no_effect_is_accepted() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.fact(refused(2));
    history.accepted_by::<Appends>();
}

#[test]
fn a_command_that_took_effect_and_is_refused_when_it_comes_again_is_rejected() {
    let mut history = History::default();
    history.append(1, &[ONE]);
    history.fact(refused(1));
    history.rejected_by::<Appends>("command-once", "is refused now");
}
