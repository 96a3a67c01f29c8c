//! Recording that a vendor moved a flight. The booking is kept; the customer may cancel it.

use super::{Booking, Decision, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::BookingEvent;
use crate::kernel::Span;

/// The vendor numbers the changes. Reports of them may come twice or out of order: only one that is newer
/// than all before is recorded.
pub(super) fn changed(booking: &Booking, leg: u8, change: u8, later: Span) -> Decision {
    match booking.seats {
        Seats::None => return Err(Rejection::NoSuchBooking),
        Seats::Held | Seats::Ticketed => {}
        // The seats are returned.
        Seats::Expired | Seats::Cancelled | Seats::Released => return Ok(Vec::new()),
    }
    let Some(at) = booking.legs.list.get(usize::from(leg)) else {
        return Err(Rejection::OtherFlights);
    };
    if change <= booking.changes[usize::from(leg)] {
        return Ok(Vec::new());
    }
    booking.one(BookingEvent::ScheduleChanged { flight: at.flight, change, later })
}

#[cfg(test)]
mod tests {
    use super::super::given::{Given, Then, held, of_booking, ticketed};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::ids::{BookingId, FlightId};

    const ID: BookingId = BookingId(0);

    fn record(leg: u8, change: u8) -> Command {
        let later = Span::from_secs(600 * u64::from(change));
        Command::RecordScheduleChange { booking: ID, leg, change, later }
    }

    #[test]
    fn each_change_is_recorded_once_in_any_order_of_reports() {
        for given in [held(), ticketed()] {
            let (flight, change, later) = (FlightId(0), 2, Span::from_secs(1_200));
            let expected = BookingEvent::ScheduleChanged { flight, change, later };
            assert_eq!(of_booking(given.when(record(0, 2))), Then::Events(vec![expected]));
            let after = given.after(record(0, 2));
            assert_eq!(after.when(record(0, 2)), Ok(vec![]));
            assert_eq!(after.when(record(0, 1)), Ok(vec![]), "an older change");
            assert_eq!(after.when(record(0, 3)).map(|events| events.len()), Ok(1));
        }
    }

    #[test]
    fn a_booking_without_seats_is_not_rescheduled() {
        assert_eq!(Given::nothing().when(record(0, 1)), Err(Rejection::NoSuchBooking));
        assert_eq!(held().when(record(1, 1)), Err(Rejection::OtherFlights));
        let cancelled = held().after(Command::Cancel { booking: ID, flights: held().flights() });
        assert_eq!(cancelled.when(record(0, 1)), Ok(vec![]));
    }
}
