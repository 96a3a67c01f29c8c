//! The names of answers and of waits in scenario files.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::customers::Query;
use super::setup::BoxOffice;
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{OutcomeLabel, WaitLabel};

/// What can follow `include:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect, or had taken effect before.
    Accepted,
    /// A reservation or a purchase was refused: no place is left.
    SoldOut,
    /// It was refused: the show is not on sale.
    NotOnSale,
    /// A payment was refused: the reservation has expired.
    ReservationOver,
    /// A payment or a cancellation was refused: the ticket is not in the right status.
    TooLate,
    /// A purchase was refused: the customer has begun too many.
    RateLimited,
    /// A purchase was refused: the waiting room has not admitted it.
    NotAdmitted,
    /// The stage does not offer what was asked for.
    NotOffered,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query found something.
    Shown,
    /// A query found nothing.
    Nothing,
    /// The rows did not contain the customer's own writes yet.
    NotYet,
    /// A node that a query or an erasure needs did not answer.
    TryLater,
    /// The customer's data was erased.
    Forgotten,
    /// No answer came in time.
    Silence,
}

/// What can follow `of:`: an operation whose latency is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// A ticket is reserved or bought: until the box office has accepted that.
    Buy,
    /// The payment for a reserved ticket is requested.
    Pay,
    Cancel,
    /// The waiting room of a show is joined.
    Join,
    /// A place in line is looked at.
    Line,
    /// Shows are listed or looked at.
    Browse,
    /// A customer's own tickets, or the sales of a show, are looked at.
    Tickets,
    /// A query of the past.
    AsOf,
    /// The erasure of their personal data.
    Erasure,
}

impl OutcomeLabel<BoxOffice> for Outcome {
    fn of(answer: &Answer<BoxOffice>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(rejection)) => match rejection {
                Rejection::SoldOut => Self::SoldOut,
                Rejection::NoSuchShow => Self::NotOnSale,
                Rejection::ReservationOver => Self::ReservationOver,
                Rejection::NotReserved { .. }
                | Rejection::AlreadyConfirmed
                | Rejection::AlreadyCancelled => Self::TooLate,
                Rejection::TooManyPurchases => Self::RateLimited,
                Rejection::NotAdmitted => Self::NotAdmitted,
                Rejection::NotOffered => Self::NotOffered,
                Rejection::AlreadyCreated
                | Rejection::OtherPurchase
                | Rejection::NoSuchTicket
                | Rejection::NotPaying { .. }
                | Rejection::NotOverdue
                | Rejection::LockLost => Self::Refused,
            },
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(_)) => Self::Shown,
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::TryLater(_) => Self::TryLater,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

impl WaitLabel<BoxOffice> for Wait {
    fn of(answer: &Answer<BoxOffice>) -> Option<Self> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::ReserveTicket { .. } | Command::BuyTicket { .. } => Some(Self::Buy),
                Command::PayTicket { .. } => Some(Self::Pay),
                Command::CancelTicket { .. } => Some(Self::Cancel),
                Command::JoinRoom { .. } => Some(Self::Join),
                Command::CreateShow { .. }
                | Command::ConfirmTicket { .. }
                | Command::CheckPlaces { .. }
                | Command::TakePlace { .. }
                | Command::LeaveRoom { .. }
                | Command::EndVisits { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::List { .. } | Query::Details(_) | Query::Look { .. } => Some(Self::Browse),
                Query::Line(_) => Some(Self::Line),
                Query::MyTickets | Query::Sales(_) => Some(Self::Tickets),
                Query::AsOf(..) => Some(Self::AsOf),
            },
            // A customer that stopped waiting has no answer to measure.
            Answer::TryLater(_) | Answer::Silence => None,
            Answer::Erased => Some(Self::Erasure),
        }
    }
}
