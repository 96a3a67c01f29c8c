//! Commands to shows and tickets, and the reasons to reject them.

use thiserror::Error;

use super::event::{Card, Reason};
use super::ids::{Fence, ShowId, TicketId, visitor};
use super::stage::Stage;
use super::ticket::Status;
use crate::model::{CustomerId, Streams};
use crate::names;

/// A command to a show, a ticket, or both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Puts a show of the programme on sale.
    CreateShow { show: ShowId },
    /// Reserves a place for some time.
    ReserveTicket { ticket: TicketId, show: ShowId, customer: CustomerId },
    /// Buys a ticket. `seen` are the places that were left when the request looked, if it did.
    BuyTicket {
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
        card: Card,
        seen: Option<u32>,
    },
    /// Pays for a reserved ticket.
    PayTicket { ticket: TicketId, card: Card },
    /// Records that a ticket is paid for.
    ConfirmTicket { ticket: TicketId },
    /// Cancels a ticket that is not confirmed.
    CancelTicket { ticket: TicketId, show: ShowId, reason: Reason },
    /// Checks that a show has a place left, under a lock.
    CheckPlaces { show: ShowId, ticket: TicketId, fence: Fence },
    /// Records that a ticket has a place. `left` is what is written as left, if the writer knows better than
    /// the show.
    TakePlace { show: ShowId, ticket: TicketId, left: Option<u32>, fence: Fence },
}

/// Why a command is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    #[error("already on sale")]
    AlreadyCreated,
    #[error("the show is not on sale")]
    NoSuchShow,
    #[error("no place is left")]
    SoldOut,
    /// The number of the ticket is that of another purchase.
    #[error("the ticket belongs to another purchase")]
    OtherPurchase,
    #[error("no such ticket")]
    NoSuchTicket,
    #[error("the ticket is {}", status.word())]
    NotReserved { status: Status },
    #[error("the reservation has expired")]
    ReservationOver,
    #[error("the ticket is {}", status.word())]
    NotPaying { status: Status },
    #[error("confirmed already")]
    AlreadyConfirmed,
    #[error("cancelled already")]
    AlreadyCancelled,
    /// The reservation is being paid for.
    #[error("the reservation has not expired")]
    NotOverdue,
    #[error("the lock was granted to another purchase since")]
    LockLost,
    #[error("too many purchases in a short time")]
    TooManyPurchases,
    #[error("this stage of the box office does not offer that")]
    NotOffered,
}

names! {
    Command {
        CreateShow, ReserveTicket, BuyTicket, PayTicket, ConfirmTicket, CancelTicket, CheckPlaces,
        TakePlace,
    }
}

names! {
    Rejection {
        AlreadyCreated, NoSuchShow, SoldOut, OtherPurchase, NoSuchTicket, NotReserved, ReservationOver,
        NotPaying, AlreadyConfirmed, AlreadyCancelled, NotOverdue, LockLost, TooManyPurchases, NotOffered,
    }
}

impl Command {
    /// The customer who begins a purchase with it.
    const fn buyer(&self) -> Option<CustomerId> {
        match self {
            Self::ReserveTicket { customer, .. } | Self::BuyTicket { customer, .. } => {
                Some(*customer)
            }
            Self::CreateShow { .. }
            | Self::PayTicket { .. }
            | Self::ConfirmTicket { .. }
            | Self::CancelTicket { .. }
            | Self::CheckPlaces { .. }
            | Self::TakePlace { .. } => None,
        }
    }

    /// The streams that the decision reads and writes, in one transaction. Only stage `EventSourced` lets a
    /// ticket and its show change together. The stream of the customer comes last, if purchases are limited.
    pub fn streams(&self, stage: Stage, limited: bool) -> Streams {
        let mut streams = self.own_streams(stage);
        streams.extend(self.buyer().filter(|_| limited).map(visitor));
        streams
    }

    fn own_streams(&self, stage: Stage) -> Streams {
        match self {
            Self::CreateShow { show }
            | Self::CheckPlaces { show, .. }
            | Self::TakePlace { show, .. } => Streams::from_iter([show.stream()]),
            Self::ReserveTicket { ticket, show, .. }
            | Self::BuyTicket { ticket, show, .. }
            | Self::CancelTicket { ticket, show, .. }
                if stage.reserves() =>
            {
                Streams::from_iter([ticket.stream(), show.stream()])
            }
            Self::ReserveTicket { ticket, .. }
            | Self::BuyTicket { ticket, .. }
            | Self::PayTicket { ticket, .. }
            | Self::ConfirmTicket { ticket }
            | Self::CancelTicket { ticket, .. } => Streams::from_iter([ticket.stream()]),
        }
    }
}
