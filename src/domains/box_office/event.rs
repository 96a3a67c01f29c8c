//! The events of shows, tickets, customers and waiting rooms.

use serde::{Deserialize, Serialize};

use super::ids::{Fence, ShowId, TicketId};
use super::room::saga::WatchEvent;
use super::saga_event::SagaEvent;
use crate::domains::money::Money;
use crate::event_names;
use crate::kernel::Instant;
use crate::model::{CustomerId, Movement, People, StreamId, Subject};

/// The card of a customer, as the payment provider knows it. No card number is stored.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Card {
    /// It can be charged.
    #[default]
    Good,
    /// Every charge is declined.
    Empty,
}

/// Why a ticket was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    ByCustomer,
    /// It was reserved and not paid for in time.
    Expired,
    /// The provider declined the charge.
    PaymentDeclined,
    /// The provider failed or did not answer, and nothing more was tried.
    PaymentFailed,
    SoldOut,
    /// Another purchase of the show held the lock all the time.
    LockBusy,
    /// The lock expired, and another purchase has used the show since.
    LockLost,
}

/// An event of a show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ShowEvent {
    ShowCreated {
        total: u32,
        price: Money,
    },
    /// The holder of a lock has read how many places are left. The holder of an older one can no longer
    /// write.
    CheckPassed {
        ticket: TicketId,
        fence: Fence,
    },
    /// A ticket has a place. `left` are the places that are left, as the writer counts them.
    PlaceTaken {
        ticket: TicketId,
        left: u32,
    },
    /// A ticket has given its place back.
    PlaceReturned {
        ticket: TicketId,
        left: u32,
    },
}

/// An event of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TicketEvent {
    /// The ticket has a place until a deadline.
    TicketReserved {
        show: ShowId,
        customer: CustomerId,
        price: Money,
        until: Instant,
        /// The customer, and whom the ticket is for if it is another one.
        people: People,
    },
    /// The ticket was inserted as pending, without a place. `seen` are the places that were left when the
    /// request looked.
    TicketRequested {
        show: ShowId,
        customer: CustomerId,
        price: Money,
        card: Card,
        seen: Option<u32>,
        /// The customer, and whom the ticket is for if it is another one.
        people: People,
    },
    /// The customer pays for a reserved ticket.
    PaymentRequested {
        show: ShowId,
        card: Card,
    },
    /// The ticket is paid for and valid.
    TicketConfirmed {
        show: ShowId,
        price: Money,
    },
    TicketCancelled {
        show: ShowId,
        reason: Reason,
    },
}

/// An event of a customer, if purchases are limited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum VisitorEvent {
    /// The customer has begun a purchase.
    PurchaseBegun { at: Instant },
}

/// How a purchase left a waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// The purchase has begun.
    Bought,
    /// The customer has given up.
    GaveUp,
    /// The deadline of its place has passed.
    Overdue,
}

/// An event of the waiting room of a show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RoomEvent {
    /// A purchase waits behind so many others.
    Joined { ticket: TicketId, ahead: u32 },
    /// It may begin, until a deadline.
    Admitted { ticket: TicketId, until: Instant },
    /// It neither waits nor is admitted any more.
    Left { ticket: TicketId, way: Way },
}

/// An event of any category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Show(ShowEvent),
    Ticket(TicketEvent),
    Saga(SagaEvent),
    Visitor(VisitorEvent),
    Room(RoomEvent),
    Watch(WatchEvent),
}

impl ShowEvent {
    /// What it says of the places of its show.
    pub(super) fn movement(&self, show: StreamId) -> Option<Movement> {
        let item = Subject::Stream(show);
        match self {
            Self::ShowCreated { total, .. } => Some(Movement::Stock { item, capacity: *total }),
            Self::CheckPassed { .. } => None,
            Self::PlaceTaken { ticket, .. } => {
                Some(Movement::Held { item, holder: Subject::Stream(ticket.stream()) })
            }
            Self::PlaceReturned { ticket, .. } => {
                Some(Movement::Released { item, holder: Subject::Stream(ticket.stream()) })
            }
        }
    }
}

impl TicketEvent {
    /// The show that the ticket is for.
    pub const fn show(&self) -> ShowId {
        let (Self::TicketReserved { show, .. }
        | Self::TicketRequested { show, .. }
        | Self::PaymentRequested { show, .. }
        | Self::TicketConfirmed { show, .. }
        | Self::TicketCancelled { show, .. }) = self;
        *show
    }
}

event_names! { ShowEvent { ShowCreated, CheckPassed, PlaceTaken, PlaceReturned } }

event_names! {
    TicketEvent {
        TicketReserved, TicketRequested, PaymentRequested, TicketConfirmed, TicketCancelled,
    }
}

event_names! { VisitorEvent { PurchaseBegun } }

event_names! {
    RoomEvent { Joined => RoomJoined, Admitted => RoomAdmitted, Left => RoomLeft }
}

event_names! {
    Event of Show(ShowEvent), Ticket(TicketEvent), Saga(SagaEvent), Visitor(VisitorEvent),
    Room(RoomEvent), Watch(WatchEvent)
}
