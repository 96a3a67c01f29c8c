//! An order: its life cycle, twice, once as decisions and once as a state machine.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::event::{Items, Method, OrderEvent, Parcel, Reason};
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It waits to be paid.
    Pending,
    /// It waits to be shipped.
    Paid,
    /// It is on its way.
    Shipped,
    /// It was given up.
    Cancelled,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// How it stands; `None` before it is placed.
    pub status: Option<Status>,
    /// What is ordered.
    pub items: Items,
    /// What that costs.
    pub total: Money,
    /// Whether the customer's card is to be charged.
    pub charge: bool,
    /// Until when it must be paid, or asked to be charged.
    pub pay_by: Instant,
    /// What was received, and how.
    pub paid: Option<(Money, Method)>,
    /// The parcel that is on its way.
    pub parcel: Option<Parcel>,
}

impl Status {
    /// All of them, by number.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Paid, Self::Shipped, Self::Cancelled];

    /// In a word.
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
    /// An order that was not placed.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            items: Items::none(currency),
            total: Money::zero(currency),
            charge: false,
            pay_by: Instant::ZERO,
            paid: None,
            parcel: None,
        }
    }

    /// What a command leads to; `pay_within` is how long a new order may go unpaid.
    pub(super) fn decide(
        &self,
        command: &Command,
        pay_within: Span,
        now: Instant,
    ) -> Result<OrderEvent, Rejection> {
        let status = match (command, self.status) {
            (Command::PlaceOrder { customer, items, charge, .. }, None) => {
                if items.list.is_empty() {
                    return Err(Rejection::NoItems);
                }
                let total = items.total().filter(|total| total.minor > 0);
                let total = total.ok_or(Rejection::TotalNotPositive)?;
                let (customer, items, charge) = (*customer, items.clone(), *charge);
                let pay_by = now + pay_within;
                return Ok(OrderEvent::OrderPlaced { customer, items, total, charge, pay_by });
            }
            (Command::PlaceOrder { .. }, Some(_)) => return Err(Rejection::AlreadyPlaced),
            (_, None) => return Err(Rejection::NoSuchOrder),
            (_, Some(status)) => status,
        };
        match command {
            Command::PlaceOrder { .. } => Err(Rejection::AlreadyPlaced),
            Command::RequestPayment { .. } if status != Status::Pending => {
                Err(Rejection::NotPending { status })
            }
            Command::RequestPayment { .. } if self.charge => Err(Rejection::AlreadyRequested),
            Command::RequestPayment { .. } => {
                Ok(OrderEvent::PaymentRequested { amount: self.total })
            }
            Command::ReceivePayment { payment, amount, method, .. } => {
                if status != Status::Pending {
                    return Err(Rejection::NotPending { status });
                }
                if *amount != self.total {
                    return Err(Rejection::AmountMismatch { total: self.total });
                }
                let (payment, amount, method) = (*payment, *amount, *method);
                Ok(OrderEvent::PaymentReceived { payment, amount, method })
            }
            Command::ShipOrder { parcel, .. } => match status {
                Status::Paid => Ok(OrderEvent::OrderShipped { parcel: *parcel }),
                Status::Pending | Status::Shipped | Status::Cancelled => {
                    Err(Rejection::NotPaid { status })
                }
            },
            Command::CancelOrder { reason, .. } => match status {
                Status::Shipped => Err(Rejection::AlreadyShipped),
                Status::Cancelled => Err(Rejection::AlreadyCancelled),
                Status::Pending | Status::Paid
                    if *reason == Reason::Unpaid && (self.charge || self.paid.is_some()) =>
                {
                    Err(Rejection::NotOverdue)
                }
                Status::Pending | Status::Paid => {
                    let nothing = Money::zero(self.total.currency);
                    let refund = self.paid.map_or(nothing, |(amount, _)| amount);
                    Ok(OrderEvent::OrderCancelled { reason: *reason, refund })
                }
            },
        }
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::OrderPlaced { customer: _, items, total, charge, pay_by } => {
                self.status = Some(Status::Pending);
                self.items = items.clone();
                (self.total, self.charge, self.pay_by) = (*total, *charge, *pay_by);
            }
            OrderEvent::PaymentRequested { .. } => self.charge = true,
            OrderEvent::PaymentReceived { payment: _, amount, method } => {
                self.status = Some(Status::Paid);
                self.paid = Some((*amount, *method));
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
    /// nothing ─▶ pending ─▶ paid ─▶ shipped
    ///               │         │
    ///               └─────────┴───▶ cancelled
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
            (Some(Status::Paid), OrderEvent::OrderShipped { .. }) => true,
            (Some(Status::Paid), OrderEvent::OrderCancelled { reason, refund }) => {
                *refund == self.total && *reason != Reason::Unpaid
            }
            (
                None | Some(Status::Pending | Status::Paid | Status::Shipped | Status::Cancelled),
                OrderEvent::OrderPlaced { .. }
                | OrderEvent::PaymentRequested { .. }
                | OrderEvent::PaymentReceived { .. }
                | OrderEvent::OrderShipped { .. }
                | OrderEvent::OrderCancelled { .. },
            ) => false,
        }
    }
}
