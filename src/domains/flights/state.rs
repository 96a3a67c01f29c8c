//! The fold of a stream of any category.

use super::booking::Booking;
use super::flight::FlightSeats;
use super::saga::Saga;

/// The fold of one stream. The accessors panic on a stream of another category: that is a bug, because
/// streams are read by their ids, which contain the category.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Booking(Booking),
    Flight(FlightSeats),
    /// Boxed, because it is much larger than the others.
    Saga(Box<Saga>),
}

impl State {
    pub fn booking(&self) -> &Booking {
        let Self::Booking(booking) = self else { panic!("not a booking: {self:?}") };
        booking
    }

    pub fn flight(&self) -> &FlightSeats {
        let Self::Flight(seats) = self else { panic!("not a flight: {self:?}") };
        seats
    }

    pub fn saga(&self) -> &Saga {
        let Self::Saga(saga) = self else { panic!("not a saga: {self:?}") };
        saga
    }
}
