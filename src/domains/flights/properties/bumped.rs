//! `bumped-above-capacity`: a booking is bumped only from a flight with more bookings than seats, the latest first.
//!
//! It is counted again from the events of bookings. That a bumped booking has no ticket and no charge any more is the
//! concern of `no-orphan` and of `money-conserved`, as for every booking that ends.

use crate::collections::SortedMap;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::flights::event::{BookingEvent, Event, Legs, Reason};
use crate::domains::flights::ids::{BookingId, FlightId};
use crate::domains::flights::setup::Flights;
use crate::kernel::Step;
use crate::model::{Fact, Record};

/// Nobody is bumped while there is a seat.
pub static BUMPED_ABOVE_CAPACITY: Property = Property {
    id: "bumped-above-capacity",
    when: When::Always,
    says: "a booking is bumped only while one of its flights has more bookings than seats, and only if it \
           is the latest of these",
};

/// Follows the bookings of overbooked flights.
#[derive(Clone, Debug, Default)]
pub(super) struct Bumped {
    /// In the order in which they got their seats.
    flights: SortedMap<FlightId, Vec<(BookingId, Step)>>,
}

impl Checker<Flights> for Bumped {
    const PROPERTIES: &'static [Property] = &[BUMPED_ABOVE_CAPACITY];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let Event::Booking(event) = &stored.event else { return };
        let booking = BookingId(stored.stream.number);
        match event {
            BookingEvent::SeatHeld { legs, .. } => {
                for (flight, _) in overbooked(legs, checks) {
                    self.flights.entry(flight).or_default().push((booking, record.step));
                }
            }
            BookingEvent::SeatReleased { legs, reason } => {
                if *reason == Reason::Bumped {
                    self.bumped(booking, legs, checks);
                }
                self.leave(booking, legs);
            }
            any_of!(BookingEvent { legs, .. }: SeatHoldExpired | BookingCancelled) => {
                self.leave(booking, legs);
            }
            any_of!(BookingEvent: PaymentRequested | PaymentAuthorized | CaptureStarted | PaymentCaptured
                | TicketIssued | PaymentFailed | AuthorizationVoided | RefundStarted | PaymentRefunded
                | ScheduleChanged | PaymentChargedBack) => {}
        }
    }
}

/// The flights of a trip of which more seats are sold than there are, with the number that there is.
fn overbooked(legs: &Legs, checks: &Checks<'_, Flights>) -> Vec<(FlightId, usize)> {
    let flights = legs.list.iter().map(|leg| checks.words.domain.flight(leg.flight));
    let overbooked = flights.filter(|flight| flight.places.is_overbooked());
    overbooked.map(|flight| (flight.id, usize::from(flight.places.places))).collect()
}

impl Bumped {
    fn leave(&mut self, booking: BookingId, legs: &Legs) {
        for leg in &legs.list {
            if let Some(bookings) = self.flights.get_mut(&leg.flight) {
                bookings.retain(|(one, _)| *one != booking);
            }
        }
    }

    fn bumped(&self, booking: BookingId, legs: &Legs, checks: &mut Checks<'_, Flights>) {
        let holds = overbooked(legs, checks).into_iter().any(|(flight, places)| {
            let all = self.flights.get(&flight).map_or(&[][..], |all| all);
            all.len() > places && all.last().is_some_and(|(last, _)| *last == booking)
        });
        let flights = legs.list.iter().filter_map(|leg| self.flights.get(&leg.flight));
        let since: Vec<Step> = flights.flatten().map(|(_, since)| *since).collect();
        checks.that(&BUMPED_ABOVE_CAPACITY, holds, since, |_| {
            format!("{booking} is bumped, but is not the last of a flight above its capacity")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;

    #[test]
    fn the_last_of_a_flight_above_its_capacity_is_bumped_and_no_other_booking() {
        // The flight has two seats, and three are sold.
        for (held, bumped, violated) in
            [(3, vec![2], false), (3, vec![1], true), (2, vec![1], true), (3, vec![2, 1], true)]
        {
            let mut story = History::overbooked();
            (0..held).for_each(|number| story.held_by(number));
            bumped.iter().for_each(|&number| story.bumped(number));
            let found = story.violated().contains(&"bumped-above-capacity");
            assert_eq!(found, violated, "{held} {bumped:?}");
        }
    }

    #[test]
    fn a_booking_is_bumped_by_staff() {
        let mut story = History::overbooked();
        (0..3).for_each(|number| story.held_by(number));
        story.bumped(2);
        assert!(!story.violated().contains(&"no-early-release"));
    }
}
