//! Capturing the money: claimed first, so that neither expiry nor cancellation can overtake it.

use super::{Booking, Decision, Funds};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::EXPIRY_CHECKED_AT_START;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::money::Money;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;

/// Claims the booking for capture. This is the last moment at which the hold may have expired: after it
/// the money may already be moving.
pub(super) fn start(flights: &Flights, booking: &Booking, now: Instant) -> Decision {
    use Funds::*;
    match booking.funds {
        Authorized => {
            booking.must_be_held()?;
            if !flights.has(&EXPIRY_CHECKED_AT_START) {
                booking.must_last(now)?;
            }
            booking.one(BookingEvent::CaptureStarted { amount: booking.legs.price() })
        }
        Untouched | Requested | Failed => Err(Rejection::NotAuthorized),
        Capturing | Captured => Ok(Vec::new()),
        Voided | Refunding | Refunded | ChargedBack => Err(Rejection::AlreadyOver),
    }
}

/// Records that the provider captured the money.
pub(super) fn captured(booking: &Booking, amount: Money) -> Decision {
    use Funds::*;
    booking.must_be_owed(amount)?;
    match booking.funds {
        Capturing => booking.one(BookingEvent::PaymentCaptured { amount }),
        Untouched | Requested | Authorized | Failed => Err(Rejection::NotAuthorized),
        Captured | Refunding | Refunded | ChargedBack => Ok(Vec::new()),
        Voided => Err(Rejection::AlreadyOver),
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{Then, authorized, captured, capturing, of_booking, paying, price};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::ids::BookingId;

    const ID: BookingId = BookingId(0);

    #[test]
    fn capture_is_claimed_while_the_hold_lasts_and_not_after() {
        let start = || Command::StartCapture { booking: ID };
        let then = authorized().at_secs(899).when(start());
        let expected = BookingEvent::CaptureStarted { amount: price() };
        assert_eq!(of_booking(then), Then::Events(vec![expected]));
        let late = authorized().at_secs(900).when(start());
        assert!(matches!(late, Err(Rejection::HoldExpired { .. })));
        assert_eq!(paying().when(start()), Err(Rejection::NotAuthorized));
        assert_eq!(capturing().when(start()), Ok(vec![]));
    }

    #[test]
    fn a_late_capture_is_recorded_once() {
        let record = || Command::RecordCapture { booking: ID, amount: price() };
        let then = capturing().at_secs(5_000).when(record());
        let expected = BookingEvent::PaymentCaptured { amount: price() };
        assert_eq!(of_booking(then), Then::Events(vec![expected]));
        assert_eq!(captured().when(record()), Ok(vec![]));
        assert_eq!(authorized().when(record()), Err(Rejection::NotAuthorized));
    }
}
