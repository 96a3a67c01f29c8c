//! Single sagas step by step, without a platform.

use arrayvec::ArrayVec;

use super::*;
use crate::domains::orders::carrier::{ParcelReply, ParcelRequest};
use crate::domains::orders::command::{Command, Rejection};
use crate::domains::orders::event::{Bringer, Item, Items, Method, OrderEvent, Parcel, Reason};
use crate::domains::orders::ids::{Day, ProductId, Tracking};
use crate::domains::orders::order::Status;
use crate::domains::orders::provider::{Charge, ChargeReply, ChargeRequest};
use crate::domains::orders::setup::{CARRIER, Orders, PROVIDER, Setup};
use crate::domains::orders::{Reply, Request};
use crate::kernel::Span;
use crate::model::{CommandOutcome, CustomerId, Effect, Sagas, Stimulus};
use crate::saga::Saga as _;
use crate::testing::SagaBench;

const ID: OrderId = OrderId(0);
const PARCEL: Parcel =
    Parcel { tracking: Tracking(1), by: Bringer::Carrier, delivery: Day(20_103) };

/// A saga and its order.
type Story = SagaBench<Orders>;

fn price() -> Money {
    Money::new(2_999, Currency::Usd)
}

impl Story {
    /// After an order was placed, with or without `charge`.
    fn placed(charge: bool) -> Self {
        let orders = Orders::new(Setup::default()).expect("a shop");
        let mut story = Self::new(orders, ID.saga());
        let item = Item { product: ProductId(0), quantity: 1, price: 2_999 };
        let items = Items { list: ArrayVec::from_iter([item]), currency: Currency::Usd };
        let (customer, total) = (CustomerId(0), price());
        let pay_by = Instant::ZERO + Span::from_secs(900);
        let placed = OrderEvent::OrderPlaced {
            customer,
            items,
            total,
            charge,
            pay_by,
            people: crate::model::People::NONE,
        };
        story.happens(placed);
        story
    }

    fn saga(&self) -> &Saga {
        self.saga.saga()
    }

    fn charge(&mut self, reply: ChargeReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(PROVIDER, &Reply::Charge(reply)))
    }

    fn parcel(&mut self, reply: ParcelReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(CARRIER, &Reply::Parcel(reply)))
    }

    fn done(&mut self, act: Act) -> Vec<&'static str> {
        self.charge(ChargeReply::Done { order: ID, act })
    }

    fn silent(&mut self, act: Act) -> Vec<&'static str> {
        let request = match act {
            Act::Authorise | Act::Capture | Act::Reverse => {
                Request::Charge(ChargeRequest::Move { order: ID, act, amount: price() })
            }
            Act::Book => Request::Parcel(ParcelRequest::Book { order: ID, pieces: 1 }),
            Act::Recall => Request::Parcel(ParcelRequest::Recall { order: ID }),
        };
        self.wake(&Stimulus::Silent(PROVIDER, &request))
    }

    fn standing(&mut self, nth: u8, charge: Charge) -> Vec<&'static str> {
        self.charge(ChargeReply::Standing { order: ID, nth, charge })
    }

    fn received(&mut self, method: Method) -> Vec<&'static str> {
        let (payment, amount) = (ID.payment(), price());
        self.happens(OrderEvent::PaymentReceived { payment, amount, method })
    }

    fn cancelled(&mut self) -> Vec<&'static str> {
        let paid = self.subject.order().paid.map(|(amount, _)| amount);
        let refund = paid.unwrap_or(Money::zero(Currency::Usd));
        self.happens(OrderEvent::OrderCancelled { reason: Reason::ByCustomer, refund })
    }

    /// After a payment by card; the parcel is requested.
    fn paid() -> Self {
        let mut story = Self::placed(true);
        story.done(Act::Authorise);
        story.done(Act::Capture);
        assert_eq!(story.received(Method::CreditCard), ["ParcelAsked"]);
        story
    }
}

#[test]
fn an_order_is_charged_and_shipped() {
    let mut story = Story::placed(true);
    assert_eq!(story.saga().act(Act::Authorise), Progress::Asked);
    assert_eq!(story.done(Act::Authorise), ["Authorized", "CaptureAsked"]);
    assert_eq!(story.done(Act::Capture), ["Captured", "OrderTold"]);
    assert_eq!(story.received(Method::CreditCard), ["ParcelAsked"]);
    let booked = ParcelReply::Booked { order: ID, parcel: PARCEL };
    assert_eq!(story.parcel(booked), ["ParcelBooked", "OrderTold"]);
    assert_eq!(story.happens(OrderEvent::OrderShipped { parcel: PARCEL }), ["SagaCompleted"]);
    assert!(story.saga().life.is_over());
    assert_eq!(story.done(Act::Capture), Vec::<&str>::new(), "a late answer changes nothing");
}

#[test]
fn an_unknown_outcome_is_queried_and_the_request_not_repeated() {
    let mut story = Story::placed(true);
    story.done(Act::Authorise);
    assert_eq!(story.silent(Act::Capture), ["OutcomeUnknown", "ChargeQueried"]);
    let captured = Charge { authorised: 2_999, captured: 2_999, refunded: 0, closed: false };
    assert_eq!(story.standing(7, captured), Vec::<&str>::new(), "an answer to another query");
    assert_eq!(story.standing(1, captured), ["ChargeRetrieved", "OrderTold"]);
}

#[test]
fn an_act_that_is_not_found_is_queried_again_until_the_query_cannot_lag_any_more() {
    let mut story = Story::placed(true);
    story.silent(Act::Authorise);
    let pauses = until_asked(&mut story, Party::Provider, |story, nth| {
        story.standing(nth, Charge::default())
    });
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 32, 25], "60 s of lag and 60 s of wrong clocks");
    assert_eq!(story.saga().act(Act::Authorise), Progress::Asked, "it is requested again");
    let mut story = Story::paid();
    story.silent(Act::Book);
    let nothing = |nth| ParcelReply::Tracked { order: ID, nth, parcel: None, recalled: false };
    let pauses = until_asked(&mut story, Party::Carrier, |story, nth| story.parcel(nothing(nth)));
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 27], "30 s of lag and 60 s of wrong clocks");
    assert_eq!(story.saga().act(Act::Book), Progress::Asked);
}

#[test]
fn an_act_that_is_found_late_is_not_requested_again() {
    let mut story = Story::placed(true);
    story.done(Act::Authorise);
    story.silent(Act::Capture);
    let authorised = Charge { authorised: 2_999, ..Charge::default() };
    assert_eq!(story.standing(1, authorised), ["ChargeMissing", "RetryScheduled"]);
    let at = story.saga().life.resting;
    assert_eq!(story.wait(Saga::TIMER_RETRY, at), ["RetryDue", "ChargeQueried"]);
    let captured = Charge { captured: 2_999, ..authorised };
    assert_eq!(story.standing(2, captured), ["ChargeRetrieved", "OrderTold"]);
}

#[test]
fn a_closed_charge_ends_every_doubt() {
    let mut story = Story::placed(true);
    story.silent(Act::Authorise);
    story.cancelled();
    story.silent(Act::Reverse);
    let nth = story.saga().talk(Party::Provider).questions;
    let closed = Charge { closed: true, ..Charge::default() };
    assert_eq!(story.standing(nth, closed), ["ChargeRetrieved", "SagaCompensated"]);
}

/// The pauses, in seconds, until a service that never finds anything gets the request again.
fn until_asked(
    story: &mut Story,
    party: Party,
    answer: impl Fn(&mut Story, u8) -> Vec<&'static str>,
) -> Vec<u64> {
    let mut pauses = Vec::new();
    loop {
        let nth = story.saga().talk(party).questions;
        answer(story, nth);
        let Some(at) = story.saga().life.resting else { return pauses };
        pauses.push(at.since(story.now).as_micros() / 1_000_000);
        story.wait(Saga::TIMER_RETRY, Some(at));
    }
}

#[test]
fn a_silent_service_is_queried_with_back_off_and_then_handed_to_an_operator() {
    let mut story = Story::paid();
    story.silent(Act::Book);
    let mut pauses = Vec::new();
    while story.saga().life.is_open() {
        if let Some(at) = story.saga().life.resting {
            pauses.push(at.since(story.now).as_micros() / 1_000_000);
            assert_eq!(story.wait(Saga::TIMER_RETRY, Some(at)), ["RetryDue", "ParcelQueried"]);
        }
        let nth = story.saga().talk(Party::Carrier).questions;
        let question = Request::Parcel(ParcelRequest::Track { order: ID, nth });
        story.wake(&Stimulus::Silent(CARRIER, &question));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
    assert_eq!(story.saga().life.handed_over(), Some(Trouble::Unreachable(Party::Carrier)));
    assert!(!story.saga().life.is_over(), "an operator will look at it");
    let look = story.saga().life.look_at;
    assert_eq!(story.wait(Saga::TIMER_LOOK, look)[0], "SagaResumed");
    assert!(story.saga().talk(Party::Carrier).querying);
}

#[test]
fn a_cancelled_order_is_undone_also_with_unknown_outcomes() {
    let mut story = Story::paid();
    story.silent(Act::Book);
    assert_eq!(story.cancelled(), ["ReversalAsked", "RecallAsked"]);
    assert_eq!(story.done(Act::Reverse), ["Reversed"]);
    let recalled = story.parcel(ParcelReply::Recalled { order: ID });
    assert_eq!(recalled, ["ParcelRecalled", "SagaCompensated"]);
    let mut story = Story::placed(true);
    assert_eq!(story.cancelled(), ["ReversalAsked"]);
    assert_eq!(story.done(Act::Reverse), ["Reversed", "SagaCompensated"]);
    let mut story = Story::placed(false);
    assert_eq!(story.cancelled(), ["SagaCompensated"], "nothing was requested");
}

#[test]
fn an_order_cancelled_before_the_payment_is_recorded_is_reversed() {
    let mut story = Story::placed(true);
    story.done(Act::Authorise);
    story.done(Act::Capture);
    let (reason, refund) = (Reason::ByCustomer, Money::zero(Currency::Usd));
    story.changes(OrderEvent::OrderCancelled { reason, refund });
    let (payment, amount) = (ID.payment(), price());
    let method = Method::CreditCard;
    let command = Command::ReceivePayment { order: ID, payment, amount, method };
    let refused = CommandOutcome::Refused(Rejection::NotPending { status: Status::Cancelled });
    let records = story.answered(&command, &refused);
    assert_eq!(records, ["TellFailed", "ReversalAsked"]);
}

#[test]
fn a_bank_transfer_reverses_the_charge_and_the_parcel_is_shipped() {
    let mut story = Story::placed(true);
    story.done(Act::Authorise);
    assert_eq!(story.received(Method::BankTransfer), ["ReversalAsked", "ParcelAsked"]);
    story.done(Act::Reverse);
    story.parcel(ParcelReply::Booked { order: ID, parcel: PARCEL });
    assert_eq!(story.happens(OrderEvent::OrderShipped { parcel: PARCEL }), ["SagaCompleted"]);
}

#[test]
fn a_bank_transfer_for_a_cancelled_order_is_handed_to_an_operator() {
    let mut story = Story::placed(false);
    story.received(Method::BankTransfer);
    assert_eq!(story.cancelled(), ["RecallAsked"]);
    let recalled = story.parcel(ParcelReply::Recalled { order: ID });
    assert_eq!(recalled, ["ParcelRecalled", "HandedToHuman"]);
    assert!(story.saga().life.is_over(), "the saga has nothing left to try");
}

#[test]
fn a_transfer_that_comes_too_late_is_handed_to_an_operator() {
    let surplus = |status| {
        let (payment, amount) = (ID.payment(), price());
        OrderEvent::SurplusReceived { payment, amount, status }
    };
    let mut story = Story::placed(false);
    assert_eq!(story.cancelled(), ["SagaCompensated"]);
    for _ in 0..2 {
        let noticed = story.happens(surplus(Status::Cancelled));
        assert_eq!(noticed, ["SurplusNoticed", "HandedToHuman"], "each of them");
        assert!(story.saga().life.is_over());
    }
    let mut story = Story::paid();
    assert_eq!(story.happens(surplus(Status::Paid)), ["SurplusNoticed"], "the parcel goes first");
    let booked = ParcelReply::Booked { order: ID, parcel: PARCEL };
    story.parcel(booked);
    assert_eq!(story.happens(OrderEvent::OrderShipped { parcel: PARCEL }), ["HandedToHuman"]);
}

#[test]
fn an_order_shipped_by_the_van_recalls_the_parcel_of_the_carrier() {
    let mut story = Story::paid();
    let parcel = Parcel { by: Bringer::Van, ..PARCEL };
    assert_eq!(story.happens(OrderEvent::OrderShipped { parcel }), ["RecallAsked"]);
    let recalled = story.parcel(ParcelReply::Recalled { order: ID });
    assert_eq!(recalled, ["ParcelRecalled", "SagaCompleted"]);
}

#[test]
fn a_declined_act_cancels_the_order() {
    let mut story = Story::placed(true);
    let declined = story.charge(ChargeReply::Declined { order: ID, act: Act::Authorise });
    assert_eq!(declined, ["ActDeclined", "OrderTold"]);
    assert_eq!(story.saga().telling.told, Some(Tell::Cancel(Reason::PaymentDeclined)));
    let mut story = Story::paid();
    assert_eq!(story.parcel(ParcelReply::Refused { order: ID }), ["ActDeclined", "OrderTold"]);
    assert_eq!(story.saga().telling.told, Some(Tell::Cancel(Reason::NotShippable)));
}

#[test]
fn an_unpaid_order_is_cancelled_at_its_deadline() {
    let mut story = Story::placed(false);
    assert_eq!(story.wake(&Stimulus::Due(TIMER_UNPAID)), ["PaymentOverdue", "OrderTold"]);
    assert_eq!(story.saga().telling.told, Some(Tell::Cancel(Reason::Unpaid)));
    // Meanwhile the customer has requested the payment.
    story.changes(OrderEvent::PaymentRequested { amount: price() });
    let command = Command::CancelOrder { order: ID, reason: Reason::Unpaid };
    let refused = CommandOutcome::Refused(Rejection::NotOverdue);
    let records = story.answered(&command, &refused);
    assert_eq!(records, ["TellFailed", "AuthorizationAsked"]);
}

#[test]
fn after_a_restart_pending_requests_have_an_unknown_outcome() {
    let mut story = Story::paid();
    assert_eq!(story.wake(&Stimulus::Resumed), ["SagaResumed", "ParcelQueried"]);
    assert_eq!(story.saga().act(Act::Book), Progress::Unknown);
}

#[test]
fn a_request_has_the_number_of_the_order() {
    let story = Story::paid();
    let asked = SagaEvent::Asked { act: Act::Book }.into();
    let asked = Orders::effects(&story.domain, &story.saga, &asked);
    let [Effect::Call { service: CARRIER, request, .. }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(*request, Request::Parcel(ParcelRequest::Book { order: ID, pieces: 1 }));
}
