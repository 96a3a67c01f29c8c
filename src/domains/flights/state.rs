//! The fold of a stream, of whatever category.

use super::booking::Booking;
use super::flight::FlightSeats;
use super::saga::Saga;

/// The fold of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Of a booking.
    Booking(Booking),
    /// Of a flight.
    Flight(FlightSeats),
    /// Of a saga.
    Saga(Saga),
}

impl State {
    /// The booking.
    ///
    /// # Panics
    ///
    /// When it is of another category: streams are read by their ids, which carry the category.
    pub fn booking(&self) -> &Booking {
        match self {
            Self::Booking(booking) => booking,
            Self::Flight(_) | Self::Saga(_) => panic!("not a booking: {self:?}"),
        }
    }

    /// The flight's seats.
    ///
    /// # Panics
    ///
    /// When it is of another category.
    pub fn flight(&self) -> &FlightSeats {
        match self {
            Self::Flight(seats) => seats,
            Self::Booking(_) | Self::Saga(_) => panic!("not a flight: {self:?}"),
        }
    }

    /// The saga.
    ///
    /// # Panics
    ///
    /// When it is of another category.
    pub fn saga(&self) -> &Saga {
        match self {
            Self::Saga(saga) => saga,
            Self::Booking(_) | Self::Flight(_) => panic!("not a saga: {self:?}"),
        }
    }
}
