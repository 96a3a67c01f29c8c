//! Single sagas step by step, without a platform.

use arrayvec::ArrayVec;

use super::*;
use crate::domains::delivery::event::{DropOff, Item, Items, OrderEvent, Reason};
use crate::domains::delivery::ids::DishId;
use crate::domains::delivery::order::Status;
use crate::domains::delivery::outside::{
    Charge, ChargeReply, ChargeRequest, CourierReply, CourierRequest, KitchenReply, KitchenRequest,
    Reply, Request,
};
use crate::domains::delivery::setup::{COURIERS, Delivery, PROVIDER, Setup, kitchen_of};
use crate::kernel::Span;
use crate::model::{CommandOutcome, CustomerId, Effect, Stimulus};
use crate::saga::Saga as _;
use crate::testing::SagaBench;

const ID: OrderId = OrderId(0);
const ROMA: RestaurantId = RestaurantId(0);
const COURIER: CourierId = CourierId(2);
const PRICE: i64 = 2_000;

/// A saga and its order.
type Story = SagaBench<Delivery>;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

fn at(secs: u64) -> Instant {
    Instant::ZERO + Span::from_secs(secs)
}

impl Story {
    /// After an order was created; the charge is requested.
    fn created() -> Self {
        let delivery = Delivery::new(Setup::default()).expect("a delivery service");
        let mut story = Self::new(delivery, ID.saga());
        let item = Item { dish: DishId(0), quantity: 1, price: PRICE };
        let items = Box::new(Items { list: ArrayVec::from_iter([item]), currency: Currency::Eur });
        let (customer, restaurant, drop_off) = (CustomerId(0), ROMA, DropOff::Hand);
        let (total, confirm_by) = (eur(PRICE), at(900));
        let created = OrderEvent::OrderCreated {
            customer,
            restaurant,
            items,
            total,
            drop_off,
            confirm_by,
            people: crate::model::People::NONE,
        };
        let records = story.happens(created);
        assert_eq!(records, ["SagaStarted", "ConfirmationAwaited", "ChargeAsked"]);
        story
    }

    /// After it was paid; the restaurant is asked.
    fn paid() -> Self {
        let mut story = Self::created();
        assert_eq!(story.charge(ChargeReply::Charged { order: ID }), ["Charged", "OrderTold"]);
        let offered = story.happens(OrderEvent::OrderPaid { amount: eur(PRICE) });
        assert_eq!(offered, ["OrderOffered"]);
        story
    }

    /// After the restaurant has confirmed it.
    fn confirmed() -> Self {
        let mut story = Self::paid();
        let estimated = Span::from_secs(600);
        assert_eq!(story.kitchen(KitchenReply::Taken { order: ID, estimated }), ["OrderTaken"]);
        assert_eq!(story.stage(Stage::Accepted), ["RestaurantAccepted", "OrderTold"]);
        let ready_by = at(5_400);
        let confirmed = OrderEvent::OrderConfirmed { restaurant: ROMA, ready_by };
        assert_eq!(story.happens(confirmed), ["FoodAwaited"]);
        story
    }

    /// While the food is prepared; a courier is asked for.
    fn preparing() -> Self {
        let mut story = Self::confirmed();
        assert_eq!(story.stage(Stage::Cooking), ["CookingBegun", "OrderTold"]);
        let estimated = story.saga().estimated;
        let preparing = OrderEvent::OrderPreparing { restaurant: ROMA, estimated };
        assert_eq!(story.happens(preparing), ["CourierAsked"]);
        story
    }

    /// When it is ready and has a courier, who is told.
    fn ready() -> Self {
        let mut story = Self::preparing();
        story.found(0, COURIER);
        story.happens(OrderEvent::CourierAssigned { restaurant: ROMA, courier: COURIER });
        assert_eq!(story.stage(Stage::Ready), ["FoodReady", "OrderTold"]);
        let ready = OrderEvent::OrderReady { restaurant: ROMA, deliver_by: at(9_000) };
        assert_eq!(story.happens(ready), ["DeliveryAwaited", "CollectionAsked"]);
        story
    }

    fn saga(&self) -> &Saga {
        self.saga.saga()
    }

    fn charge(&mut self, reply: ChargeReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(PROVIDER, &Reply::Charge(reply)))
    }

    fn kitchen(&mut self, reply: KitchenReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(kitchen_of(ROMA), &Reply::Kitchen(reply)))
    }

    fn courier(&mut self, reply: CourierReply) -> Vec<&'static str> {
        self.wake(&Stimulus::Replied(COURIERS, &Reply::Courier(reply)))
    }

    fn stage(&mut self, stage: Stage) -> Vec<&'static str> {
        self.kitchen(KitchenReply::Moved { order: ID, stage })
    }

    fn found(&mut self, attempt: u8, courier: CourierId) -> Vec<&'static str> {
        self.courier(CourierReply::Assigned { order: ID, attempt, courier })
    }

    fn silent(&mut self, service: crate::model::ServiceId, request: Request) -> Vec<&'static str> {
        self.wake(&Stimulus::Silent(service, &request))
    }

    fn charge_lost(&mut self) -> Vec<&'static str> {
        let request = ChargeRequest::Charge { order: ID, amount: eur(PRICE) };
        self.silent(PROVIDER, Request::Charge(request))
    }

    fn cancelled(&mut self, reason: Reason, refund: i64) -> Vec<&'static str> {
        let stage = self.subject.order().status.expect("an order");
        let refund = eur(refund);
        self.happens(OrderEvent::OrderCancelled { restaurant: ROMA, stage, reason, refund })
    }

    fn told(&self) -> Option<Tell> {
        self.saga().telling.told
    }
}

#[test]
fn an_order_is_charged_cooked_and_brought() {
    let mut story = Story::ready();
    assert_eq!(story.courier(CourierReply::Noted { order: ID }), ["CollectionNoted"]);
    let moved = |leg| CourierReply::Moved { order: ID, leg };
    assert_eq!(story.courier(moved(Leg::PickedUp)), ["FoodPickedUp", "OrderTold"]);
    let out = OrderEvent::OrderOutForDelivery { restaurant: ROMA, courier: COURIER };
    assert_eq!(story.happens(out), Vec::<&str>::new());
    assert_eq!(story.courier(moved(Leg::Delivered)), ["FoodDelivered", "OrderTold"]);
    let delivered = story.happens(OrderEvent::OrderDelivered { restaurant: ROMA });
    assert_eq!(delivered, ["SagaCompleted"]);
    assert_eq!(story.courier(moved(Leg::Delivered)), Vec::<&str>::new(), "a late report");
}

#[test]
fn a_report_that_overtakes_another_includes_it() {
    let mut story = Story::confirmed();
    assert_eq!(story.stage(Stage::Ready), ["FoodReady", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Preparing), "one stage after the other");
    assert_eq!(story.stage(Stage::Cooking), Vec::<&str>::new(), "it is known already");
    let estimated = story.saga().estimated;
    let told = story.happens(OrderEvent::OrderPreparing { restaurant: ROMA, estimated });
    assert_eq!((told, story.told()), (vec!["OrderTold", "CourierAsked"], Some(Tell::Ready)));
}

#[test]
fn a_declined_charge_and_a_full_kitchen_cancel_the_order() {
    let mut story = Story::created();
    let declined = story.charge(ChargeReply::Declined { order: ID });
    assert_eq!(declined, ["ActDeclined", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Abandoned(Reason::PaymentDeclined)));
    let mut story = Story::paid();
    let refused = story.kitchen(KitchenReply::Refused { order: ID });
    assert_eq!(refused, ["ActDeclined", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Abandoned(Reason::RestaurantRefused)));
}

#[test]
fn a_restaurant_that_does_not_confirm_in_time_loses_the_order() {
    let mut story = Story::paid();
    let estimated = Span::from_secs(600);
    story.kitchen(KitchenReply::Taken { order: ID, estimated });
    let due = story.wait(Deadline::Confirm.timer(), Some(at(900)));
    assert_eq!(due, ["ConfirmationOverdue", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Abandoned(Reason::NotConfirmed)));
    let undone = story.cancelled(Reason::NotConfirmed, PRICE);
    assert_eq!(undone, ["RefundAsked", "WithdrawalAsked"]);
    assert_eq!(story.charge(ChargeReply::Refunded { order: ID }), ["Refunded"]);
    let withdrawn = story.kitchen(KitchenReply::Withdrawn { order: ID });
    assert_eq!(withdrawn, ["OrderWithdrawn", "SagaCompensated"]);
}

#[test]
fn a_deadline_that_does_not_matter_any_more_is_not_noticed() {
    let mut story = Story::confirmed();
    assert_eq!(story.wait(Deadline::Confirm.timer(), Some(at(900))), Vec::<&str>::new());
    let mut story = Story::confirmed();
    let due = story.wait(Deadline::Kitchen.timer(), Some(at(5_400)));
    assert_eq!(due, ["FoodOverdue", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Abandoned(Reason::KitchenLate)));
}

#[test]
fn a_restaurant_that_gives_up_costs_the_order_and_the_courier_is_released() {
    let mut story = Story::preparing();
    story.found(0, COURIER);
    story.happens(OrderEvent::CourierAssigned { restaurant: ROMA, courier: COURIER });
    let gave_up = story.kitchen(KitchenReply::GivenUp { order: ID });
    assert_eq!(gave_up, ["RestaurantGaveUp", "OrderTold"]);
    let undone = story.cancelled(Reason::RestaurantGaveUp, PRICE);
    assert_eq!(undone, ["RefundAsked", "WithdrawalAsked", "ReleaseAsked"]);
    assert_eq!(story.saga().keep, 0);
    story.charge(ChargeReply::Refunded { order: ID });
    story.kitchen(KitchenReply::Withdrawn { order: ID });
    let released = story.courier(CourierReply::Released { order: ID });
    assert_eq!(released, ["CourierReleased", "SagaCompensated"]);
}

#[test]
fn a_customer_who_cancels_late_pays_a_part() {
    let mut story = Story::preparing();
    let undone = story.cancelled(Reason::ByCustomer, PRICE / 2);
    assert_eq!(undone, ["RefundAsked", "WithdrawalAsked", "ReleaseAsked"]);
    assert_eq!(story.saga().keep, PRICE / 2);
    let asked = SagaEvent::Asked { act: Act::Refund, keep: PRICE / 2 }.into();
    let effects = <Delivery as crate::model::Sagas<_>>::effects(&story.domain, &story.saga, &asked);
    let [Effect::Call { service: PROVIDER, request, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    let keep = eur(PRICE / 2);
    assert_eq!(*request, Request::Charge(ChargeRequest::Refund { order: ID, keep }));
}

#[test]
fn an_order_that_is_cancelled_while_its_charge_is_in_doubt_is_refunded_all_the_same() {
    let mut story = Story::created();
    assert_eq!(story.charge_lost(), ["OutcomeUnknown", "ChargeQueried"]);
    assert_eq!(story.cancelled(Reason::ByCustomer, 0), ["RefundAsked"]);
    let refunded = story.charge(ChargeReply::Refunded { order: ID });
    assert_eq!(refunded, ["Refunded", "SagaCompensated"]);
}

#[test]
fn a_lost_answer_is_queried_until_nothing_found_is_proof() {
    let mut story = Story::created();
    story.charge_lost();
    let mut pauses = Vec::new();
    while story.saga().act(Act::Charge) == Progress::Unknown {
        let nth = story.saga().talk(Party::Provider).questions;
        story.charge(ChargeReply::Standing { order: ID, nth, charge: Charge::default() });
        if let Some(at) = story.saga().life.resting {
            pauses.push(at.since(story.now).as_micros() / 1_000_000);
            story.wait(Saga::TIMER_RETRY, Some(at));
        }
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 32, 25], "60 s of lag and 60 s of wrong clocks");
    assert_eq!(story.saga().act(Act::Charge), Progress::Asked, "it is requested again");
    let mut story = Story::created();
    story.charge_lost();
    let charge = Charge { charged: PRICE, ..Charge::default() };
    let found = story.charge(ChargeReply::Standing { order: ID, nth: 1, charge });
    assert_eq!(found, ["ChargeRetrieved", "OrderTold"]);
}

#[test]
fn a_silent_restaurant_is_queried_with_back_off_and_then_handed_to_an_operator() {
    let mut story = Story::paid();
    let offer = KitchenRequest::Offer { order: ID, portions: 1 };
    story.silent(kitchen_of(ROMA), Request::Kitchen(offer));
    let mut pauses = Vec::new();
    while story.saga().life.is_open() {
        if let Some(at) = story.saga().life.resting {
            pauses.push(at.since(story.now).as_micros() / 1_000_000);
            assert_eq!(story.wait(Saga::TIMER_RETRY, Some(at)), ["RetryDue", "TicketQueried"]);
        }
        let nth = story.saga().talk(Party::Restaurant).questions;
        let question = Request::Kitchen(KitchenRequest::Query { order: ID, nth });
        story.silent(kitchen_of(ROMA), question);
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
    let unreachable = Trouble::Unreachable(Party::Restaurant);
    assert_eq!(story.saga().life.handed_over(), Some(unreachable));
    let look = story.saga().life.look_at;
    let records = story.wait(Saga::TIMER_LOOK, look);
    assert_eq!(records, ["SagaResumed", "TicketQueried"]);
}

#[test]
fn couriers_who_are_all_busy_are_asked_again_and_then_an_operator() {
    let mut story = Story::preparing();
    let mut pauses = Vec::new();
    let busy = CourierReply::Busy { order: ID, attempt: 0 };
    story.courier(busy);
    while let Some(at) = story.saga().life.resting.filter(|_| story.saga().life.is_open()) {
        pauses.push(at.since(story.now).as_micros() / 1_000_000);
        assert_eq!(story.wait(Saga::TIMER_RETRY, Some(at)), ["RetryDue", "CourierAsked"]);
        story.courier(busy);
    }
    assert_eq!(pauses, [10, 20, 40, 80, 160, 160, 160, 160, 160, 160, 160]);
    assert_eq!(story.saga().life.handed_over(), Some(Trouble::NoCourier));
}

#[test]
fn after_a_courier_has_quit_the_next_one_is_asked_and_late_news_of_the_first_change_nothing() {
    let mut story = Story::ready();
    let quit = CourierReply::Quit { order: ID, attempt: 0 };
    assert_eq!(story.courier(quit), ["CourierQuit", "CourierAsked"]);
    assert_eq!(story.courier(quit), Vec::<&str>::new(), "the report comes twice");
    assert_eq!(story.found(0, COURIER), Vec::<&str>::new(), "the first courier's promise");
    let other = CourierId(4);
    assert_eq!(story.found(1, other), ["CourierFound", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Courier(other)));
    let assigned = OrderEvent::CourierAssigned { restaurant: ROMA, courier: other };
    assert_eq!(story.happens(assigned), Vec::<&str>::new(), "the food is to be collected still");
    assert_eq!(story.courier(CourierReply::Noted { order: ID }), ["CollectionNoted"]);
}

#[test]
fn a_trip_that_a_query_finds_is_not_asked_for_again() {
    let mut story = Story::preparing();
    let request = CourierRequest::Assign { order: ID, attempt: 0 };
    let lost = story.silent(COURIERS, Request::Courier(request));
    assert_eq!(lost, ["OutcomeUnknown", "TripQueried"]);
    let trip = Trip {
        attempt: 0,
        courier: Some(COURIER),
        leg: Leg::Coming,
        food_ready: false,
        quit: false,
        released: false,
    };
    let found = CourierReply::Found { order: ID, nth: 1, trip: Some(trip) };
    assert_eq!(story.courier(found), ["TripRetrieved", "OrderTold"]);
    assert_eq!(story.told(), Some(Tell::Courier(COURIER)));
}

#[test]
fn food_that_is_late_is_inquired_about_and_then_handed_to_an_operator() {
    let mut story = Story::ready();
    story.courier(CourierReply::Noted { order: ID });
    let due = story.wait(Deadline::Delivery.timer(), Some(at(9_000)));
    assert_eq!(due, ["DeliveryOverdue", "TripQueried"]);
    let trip = Trip {
        attempt: 0,
        courier: Some(COURIER),
        leg: Leg::Coming,
        food_ready: true,
        quit: false,
        released: false,
    };
    let found = |nth| CourierReply::Found { order: ID, nth, trip: Some(trip) };
    let handed = story.courier(found(1));
    assert_eq!(handed, ["TripRetrieved", "HandedToHuman", "LookScheduled"]);
    assert_eq!(story.saga().life.handed_over(), Some(Trouble::NotDelivered));
    let look = story.saga().life.look_at;
    assert_eq!(story.wait(Saga::TIMER_LOOK, look), ["SagaResumed", "TripQueried"]);
    // Once there is progress, they are asked again before the next hand-over.
    let trip = Trip { leg: Leg::PickedUp, ..trip };
    let found = CourierReply::Found { order: ID, nth: 2, trip: Some(trip) };
    assert_eq!(story.courier(found), ["TripRetrieved", "OrderTold"]);
    let (restaurant, courier) = (ROMA, COURIER);
    let records = story.happens(OrderEvent::OrderOutForDelivery { restaurant, courier });
    assert_eq!(records, ["TripQueried"]);
}

#[test]
fn an_order_that_is_cancelled_before_the_saga_can_confirm_it_is_undone() {
    let mut story = Story::paid();
    story.kitchen(KitchenReply::Taken { order: ID, estimated: Span::ZERO });
    story.stage(Stage::Accepted);
    let (stage, reason, refund) = (Status::Created, Reason::ByCustomer, eur(PRICE));
    story.changes(OrderEvent::OrderCancelled { restaurant: ROMA, stage, reason, refund });
    let command = crate::domains::delivery::Command::ConfirmOrder { order: ID };
    let status = Status::Cancelled;
    let rejection = crate::domains::delivery::Rejection::WrongStage { status };
    let records = story.answered(&command, &CommandOutcome::Refused(rejection));
    assert_eq!(records, ["TellFailed", "RefundAsked", "WithdrawalAsked"]);
}

#[test]
fn after_a_restart_pending_requests_have_an_unknown_outcome() {
    let mut story = Story::paid();
    assert_eq!(story.wake(&Stimulus::Resumed), ["SagaResumed", "TicketQueried"]);
    assert_eq!(story.saga().act(Act::Offer), Progress::Unknown);
    let offer = Effect::<Delivery>::SetTimer(Deadline::Confirm.timer(), at(900));
    assert!(story.still_wants(&offer), "its deadline is still to come");
}
