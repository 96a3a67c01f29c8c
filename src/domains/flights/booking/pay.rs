//! Paying, up to the reservation of the money.

use super::{Booking, Decision, Funds};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::EXPIRY_CHECKED_AT_START;
use crate::domains::flights::event::{BookingEvent, Reason};
use crate::domains::flights::ids::{Attempt, FlightId};
use crate::domains::flights::money::Money;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;

/// The customer requests to pay, while the hold lasts: for the first time, or with another card after a
/// decline.
pub(super) fn request(booking: &Booking, now: Instant) -> Decision {
    use Funds::*;
    booking.must_be_held()?;
    booking.must_last(now)?;
    match booking.funds {
        Untouched | Failed => {
            booking.one(BookingEvent::PaymentRequested { amount: booking.legs.price() })
        }
        Requested | Authorized | Capturing | Captured => Err(Rejection::AlreadyRequested),
        Voided | Refunding | Refunded | ChargedBack => Err(Rejection::AlreadyOver),
    }
}

/// Records that the provider reserved the price. It is too late if the hold has expired: the reservation is
/// then voided, not used.
pub(super) fn authorized(
    flights: &Flights,
    booking: &Booking,
    amount: Money,
    now: Instant,
) -> Decision {
    use Funds::*;
    booking.must_be_owed(amount)?;
    match booking.funds {
        Requested => {
            booking.must_be_held()?;
            if !flights.has(&EXPIRY_CHECKED_AT_START) {
                booking.must_last(now)?;
            }
            booking.one(BookingEvent::PaymentAuthorized { amount })
        }
        Untouched | Failed => Err(Rejection::NotRequested),
        Authorized | Capturing | Captured | Voided | Refunding | Refunded | ChargedBack => {
            Ok(Vec::new())
        }
    }
}

/// The provider declined an attempt. If it declined to reserve the money, the seats stay held and the
/// customer may use another card. If it declined to capture, a reservation may be left: the booking ends,
/// and its seats are returned at once. The late report of an earlier attempt changes nothing.
pub(super) fn failed(
    world: &Flights,
    booking: &Booking,
    flights: &[FlightId],
    attempt: Attempt,
) -> Decision {
    use Funds::*;
    if attempt < booking.attempt {
        return Ok(Vec::new());
    }
    if attempt > booking.attempt {
        return Err(Rejection::NotRequested);
    }
    let failed = BookingEvent::PaymentFailed { amount: booking.legs.price() };
    match booking.funds {
        Requested => {
            booking.must_be_held()?;
            booking.one(failed)
        }
        Capturing => {
            booking.must_be_held()?;
            let (legs, reason) = (booking.legs.clone(), Reason::PaymentDeclined);
            let released = BookingEvent::SeatReleased { legs, reason };
            booking.with_seats_returned(world, flights, [failed, released])
        }
        Untouched | Failed => Err(Rejection::NotRequested),
        Authorized => Err(Rejection::StillAlive),
        Captured | Voided | Refunding | Refunded | ChargedBack => Err(Rejection::AlreadyOver),
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
    fn a_declined_capture_returns_the_seats_in_the_same_transaction() {
        let command = failure(Attempt::FIRST);
        let then = capturing().when(command.clone()).expect("accepted");
        assert_eq!(then.len(), 3, "{then:?}");
        assert_eq!(capturing().after(command.clone()).when(command.clone()), Ok(vec![]));
        assert_eq!(authorized().when(command), Err(Rejection::StillAlive));
    }

    #[test]
    fn after_a_decline_the_seats_stay_held_and_another_card_pays() {
        let pay = || Command::RequestPayment { booking: ID };
        let record = || Command::RecordAuthorization { booking: ID, amount: price() };
        let declined = paying().after(failure(Attempt::FIRST));
        let flights = declined.flights();
        assert_eq!(declined.when(record()), Err(Rejection::NotRequested));
        let expire = Command::Expire { booking: ID, flights: flights.clone() };
        assert_eq!(declined.at_secs(900).when(expire).map(|events| events.len()), Ok(2));
        let cancel = Command::Cancel { booking: ID, flights };
        assert_eq!(declined.when(cancel).map(|events| events.len()), Ok(2));
        assert!(matches!(declined.at_secs(900).when(pay()), Err(Rejection::HoldExpired { .. })));
        let second = declined.after(pay());
        assert_eq!(second.after(record()).when(pay()), Err(Rejection::AlreadyRequested));
    }

    #[test]
    fn a_late_report_of_the_first_attempt_does_not_undo_the_second() {
        let first = || failure(Attempt::FIRST);
        let second = paying().after(first()).after(Command::RequestPayment { booking: ID });
        assert_eq!(second.when(first()), Ok(vec![]));
        let authorized =
            second.after(Command::RecordAuthorization { booking: ID, amount: price() });
        assert_eq!(authorized.when(first()), Ok(vec![]));
        let then = second.when(failure(Attempt::FIRST.next()));
        let expected = BookingEvent::PaymentFailed { amount: price() };
        assert_eq!(of_booking(then), Then::Events(vec![expected]));
        let never_made = paying().when(failure(Attempt::FIRST.next()));
        assert_eq!(never_made, Err(Rejection::NotRequested));
    }

    fn failure(attempt: Attempt) -> Command {
        Command::RecordPaymentFailure { booking: ID, flights: held().flights(), attempt }
    }
}
