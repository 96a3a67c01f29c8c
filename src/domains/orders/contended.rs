//! What customers, the shop and sagas contend for: the life cycle of an order.
//!
//! This describes an order a second time, as the senders of commands see it.

use super::command::{Command, Rejection};
use super::event::{Method, Reason};
use super::ids::ORDER;
use super::order::Status;
use crate::linearizability::models::{self, Phase, Phases};
use crate::linearizability::{Act, Object};
use crate::model::{Acts, StreamId};

const NAMES: &[&str] = &["not placed", "pending", "paid", "shipped", "cancelled"];

/// The phase before an order is placed.
const BLANK: u8 = 0;
const PENDING: u8 = phase(Status::Pending);
const PAID: u8 = phase(Status::Paid);
const SHIPPED: u8 = phase(Status::Shipped);
const CANCELLED: u8 = phase(Status::Cancelled);

const fn phase(status: Status) -> u8 {
    match status {
        Status::Pending => 1,
        Status::Paid => 2,
        Status::Shipped => 3,
        Status::Cancelled => 4,
    }
}

/// An order that is not placed yet.
pub(super) fn contended(stream: StreamId) -> Option<Object> {
    (stream.category == ORDER).then(|| Object::Status(models::Status::first(NAMES)))
}

/// What a command does to an order, or what its rejection says of it.
pub(super) fn acts(command: &Command, rejected: Option<&Rejection>) -> Acts {
    let act = match rejected {
        None => done(command),
        Some(rejection) => said(rejection),
    };
    act.map(|act| (command.order().stream(), Act::Phase(act))).into_iter().collect()
}

fn done(command: &Command) -> Option<Phase> {
    let goes = |from: &[u8], to| Phase::Move { from: Phases::of(from), to, certain: true };
    Some(match command {
        Command::PlaceOrder { .. } => goes(&[BLANK], PENDING),
        Command::RequestPayment { .. } => is(&[PENDING]),
        Command::ReceivePayment { method: Method::CreditCard, .. } => goes(&[PENDING], PAID),
        // The shop has the money: what an order does not need is a surplus.
        Command::ReceivePayment { method: Method::BankTransfer, .. } => {
            Phase::Move { from: Phases::of(&[PENDING]), to: PAID, certain: false }
        }
        Command::ShipOrder { .. } => goes(&[PAID], SHIPPED),
        Command::CancelOrder { reason: Reason::Unpaid, .. } => goes(&[PENDING], CANCELLED),
        Command::CancelOrder { .. } => goes(&[PENDING, PAID], CANCELLED),
    })
}

fn said(rejection: &Rejection) -> Option<Phase> {
    match *rejection {
        Rejection::AlreadyPlaced => Some(is(&[PENDING, PAID, SHIPPED, CANCELLED])),
        Rejection::NoSuchOrder => Some(is(&[BLANK])),
        Rejection::AlreadyRequested | Rejection::AmountMismatch { .. } => Some(is(&[PENDING])),
        Rejection::NotPending { status } | Rejection::NotPaid { status } => {
            Some(is(&[phase(status)]))
        }
        Rejection::AlreadyShipped => Some(is(&[SHIPPED])),
        Rejection::AlreadyCancelled => Some(is(&[CANCELLED])),
        Rejection::NotOverdue => Some(is(&[PENDING, PAID])),
        // These are about the command.
        Rejection::NoItems | Rejection::TotalNotPositive => None,
    }
}

const fn is(phases: &[u8]) -> Phase {
    Phase::Is(Phases::of(phases))
}
