//! Ids of shows, tickets and waiting rooms, and fencing tokens.

use std::fmt;

use crate::model::{Category, CustomerId, StreamId};

pub(crate) const SHOW: Category = Category(0);
pub(crate) const TICKET: Category = Category(1);
pub(crate) const SAGA: Category = Category(2);
pub(crate) const VISITOR: Category = Category(3);
pub(crate) const ROOM: Category = Category(4);
pub(crate) const WATCH: Category = Category(5);

/// A show of the programme, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShowId(pub u16);

/// A ticket, from 0. The client chooses it, so that it is also the key under which a purchase that is sent
/// twice is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId(pub u32);

/// A fencing token: each lock that is granted has a greater one than all before it. 0 if there is no lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u32);

impl ShowId {
    pub const fn stream(self) -> StreamId {
        StreamId { category: SHOW, number: self.0 as u32 }
    }

    /// The stream of its waiting room, if it has one.
    pub const fn room(self) -> StreamId {
        StreamId { category: ROOM, number: self.0 as u32 }
    }

    /// The index in dense tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The show of a stream.
    pub const fn of(stream: StreamId) -> Self {
        Self(stream.number as u16)
    }
}

impl TicketId {
    pub const fn stream(self) -> StreamId {
        StreamId { category: TICKET, number: self.0 }
    }

    pub const fn saga(self) -> StreamId {
        StreamId { category: SAGA, number: self.0 }
    }
}

/// The stream of a customer, who has one only if purchases are limited.
pub(super) const fn visitor(customer: CustomerId) -> StreamId {
    StreamId { category: VISITOR, number: customer.0 }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "t-{}", u64::from(self.0) + 1)
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token {}", self.0)
    }
}
