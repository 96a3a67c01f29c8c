//! An order: its life cycle as a state machine. What it decides is in [`decide`], what a cancellation gives
//! back in [`refund`].

use serde::{Deserialize, Serialize};

use super::event::{DropOff, Items, OrderEvent, Place, Reason};
use super::ids::{CourierId, RestaurantId};
use super::setup::Delivery;
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, People};

mod decide;
pub(super) mod refund;

/// The stage of an order.
///
/// ```text
/// created ─▶ confirmed ─▶ preparing ─▶ ready ─▶ out for delivery ─▶ delivered
///    │           │            │
///    └───────────┴────────────┴──▶ cancelled
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    Created,
    Confirmed,
    Preparing,
    Ready,
    OutForDelivery,
    Delivered,
    Cancelled,
}

/// One order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// `None` before it is created.
    pub status: Option<Status>,
    pub customer: CustomerId,
    pub restaurant: RestaurantId,
    pub items: Items,
    pub total: Money,
    pub paid: bool,
    pub drop_off: DropOff,
    /// The time by which the restaurant must confirm it.
    pub confirm_by: Instant,
    /// The time by which the food must be ready, once it is confirmed.
    pub ready_by: Option<Instant>,
    /// How long the food will take, as the kitchen says when it begins.
    pub estimated: Option<Span>,
    /// The time by which the food must be delivered, once it is ready.
    pub deliver_by: Option<Instant>,
    pub courier: Option<CourierId>,
    /// The last position of the courier, and how many were reported.
    pub place: Option<Place>,
    pub moves: u32,
    /// Why it was cancelled, and what is given back.
    pub cancelled: Option<(Reason, Money)>,
    /// The customer, and the receiver if that is another one.
    pub people: People,
}

impl Status {
    /// All stages, in order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Created,
        Self::Confirmed,
        Self::Preparing,
        Self::Ready,
        Self::OutForDelivery,
        Self::Delivered,
        Self::Cancelled,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Confirmed => "confirmed",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::OutForDelivery => "out for delivery",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the order can still be cancelled.
    pub const fn is_in_window(self) -> bool {
        match self {
            Self::Created | Self::Confirmed | Self::Preparing => true,
            Self::Ready | Self::OutForDelivery | Self::Delivered | Self::Cancelled => false,
        }
    }

    /// Whether nothing follows.
    pub const fn is_last(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled)
    }
}

impl Order {
    /// An order before it is created.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            customer: CustomerId(0),
            restaurant: RestaurantId(0),
            items: Items::none(currency),
            total: Money::zero(currency),
            paid: false,
            drop_off: DropOff::Hand,
            confirm_by: Instant::ZERO,
            ready_by: None,
            estimated: None,
            deliver_by: None,
            courier: None,
            place: None,
            moves: 0,
            cancelled: None,
            people: People::NONE,
        }
    }

    /// Whether it is the same, apart from personal data: that is forgotten for a reader whose key is destroyed.
    pub fn is_as(&self, other: &Self) -> bool {
        let without = |it: &Self| Self { people: People::NONE, ..it.clone() };
        without(self) == without(other)
    }

    pub fn evolve(&mut self, event: &OrderEvent) {
        self.status = event.status().or(self.status);
        match event {
            OrderEvent::OrderCreated {
                customer,
                restaurant,
                items,
                total,
                drop_off,
                confirm_by,
                people,
            } => {
                (self.customer, self.restaurant) = (*customer, *restaurant);
                (self.items, self.total) = (Items::clone(items), *total);
                self.people = people.clone();
                (self.drop_off, self.confirm_by) = (*drop_off, *confirm_by);
            }
            OrderEvent::OrderPaid { .. } => self.paid = true,
            OrderEvent::DropOffChanged { drop_off } => self.drop_off = *drop_off,
            OrderEvent::OrderConfirmed { ready_by, .. } => self.ready_by = Some(*ready_by),
            OrderEvent::OrderPreparing { estimated, .. } => self.estimated = Some(*estimated),
            OrderEvent::CourierAssigned { courier, .. } => self.courier = Some(*courier),
            OrderEvent::OrderReady { deliver_by, .. } => self.deliver_by = Some(*deliver_by),
            OrderEvent::CourierMoved { place } => {
                self.place = Some(*place);
                self.moves = self.moves.saturating_add(1);
            }
            OrderEvent::OrderCancelled { reason, refund, .. } => {
                self.cancelled = Some((*reason, *refund));
            }
            OrderEvent::OrderOutForDelivery { .. } | OrderEvent::OrderDelivered { .. } => {}
        }
    }

    /// Whether the life cycle allows an event.
    pub fn is_legal_transition(&self, delivery: &Delivery, event: &OrderEvent) -> bool {
        use Status::{Confirmed, Created, OutForDelivery, Preparing, Ready};
        let Some(status) = self.status else {
            return match event {
                OrderEvent::OrderCreated { items, total, .. } => {
                    total.minor > 0 && items.total() == Some(*total)
                }
                _ => false,
            };
        };
        if event.restaurant().is_some_and(|restaurant| restaurant != self.restaurant) {
            return false;
        }
        match event {
            OrderEvent::OrderCreated { .. } => false,
            OrderEvent::OrderPaid { amount } => {
                status == Created && !self.paid && *amount == self.total
            }
            OrderEvent::DropOffChanged { .. } => status < OutForDelivery,
            OrderEvent::OrderConfirmed { .. } => status == Created && self.paid,
            OrderEvent::OrderPreparing { .. } => status == Confirmed,
            OrderEvent::CourierAssigned { courier, .. } => {
                matches!(status, Preparing | Ready) && self.courier != Some(*courier)
            }
            OrderEvent::OrderReady { .. } => status == Preparing,
            OrderEvent::OrderOutForDelivery { courier, .. } => {
                status == Ready && self.courier == Some(*courier)
            }
            OrderEvent::CourierMoved { .. } | OrderEvent::OrderDelivered { .. } => {
                status == OutForDelivery
            }
            OrderEvent::OrderCancelled { stage, reason, refund, .. } => {
                let due = refund::due(delivery, self, status, *reason);
                *stage == status && status.is_in_window() && *refund == due && reason.fits(status)
            }
        }
    }
}

impl Reason {
    /// Whether an order can be cancelled for this reason at a stage.
    pub const fn fits(self, status: Status) -> bool {
        match self {
            Self::ByCustomer | Self::RestaurantGaveUp => status.is_in_window(),
            Self::PaymentDeclined | Self::RestaurantRefused | Self::NotConfirmed => {
                matches!(status, Status::Created)
            }
            Self::KitchenLate => matches!(status, Status::Confirmed | Status::Preparing),
        }
    }
}
