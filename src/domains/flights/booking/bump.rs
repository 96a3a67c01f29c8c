//! Bumping: more passengers have come than a flight has seats for, and the last to have booked stays behind.

use super::{Booking, Decision, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::{BUMPS_ANYBODY, BUMPS_WHEN_FULL};
use crate::domains::flights::event::{BookingEvent, Reason};
use crate::domains::flights::ids::FlightId;
use crate::domains::flights::setup::Flights;
use crate::domains::flights::state::State;
use crate::model::Folded;

/// Staff bump a booking. It is decided on the streams of its flights: only there is it known how many bookings there
/// are at this moment, and which of them is the latest. A trip is bumped as a whole.
pub(super) fn bump(
    world: &Flights,
    folded: &Folded<'_, State>,
    booking: &Booking,
    flights: &[FlightId],
) -> Decision {
    if booking.seats != Seats::Ticketed {
        booking.must_be_held()?;
        booking.must_be_untaken()?;
    }
    if booking.legs.flights()[..] != *flights {
        return Err(Rejection::OtherFlights);
    }
    let full = usize::from(world.has(&BUMPS_WHEN_FULL));
    let above = flights.iter().filter_map(|flight| {
        let queue = folded.state(flight.stream()).flight().queue.as_ref()?;
        let (bookings, places) = queue.counts();
        (bookings + full > places).then_some(queue)
    });
    let mut above = above.peekable();
    if above.peek().is_none() {
        return Err(Rejection::NotAboveCapacity);
    }
    if !above.any(|queue| queue.is_last(booking.id)) && !world.has(&BUMPS_ANYBODY) {
        return Err(Rejection::NotTheLast);
    }
    let released =
        BookingEvent::SeatReleased { legs: booking.legs.clone(), reason: Reason::Bumped };
    booking.with_seats_returned(world, flights, [released])
}

#[cfg(test)]
mod tests {
    use super::super::given::Given;
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::event::Event;
    use crate::domains::flights::ids::{BookingId, FlightIds};
    use crate::domains::flights::money::{Currency, Money};
    use crate::domains::flights::setup::{Setup, VendorSetup};
    use crate::domains::flights::vendors::Dialect;
    use crate::model::CustomerId;

    fn trip() -> FlightIds {
        FlightIds::from_iter([FlightId(0)])
    }

    /// A flight with two seats, of which we sell three, and so many bookings.
    fn booked(bookings: u32) -> Given {
        let fare = Money::new(10_000, Currency::Eur);
        let mut vendor = VendorSetup::new("V1", Dialect::Ndc).flight("IB1", 2, fare);
        vendor.flights[0].overbook = "50%".parse().expect("a share");
        let setup = Setup { customers: 4, vendors: vec![vendor], ..Setup::default() };
        let world = Flights::new(setup).expect("a world");
        (0..bookings).fold(Given::in_world(world), |given, number| {
            let (booking, customer) = (BookingId(number), CustomerId(number));
            given.after(Command::HoldSeat {
                booking,
                customer,
                flights: trip(),
                contact: crate::model::Named::NONE,
            })
        })
    }

    fn bump(number: u32) -> Command {
        Command::Bump { booking: BookingId(number), flights: trip() }
    }

    #[test]
    fn the_last_booking_of_a_flight_above_its_capacity_is_bumped() {
        let then = booked(3).when(bump(2)).expect("accepted");
        assert!(matches!(
            &then[0].1,
            Event::Booking(BookingEvent::SeatReleased { reason: Reason::Bumped, .. })
        ));
        assert!(matches!(then[1].1, Event::Flight(_)), "the seat is returned: {then:?}");
        assert_eq!(booked(3).after(bump(2)).when(bump(1)), Err(Rejection::NotAboveCapacity));
    }

    #[test]
    fn no_booking_is_bumped_while_there_are_seats_or_instead_of_a_later_one() {
        assert_eq!(booked(2).when(bump(1)), Err(Rejection::NotAboveCapacity));
        assert_eq!(booked(3).when(bump(1)), Err(Rejection::NotTheLast));
        assert_eq!(booked(3).when(bump(3)), Err(Rejection::NoSuchBooking));
        let cancel = Command::Cancel { booking: BookingId(0), flights: trip() };
        assert_eq!(booked(3).after(cancel).when(bump(2)), Err(Rejection::NotAboveCapacity));
    }

    #[test]
    fn no_more_is_sold_than_the_set_up_says() {
        let (booking, customer) = (BookingId(3), CustomerId(3));
        let hold = Command::HoldSeat {
            booking,
            customer,
            flights: trip(),
            contact: crate::model::Named::NONE,
        };
        assert_eq!(booked(3).when(hold), Err(Rejection::SoldOut { flight: FlightId(0) }));
    }
}
