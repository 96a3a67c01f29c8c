//! Invariants of orders, on chosen and on random histories of commands.

use arrayvec::ArrayVec;
use proptest::prelude::*;

use super::command::{Command, Rejection};
use super::event::{Bringer, Item, Items, Method, Parcel, Reason};
use super::ids::{Day, OrderId, ProductId, Tracking};
use super::order::{Order, Status};
use super::setup::{Orders, Setup};
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::model::CustomerId;

const ID: OrderId = OrderId(0);

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::Usd)
}

fn place(lines: &[(u32, i64)]) -> Command {
    let item = |&(quantity, price): &(u32, i64)| Item { product: ProductId(0), quantity, price };
    let list: ArrayVec<_, 8> = lines.iter().map(item).collect();
    let items = Items { list, currency: Currency::Usd };
    Command::PlaceOrder {
        order: ID,
        customer: CustomerId(0),
        items,
        charge: false,
        receiver: crate::model::Named::NONE,
    }
}

fn receive(minor: i64) -> Command {
    let (payment, amount, method) = (ID.payment(), usd(minor), Method::CreditCard);
    Command::ReceivePayment { order: ID, payment, amount, method }
}

fn transfer(minor: i64) -> Command {
    let (payment, amount, method) = (ID.payment(), usd(minor), Method::BankTransfer);
    Command::ReceivePayment { order: ID, payment, amount, method }
}

fn ship() -> Command {
    let parcel = Parcel { tracking: Tracking(1), by: Bringer::Van, delivery: Day(1) };
    Command::ShipOrder { order: ID, parcel }
}

fn cancel(reason: Reason) -> Command {
    Command::CancelOrder { order: ID, reason }
}

fn shop() -> Orders {
    Orders::new(Setup::default()).expect("a shop")
}

/// The order after all commands that it accepts, and why it rejected the last one, if it did.
fn after(commands: &[Command]) -> (Order, Option<Rejection>) {
    let (mut order, mut refused) = (Order::blank(Currency::Usd), None);
    for command in commands {
        refused = match order.decide(command, &shop(), Instant::ZERO) {
            Ok(event) => {
                order.evolve(&event);
                None
            }
            Err(rejection) => Some(rejection),
        };
    }
    (order, refused)
}

#[test]
fn an_order_is_placed_paid_and_shipped() {
    let placed = place(&[(2, 2_999), (1, 4_999)]);
    let (order, refused) = after(&[placed, receive(10_997), ship()]);
    assert_eq!((order.status, order.total, refused), (Some(Status::Shipped), usd(10_997), None));
}

#[test]
fn an_order_needs_items_and_a_positive_total() {
    let refused = |command| after(&[command]).1;
    assert_eq!(refused(place(&[])), Some(Rejection::NoItems));
    for nothing in [&[(0, 100)][..], &[(1, 0)], &[(1, -5)], &[(2, i64::MAX)]] {
        assert_eq!(refused(place(nothing)), Some(Rejection::TotalNotPositive), "{nothing:?}");
    }
    assert_eq!(refused(receive(0)), Some(Rejection::NoSuchOrder));
}

#[test]
fn only_the_exact_total_is_accepted_and_only_once() {
    let placed = || place(&[(1, 500)]);
    let mismatch = Some(Rejection::AmountMismatch { total: usd(500) });
    assert_eq!(after(&[placed(), receive(499)]).1, mismatch);
    let paid = Some(Rejection::NotPending { status: Status::Paid });
    assert_eq!(after(&[placed(), receive(500), receive(500)]).1, paid);
    let twice = [Command::RequestPayment { order: ID }, Command::RequestPayment { order: ID }];
    let [first, second] = twice;
    assert_eq!(after(&[placed(), first, second]).1, Some(Rejection::AlreadyRequested));
}

#[test]
fn a_transfer_that_an_order_does_not_need_is_recorded_and_not_refused() {
    let gone = [place(&[(1, 500)]), cancel(Reason::Unpaid), transfer(500), transfer(499)];
    let (order, refused) = after(&gone);
    assert_eq!((order.status, order.surplus, refused), (Some(Status::Cancelled), usd(999), None));
    let (order, refused) = after(&[place(&[(1, 500)]), receive(500), transfer(500)]);
    assert_eq!((order.status, order.surplus, refused), (Some(Status::Paid), usd(500), None));
    let mismatch = Some(Rejection::AmountMismatch { total: usd(500) });
    assert_eq!(after(&[place(&[(1, 500)]), transfer(499)]).1, mismatch);
}

#[test]
fn an_unpaid_shipped_or_cancelled_order_is_not_shipped() {
    let placed = || place(&[(1, 500)]);
    let no = |status| Some(Rejection::NotPaid { status });
    assert_eq!(after(&[placed(), ship()]).1, no(Status::Pending));
    assert_eq!(after(&[placed(), receive(500), ship(), ship()]).1, no(Status::Shipped));
    let gone = [placed(), receive(500), cancel(Reason::ByCustomer), ship()];
    assert_eq!(after(&gone).1, no(Status::Cancelled));
}

#[test]
fn a_shipped_order_is_not_cancelled_and_a_paid_one_is_not_overdue() {
    let paid = || vec![place(&[(1, 500)]), receive(500)];
    let with = |mut commands: Vec<Command>, more: &[Command]| {
        commands.extend_from_slice(more);
        after(&commands).1
    };
    let by = || cancel(Reason::ByCustomer);
    assert_eq!(with(paid(), &[ship(), by()]), Some(Rejection::AlreadyShipped));
    assert_eq!(with(paid(), &[by(), by()]), Some(Rejection::AlreadyCancelled));
    assert_eq!(with(paid(), &[cancel(Reason::Unpaid)]), Some(Rejection::NotOverdue));
}

fn command() -> impl Strategy<Value = Command> {
    (0..9_u8, 0..3_i64).prop_map(|(what, slip)| match what {
        0 | 1 => place(&[(1, 500 * slip)]),
        2 => Command::RequestPayment { order: ID },
        3 | 4 => receive(500 * slip),
        5 => ship(),
        6 => cancel(Reason::ByCustomer),
        7 => transfer(500 * slip),
        _ => cancel(Reason::Unpaid),
    })
}

proptest! {
    #[test]
    fn every_decision_is_legal(commands in prop::collection::vec(command(), 0..30)) {
        let mut order = Order::blank(Currency::Usd);
        for command in commands {
            let decided = order.decide(&command, &shop(), Instant::ZERO);
            if let Ok(event) = decided {
                prop_assert!(order.is_legal_transition(&event), "{:?} after {:?}", event, order);
                order.evolve(&event);
            }
            if let Some((amount, _)) = order.paid {
                prop_assert_eq!(amount, order.total);
            }
        }
    }
}
