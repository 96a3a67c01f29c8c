//! What can be asked of an order, and the reasons for which it says no.

use thiserror::Error;

use super::event::{Items, Method, Parcel, Reason};
use super::ids::{OrderId, PaymentId};
use super::order::Status;
use crate::domains::money::Money;
use crate::model::{CustomerId, Streams};
use crate::names;

/// What is asked of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A customer orders; `charge`: and wants their card charged at once.
    PlaceOrder { order: OrderId, customer: CustomerId, items: Items, charge: bool },
    /// The customer wants their card charged.
    RequestPayment { order: OrderId },
    /// The money is there.
    ReceivePayment { order: OrderId, payment: PaymentId, amount: Money, method: Method },
    /// The parcel is on its way.
    ShipOrder { order: OrderId, parcel: Parcel },
    /// The order is to be given up.
    CancelOrder { order: OrderId, reason: Reason },
}

/// Why an order says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// An order has at least one item.
    #[error("an order must have at least one item")]
    NoItems,
    /// There must be something to pay.
    #[error("an order's total must be positive")]
    TotalNotPositive,
    /// The order exists already.
    #[error("already placed")]
    AlreadyPlaced,
    /// There is nothing to act on.
    #[error("no such order")]
    NoSuchOrder,
    /// The card is being charged.
    #[error("payment was requested before")]
    AlreadyRequested,
    /// It can only be paid while it waits for that.
    #[error("cannot pay for an order that is {}", status.word())]
    NotPending { status: Status },
    /// Not what it costs.
    #[error("the total is {total}")]
    AmountMismatch { total: Money },
    /// It can only be shipped when it is paid.
    #[error("cannot ship an order that is {}", status.word())]
    NotPaid { status: Status },
    /// It is on its way.
    #[error("already shipped")]
    AlreadyShipped,
    /// It was given up before.
    #[error("already cancelled")]
    AlreadyCancelled,
    /// It is being paid, or was.
    #[error("not overdue")]
    NotOverdue,
}

names! {
    Command {
        PlaceOrder, RequestPayment, ReceivePayment, ShipOrder, CancelOrder,
    }
}

impl Command {
    /// The order it is about.
    pub const fn order(&self) -> OrderId {
        match self {
            Self::PlaceOrder { order, .. }
            | Self::RequestPayment { order }
            | Self::ReceivePayment { order, .. }
            | Self::ShipOrder { order, .. }
            | Self::CancelOrder { order, .. } => *order,
        }
    }

    /// The stream it is decided on.
    pub fn streams(&self) -> Streams {
        [self.order().stream()].into_iter().collect()
    }
}

names! {
    Rejection {
        NoItems, TotalNotPositive, AlreadyPlaced, NoSuchOrder, AlreadyRequested, NotPending,
        AmountMismatch, NotPaid, AlreadyShipped, AlreadyCancelled, NotOverdue,
    }
}
