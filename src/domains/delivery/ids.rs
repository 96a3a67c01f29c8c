//! Ids of orders, restaurants, dishes and couriers.

use std::fmt;

use crate::model::{Category, StreamId};

pub(crate) const ORDER: Category = Category(0);
pub(crate) const SAGA: Category = Category(1);

/// An order, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u32);

/// A restaurant, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RestaurantId(pub u8);

/// A dish of a restaurant's menu, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DishId(pub u16);

/// A courier of the fleet, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CourierId(pub u32);

impl OrderId {
    pub const fn stream(self) -> StreamId {
        StreamId { category: ORDER, number: self.0 }
    }

    pub const fn saga(self) -> StreamId {
        StreamId { category: SAGA, number: self.0 }
    }
}

impl RestaurantId {
    /// The index in dense tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl DishId {
    /// The index in dense tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "o-{}", u64::from(self.0) + 1)
    }
}

impl fmt::Display for CourierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "courier {}", u64::from(self.0) + 1)
    }
}
