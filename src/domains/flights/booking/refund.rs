//! Giving the money back, once the seats are given back: a claim first, then its outcome.

use super::{Booking, Decision, Funds};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::money::Money;

/// Claims the booking for a refund. Of two who want to refund, the second is refused.
pub(super) fn start(booking: &Booking) -> Decision {
    match booking.funds {
        Funds::Captured if booking.is_over() => {
            booking.one(BookingEvent::RefundStarted { amount: booking.legs.price() })
        }
        Funds::Captured => Err(Rejection::StillAlive),
        Funds::Refunding | Funds::Refunded => Err(Rejection::RefundUnderWay),
        Funds::Untouched
        | Funds::Requested
        | Funds::Authorized
        | Funds::Capturing
        | Funds::Failed
        | Funds::Voided => Err(Rejection::NotCaptured),
    }
}

/// The provider gave the money back.
pub(super) fn refunded(booking: &Booking, amount: Money) -> Decision {
    booking.must_be_owed(amount)?;
    match booking.funds {
        Funds::Refunding => booking.one(BookingEvent::PaymentRefunded { amount }),
        Funds::Refunded => Ok(Vec::new()),
        Funds::Untouched
        | Funds::Requested
        | Funds::Authorized
        | Funds::Capturing
        | Funds::Captured
        | Funds::Failed
        | Funds::Voided => Err(Rejection::NoRefund),
    }
}

/// The provider set the reserved money free.
pub(super) fn voided(booking: &Booking) -> Decision {
    match booking.funds {
        Funds::Authorized if booking.is_over() => {
            booking.one(BookingEvent::AuthorizationVoided { amount: booking.legs.price() })
        }
        Funds::Authorized | Funds::Capturing | Funds::Captured => Err(Rejection::StillAlive),
        Funds::Voided => Ok(Vec::new()),
        Funds::Untouched
        | Funds::Requested
        | Funds::Failed
        | Funds::Refunding
        | Funds::Refunded => Err(Rejection::NotAuthorized),
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{Given, Then, authorized, captured, of_booking, price, ticketed};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::event::Reason;
    use crate::domains::flights::ids::BookingId;

    const ID: BookingId = BookingId(0);

    fn cancelled(given: Given) -> Given {
        let flights = given.flights();
        given.after(Command::Cancel { booking: ID, flights })
    }

    fn released(given: Given) -> Given {
        let flights = given.flights();
        given.after(Command::Release { booking: ID, flights, reason: Reason::IssueFailed })
    }

    #[test]
    fn a_refund_is_claimed_once_and_only_for_a_booking_that_ended() {
        let start = || Command::StartRefund { booking: ID };
        for given in [cancelled(ticketed()), released(captured())] {
            let expected = BookingEvent::RefundStarted { amount: price() };
            assert_eq!(of_booking(given.when(start())), Then::Events(vec![expected]));
            assert_eq!(given.after(start()).when(start()), Err(Rejection::RefundUnderWay));
        }
        assert_eq!(ticketed().when(start()), Err(Rejection::StillAlive));
        assert_eq!(cancelled(authorized()).when(start()), Err(Rejection::NotCaptured));
    }

    #[test]
    fn a_refund_is_recorded_once_and_only_after_its_claim() {
        let record = || Command::RecordRefund { booking: ID, amount: price() };
        let unclaimed = cancelled(ticketed());
        assert_eq!(unclaimed.when(record()), Err(Rejection::NoRefund));
        let claimed = unclaimed.after(Command::StartRefund { booking: ID });
        let expected = BookingEvent::PaymentRefunded { amount: price() };
        assert_eq!(of_booking(claimed.when(record())), Then::Events(vec![expected]));
        assert_eq!(claimed.after(record()).when(record()), Ok(vec![]));
    }

    #[test]
    fn an_authorisation_is_set_free_once_the_booking_ended() {
        let record = || Command::RecordVoid { booking: ID };
        let ended = cancelled(authorized());
        let expected = BookingEvent::AuthorizationVoided { amount: price() };
        assert_eq!(of_booking(ended.when(record())), Then::Events(vec![expected]));
        assert_eq!(ended.after(record()).when(record()), Ok(vec![]));
        assert_eq!(authorized().when(record()), Err(Rejection::StillAlive));
    }
}
