//! Our own allocation of a flight's seats to bookings. It is independent of the vendor's count.

use std::hash::{Hash, Hasher};

use super::event::FlightEvent;
use super::ids::{BookingId, Seat};
use super::overbooking::{Places, Queue};

/// The seats of one flight, as far as we sell them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightSeats {
    pub capacity: u16,
    /// The number of allocated seats.
    pub taken: u16,
    /// The booking of each seat, up to the last one ever allocated.
    owners: Vec<Option<BookingId>>,
    /// Who is bumped first, if more seats are sold than there are.
    pub queue: Option<Queue>,
}

impl Hash for FlightSeats {
    /// A flight that is not overbooked has no queue, which adds nothing.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { capacity, taken, owners, queue } = self;
        (capacity, taken, owners).hash(state);
        if let Some(queue) = queue {
            queue.hash(state);
        }
    }
}

impl FlightSeats {
    /// A flight without bookings.
    pub const fn blank(places: Places) -> Self {
        let queue = Queue::of(places);
        Self { capacity: places.seats, taken: 0, owners: Vec::new(), queue }
    }

    /// The booking that has a seat.
    fn owner(&self, seat: Seat) -> Option<BookingId> {
        self.owners.get(usize::from(seat.0)).copied().flatten()
    }

    /// The first free seat.
    pub fn free(&self) -> Option<Seat> {
        if self.taken >= self.capacity {
            return None;
        }
        // Seats are rarely returned: usually there is no gap, and nothing to search.
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
                if let Some(queue) = &mut self.queue {
                    queue.join(booking);
                }
            }
            FlightEvent::SeatReturned { seat, booking } => {
                if let Some(queue) = &mut self.queue {
                    queue.leave(booking);
                }
                let owner = self.owners.get_mut(usize::from(seat.0));
                if owner.and_then(Option::take).is_some() {
                    self.taken -= 1;
                }
            }
        }
    }

    /// Whether the life cycle of a seat allows the event: free, allocated, free again.
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

    fn of(seats: u16) -> Places {
        Places { places: seats, seats }
    }

    fn allocated(booking: u32, seat: u16) -> FlightEvent {
        FlightEvent::SeatAllocated { booking: BookingId(booking), seat: Seat(seat) }
    }

    fn returned(booking: u32, seat: u16) -> FlightEvent {
        FlightEvent::SeatReturned { booking: BookingId(booking), seat: Seat(seat) }
    }

    #[test]
    fn a_returned_seat_is_the_first_to_be_allocated_again() {
        let mut seats = FlightSeats::blank(of(3));
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
    fn a_seat_has_one_booking_and_capacity_is_the_limit() {
        let mut seats = FlightSeats::blank(of(1));
        assert!(seats.is_legal_transition(&allocated(1, 0)));
        assert!(!seats.is_legal_transition(&allocated(1, 1)));
        seats.evolve(&allocated(1, 0));
        assert!(!seats.is_legal_transition(&allocated(2, 0)));
        assert!(!seats.is_legal_transition(&returned(2, 0)));
        assert!(seats.is_legal_transition(&returned(1, 0)));
    }
}
