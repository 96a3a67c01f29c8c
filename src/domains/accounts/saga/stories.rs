//! Single sagas step by step, without a platform.

use super::*;
use crate::domains::accounts::command::Rejection;
use crate::domains::accounts::event::TransferEvent;
use crate::domains::accounts::ids::AccountId;
use crate::domains::accounts::setup::Setup;
use crate::domains::money::{Currency, Money};
use crate::model::{CustomerId, Token, Version};
use crate::testing::SagaBench;

const ID: TransferId = TransferId(0);
const FROM: AccountId = AccountId(0);
const TO: AccountId = AccountId(1);

/// A saga and its transfer.
type Story = SagaBench<Accounts>;

impl Story {
    /// After the request.
    fn requested() -> Self {
        let accounts = Accounts::new(Setup::default()).expect("a bank");
        let mut story = Self::new(accounts, ID.saga());
        let (by, amount) = (CustomerId(0), Money::new(40, Currency::Eur));
        let requested = TransferEvent::TransferRequested {
            by,
            from: FROM,
            to: TO,
            amount,
            people: crate::model::People::NONE,
        };
        assert_eq!(story.happens(requested), ["SagaStarted", "DebitAsked"]);
        story
    }

    fn life(&self) -> &Life<Trouble> {
        &self.saga.saga().life
    }

    fn refused(&mut self, command: &Command, rejection: Rejection) -> Vec<&'static str> {
        self.answered(command, &CommandOutcome::Refused(rejection))
    }

    fn unknown(&mut self, command: &Command) -> Vec<&'static str> {
        self.answered(command, &CommandOutcome::Unknown)
    }

    /// Waits until the pause is over.
    fn rest(&mut self) -> Vec<&'static str> {
        self.wait(Saga::TIMER_RETRY, self.life().resting)
    }

    /// Waits until an operator has looked at the saga.
    fn look(&mut self) -> Vec<&'static str> {
        self.wait(Saga::TIMER_LOOK, self.life().look_at)
    }
}

const DEBIT: Command = Command::Debit { transfer: ID, from: FROM };
const CREDIT: Command = Command::Credit { transfer: ID, to: TO };

#[test]
fn a_transfer_is_debited_credited_and_settled() {
    let mut story = Story::requested();
    assert_eq!(story.happens(TransferEvent::TransferDebited), ["CreditAsked"]);
    let token = Token { stream: ID.stream(), version: Version(2) };
    assert_eq!(story.answered(&DEBIT, &CommandOutcome::Accepted(token)), Vec::<&str>::new());
    assert_eq!(story.happens(TransferEvent::TransferCredited), ["SettlementAsked"]);
    assert_eq!(story.happens(TransferEvent::TransferCompleted), ["SagaCompleted"]);
    assert!(story.life().is_over());
}

#[test]
fn a_refused_debit_fails_the_transfer_and_a_refused_credit_returns_the_money() {
    let mut story = Story::requested();
    let short = Rejection::InsufficientFunds { balance: Money::zero(Currency::Eur) };
    assert_eq!(story.refused(&DEBIT, short), ["DebitRefused", "FailureAsked"]);
    let why = Why::InsufficientFunds;
    assert_eq!(story.happens(TransferEvent::TransferFailed { why }), ["SagaCompensated"]);
    let mut story = Story::requested();
    story.happens(TransferEvent::TransferDebited);
    assert_eq!(story.refused(&CREDIT, Rejection::Closed), ["CreditRefused", "ReturnAsked"]);
    let returned = TransferEvent::TransferReturned { why: Why::Closed };
    assert_eq!(story.happens(returned), ["SagaCompensated"]);
}

#[test]
fn a_late_copy_that_succeeds_after_a_refusal_counts() {
    let mut story = Story::requested();
    story.happens(TransferEvent::TransferDebited);
    story.refused(&CREDIT, Rejection::NotOpen);
    // The account was opened in the meantime, and an earlier copy of the command succeeded.
    assert_eq!(story.happens(TransferEvent::TransferCredited), ["SettlementAsked"]);
    let back = Command::TakeBack { transfer: ID, from: FROM, why: Why::NotOpen };
    let late = Rejection::NotNow { status: Some(Status::Credited) };
    assert_eq!(story.refused(&back, late), Vec::<&str>::new(), "the answer to an older request");
}

#[test]
fn an_unknown_outcome_is_retried_with_back_off_and_then_handed_to_an_operator() {
    let mut story = Story::requested();
    story.happens(TransferEvent::TransferDebited);
    let mut pauses = Vec::new();
    let last = loop {
        let records = story.unknown(&CREDIT);
        if !story.life().is_open() {
            break records;
        }
        assert_eq!(records, ["OutcomeUnknown", "RetryScheduled"]);
        let at = story.life().resting.expect("a pause");
        pauses.push(at.since(story.now).as_micros() / 1_000_000);
        assert_eq!(story.rest(), ["RetryDue", "CreditAsked"]);
    };
    assert_eq!(pauses, [15, 30, 60]);
    assert_eq!(last, ["OutcomeUnknown", "RetryScheduled", "HandedToHuman", "LookScheduled"]);
    assert_eq!(story.life().handed_over(), Some(Trouble::Unanswered(Step::Credit)));
    assert!(!story.life().is_over(), "an operator will look at it");
    assert_eq!(story.look(), ["SagaResumed", "CreditAsked"]);
    assert_eq!(story.happens(TransferEvent::TransferCredited), ["SettlementAsked"]);
}

#[test]
fn an_operator_lets_the_saga_try_again_three_times() {
    let mut story = Story::requested();
    for look in 0..4 {
        while story.life().is_open() {
            story.unknown(&DEBIT);
            if story.life().is_open() {
                story.rest();
            }
        }
        assert_eq!(story.life().is_over(), look == 3, "look {look}");
        if look < 3 {
            story.look();
        }
    }
}

#[test]
fn a_settlement_that_is_refused_is_handed_to_an_operator() {
    let mut story = Story::requested();
    story.happens(TransferEvent::TransferDebited);
    story.happens(TransferEvent::TransferCredited);
    let settle = Command::Settle { transfer: ID, from: FROM };
    let mut records = Vec::new();
    while story.life().is_open() {
        let rejection = Rejection::NotNow { status: Some(Status::Debited) };
        records = story.refused(&settle, rejection);
    }
    assert_eq!(records, ["StepRefused", "HandedToHuman", "LookScheduled"]);
    assert_eq!(story.life().handed_over(), Some(Trouble::Refused(Step::Settle)));
}

#[test]
fn after_a_restart_the_recorded_command_is_still_wanted() {
    let mut story = Story::requested();
    assert_eq!(story.wake(&Stimulus::Resumed), Vec::<&str>::new());
    assert!(story.still_wants(&Effect::Command(DEBIT)));
    assert!(!story.still_wants(&Effect::Command(CREDIT)));
    story.happens(TransferEvent::TransferDebited);
    assert!(!story.still_wants(&Effect::Command(DEBIT)), "the transfer shows that it succeeded");
}
