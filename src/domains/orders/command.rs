//! Commands to orders, and the reasons to reject them.

use thiserror::Error;

use super::event::{Items, Method, Parcel, Reason};
use super::ids::{OrderId, PaymentId};
use super::order::Status;
use crate::domains::money::Money;
use crate::model::{CustomerId, Named, Streams};
use crate::names;

/// A command to an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Places an order. `charge`: the customer's card is charged at once.
    PlaceOrder {
        order: OrderId,
        customer: CustomerId,
        items: Items,
        charge: bool,
        /// Who gets the parcel, if it is another customer.
        receiver: Named,
    },
    /// Has the customer's card charged.
    RequestPayment { order: OrderId },
    /// Records a payment.
    ReceivePayment { order: OrderId, payment: PaymentId, amount: Money, method: Method },
    /// Records that the parcel is under way.
    ShipOrder { order: OrderId, parcel: Parcel },
    /// Cancels the order.
    CancelOrder { order: OrderId, reason: Reason },
}

/// Why a command is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    #[error("an order must have at least one item")]
    NoItems,
    /// The total is zero, negative or too large.
    #[error("the total must be greater than zero")]
    TotalNotPositive,
    /// The order exists already.
    #[error("already placed")]
    AlreadyPlaced,
    #[error("no such order")]
    NoSuchOrder,
    #[error("payment was already requested")]
    AlreadyRequested,
    #[error("cannot pay for an order that is {}", status.word())]
    NotPending { status: Status },
    #[error("the total is {total}")]
    AmountMismatch { total: Money },
    #[error("cannot ship an order that is {}", status.word())]
    NotPaid { status: Status },
    #[error("already shipped")]
    AlreadyShipped,
    #[error("already cancelled")]
    AlreadyCancelled,
    /// The order is being paid, or was paid.
    #[error("the payment is not overdue")]
    NotOverdue,
}

names! { Command { PlaceOrder, RequestPayment, ReceivePayment, ShipOrder, CancelOrder } }

names! {
    Rejection {
        NoItems, TotalNotPositive, AlreadyPlaced, NoSuchOrder, AlreadyRequested, NotPending,
        AmountMismatch, NotPaid, AlreadyShipped, AlreadyCancelled, NotOverdue,
    }
}

impl Command {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::PlaceOrder { order, .. }
            | Self::RequestPayment { order }
            | Self::ReceivePayment { order, .. }
            | Self::ShipOrder { order, .. }
            | Self::CancelOrder { order, .. } => *order,
        }
    }

    /// The stream that the decision reads.
    pub fn streams(&self) -> Streams {
        Streams::from_iter([self.order().stream()])
    }
}
