//! `FlightAvailability`: how many of our seats on a flight are left.

use crate::domains::flights::event::FlightEvent;
use crate::model::Version;

/// The seats of one flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvailabilityRow {
    /// How much of the flight's stream is shown.
    pub version: Version,
    /// All seats we sell.
    pub seats: u16,
    /// Those that are allocated.
    pub taken: u16,
}

impl AvailabilityRow {
    pub(super) const fn blank(seats: u16) -> Self {
        Self { version: Version(0), seats, taken: 0 }
    }

    /// Seats left.
    pub const fn left(&self) -> u16 {
        self.seats.saturating_sub(self.taken)
    }

    pub(super) fn apply(&mut self, version: Version, event: &FlightEvent) {
        self.version = version;
        self.taken = match event {
            FlightEvent::SeatAllocated { .. } => self.taken.saturating_add(1),
            FlightEvent::SeatReturned { .. } => self.taken.saturating_sub(1),
        };
    }
}
