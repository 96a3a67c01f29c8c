//! Everything that can happen to an order.

use arrayvec::ArrayVec;

use super::ids::{Day, PaymentId, ProductId, Tracking};
use super::saga_event::SagaEvent;
use crate::domains::money::{Currency, Money};
use crate::event_names;
use crate::kernel::Instant;
use crate::model::CustomerId;

/// The most different products in one order.
pub(crate) const ITEMS_MAX: usize = 8;

/// Pieces of a product, at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// Which product.
    pub product: ProductId,
    /// How many pieces.
    pub quantity: u32,
    /// What one piece costs, in minor units.
    pub price: i64,
}

/// What is ordered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Items {
    /// Line by line.
    pub list: ArrayVec<Item, ITEMS_MAX>,
    /// What all prices are in.
    pub currency: Currency,
}

/// How an order is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Through the payment provider.
    CreditCard,
    /// To the shop's account; the shop records it.
    BankTransfer,
}

/// Who brings a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bringer {
    /// The carrier.
    Carrier,
    /// The shop's own van.
    Van,
}

/// A parcel on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parcel {
    /// Its number.
    pub tracking: Tracking,
    /// Who brings it.
    pub by: Bringer,
    /// When it will probably be there.
    pub delivery: Day,
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The customer changed their mind.
    ByCustomer,
    /// It was not paid in time.
    Unpaid,
    /// The provider said no.
    PaymentDeclined,
    /// The carrier said no.
    NotShippable,
}

/// What happens to an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// A customer ordered.
    OrderPlaced {
        customer: CustomerId,
        items: Items,
        /// What it costs together.
        total: Money,
        /// Whether it is to be charged to the customer's card at once.
        charge: bool,
        /// Until when it must be paid, or asked to be charged.
        pay_by: Instant,
    },
    /// The customer wants their card charged.
    PaymentRequested { amount: Money },
    /// The money is there.
    PaymentReceived { payment: PaymentId, amount: Money, method: Method },
    /// The parcel is on its way.
    OrderShipped { parcel: Parcel },
    /// The order is given up.
    OrderCancelled {
        reason: Reason,
        /// What is to be given back: what was received.
        refund: Money,
    },
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// Of an order.
    Order(OrderEvent),
    /// Of a saga.
    Saga(SagaEvent),
}

impl Items {
    /// Nothing.
    pub const fn none(currency: Currency) -> Self {
        Self { list: ArrayVec::new_const(), currency }
    }

    /// What it costs together; `None` if that cannot be counted.
    pub fn total(&self) -> Option<Money> {
        let add = |sum: i64, item: &Item| {
            sum.checked_add(item.price.checked_mul(i64::from(item.quantity))?)
        };
        let minor = self.list.iter().try_fold(0, add)?;
        Some(Money::new(minor, self.currency))
    }

    /// How many pieces.
    pub fn pieces(&self) -> u64 {
        self.list.iter().map(|item| u64::from(item.quantity)).sum()
    }
}

event_names! {
    OrderEvent {
        OrderPlaced, PaymentRequested, PaymentReceived, OrderShipped, OrderCancelled,
    }
}

event_names! { Event of Order(OrderEvent), Saga(SagaEvent) }
