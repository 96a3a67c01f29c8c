//! Invariants of orders, on chosen and on random histories of commands.

use arrayvec::ArrayVec;
use proptest::prelude::*;

use super::command::{Command, Rejection};
use super::event::{DropOff, Item, Items, Place, Reason};
use super::ids::{CourierId, DishId, OrderId, RestaurantId};
use super::order::{Order, Status};
use super::setup::{Delivery, Setup};
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::CustomerId;

const ID: OrderId = OrderId(0);
const COURIER: CourierId = CourierId(3);
const PRICE: i64 = 1_999;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

fn service() -> Delivery {
    Delivery::new(Setup::default()).expect("a delivery service")
}

fn create(lines: &[(u32, i64)]) -> Command {
    let item = |&(quantity, price): &(u32, i64)| Item { dish: DishId(0), quantity, price };
    let list: ArrayVec<_, 8> = lines.iter().map(item).collect();
    let items = Items { list, currency: Currency::Eur };
    let (customer, restaurant, drop_off) = (CustomerId(0), RestaurantId(0), DropOff::Hand);
    Command::CreateOrder {
        order: ID,
        customer,
        restaurant,
        items,
        drop_off,
        receiver: crate::model::Named::NONE,
    }
}

fn cancel(least: i64) -> Command {
    Command::CancelOrder { order: ID, by: CustomerId(0), least }
}

fn abandon(reason: Reason) -> Command {
    Command::AbandonOrder { order: ID, reason }
}

/// The commands that bring an order to a stage, each followed by the stage after it.
fn steps() -> Vec<(Command, Status)> {
    vec![
        (create(&[(1, PRICE)]), Status::Created),
        (Command::PayOrder { order: ID, amount: eur(PRICE) }, Status::Created),
        (Command::ConfirmOrder { order: ID }, Status::Confirmed),
        (Command::StartPreparing { order: ID, estimated: Span::ZERO }, Status::Preparing),
        (Command::AssignCourier { order: ID, courier: COURIER }, Status::Preparing),
        (Command::MarkReady { order: ID }, Status::Ready),
        (Command::PickUp { order: ID, courier: COURIER }, Status::OutForDelivery),
        (
            Command::ReportPosition { order: ID, place: Place { east: 1, north: 2 } },
            Status::OutForDelivery,
        ),
        (Command::DeliverOrder { order: ID }, Status::Delivered),
    ]
}

/// The order after all commands that it accepts, and why it rejected the last one, if it did.
fn after(commands: &[Command]) -> (Order, Option<Rejection>) {
    let (mut order, mut refused) = (Order::blank(Currency::Eur), None);
    for command in commands {
        refused = match order.decide(command, &service(), Instant::ZERO) {
            Ok(event) => {
                order.evolve(&event);
                None
            }
            Err(rejection) => Some(rejection),
        };
    }
    (order, refused)
}

/// A paid order that has just come to a stage.
fn at(stage: Status) -> Vec<Command> {
    let steps = steps();
    let last = steps.iter().rposition(|(_, after)| *after == stage).expect("a stage");
    steps[..=last].iter().map(|(command, _)| command.clone()).collect()
}

fn then(stage: Status, command: Command) -> (Order, Option<Rejection>) {
    let mut commands = at(stage);
    commands.push(command);
    after(&commands)
}

#[test]
fn an_order_goes_through_all_stages_in_their_order_and_through_none_twice() {
    let commands: Vec<Command> = steps().into_iter().map(|(command, _)| command).collect();
    let (order, refused) = after(&commands);
    assert_eq!((order.status, order.moves, refused), (Some(Status::Delivered), 1, None));
    for (nth, (command, _)) in steps().into_iter().enumerate() {
        let early = after(&commands[..nth.saturating_sub(1)]).0;
        let repeated = order.decide(&command, &service(), Instant::ZERO);
        assert!(repeated.is_err(), "{command:?} after the end");
        let out_of_order = nth > 1 && early.decide(&command, &service(), Instant::ZERO).is_ok();
        // A courier may be found later, and the food be ready before.
        let may_be_early =
            matches!(command, Command::MarkReady { .. } | Command::DeliverOrder { .. });
        assert!(!out_of_order || may_be_early, "{command:?} too early");
    }
}

#[test]
fn every_edge_to_cancelled_is_decided_by_its_stage() {
    let half = PRICE / 2;
    for (stage, refund) in
        [(Status::Created, PRICE), (Status::Confirmed, PRICE), (Status::Preparing, half)]
    {
        let (order, refused) = then(stage, cancel(0));
        assert_eq!(refused, None, "{stage:?}");
        assert_eq!(order.cancelled, Some((Reason::ByCustomer, eur(refund))), "{stage:?}");
    }
    for status in [Status::Ready, Status::OutForDelivery, Status::Delivered] {
        assert_eq!(then(status, cancel(0)).1, Some(Rejection::TooLate { status }));
    }
    let twice = [at(Status::Created), vec![cancel(0), cancel(0)]].concat();
    assert_eq!(after(&twice).1, Some(Rejection::AlreadyCancelled));
    assert_eq!(after(&[cancel(0)]).1, Some(Rejection::NoSuchOrder));
    let unpaid = after(&[create(&[(1, PRICE)]), cancel(PRICE)]).0;
    assert_eq!(unpaid.cancelled, Some((Reason::ByCustomer, eur(0))), "nothing was paid");
}

#[test]
fn a_customer_who_expects_more_than_they_get_is_asked_again() {
    let refund = eur(PRICE / 2);
    assert_eq!(then(Status::Preparing, cancel(PRICE)).1, Some(Rejection::LessRefund { refund }));
    assert_eq!(then(Status::Preparing, cancel(PRICE / 2)).1, None);
    let other = Command::CancelOrder { order: ID, by: CustomerId(1), least: 0 };
    assert_eq!(then(Status::Created, other).1, Some(Rejection::NotTheOwner));
}

#[test]
fn what_the_outside_does_wrong_costs_the_customer_nothing() {
    for (stage, reason) in [
        (Status::Created, Reason::RestaurantRefused),
        (Status::Created, Reason::NotConfirmed),
        (Status::Confirmed, Reason::KitchenLate),
        (Status::Preparing, Reason::KitchenLate),
        (Status::Preparing, Reason::RestaurantGaveUp),
    ] {
        let (order, refused) = then(stage, abandon(reason));
        assert_eq!((order.cancelled, refused), (Some((reason, eur(PRICE))), None), "{reason:?}");
    }
    let status = Status::Confirmed;
    let refused = then(status, abandon(Reason::NotConfirmed)).1;
    assert_eq!(refused, Some(Rejection::NotOverdue { status }), "it was confirmed meanwhile");
    let status = Status::Ready;
    assert_eq!(then(status, abandon(Reason::KitchenLate)).1, Some(Rejection::TooLate { status }));
}

#[test]
fn an_order_needs_items_a_positive_total_and_the_exact_payment() {
    let refused = |command| after(&[command]).1;
    assert_eq!(refused(create(&[])), Some(Rejection::NoItems));
    for nothing in [&[(0, 100)][..], &[(1, 0)], &[(1, -5)], &[(2, i64::MAX)]] {
        assert_eq!(refused(create(nothing)), Some(Rejection::TotalNotPositive), "{nothing:?}");
    }
    let created = || create(&[(1, PRICE)]);
    let pay = |minor| Command::PayOrder { order: ID, amount: eur(minor) };
    let mismatch = Some(Rejection::AmountMismatch { total: eur(PRICE) });
    assert_eq!(after(&[created(), pay(1)]).1, mismatch);
    assert_eq!(after(&[created(), pay(PRICE), pay(PRICE)]).1, Some(Rejection::AlreadyPaid));
    let unpaid = [created(), Command::ConfirmOrder { order: ID }];
    assert_eq!(after(&unpaid).1, Some(Rejection::NotPaid));
}

#[test]
fn the_food_can_be_left_elsewhere_until_the_courier_has_it() {
    let leave = |by| {
        let (by, drop_off) = (CustomerId(by), DropOff::Door);
        Command::ChangeDropOff { order: ID, by, drop_off }
    };
    assert_eq!(then(Status::Ready, leave(0)).0.drop_off, DropOff::Door);
    let status = Status::OutForDelivery;
    assert_eq!(then(status, leave(0)).1, Some(Rejection::WrongStage { status }));
    assert_eq!(then(Status::Created, leave(1)).1, Some(Rejection::NotTheOwner));
}

#[test]
fn only_the_assigned_courier_can_pick_the_food_up() {
    let pick_up = Command::PickUp { order: ID, courier: CourierId(9) };
    assert_eq!(then(Status::Ready, pick_up).1, Some(Rejection::OtherCourier));
}

fn command() -> impl Strategy<Value = Command> {
    (0..13_usize, 0..3_i64).prop_map(|(what, slip)| match what {
        0..=8 => steps()[what].0.clone(),
        9 => cancel(PRICE / 2 * slip),
        10 => abandon(
            [Reason::KitchenLate, Reason::NotConfirmed, Reason::RestaurantGaveUp][slip as usize],
        ),
        11 => Command::AssignCourier { order: ID, courier: CourierId(slip as u32) },
        _ => Command::PayOrder { order: ID, amount: eur(PRICE + slip - 1) },
    })
}

proptest! {
    #[test]
    fn every_decision_is_legal(commands in prop::collection::vec(command(), 0..40)) {
        let (service, mut order) = (service(), Order::blank(Currency::Eur));
        for command in commands {
            if let Ok(event) = order.decide(&command, &service, Instant::ZERO) {
                prop_assert!(order.is_legal_transition(&service, &event), "{:?} after {:?}", event, order);
                order.evolve(&event);
            }
            if let Some((_, refund)) = order.cancelled {
                let most = if order.paid { PRICE } else { 0 };
                prop_assert!(refund.minor <= most, "{} of {}", refund, most);
            }
        }
    }
}
