//! Single sagas step by step, without a platform.

use super::*;
use crate::domains::box_office::command::{Command, Rejection};
use crate::domains::box_office::event::TicketEvent;
use crate::domains::box_office::outside::lock::{LockReply, LockRequest};
use crate::domains::box_office::outside::provider::{ChargeReply, ChargeRequest, Key};
use crate::domains::box_office::outside::{Reply, Request};
use crate::domains::box_office::setup::{BoxOffice, LOCKS, Listed, PROVIDER, Setup};
use crate::domains::box_office::stage::Stage;
use crate::kernel::Span;
use crate::model::{CommandOutcome, CustomerId, Stimulus, Token, Version};
use crate::saga::Saga as _;
use crate::testing::SagaBench;

const TICKET: TicketId = TicketId(0);
const SHOW: ShowId = ShowId(0);
const PRICE: Money = Money::new(5_000, Currency::Eur);
const NOTHING: [&str; 0] = [];

/// A saga and its ticket.
type Story = SagaBench<BoxOffice>;

impl Story {
    fn new_at(stage: Stage) -> Self {
        let (id, venue) = ("rock".to_owned(), "Arena".to_owned());
        let shows = vec![Listed { id, venue, tickets: 1, price: PRICE, waiting_room: None }];
        let office = BoxOffice::new(Setup { stage, shows, ..Setup::default() });
        Self::new(office.expect("a box office"), TICKET.saga())
    }

    /// After a ticket was reserved for ten minutes.
    fn reserved() -> Self {
        let mut story = Self::new_at(Stage::EventSourced);
        let (show, customer, price) = (SHOW, CustomerId(0), PRICE);
        let until = Instant::ZERO + Span::from_secs(600);
        story.happens(TicketEvent::TicketReserved {
            show,
            customer,
            price,
            until,
            people: crate::model::People::NONE,
        });
        story
    }

    /// After the customer has begun to pay for it.
    fn paying() -> Self {
        let mut story = Self::reserved();
        let asked = story.happens(TicketEvent::PaymentRequested { show: SHOW, card: Card::Good });
        assert_eq!(asked, ["PaymentStarted", "ChargeAsked"]);
        story
    }

    /// After a ticket was requested at another stage, with one place left.
    fn requested(stage: Stage) -> Self {
        let mut story = Self::new_at(stage);
        let (show, customer, price, card) = (SHOW, CustomerId(0), PRICE, Card::Good);
        let seen = (stage == Stage::Monolith).then_some(1);
        story.happens(TicketEvent::TicketRequested {
            show,
            customer,
            price,
            card,
            seen,
            people: crate::model::People::NONE,
        });
        story
    }

    fn saga(&self) -> &Saga {
        self.saga.saga()
    }

    fn charge(&mut self, reply: ChargeReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(PROVIDER, &Reply::Charge(reply)))
    }

    fn lock(&mut self, reply: LockReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(LOCKS, &Reply::Lock(reply)))
    }

    fn charged(&mut self) -> Vec<&'static str> {
        self.charge(ChargeReply::Charged { ticket: TICKET })
    }

    fn granted(&mut self, fence: u32) -> Vec<&'static str> {
        self.lock(LockReply::Granted { ticket: TICKET, fence: Fence(fence) })
    }

    fn charge_silent(&mut self) -> Vec<&'static str> {
        let (key, card, amount) = (Some(Key::Ticket(TICKET)), Card::Good, PRICE);
        let charge = ChargeRequest::Charge { ticket: TICKET, key, card, amount };
        self.wake(&Stimulus::Silent(PROVIDER, &Request::Charge(charge)))
    }

    fn accepted(&mut self, command: &Command) -> Vec<&'static str> {
        let token = Token { stream: SHOW.stream(), version: Version(2) };
        self.answered(command, &CommandOutcome::Accepted(token))
    }

    fn rests(&mut self) -> Vec<&'static str> {
        let at = self.saga().life.resting;
        self.wait(Saga::TIMER_RETRY, at)
    }

    fn confirmed(&mut self) -> Vec<&'static str> {
        self.happens(TicketEvent::TicketConfirmed { show: SHOW, price: PRICE })
    }

    fn cancelled(&mut self, reason: Reason) -> Vec<&'static str> {
        self.happens(TicketEvent::TicketCancelled { show: SHOW, reason })
    }
}

const CHECK: Command = Command::CheckPlaces { show: SHOW, ticket: TICKET, fence: Fence(7) };
const RECORD: Command =
    Command::TakePlace { show: SHOW, ticket: TICKET, left: None, fence: Fence(7) };

#[test]
fn a_reserved_ticket_is_charged_and_confirmed() {
    let mut story = Story::paying();
    assert_eq!(story.charged(), ["CardCharged", "TicketTold"]);
    assert_eq!(story.confirmed(), ["SagaCompleted"]);
    assert_eq!(story.charged(), NOTHING, "a late answer changes nothing");
    assert!(story.saga().life.is_over());
}

#[test]
fn a_reservation_that_is_not_paid_for_expires() {
    let mut story = Story::reserved();
    let until = story.saga().until;
    assert_eq!(story.wait(TIMER_EXPIRY, Some(until)), ["ReservationOverdue", "TicketTold"]);
    assert_eq!(story.saga().telling.told, Some(Tell::Cancel(Reason::Expired)));
    assert_eq!(story.cancelled(Reason::Expired), ["SagaCompensated"]);
}

#[test]
fn a_payment_that_has_begun_outlives_the_deadline() {
    let mut story = Story::paying();
    let until = story.saga().until;
    assert_eq!(story.wait(TIMER_EXPIRY, Some(until)), ["ReservationOverdue"]);
    assert_eq!(story.charged(), ["CardCharged", "TicketTold"]);
}

#[test]
fn a_charge_without_an_answer_is_asked_for_again() {
    let mut story = Story::paying();
    assert_eq!(story.charge_silent(), ["OutcomeUnknown", "RetryScheduled"]);
    assert_eq!(story.rests(), ["RetryDue", "ChargeAsked"]);
    assert_eq!(story.charged(), ["CardCharged", "TicketTold"]);
}

#[test]
fn after_many_silences_the_job_is_dead_and_an_operator_revives_it() {
    let mut story = Story::paying();
    for _ in 0..11 {
        story.charge_silent();
        assert_eq!(story.rests(), ["RetryDue", "ChargeAsked"]);
    }
    let dead = ["OutcomeUnknown", "RetryScheduled", "HandedToHuman", "LookScheduled"];
    assert_eq!(story.charge_silent(), dead);
    let at = story.saga().life.look_at;
    assert_eq!(
        story.wait(Saga::TIMER_LOOK, at),
        ["SagaResumed", "ReservationOverdue", "ChargeAsked"]
    );
}

#[test]
fn a_declined_charge_cancels_the_ticket_and_one_that_was_taken_is_reversed() {
    let mut story = Story::paying();
    let declined = story.charge(ChargeReply::Declined { ticket: TICKET });
    assert_eq!(declined, ["ActDeclined", "TicketTold"]);
    assert_eq!(story.cancelled(Reason::PaymentDeclined), ["SagaCompensated"]);
    let mut story = Story::paying();
    assert_eq!(story.cancelled(Reason::ByCustomer), ["ReversalAsked"], "it may be charged");
    let reversed = story.charge(ChargeReply::Reversed { ticket: TICKET });
    assert_eq!(reversed, ["ChargeReversed", "SagaCompensated"]);
}

#[test]
fn under_a_lock_a_place_is_checked_paid_for_and_recorded() {
    let mut story = Story::requested(Stage::RedisLock);
    assert_eq!(story.granted(7), ["LockGranted", "CheckAsked"]);
    assert_eq!(story.accepted(&CHECK), ["PlaceFound", "ChargeAsked"]);
    assert_eq!(story.charged(), ["CardCharged", "RecordAsked"]);
    assert_eq!(story.accepted(&RECORD), ["PlaceRecorded", "TicketTold"]);
    assert_eq!(story.confirmed(), ["ReleaseAsked"]);
    let released = story.lock(LockReply::Released { ticket: TICKET });
    assert_eq!(released, ["LockReleased", "SagaCompleted"]);
}

#[test]
fn a_lock_that_others_hold_is_waited_for_and_given_up_in_the_end() {
    let mut story = Story::requested(Stage::RedisLock);
    for _ in 0..19 {
        let busy = story.lock(LockReply::Busy { ticket: TICKET });
        assert_eq!(busy, ["LockBusy", "RetryScheduled"]);
        assert_eq!(story.rests(), ["RetryDue", "LockAsked"]);
    }
    let busy = story.lock(LockReply::Busy { ticket: TICKET });
    assert_eq!(busy, ["LockBusy", "RetryScheduled", "TicketTold"]);
    assert_eq!(story.saga().telling.told, Some(Tell::Cancel(Reason::LockBusy)));
}

#[test]
fn a_purchase_whose_lock_was_lost_gives_the_money_back() {
    let mut story = Story::requested(Stage::RedisLockFenced);
    story.granted(7);
    story.accepted(&CHECK);
    story.charged();
    let lost = story.answered(&RECORD, &CommandOutcome::Refused(Rejection::LockLost));
    assert_eq!(lost, ["ActDeclined", "TicketTold"]);
    assert_eq!(story.cancelled(Reason::LockLost), ["ReversalAsked"]);
    let reversed = story.charge(ChargeReply::Reversed { ticket: TICKET });
    assert_eq!(reversed, ["ChargeReversed", "ReleaseAsked"]);
}

#[test]
fn a_lock_without_an_answer_is_asked_for_again() {
    let mut story = Story::requested(Stage::RedisLock);
    let acquire = Request::Lock(LockRequest::Acquire { show: SHOW, ticket: TICKET });
    let silent = story.wake(&Stimulus::Silent(LOCKS, &acquire));
    assert_eq!(silent, ["OutcomeUnknown", "RetryScheduled"]);
    assert_eq!(story.rests(), ["RetryDue", "LockAsked"]);
}

#[test]
fn the_monolith_confirms_first_and_then_writes_the_count_that_it_saw() {
    let mut story = Story::requested(Stage::Monolith);
    assert_eq!(story.charged(), ["CardCharged", "TicketTold"]);
    assert_eq!(story.confirmed(), ["RecordAsked"]);
    assert_eq!(story.saga().seen, Some(1));
    let write = Command::TakePlace { show: SHOW, ticket: TICKET, left: Some(0), fence: Fence(0) };
    assert_eq!(story.accepted(&write), ["PlaceRecorded", "SagaCompleted"]);
}

#[test]
fn the_monolith_takes_silence_for_failure_and_gives_nothing_back() {
    let mut story = Story::requested(Stage::Monolith);
    let silent = story.charge_silent();
    assert_eq!(silent, ["OutcomeUnknown", "RetryScheduled", "TicketTold"]);
    assert_eq!(story.cancelled(Reason::PaymentFailed), ["SagaCompensated"]);
}
