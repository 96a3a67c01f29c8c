//! Commands to shows, tickets and waiting rooms, and the reasons to reject them.

use thiserror::Error;

use super::event::{Card, Reason};
use super::ids::{Fence, ShowId, TicketId, visitor};
use super::setup::BoxOffice;
use super::ticket::Status;
use crate::kernel::Instant;
use crate::model::{CustomerId, Named, Streams};
use crate::names;

/// A command to a show, a ticket, both, or a waiting room.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Puts a show of the programme on sale.
    CreateShow { show: ShowId },
    /// Reserves a place for some time.
    ReserveTicket {
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
        /// Whom the ticket is for, if it is another customer.
        guest: Named,
    },
    /// Buys a ticket. `seen` are the places that were left when the request looked, if it did.
    BuyTicket {
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
        card: Card,
        seen: Option<u32>,
        /// Whom the ticket is for, if it is another customer.
        guest: Named,
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
    /// A purchase joins the waiting room of a show.
    JoinRoom { show: ShowId, ticket: TicketId },
    /// A purchase leaves the waiting room.
    LeaveRoom { show: ShowId, ticket: TicketId },
    /// Ends the places in the waiting room that are overdue.
    EndVisits { show: ShowId, by: Instant },
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
    #[error("the waiting room has not admitted the purchase")]
    NotAdmitted,
}

names! {
    Command {
        CreateShow, ReserveTicket, BuyTicket, PayTicket, ConfirmTicket, CancelTicket, CheckPlaces,
        TakePlace, JoinRoom, LeaveRoom, EndVisits,
    }
}

names! {
    Rejection {
        AlreadyCreated, NoSuchShow, SoldOut, OtherPurchase, NoSuchTicket, NotReserved, ReservationOver,
        NotPaying, AlreadyConfirmed, AlreadyCancelled, NotOverdue, LockLost, TooManyPurchases, NotOffered,
        NotAdmitted,
    }
}

impl Command {
    /// The show and the customer, if it begins a purchase.
    const fn purchase(&self) -> Option<(ShowId, CustomerId)> {
        match self {
            Self::ReserveTicket { show, customer, .. } | Self::BuyTicket { show, customer, .. } => {
                Some((*show, *customer))
            }
            Self::CreateShow { .. }
            | Self::PayTicket { .. }
            | Self::ConfirmTicket { .. }
            | Self::CancelTicket { .. }
            | Self::CheckPlaces { .. }
            | Self::TakePlace { .. }
            | Self::JoinRoom { .. }
            | Self::LeaveRoom { .. }
            | Self::EndVisits { .. } => None,
        }
    }

    /// The show and the ticket that it names.
    pub const fn concerns(&self) -> (Option<ShowId>, Option<TicketId>) {
        match self {
            Self::CreateShow { show } | Self::EndVisits { show, .. } => (Some(*show), None),
            Self::PayTicket { ticket, .. } | Self::ConfirmTicket { ticket } => {
                (None, Some(*ticket))
            }
            Self::ReserveTicket { ticket, show, .. }
            | Self::BuyTicket { ticket, show, .. }
            | Self::CancelTicket { ticket, show, .. }
            | Self::CheckPlaces { show, ticket, .. }
            | Self::TakePlace { show, ticket, .. }
            | Self::JoinRoom { show, ticket }
            | Self::LeaveRoom { show, ticket } => (Some(*show), Some(*ticket)),
        }
    }

    /// The streams that the decision reads and writes, in one transaction. Only stage `EventSourced` lets a
    /// ticket and its show change together. The streams of the customer, if purchases are limited, and of
    /// the waiting room, if there is one, come last.
    pub fn streams(&self, office: &BoxOffice) -> Streams {
        let mut streams = self.own_streams(office);
        if let Some((show, customer)) = self.purchase() {
            streams.extend(office.setup().limit.map(|_| visitor(customer)));
            streams.extend(office.show(show).waiting_room.map(|_| show.room()));
        }
        streams
    }

    fn own_streams(&self, office: &BoxOffice) -> Streams {
        let stage = office.stage();
        match self {
            Self::CreateShow { show }
            | Self::CheckPlaces { show, .. }
            | Self::TakePlace { show, .. } => Streams::from_iter([show.stream()]),
            Self::JoinRoom { show, .. }
            | Self::LeaveRoom { show, .. }
            | Self::EndVisits { show, .. } => Streams::from_iter([show.room()]),
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
