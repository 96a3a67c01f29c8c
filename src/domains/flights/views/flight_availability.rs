//! `FlightAvailability`: the number of our seats that are left on a flight.

use crate::domains::flights::defects::RETURNED_SEAT_NOT_SHOWN;
use crate::domains::flights::event::FlightEvent;
use crate::domains::flights::setup::Flights;
use crate::model::Version;

/// The seats of one flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvailabilityRow {
    pub version: Version,
    /// All seats that we sell.
    pub seats: u16,
    /// The allocated seats.
    pub taken: u16,
}

impl AvailabilityRow {
    pub(super) const fn blank(seats: u16) -> Self {
        Self { version: Version(0), seats, taken: 0 }
    }

    /// Free seats.
    pub const fn left(&self) -> u16 {
        self.seats.saturating_sub(self.taken)
    }

    pub(super) fn apply(&mut self, flights: &Flights, version: Version, event: &FlightEvent) {
        self.version = version;
        self.taken = match event {
            FlightEvent::SeatAllocated { .. } => self.taken.saturating_add(1),
            FlightEvent::SeatReturned { .. } if flights.has(&RETURNED_SEAT_NOT_SHOWN) => self.taken,
            FlightEvent::SeatReturned { .. } => self.taken.saturating_sub(1),
        };
    }
}
