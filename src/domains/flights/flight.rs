//! Our own count of a flight's seats: who has which. The vendor's count is its own affair.

use super::event::FlightEvent;
use super::ids::{BookingId, Seat};

/// The seats of one flight, as far as we sell them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlightSeats {
    /// How many there are.
    pub capacity: u16,
    /// How many are allocated.
    pub taken: u16,
    /// Whose each seat is, up to the last one ever allocated.
    owners: Vec<Option<BookingId>>,
}

impl FlightSeats {
    /// A flight nobody has booked.
    pub const fn blank(capacity: u16) -> Self {
        Self { capacity, taken: 0, owners: Vec::new() }
    }

    /// Who has a seat.
    pub fn owner(&self, seat: Seat) -> Option<BookingId> {
        self.owners.get(usize::from(seat.0)).copied().flatten()
    }

    /// The first seat that nobody has.
    pub fn free(&self) -> Option<Seat> {
        if self.taken >= self.capacity {
            return None;
        }
        // Seats are given back rarely, so that mostly the one after the last is free.
        let dense = usize::from(self.taken) == self.owners.len();
        let gap = if dense { None } else { self.owners.iter().position(Option::is_none) };
        Some(Seat(gap.unwrap_or(self.owners.len()) as u16))
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &FlightEvent) {
        match *event {
            FlightEvent::SeatAllocated { booking, seat } => {
                let at = usize::from(seat.0);
                if at >= self.owners.len() {
                    self.owners.resize(at + 1, None);
                }
                if self.owners[at].replace(booking).is_none() {
                    self.taken += 1;
                }
            }
            FlightEvent::SeatReturned { seat, .. } => {
                let owner = self.owners.get_mut(usize::from(seat.0));
                if owner.and_then(Option::take).is_some() {
                    self.taken -= 1;
                }
            }
        }
    }

    /// Whether the life cycle of a seat allows the event: free, then somebody's, then free again.
    pub fn is_legal_transition(&self, event: &FlightEvent) -> bool {
        match *event {
            FlightEvent::SeatAllocated { seat, .. } => {
                seat.0 < self.capacity && self.owner(seat).is_none()
            }
            FlightEvent::SeatReturned { booking, seat } => self.owner(seat) == Some(booking),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocated(booking: u32, seat: u16) -> FlightEvent {
        FlightEvent::SeatAllocated { booking: BookingId(booking), seat: Seat(seat) }
    }

    fn returned(booking: u32, seat: u16) -> FlightEvent {
        FlightEvent::SeatReturned { booking: BookingId(booking), seat: Seat(seat) }
    }

    #[test]
    fn the_first_free_seat_is_given_out_again_after_it_came_back() {
        let mut seats = FlightSeats::blank(3);
        for (booking, seat) in [(7, 0), (8, 1)] {
            assert_eq!(seats.free(), Some(Seat(seat)));
            seats.evolve(&allocated(booking, seat));
        }
        seats.evolve(&returned(7, 0));
        assert_eq!((seats.free(), seats.taken), (Some(Seat(0)), 1));
        seats.evolve(&allocated(9, 0));
        seats.evolve(&allocated(10, 2));
        assert_eq!(seats.free(), None);
    }

    #[test]
    fn no_seat_has_two_owners_and_none_beyond_the_last_is_sold() {
        let mut seats = FlightSeats::blank(1);
        assert!(seats.is_legal_transition(&allocated(1, 0)));
        assert!(!seats.is_legal_transition(&allocated(1, 1)));
        seats.evolve(&allocated(1, 0));
        assert!(!seats.is_legal_transition(&allocated(2, 0)));
        assert!(!seats.is_legal_transition(&returned(2, 0)));
        assert!(seats.is_legal_transition(&returned(1, 0)));
    }
}
