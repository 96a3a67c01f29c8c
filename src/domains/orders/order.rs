//! An order: its decisions, and its life cycle as a separate state machine.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::defects::{
    ANY_AMOUNT_PAYS, CANCELS_SHIPPED, LATE_PAYMENT_VANISHES, REFUND_NOT_STATED, SHIPS_CANCELLED,
    TOTAL_OF_FIRST_ITEM,
};
use super::event::{Items, Method, OrderEvent, Parcel, Reason};
use super::setup::Orders;
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::model::People;

/// The status of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    Pending,
    /// It is paid and not shipped.
    Paid,
    /// The parcel is under way.
    Shipped,
    Cancelled,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// `None` before it is placed.
    pub status: Option<Status>,
    pub items: Items,
    pub total: Money,
    /// Whether the customer's card is charged.
    pub charge: bool,
    /// The deadline for the payment, or for the request to charge the card.
    pub pay_by: Instant,
    pub paid: Option<(Money, Method)>,
    /// The sum of the bank transfers that it did not need.
    pub surplus: Money,
    pub parcel: Option<Parcel>,
    /// The customer, and the receiver if that is another one.
    pub people: People,
}

impl Status {
    /// All statuses, in order of their numbers.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Paid, Self::Shipped, Self::Cancelled];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Order {
    /// An order before it is placed.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            items: Items::none(currency),
            total: Money::zero(currency),
            charge: false,
            pay_by: Instant::ZERO,
            paid: None,
            surplus: Money::zero(currency),
            parcel: None,
            people: People::NONE,
        }
    }

    /// Decides a command.
    pub(super) fn decide(
        &self,
        command: &Command,
        orders: &Orders,
        now: Instant,
    ) -> Result<OrderEvent, Rejection> {
        match (command, self.status) {
            (Command::PlaceOrder { customer, items, charge, .. }, None) => {
                if items.list.is_empty() {
                    return Err(Rejection::NoItems);
                }
                let mut counted = items.clone();
                if orders.has(&TOTAL_OF_FIRST_ITEM) {
                    counted.list.truncate(1);
                }
                let total = counted.total().filter(|total| total.minor > 0);
                let total = total.ok_or(Rejection::TotalNotPositive)?;
                let (customer, items, charge) = (*customer, items.clone(), *charge);
                let pay_by = now + orders.tables.setup.pay_within;
                let people = People::NONE; // the command API puts them in
                Ok(OrderEvent::OrderPlaced { customer, items, total, charge, pay_by, people })
            }
            (Command::PlaceOrder { .. }, Some(_)) => Err(Rejection::AlreadyPlaced),
            (_, None) => Err(Rejection::NoSuchOrder),
            // A transfer cannot be refused: the money is on the shop's account.
            (
                &Command::ReceivePayment { payment, amount, method: Method::BankTransfer, .. },
                Some(status @ (Status::Paid | Status::Shipped | Status::Cancelled)),
            ) if !orders.has(&LATE_PAYMENT_VANISHES) => {
                Ok(OrderEvent::SurplusReceived { payment, amount, status })
            }
            (
                Command::RequestPayment { .. } | Command::ReceivePayment { .. },
                Some(status @ (Status::Paid | Status::Shipped | Status::Cancelled)),
            ) => Err(Rejection::NotPending { status }),
            (Command::RequestPayment { .. }, _) if self.charge => Err(Rejection::AlreadyRequested),
            (Command::RequestPayment { .. }, _) => {
                Ok(OrderEvent::PaymentRequested { amount: self.total })
            }
            (Command::ReceivePayment { amount, .. }, _)
                if *amount != self.total && !orders.has(&ANY_AMOUNT_PAYS) =>
            {
                Err(Rejection::AmountMismatch { total: self.total })
            }
            (&Command::ReceivePayment { payment, amount, method, .. }, _) => {
                Ok(OrderEvent::PaymentReceived { payment, amount, method })
            }
            (&Command::ShipOrder { parcel, .. }, Some(Status::Cancelled))
                if orders.has(&SHIPS_CANCELLED) =>
            {
                Ok(OrderEvent::OrderShipped { parcel })
            }
            (&Command::ShipOrder { parcel, .. }, Some(Status::Paid)) => {
                Ok(OrderEvent::OrderShipped { parcel })
            }
            (
                Command::ShipOrder { .. },
                Some(status @ (Status::Pending | Status::Shipped | Status::Cancelled)),
            ) => Err(Rejection::NotPaid { status }),
            (Command::CancelOrder { .. }, Some(Status::Shipped))
                if !orders.has(&CANCELS_SHIPPED) =>
            {
                Err(Rejection::AlreadyShipped)
            }
            (Command::CancelOrder { .. }, Some(Status::Cancelled)) => {
                Err(Rejection::AlreadyCancelled)
            }
            (Command::CancelOrder { reason: Reason::Unpaid, .. }, _)
                if self.charge || self.paid.is_some() =>
            {
                Err(Rejection::NotOverdue)
            }
            (
                &Command::CancelOrder { reason, .. },
                Some(Status::Pending | Status::Paid | Status::Shipped),
            ) => {
                let nothing = Money::zero(self.total.currency);
                let paid = self.paid.filter(|_| !orders.has(&REFUND_NOT_STATED));
                let refund = paid.map_or(nothing, |(amount, _)| amount);
                Ok(OrderEvent::OrderCancelled { reason, refund })
            }
        }
    }

    pub fn evolve(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::OrderPlaced { customer: _, items, total, charge, pay_by, people } => {
                self.status = Some(Status::Pending);
                (self.items, self.people) = (items.clone(), people.clone());
                (self.total, self.charge, self.pay_by) = (*total, *charge, *pay_by);
            }
            OrderEvent::PaymentRequested { .. } => self.charge = true,
            OrderEvent::PaymentReceived { payment: _, amount, method } => {
                self.status = Some(Status::Paid);
                self.paid = Some((*amount, *method));
            }
            OrderEvent::SurplusReceived { amount, .. } => {
                self.surplus = self.surplus.plus(*amount).unwrap_or(self.surplus);
            }
            OrderEvent::OrderShipped { parcel } => {
                self.status = Some(Status::Shipped);
                self.parcel = Some(*parcel);
            }
            OrderEvent::OrderCancelled { .. } => self.status = Some(Status::Cancelled),
        }
    }

    /// Whether the life cycle allows an event.
    ///
    /// ```text
    /// blank ─▶ pending ─▶ paid ─▶ shipped
    ///             │         │
    ///             └─────────┴───▶ cancelled
    /// ```
    pub fn is_legal_transition(&self, event: &OrderEvent) -> bool {
        match (self.status, event) {
            (None, OrderEvent::OrderPlaced { items, total, .. }) => {
                total.minor > 0 && items.total() == Some(*total)
            }
            (Some(Status::Pending), OrderEvent::PaymentRequested { amount }) => {
                !self.charge && *amount == self.total
            }
            (Some(Status::Pending), OrderEvent::PaymentReceived { amount, .. }) => {
                *amount == self.total
            }
            (Some(Status::Pending), OrderEvent::OrderCancelled { refund, .. }) => refund.is_zero(),
            (
                Some(now @ (Status::Paid | Status::Shipped | Status::Cancelled)),
                OrderEvent::SurplusReceived { status, .. },
            ) => now == *status,
            (Some(Status::Paid), OrderEvent::OrderShipped { .. }) => true,
            (Some(Status::Paid), OrderEvent::OrderCancelled { reason, refund }) => {
                *refund == self.total && *reason != Reason::Unpaid
            }
            (
                None | Some(Status::Pending | Status::Paid | Status::Shipped | Status::Cancelled),
                OrderEvent::OrderPlaced { .. }
                | OrderEvent::PaymentRequested { .. }
                | OrderEvent::PaymentReceived { .. }
                | OrderEvent::SurplusReceived { .. }
                | OrderEvent::OrderShipped { .. }
                | OrderEvent::OrderCancelled { .. },
            ) => false,
        }
    }
}
