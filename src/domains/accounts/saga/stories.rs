//! Stories of single sagas, told step by step, without a platform.

use super::*;
use crate::domains::accounts::command::Rejection;
use crate::domains::accounts::event::TransferEvent;
use crate::domains::accounts::ids::AccountId;
use crate::domains::money::{Currency, Money};
use crate::model::{CustomerId, Token, Version};

const ID: TransferId = TransferId(0);
const FROM: AccountId = AccountId(0);
const TO: AccountId = AccountId(1);

/// A saga and its transfer.
struct Story {
    saga: Saga,
    transfer: Transfer,
    now: Instant,
}

impl Story {
    /// A transfer is requested.
    fn requested() -> Self {
        let transfer = Transfer::blank(Currency::Eur);
        let mut story = Self { saga: Saga::blank(ID), transfer, now: Instant::ZERO };
        let (by, amount) = (CustomerId(0), Money::new(40, Currency::Eur));
        let requested = TransferEvent::TransferRequested { by, from: FROM, to: TO, amount };
        assert_eq!(story.happens(&requested), ["SagaStarted", "DebitAsked"]);
        story
    }

    /// Something happens to the transfer, and the saga hears of it; the names of what it records.
    fn happens(&mut self, event: &TransferEvent) -> Vec<&'static str> {
        assert!(self.transfer.is_legal_transition(event), "{event:?}");
        self.transfer.evolve(event);
        self.wake(&Stimulus::Subject)
    }

    /// The saga is woken; the names of what it records. Waking it again for the same teaches nothing.
    fn wake(&mut self, stimulus: &Stimulus<'_, Accounts>) -> Vec<&'static str> {
        let records = react(&self.saga, &self.transfer, stimulus, self.now);
        for record in &records {
            assert!(self.saga.is_legal_transition(record), "{record:?} after {:?}", self.saga);
            self.saga.evolve(record);
        }
        let again = react(&self.saga, &self.transfer, &Stimulus::Subject, self.now);
        assert_eq!(again, [], "a saga looks at states, not at what woke it");
        records.iter().map(SagaEvent::name).collect()
    }

    fn answered(
        &mut self,
        command: Command,
        verdict: CommandOutcome<Accounts>,
    ) -> Vec<&'static str> {
        self.wake(&Stimulus::Answered(&command, &verdict))
    }

    fn refused(&mut self, command: Command, rejection: Rejection) -> Vec<&'static str> {
        self.answered(command, CommandOutcome::Refused(rejection))
    }

    fn wait_out(&mut self, timer: u8, until: Option<Instant>) -> Vec<&'static str> {
        self.now = until.expect("it waits");
        self.wake(&Stimulus::Due(timer))
    }
}

const DEBIT: Command = Command::Debit { transfer: ID, from: FROM };
const CREDIT: Command = Command::Credit { transfer: ID, to: TO };

#[test]
fn money_leaves_arrives_and_is_settled() {
    let mut story = Story::requested();
    assert_eq!(story.happens(&TransferEvent::TransferDebited), ["CreditAsked"]);
    let token = Token { stream: ID.stream(), version: Version(2) };
    assert_eq!(story.answered(DEBIT, CommandOutcome::Accepted(token)), Vec::<&str>::new());
    assert_eq!(story.happens(&TransferEvent::TransferCredited), ["SettlementAsked"]);
    assert_eq!(story.happens(&TransferEvent::TransferCompleted), ["SagaCompleted"]);
    assert!(story.saga.is_over());
}

#[test]
fn what_cannot_leave_fails_and_what_cannot_arrive_comes_back() {
    let mut story = Story::requested();
    let short = Rejection::InsufficientFunds { balance: Money::zero(Currency::Eur) };
    assert_eq!(story.refused(DEBIT, short), ["DebitRefused", "FailureAsked"]);
    let why = Why::InsufficientFunds;
    assert_eq!(story.happens(&TransferEvent::TransferFailed { why }), ["SagaCompensated"]);
    let mut story = Story::requested();
    story.happens(&TransferEvent::TransferDebited);
    assert_eq!(story.refused(CREDIT, Rejection::Closed), ["CreditRefused", "ReturnAsked"]);
    let returned = TransferEvent::TransferReturned { why: Why::Closed };
    assert_eq!(story.happens(&returned), ["SagaCompensated"]);
}

#[test]
fn a_copy_that_comes_late_after_a_refusal_is_what_counts() {
    let mut story = Story::requested();
    story.happens(&TransferEvent::TransferDebited);
    story.refused(CREDIT, Rejection::NotOpen);
    // The account was opened in the meantime, and an earlier copy found it.
    assert_eq!(story.happens(&TransferEvent::TransferCredited), ["SettlementAsked"]);
    let back = Command::TakeBack { transfer: ID, from: FROM, why: Why::NotOpen };
    let late = Rejection::NotNow { status: Some(Status::Credited) };
    assert_eq!(story.refused(back, late), Vec::<&str>::new(), "the answer to an older question");
}

#[test]
fn whoever_is_not_answered_asks_again_later_each_time_and_a_person_in_the_end() {
    let mut story = Story::requested();
    story.happens(&TransferEvent::TransferDebited);
    let mut pauses = Vec::new();
    let last = loop {
        let records = story.answered(CREDIT, CommandOutcome::Unknown);
        if story.saga.end.is_some() {
            break records;
        }
        assert_eq!(records, ["OutcomeUnknown", "RetryScheduled"]);
        let at = story.saga.resting.expect("a pause");
        pauses.push(at.since(story.now).as_micros() / 1_000_000);
        assert_eq!(story.wait_out(TIMER_RETRY, Some(at)), ["RetryDue", "CreditAsked"]);
    };
    assert_eq!(pauses, [15, 30, 60]);
    assert_eq!(last, ["OutcomeUnknown", "RetryScheduled", "HandedToHuman", "LookScheduled"]);
    assert_eq!(story.saga.handed_over(), Some(Trouble::Unanswered(Step::Credit)));
    assert!(!story.saga.is_over(), "a person is still to look at it");
    let look = story.saga.look_at;
    assert_eq!(story.wait_out(TIMER_LOOK, look), ["SagaResumed", "CreditAsked"]);
    assert_eq!(story.happens(&TransferEvent::TransferCredited), ["SettlementAsked"]);
}

#[test]
fn a_person_looks_three_times_and_then_it_stays_on_their_list() {
    let mut story = Story::requested();
    for look in 0..4 {
        while story.saga.end.is_none() {
            story.answered(DEBIT, CommandOutcome::Unknown);
            if story.saga.end.is_none() {
                let at = story.saga.resting;
                story.wait_out(TIMER_RETRY, at);
            }
        }
        assert_eq!(story.saga.is_over(), look == 3, "look {look}");
        if look < 3 {
            let at = story.saga.look_at;
            story.wait_out(TIMER_LOOK, at);
        }
    }
}

#[test]
fn a_step_that_cannot_be_refused_and_is_goes_to_a_person() {
    let mut story = Story::requested();
    story.happens(&TransferEvent::TransferDebited);
    story.happens(&TransferEvent::TransferCredited);
    let settle = Command::Settle { transfer: ID, from: FROM };
    let mut records = Vec::new();
    while story.saga.end.is_none() {
        let rejection = Rejection::NotNow { status: Some(Status::Debited) };
        records = story.refused(settle.clone(), rejection);
    }
    assert_eq!(records, ["StepRefused", "HandedToHuman", "LookScheduled"]);
    assert_eq!(story.saga.handed_over(), Some(Trouble::Refused(Step::Settle)));
}

#[test]
fn after_a_restart_what_was_asked_is_asked_again_under_its_old_name() {
    let mut story = Story::requested();
    assert_eq!(story.wake(&Stimulus::Resumed), Vec::<&str>::new());
    assert!(still_wants(&story.saga, &Effect::Command(DEBIT)));
    assert!(!still_wants(&story.saga, &Effect::Command(CREDIT)));
    story.happens(&TransferEvent::TransferDebited);
    assert!(!still_wants(&story.saga, &Effect::Command(DEBIT)), "it shows that it was taken");
}
