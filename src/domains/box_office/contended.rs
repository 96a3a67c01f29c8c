//! What customers and sagas contend for: the places of a show.
//!
//! This describes the inventory a second time, as the senders of commands see it. At the stages without
//! reservations a place is checked and recorded by two commands.

use super::command::{Command, Rejection};
use super::customers::Query;
use super::ids::{SHOW, ShowId};
use super::setup::BoxOffice;
use super::views::Row;
use crate::linearizability::models::{Place, Places};
use crate::linearizability::{Act, Object};
use crate::model::{Acts, StreamId};

/// The places of a show, before it is on sale.
pub(super) fn contended(stream: StreamId) -> Option<Object> {
    (stream.category == SHOW).then(|| Object::Places(Places::not_offered()))
}

/// What a command does to the places of a show, or what its rejection says of them.
pub(super) fn acts(office: &BoxOffice, command: &Command, rejected: Option<&Rejection>) -> Acts {
    let reserves = office.stage().reserves();
    let (show, done) = match *command {
        Command::CreateShow { show } => (show, Place::Offer { places: office.show(show).tickets }),
        Command::ReserveTicket { ticket, show, .. } | Command::BuyTicket { ticket, show, .. }
            if reserves =>
        {
            (show, Place::TakeOnce { owner: ticket.0 })
        }
        Command::CancelTicket { ticket, show, .. } if reserves => {
            (show, Place::GiveBack { owner: ticket.0 })
        }
        Command::CheckPlaces { show, ticket, .. } => (show, Place::RoomFor { owner: ticket.0 }),
        Command::TakePlace { show, ticket, .. } => (show, Place::TakeOnce { owner: ticket.0 }),
        Command::ReserveTicket { .. }
        | Command::BuyTicket { .. }
        | Command::CancelTicket { .. }
        | Command::PayTicket { .. }
        | Command::ConfirmTicket { .. }
        | Command::JoinRoom { .. }
        | Command::LeaveRoom { .. }
        | Command::EndVisits { .. } => return Acts::new(),
    };
    let said = match rejected {
        None => Some(done),
        Some(Rejection::SoldOut) => Some(Place::Full),
        Some(Rejection::NoSuchShow) => Some(Place::NotOffered),
        Some(Rejection::AlreadyCreated) => Some(Place::Offered),
        // These are about the ticket, the customer, the waiting room or the lock.
        Some(
            Rejection::OtherPurchase
            | Rejection::NoSuchTicket
            | Rejection::NotReserved { .. }
            | Rejection::ReservationOver
            | Rejection::NotPaying { .. }
            | Rejection::AlreadyConfirmed
            | Rejection::AlreadyCancelled
            | Rejection::NotOverdue
            | Rejection::LockLost
            | Rejection::TooManyPurchases
            | Rejection::NotOffered
            | Rejection::NotAdmitted,
        ) => None,
    };
    said.map(|act| on(show, act)).into_iter().collect()
}

/// What a look at a show says: it reads the show's stream as of now.
pub(super) fn attests(query: &Query, row: Option<&Row>) -> Option<(StreamId, Act)> {
    let Query::Look { show, .. } = query else { return None };
    match row {
        Some(Row::Show(line)) => Some(on(*show, Place::Left(line.left))),
        _ => Some(on(*show, Place::NotOffered)),
    }
}

const fn on(show: ShowId, act: Place) -> (StreamId, Act) {
    (show.stream(), Act::Place(act))
}
