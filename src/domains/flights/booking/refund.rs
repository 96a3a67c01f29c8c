//! Returning the money after the seats are returned: a refund is claimed, then recorded. A customer who cancels
//! a ticket gets the price without the fee that was agreed; if the booking ends for another reason, all of it.

use super::{Booking, Decision, Funds, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::defects::FEE_ALWAYS_KEPT;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::money::Money;
use crate::domains::flights::setup::Flights;

/// Claims the booking for a refund. Of two claims the second is rejected.
pub(super) fn start(world: &Flights, booking: &Booking) -> Decision {
    use Funds::*;
    match booking.funds {
        Captured if booking.is_over() => {
            booking.one(BookingEvent::RefundStarted { amount: booking.owed_back(world) })
        }
        Captured => Err(Rejection::StillAlive),
        Refunding | Refunded | ChargedBack => Err(Rejection::RefundUnderWay),
        Untouched | Requested | Authorized | Capturing | Failed | Voided => {
            Err(Rejection::NotCaptured)
        }
    }
}

/// Records that the provider refunded the money.
pub(super) fn refunded(world: &Flights, booking: &Booking, amount: Money) -> Decision {
    use Funds::*;
    let owed = booking.owed_back(world);
    if amount != owed {
        return Err(Rejection::WrongAmount { price: owed });
    }
    match booking.funds {
        Refunding => booking.one(BookingEvent::PaymentRefunded { amount }),
        Refunded | ChargedBack => Ok(Vec::new()),
        Untouched | Requested | Authorized | Capturing | Captured | Failed | Voided => {
            Err(Rejection::NoRefund)
        }
    }
}

/// Records that the provider voided the reservation.
pub(super) fn voided(booking: &Booking) -> Decision {
    use Funds::*;
    match booking.funds {
        Authorized if booking.is_over() => {
            booking.one(BookingEvent::AuthorizationVoided { amount: booking.legs.price() })
        }
        Authorized | Capturing | Captured => Err(Rejection::StillAlive),
        Voided => Ok(Vec::new()),
        Untouched | Requested | Failed | Refunding | Refunded | ChargedBack => {
            Err(Rejection::NotAuthorized)
        }
    }
}

/// Records that the cardholder has the money back by a dispute that we lost: nothing is left to refund.
pub(super) fn charged_back(booking: &Booking) -> Decision {
    use Funds::*;
    match booking.funds {
        Captured | Refunding if booking.is_over() => {
            booking.one(BookingEvent::PaymentChargedBack { amount: booking.legs.price() })
        }
        Captured | Refunding => Err(Rejection::StillAlive),
        ChargedBack => Ok(Vec::new()),
        Refunded => Err(Rejection::AlreadyOver),
        Untouched | Requested | Authorized | Capturing | Failed | Voided => {
            Err(Rejection::NotCaptured)
        }
    }
}

impl Booking {
    /// What is kept of the price when the money is given back: a customer who cancels pays the fee.
    pub(in crate::domains::flights) fn kept(&self, world: &Flights) -> Option<Money> {
        let fee = world.cancellation_fee()?;
        let ours = self.seats != Seats::Cancelled && !world.has(&FEE_ALWAYS_KEPT);
        (!ours).then_some(fee)
    }

    /// What the customer gets back.
    fn owed_back(&self, world: &Flights) -> Money {
        let price = self.legs.price();
        let rest = self.kept(world).and_then(|fee| price.minus(fee));
        rest.unwrap_or(price)
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
    fn an_authorisation_is_voided_after_the_end_of_the_booking() {
        let record = || Command::RecordVoid { booking: ID };
        let ended = cancelled(authorized());
        let expected = BookingEvent::AuthorizationVoided { amount: price() };
        assert_eq!(of_booking(ended.when(record())), Then::Events(vec![expected]));
        assert_eq!(ended.after(record()).when(record()), Ok(vec![]));
        assert_eq!(authorized().when(record()), Err(Rejection::StillAlive));
    }
}
