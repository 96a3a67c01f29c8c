//! Holding seats: the only use case in which customers compete.

use arrayvec::ArrayVec;

use super::{Booking, Decision, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::{CURRENCY_IGNORED, SEAT_BY_COUNT};
use crate::domains::flights::event::{BookingEvent, FlightEvent, Leg, Legs, Party};
use crate::domains::flights::ids::{FlightId, LEGS_MAX, Seat};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::state::State;
use crate::kernel::Instant;
use crate::model::{CustomerId, Folded};

/// One seat on each flight, or none. Seats are allocated in the flights' own streams: of two customers who
/// want the last seat, the second fails on the expected version.
pub(super) fn hold(
    flights: &Flights,
    folded: &Folded<'_, State>,
    booking: &Booking,
    customer: CustomerId,
    wanted: &[FlightId],
    now: Instant,
) -> Decision {
    if booking.seats != Seats::None {
        return Err(Rejection::AlreadyBooked);
    }
    if flights.owner(booking.id) != customer {
        return Err(Rejection::NotYours);
    }
    if wanted.is_empty() {
        return Err(Rejection::NoLegs);
    }
    let mut list: ArrayVec<Leg, LEGS_MAX> = ArrayVec::new();
    for &flight in wanted {
        if list.iter().any(|leg| leg.flight == flight) {
            return Err(Rejection::SameFlightTwice);
        }
        let seats = folded.state(flight.stream()).flight();
        let mut seat = seats.free().ok_or(Rejection::SoldOut { flight })?;
        if flights.has(&SEAT_BY_COUNT) {
            seat = Seat(seats.taken);
        }
        let mut fare = flights.flight(flight).fare.minor;
        if flights.has(&CURRENCY_IGNORED) {
            fare = flights.asked(flight).minor;
        }
        list.push(Leg { flight, seat, fare });
    }
    let legs = Legs { list, currency: flights.currency() };
    let expires_at = now + flights.tables.setup.hold;
    // The command API puts the sealed data of the passenger and of the contact in.
    let passenger = Party::NONE;
    let held = BookingEvent::SeatHeld { customer, passenger, legs: legs.clone(), expires_at };
    let allocated = legs.list.iter().map(|leg| {
        let event = FlightEvent::SeatAllocated { booking: booking.id, seat: leg.seat };
        (leg.flight.stream(), event.into())
    });
    Ok(std::iter::once((booking.id.stream(), held.into())).chain(allocated).collect())
}

#[cfg(test)]
mod tests {
    use super::super::given::{Given, held};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::event::Event;
    use crate::domains::flights::ids::{BookingId, FlightIds, Seat};
    use crate::model::Named;

    fn hold_seat(booking: u32, flights: &[u16]) -> Command {
        Command::HoldSeat {
            booking: BookingId(booking),
            customer: CustomerId(booking % 4),
            flights: flights.iter().copied().map(FlightId).collect(),
            contact: Named::NONE,
        }
    }

    #[test]
    fn a_seat_is_held_for_the_hold_time_and_allocated_on_its_flight() {
        let then = Given::nothing().at_secs(5).when(hold_seat(0, &[0])).expect("accepted");
        let [(booking, Event::Booking(event)), (flight, Event::Flight(allocated))] = &then[..]
        else {
            panic!("{then:?}")
        };
        assert_eq!((*booking, *flight), (BookingId(0).stream(), FlightId(0).stream()));
        assert!(matches!(event, BookingEvent::SeatHeld { legs, expires_at, .. }
            if legs.price().to_string() == "420.00 EUR" && expires_at.to_string() == "15m05s"));
        let seat = Seat(0);
        assert_eq!(*allocated, FlightEvent::SeatAllocated { booking: BookingId(0), seat });
    }

    #[test]
    fn a_trip_is_held_as_a_whole_or_not_at_all() {
        let last_seat_gone = Given::nothing().after(hold_seat(1, &[0]));
        let then = last_seat_gone.when(hold_seat(0, &[1, 0]));
        assert_eq!(then, Err(Rejection::SoldOut { flight: FlightId(0) }));
        assert_eq!(Given::nothing().when(hold_seat(0, &[1, 0])).map(|events| events.len()), Ok(3));
    }

    #[test]
    fn an_invalid_trip_is_rejected() {
        assert_eq!(Given::nothing().when(hold_seat(0, &[])), Err(Rejection::NoLegs));
        assert_eq!(Given::nothing().when(hold_seat(0, &[1, 1])), Err(Rejection::SameFlightTwice));
        assert_eq!(held().when(hold_seat(0, &[1])), Err(Rejection::AlreadyBooked));
        let of_another_customer = Command::HoldSeat {
            booking: BookingId(1),
            customer: CustomerId(0),
            flights: FlightIds::from_iter([FlightId(0)]),
            contact: Named::NONE,
        };
        assert_eq!(Given::nothing().when(of_another_customer), Err(Rejection::NotYours));
    }
}
