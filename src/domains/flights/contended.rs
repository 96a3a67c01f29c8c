//! What customers and sagas contend for: the seats of a flight, as far as we sell them.
//!
//! This describes the inventory a second time, as the senders of commands see it.

use super::command::{Command, Rejection};
use super::ids::{BookingId, FLIGHT, FlightId};
use super::setup::Flights;
use crate::linearizability::models::{Place, Places};
use crate::linearizability::{Act, Object};
use crate::model::{Acts, StreamId};

/// The seats of a flight, all of them free.
pub(super) fn contended(world: &Flights, stream: StreamId) -> Option<Object> {
    let number = u16::try_from(stream.number).ok()?;
    let seats = || u32::from(world.flight(FlightId(number)).places.seats);
    (stream.category == FLIGHT).then(|| Object::Places(Places::of(seats())))
}

/// What a command does to the seats of flights, or what its rejection says of them.
pub(super) fn acts(command: &Command, rejected: Option<&Rejection>) -> Acts {
    let (flights, act): (_, fn(BookingId) -> Place) = match command {
        Command::HoldSeat { flights, .. } => (flights, |booking| Place::Take { owner: booking.0 }),
        Command::Cancel { flights, .. } | Command::Bump { flights, .. } => {
            (flights, |booking| Place::GiveBack { owner: booking.0 })
        }
        // One that has ended before stays as it is, and the command is accepted.
        Command::Expire { flights, .. } | Command::Release { flights, .. } => {
            (flights, |booking| Place::GiveBackOnce { owner: booking.0 })
        }
        // It ends the booking only if the payment was being captured.
        Command::RecordPaymentFailure { flights, .. } => {
            (flights, |booking| Place::MayGiveBack { owner: booking.0 })
        }
        Command::RequestPayment { .. }
        | Command::RecordAuthorization { .. }
        | Command::StartCapture { .. }
        | Command::RecordCapture { .. }
        | Command::RecordTicket { .. }
        | Command::StartRefund { .. }
        | Command::RecordRefund { .. }
        | Command::RecordVoid { .. }
        | Command::RecordScheduleChange { .. }
        | Command::RecordChargeback { .. } => return Acts::new(),
    };
    let mut acts = Acts::new();
    match rejected {
        Some(Rejection::SoldOut { flight }) => acts.push(on(*flight, Place::Full)),
        // All others are about the booking.
        Some(_) => {}
        None => {
            for flight in flights {
                if acts.iter().all(|(other, _)| *other != flight.stream()) {
                    acts.push(on(*flight, act(command.booking())));
                }
            }
        }
    }
    acts
}

const fn on(flight: FlightId, act: Place) -> (StreamId, Act) {
    (flight.stream(), Act::Place(act))
}
