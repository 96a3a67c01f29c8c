//! The three ways in which a booking ends and returns its seats.

use super::{Booking, Decision, Funds, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::{CANCEL_DURING_CAPTURE, EXPIRY_FREES_SOLD_SEAT};
use crate::domains::flights::event::{BookingEvent, Reason};
use crate::domains::flights::ids::FlightId;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;

/// The customer cancels, before the capture or after the tickets are issued.
pub(super) fn cancel(world: &Flights, booking: &Booking, flights: &[FlightId]) -> Decision {
    if booking.seats != Seats::Ticketed {
        booking.must_be_held()?;
        if !world.has(&CANCEL_DURING_CAPTURE) {
            booking.must_be_untaken()?;
        }
    }
    let cancelled = BookingEvent::BookingCancelled { legs: booking.legs.clone() };
    booking.with_seats_returned(world, flights, [cancelled])
}

/// The hold has expired, by the clock of the deciding node: a timer that is early or late changes
/// nothing.
pub(super) fn expire(
    world: &Flights,
    booking: &Booking,
    flights: &[FlightId],
    now: Instant,
) -> Decision {
    if booking.seats == Seats::Expired {
        return Ok(Vec::new());
    }
    booking.must_be_held()?;
    if !world.has(&EXPIRY_FREES_SOLD_SEAT) {
        booking.must_be_untaken()?;
    }
    if now < booking.expires_at {
        return Err(Rejection::NotExpired { at: booking.expires_at });
    }
    let expired = BookingEvent::SeatHoldExpired { legs: booking.legs.clone() };
    booking.with_seats_returned(world, flights, [expired])
}

/// The booking cannot be completed; captured money can now be refunded. A ticketed booking is released
/// only when a flight is not operated, or when its customer has the money back by a dispute.
pub(super) fn release(
    world: &Flights,
    booking: &Booking,
    flights: &[FlightId],
    reason: Reason,
) -> Decision {
    if booking.is_over() {
        return Ok(Vec::new());
    }
    if booking.seats != Seats::Ticketed || !reason.ends_ticketed() {
        booking.must_be_held()?;
    }
    if booking.funds == Funds::Capturing {
        return Err(Rejection::CaptureUnderWay);
    }
    let released = BookingEvent::SeatReleased { legs: booking.legs.clone(), reason };
    booking.with_seats_returned(world, flights, [released])
}

impl Booking {
    /// Rejects what must not overtake the money.
    pub(super) fn must_be_untaken(&self) -> Result<(), Rejection> {
        use Funds::*;
        match self.funds {
            Untouched | Requested | Authorized | Failed => Ok(()),
            Capturing => Err(Rejection::CaptureUnderWay),
            Captured => Err(Rejection::IssueUnderWay),
            Voided | Refunding | Refunded | ChargedBack => Err(Rejection::AlreadyOver),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{Given, authorized, captured, capturing, held, paying, ticketed};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::event::Event;
    use crate::domains::flights::ids::{BookingId, FlightIds};

    const ID: BookingId = BookingId(0);

    fn cancel(given: &Given) -> Command {
        Command::Cancel { booking: ID, flights: given.flights() }
    }

    fn expire(given: &Given) -> Command {
        Command::Expire { booking: ID, flights: given.flights() }
    }

    fn release(given: &Given) -> Command {
        let reason = Reason::VendorRefused;
        Command::Release { booking: ID, flights: given.flights(), reason }
    }

    #[test]
    fn a_customer_cancels_before_the_capture_or_after_the_ticket_is_issued() {
        for given in [held(), paying(), authorized(), ticketed()] {
            let then = given.when(cancel(&given)).expect("accepted");
            assert!(matches!(then[1].1, Event::Flight(_)), "the seat is returned: {then:?}");
        }
        for (given, why) in [
            (Given::nothing(), Rejection::NoSuchBooking),
            (capturing(), Rejection::CaptureUnderWay),
            (captured(), Rejection::IssueUnderWay),
        ] {
            assert_eq!(given.when(cancel(&given)), Err(why));
        }
        let cancelled = held().after(cancel(&held()));
        assert_eq!(cancelled.when(cancel(&held())), Err(Rejection::AlreadyOver));
    }

    #[test]
    fn a_hold_expires_at_its_time_unless_the_money_is_being_captured() {
        for given in [held(), paying(), authorized()] {
            let early = given.at_secs(899).when(expire(&given));
            assert!(matches!(early, Err(Rejection::NotExpired { .. })));
            assert_eq!(given.at_secs(900).when(expire(&given)).map(|then| then.len()), Ok(2));
        }
        let claimed = capturing();
        assert_eq!(claimed.at_secs(900).when(expire(&claimed)), Err(Rejection::CaptureUnderWay));
        let sold = ticketed();
        assert_eq!(sold.at_secs(900).when(expire(&sold)), Err(Rejection::AlreadyTicketed));
    }

    #[test]
    fn a_booking_is_released_once_and_never_while_the_money_is_being_captured() {
        for given in [held(), paying(), authorized(), captured()] {
            assert_eq!(given.when(release(&given)).map(|then| then.len()), Ok(2));
            let released = given.after(release(&given));
            assert_eq!(released.when(release(&given)), Ok(vec![]));
        }
        assert_eq!(capturing().when(release(&capturing())), Err(Rejection::CaptureUnderWay));
    }

    #[test]
    fn a_ticketed_booking_is_released_only_when_a_flight_is_not_operated() {
        let release = |reason| {
            let flights = ticketed().flights();
            ticketed().when(Command::Release { booking: ID, flights, reason })
        };
        assert_eq!(release(Reason::FlightCancelled).map(|then| then.len()), Ok(2));
        assert_eq!(release(Reason::IssueFailed), Err(Rejection::AlreadyTicketed));
    }

    #[test]
    fn the_seats_of_other_flights_cannot_be_returned() {
        let flights = FlightIds::from_iter([FlightId(1)]);
        let then = held().when(Command::Cancel { booking: ID, flights });
        assert_eq!(then, Err(Rejection::OtherFlights));
    }
}
