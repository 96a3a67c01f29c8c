//! The events of orders.

use arrayvec::ArrayVec;

use super::ids::{Day, PaymentId, ProductId, Tracking};
use super::order::Status;
use super::saga_event::SagaEvent;
use crate::domains::money::{Currency, Money};
use crate::event_names;
use crate::kernel::Instant;
use crate::model::{CustomerId, People};

/// The maximum number of different products in one order.
pub(crate) const ITEMS_MAX: usize = 8;

/// Pieces of a product, at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    pub product: ProductId,
    pub quantity: u32,
    /// The price of one piece, in minor units.
    pub price: i64,
}

/// The items of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Items {
    pub list: ArrayVec<Item, ITEMS_MAX>,
    /// The currency of all prices.
    pub currency: Currency,
}

/// The method of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Through the payment provider.
    CreditCard,
    /// To the shop's account. The shop records it.
    BankTransfer,
}

/// The shipper of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bringer {
    Carrier,
    /// The shop's own van.
    Van,
}

/// A parcel under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parcel {
    pub tracking: Tracking,
    pub by: Bringer,
    /// The expected day of delivery.
    pub delivery: Day,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    ByCustomer,
    Unpaid,
    /// The provider declined the payment.
    PaymentDeclined,
    /// The carrier refused the parcel.
    NotShippable,
}

/// An event of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// A customer placed the order.
    OrderPlaced {
        customer: CustomerId,
        items: Items,
        total: Money,
        /// Whether the customer's card is charged at once.
        charge: bool,
        /// The deadline for the payment, or for the request to charge the card.
        pay_by: Instant,
        /// The customer, and the receiver if that is another one.
        people: People,
    },
    /// The customer requested a charge to the card.
    PaymentRequested { amount: Money },
    /// The payment arrived.
    PaymentReceived { payment: PaymentId, amount: Money, method: Method },
    /// A bank transfer arrived that the order does not need: an operator must return it. `status` is that of
    /// the order.
    SurplusReceived { payment: PaymentId, amount: Money, status: Status },
    /// The parcel is under way.
    OrderShipped { parcel: Parcel },
    /// The order was cancelled.
    OrderCancelled {
        reason: Reason,
        /// The amount that was received and must be refunded.
        refund: Money,
    },
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Order(OrderEvent),
    Saga(SagaEvent),
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

    pub fn pieces(&self) -> u64 {
        self.list.iter().map(|item| u64::from(item.quantity)).sum()
    }
}

event_names! {
    OrderEvent {
        OrderPlaced, PaymentRequested, PaymentReceived, SurplusReceived, OrderShipped, OrderCancelled,
    }
}

event_names! { Event of Order(OrderEvent), Saga(SagaEvent) }
