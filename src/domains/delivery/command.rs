//! Commands to orders, and the reasons to reject them.

use thiserror::Error;

use super::event::{DropOff, Items, Place, Reason};
use super::ids::{CourierId, OrderId, RestaurantId};
use super::order::Status;
use crate::domains::money::Money;
use crate::kernel::Span;
use crate::model::{CustomerId, Named, Streams};
use crate::names;

/// A command to an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Creates an order. The customer's card is charged at once.
    CreateOrder {
        order: OrderId,
        customer: CustomerId,
        restaurant: RestaurantId,
        items: Items,
        drop_off: DropOff,
        /// Who gets the food, if it is another customer.
        receiver: Named,
    },
    /// Records that the card was charged.
    PayOrder { order: OrderId, amount: Money },
    /// The customer wants the food to be left elsewhere.
    ChangeDropOff { order: OrderId, by: CustomerId, drop_off: DropOff },
    /// The restaurant accepts the order.
    ConfirmOrder { order: OrderId },
    /// The kitchen begins.
    StartPreparing { order: OrderId, estimated: Span },
    /// A courier will bring the food.
    AssignCourier { order: OrderId, courier: CourierId },
    /// The food can be picked up.
    MarkReady { order: OrderId },
    /// The courier has the food.
    PickUp { order: OrderId, courier: CourierId },
    /// A courier's telephone reports a position.
    ReportPosition { order: OrderId, place: Place },
    /// The customer has the food.
    DeliverOrder { order: OrderId },
    /// The customer cancels. `least` is the refund, in minor units, that they expect at least: they have seen
    /// an earlier stage, perhaps.
    CancelOrder { order: OrderId, by: CustomerId, least: i64 },
    /// The order cannot be carried out.
    AbandonOrder { order: OrderId, reason: Reason },
}

/// Why a command is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    #[error("an order must have at least one item")]
    NoItems,
    /// The total is zero, negative or too large.
    #[error("the total must be greater than zero")]
    TotalNotPositive,
    #[error("already created")]
    AlreadyCreated,
    #[error("no such order")]
    NoSuchOrder,
    #[error("it belongs to another customer")]
    NotTheOwner,
    #[error("already paid")]
    AlreadyPaid,
    #[error("not paid")]
    NotPaid,
    #[error("the total is {total}")]
    AmountMismatch { total: Money },
    /// The order has not come to the stage before, or is past it.
    #[error("not possible for an order that is {}", status.word())]
    WrongStage { status: Status },
    /// The order has another courier, or none.
    #[error("another courier brings the order")]
    OtherCourier,
    /// An order that is ready cannot be cancelled any more.
    #[error("too late: the order is {}", status.word())]
    TooLate { status: Status },
    #[error("already cancelled")]
    AlreadyCancelled,
    /// The customer expected more.
    #[error("only {refund} would be refunded")]
    LessRefund { refund: Money },
    /// The restaurant or the kitchen was in time after all.
    #[error("the deadline does not concern an order that is {}", status.word())]
    NotOverdue { status: Status },
}

names! {
    Command {
        CreateOrder, PayOrder, ChangeDropOff, ConfirmOrder, StartPreparing, AssignCourier, MarkReady,
        PickUp, ReportPosition, DeliverOrder, CancelOrder, AbandonOrder,
    }
}

names! {
    Rejection {
        NoItems, TotalNotPositive, AlreadyCreated, NoSuchOrder, NotTheOwner, AlreadyPaid, NotPaid,
        AmountMismatch, WrongStage, OtherCourier, TooLate, AlreadyCancelled, LessRefund, NotOverdue,
    }
}

impl Command {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::CreateOrder { order, .. }
            | Self::PayOrder { order, .. }
            | Self::ChangeDropOff { order, .. }
            | Self::ConfirmOrder { order }
            | Self::StartPreparing { order, .. }
            | Self::AssignCourier { order, .. }
            | Self::MarkReady { order }
            | Self::PickUp { order, .. }
            | Self::ReportPosition { order, .. }
            | Self::DeliverOrder { order }
            | Self::CancelOrder { order, .. }
            | Self::AbandonOrder { order, .. } => *order,
        }
    }

    /// The stream that the decision reads.
    pub fn streams(&self) -> Streams {
        Streams::from_iter([self.order().stream()])
    }
}
