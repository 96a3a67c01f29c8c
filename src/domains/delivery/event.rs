//! The events of orders.

use arrayvec::ArrayVec;
use serde::{Deserialize, Serialize};

use super::ids::{CourierId, DishId, RestaurantId};
use super::order::Status;
use super::saga_event::SagaEvent;
use crate::domains::money::{Currency, Money};
use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, People};

/// The maximum number of different dishes in one order.
pub(crate) const ITEMS_MAX: usize = 8;

/// Portions of a dish, at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    pub dish: DishId,
    pub quantity: u32,
    /// The price of one portion, in minor units.
    pub price: i64,
}

/// The items of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Items {
    pub list: ArrayVec<Item, ITEMS_MAX>,
    /// The currency of all prices.
    pub currency: Currency,
}

/// Where the courier leaves the food.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DropOff {
    /// In the customer's hand.
    Hand,
    /// At the door.
    Door,
    /// At the reception desk.
    Desk,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    ByCustomer,
    /// The provider declined the payment.
    PaymentDeclined,
    /// The restaurant did not take the order.
    RestaurantRefused,
    /// The restaurant did not confirm the order in time.
    NotConfirmed,
    /// The restaurant gave the order up after it had confirmed it.
    RestaurantGaveUp,
    /// The food was not ready in time.
    KitchenLate,
}

/// The position of a courier, in metres from the restaurant, to the east and to the north.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub east: i32,
    pub north: i32,
}

/// An event of an order. Those that change what a restaurant has to do name it, because its dashboard is kept
/// by restaurant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// A customer created the order.
    OrderCreated {
        customer: CustomerId,
        restaurant: RestaurantId,
        /// In a place of their own: other events are a sixth as large.
        items: Box<Items>,
        total: Money,
        drop_off: DropOff,
        /// The time by which the restaurant must confirm it.
        confirm_by: Instant,
        /// The customer, and the receiver if that is another one.
        people: People,
    },
    /// The provider has charged the customer's card.
    OrderPaid { amount: Money },
    /// The customer wants the food to be left elsewhere.
    DropOffChanged { drop_off: DropOff },
    /// The restaurant has accepted the order.
    OrderConfirmed {
        restaurant: RestaurantId,
        /// The time by which the food must be ready.
        ready_by: Instant,
    },
    /// The kitchen has begun, and says how long it will take.
    OrderPreparing { restaurant: RestaurantId, estimated: Span },
    /// A courier will bring the food. A second one replaces the first.
    CourierAssigned { restaurant: RestaurantId, courier: CourierId },
    /// The food can be picked up.
    OrderReady {
        restaurant: RestaurantId,
        /// The time by which it must be delivered.
        deliver_by: Instant,
    },
    /// The courier has the food.
    OrderOutForDelivery { restaurant: RestaurantId, courier: CourierId },
    /// The courier's telephone reports a position.
    CourierMoved { place: Place },
    /// The customer has the food.
    OrderDelivered { restaurant: RestaurantId },
    /// The order was cancelled.
    OrderCancelled {
        restaurant: RestaurantId,
        /// The stage at which it was cancelled, which decides the refund.
        stage: Status,
        reason: Reason,
        /// What the customer gets back of what they have paid.
        refund: Money,
    },
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Order(OrderEvent),
    Saga(SagaEvent),
}

impl OrderEvent {
    /// The stage to which it brings the order; `None` if the order stays where it is.
    pub const fn status(&self) -> Option<Status> {
        match self {
            Self::OrderCreated { .. } => Some(Status::Created),
            Self::OrderConfirmed { .. } => Some(Status::Confirmed),
            Self::OrderPreparing { .. } => Some(Status::Preparing),
            Self::OrderReady { .. } => Some(Status::Ready),
            Self::OrderOutForDelivery { .. } => Some(Status::OutForDelivery),
            Self::OrderDelivered { .. } => Some(Status::Delivered),
            Self::OrderCancelled { .. } => Some(Status::Cancelled),
            Self::OrderPaid { .. }
            | Self::DropOffChanged { .. }
            | Self::CourierAssigned { .. }
            | Self::CourierMoved { .. } => None,
        }
    }
}

impl OrderEvent {
    /// The restaurant, if the event changes what it has to do.
    pub const fn restaurant(&self) -> Option<RestaurantId> {
        match self {
            Self::OrderCreated { restaurant, .. }
            | Self::OrderConfirmed { restaurant, .. }
            | Self::OrderPreparing { restaurant, .. }
            | Self::CourierAssigned { restaurant, .. }
            | Self::OrderReady { restaurant, .. }
            | Self::OrderOutForDelivery { restaurant, .. }
            | Self::OrderDelivered { restaurant }
            | Self::OrderCancelled { restaurant, .. } => Some(*restaurant),
            Self::OrderPaid { .. } | Self::DropOffChanged { .. } | Self::CourierMoved { .. } => {
                None
            }
        }
    }
}

impl Items {
    pub const fn none(currency: Currency) -> Self {
        Self { list: ArrayVec::new_const(), currency }
    }

    /// The total price; `None` on overflow.
    pub fn total(&self) -> Option<Money> {
        let add = |sum: i64, item: &Item| {
            sum.checked_add(item.price.checked_mul(i64::from(item.quantity))?)
        };
        let minor = self.list.iter().try_fold(0, add)?;
        Some(Money::new(minor, self.currency))
    }

    pub fn portions(&self) -> u64 {
        self.list.iter().map(|item| u64::from(item.quantity)).sum()
    }
}

event_names! {
    OrderEvent {
        OrderCreated, OrderPaid, DropOffChanged, OrderConfirmed, OrderPreparing, CourierAssigned,
        OrderReady, OrderOutForDelivery, CourierMoved, OrderDelivered, OrderCancelled,
    }
}

event_names! { Event of Order(OrderEvent), Saga(SagaEvent) }
