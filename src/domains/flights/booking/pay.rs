//! Paying, up to the reservation of the money.

use super::{Booking, Decision, Funds};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::{BookingEvent, Reason};
use crate::domains::flights::ids::FlightId;
use crate::domains::flights::money::Money;
use crate::kernel::Instant;

/// The customer requests to pay, while the hold lasts.
pub(super) fn request(booking: &Booking, now: Instant) -> Decision {
    use Funds::*;
    booking.must_be_held()?;
    booking.must_last(now)?;
    match booking.funds {
        Untouched => booking.one(BookingEvent::PaymentRequested { amount: booking.legs.price() }),
        Requested | Authorized | Capturing | Captured => Err(Rejection::AlreadyRequested),
        Failed | Voided | Refunding | Refunded => Err(Rejection::AlreadyOver),
    }
}

/// Records that the provider reserved the price. It is too late if the hold has expired: the reservation is
/// then voided, not used.
pub(super) fn authorized(booking: &Booking, amount: Money, now: Instant) -> Decision {
    use Funds::*;
    booking.must_be_owed(amount)?;
    match booking.funds {
        Requested => {
            booking.must_be_held()?;
            booking.must_last(now)?;
            booking.one(BookingEvent::PaymentAuthorized { amount })
        }
        Untouched => Err(Rejection::NotRequested),
        Failed => Err(Rejection::AlreadyOver),
        Authorized | Capturing | Captured | Voided | Refunding | Refunded => Ok(Vec::new()),
    }
}

/// The provider declined: the booking ends, and its seats are returned at once.
pub(super) fn failed(booking: &Booking, flights: &[FlightId]) -> Decision {
    use Funds::*;
    match booking.funds {
        Failed => Ok(Vec::new()),
        Requested | Capturing => {
            booking.must_be_held()?;
            let failed = BookingEvent::PaymentFailed { amount: booking.legs.price() };
            let (legs, reason) = (booking.legs.clone(), Reason::PaymentDeclined);
            let released = BookingEvent::SeatReleased { legs, reason };
            booking.with_seats_returned(flights, [failed, released])
        }
        Untouched => Err(Rejection::NotRequested),
        Authorized => Err(Rejection::StillAlive),
        Captured | Voided | Refunding | Refunded => Err(Rejection::AlreadyOver),
    }
}

impl Booking {
    /// Rejects any amount but the price.
    pub(super) fn must_be_owed(&self, amount: Money) -> Result<(), Rejection> {
        let price = self.legs.price();
        if amount == price { Ok(()) } else { Err(Rejection::WrongAmount { price }) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{Then, authorized, capturing, held, of_booking, paying, price};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::ids::BookingId;
    use crate::domains::flights::money::Currency;

    const ID: BookingId = BookingId(0);

    #[test]
    fn a_payment_of_the_price_is_requested_while_the_hold_lasts() {
        let then = held().at_secs(899).when(Command::RequestPayment { booking: ID });
        let expected = BookingEvent::PaymentRequested { amount: price() };
        assert_eq!(of_booking(then), Then::Events(vec![expected]));
        let late = held().at_secs(900).when(Command::RequestPayment { booking: ID });
        assert!(matches!(late, Err(Rejection::HoldExpired { .. })));
        let again = paying().when(Command::RequestPayment { booking: ID });
        assert_eq!(again, Err(Rejection::AlreadyRequested));
    }

    #[test]
    fn an_authorisation_is_recorded_in_time_for_the_price_and_once() {
        let record = |amount| Command::RecordAuthorization { booking: ID, amount };
        let then = paying().when(record(price()));
        let expected = BookingEvent::PaymentAuthorized { amount: price() };
        assert_eq!(of_booking(then), Then::Events(vec![expected]));
        let late = paying().at_secs(900).when(record(price()));
        assert!(matches!(late, Err(Rejection::HoldExpired { .. })));
        let cheap = paying().when(record(Money::new(1, Currency::Eur)));
        assert_eq!(cheap, Err(Rejection::WrongAmount { price: price() }));
        assert_eq!(held().when(record(price())), Err(Rejection::NotRequested));
        assert_eq!(authorized().when(record(price())), Ok(vec![]));
    }

    #[test]
    fn a_declined_payment_returns_the_seats_in_the_same_transaction() {
        for given in [paying(), capturing()] {
            let flights = given.flights();
            let command = Command::RecordPaymentFailure { booking: ID, flights };
            let then = given.when(command.clone()).expect("accepted");
            assert_eq!(then.len(), 3, "{then:?}");
            assert_eq!(given.after(command.clone()).when(command), Ok(vec![]));
        }
        let flights = authorized().flights();
        let unexpected = authorized().when(Command::RecordPaymentFailure { booking: ID, flights });
        assert_eq!(unexpected, Err(Rejection::StillAlive));
    }
}
