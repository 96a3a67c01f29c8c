//! The three ways in which a booking gives its seats back.

use super::{Booking, Decision, Funds, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::{BookingEvent, Reason};
use crate::domains::flights::ids::FlightId;
use crate::kernel::Instant;

/// The customer wants out: before the money is being taken, or once the tickets are there.
pub(super) fn cancel(booking: &Booking, flights: &[FlightId]) -> Decision {
    match booking.seats {
        Seats::Ticketed => {}
        Seats::None | Seats::Held | Seats::Expired | Seats::Cancelled | Seats::Released => {
            booking.must_be_held()?;
            booking.must_be_untaken()?;
        }
    }
    let cancelled = BookingEvent::BookingCancelled { legs: booking.legs.clone() };
    booking.with_seats_returned(flights, [cancelled])
}

/// The hold has run out. The booking decides, by the clock of whoever decides: a timer that is early
/// or late changes nothing.
pub(super) fn expire(booking: &Booking, flights: &[FlightId], now: Instant) -> Decision {
    if booking.seats == Seats::Expired {
        return Ok(Vec::new());
    }
    booking.must_be_held()?;
    booking.must_be_untaken()?;
    if now < booking.expires_at {
        return Err(Rejection::NotExpired { at: booking.expires_at });
    }
    let expired = BookingEvent::SeatHoldExpired { legs: booking.legs.clone() };
    booking.with_seats_returned(flights, [expired])
}

/// The booking cannot be completed. With the money taken this opens the way to the refund. Tickets are
/// no obstacle when a flight is not operated.
pub(super) fn release(booking: &Booking, flights: &[FlightId], reason: Reason) -> Decision {
    if booking.is_over() {
        return Ok(Vec::new());
    }
    if booking.seats != Seats::Ticketed || reason != Reason::FlightCancelled {
        booking.must_be_held()?;
    }
    if booking.funds == Funds::Capturing {
        return Err(Rejection::CaptureUnderWay);
    }
    let released = BookingEvent::SeatReleased { legs: booking.legs.clone(), reason };
    booking.with_seats_returned(flights, [released])
}

impl Booking {
    /// Refuses what must not overtake the money.
    fn must_be_untaken(&self) -> Result<(), Rejection> {
        match self.funds {
            Funds::Untouched | Funds::Requested | Funds::Authorized => Ok(()),
            Funds::Capturing => Err(Rejection::CaptureUnderWay),
            Funds::Captured => Err(Rejection::IssueUnderWay),
            Funds::Failed | Funds::Voided | Funds::Refunding | Funds::Refunded => {
                Err(Rejection::AlreadyOver)
            }
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
    fn a_customer_cancels_before_the_money_moves_or_after_the_ticket_is_there() {
        for given in [held(), paying(), authorized(), ticketed()] {
            let then = given.when(cancel(&given)).expect("accepted");
            assert!(matches!(then[1].1, Event::Flight(_)), "the seat goes back: {then:?}");
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
    fn a_hold_expires_at_its_time_unless_the_money_is_moving() {
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
    fn a_booking_is_released_once_and_never_while_the_money_is_moving() {
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
    fn nobody_gives_back_the_seats_of_other_flights() {
        let flights = FlightIds::from_iter([FlightId(1)]);
        let then = held().when(Command::Cancel { booking: ID, flights });
        assert_eq!(then, Err(Rejection::OtherFlights));
    }
}
