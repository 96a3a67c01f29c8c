//! Recording the tickets that the vendors issued.

use super::{Booking, Decision, Funds, Seats};
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::{BookingEvent, Leg, Ticket, Tickets};
use crate::domains::flights::ids::TicketNumber;

/// One ticket for each leg, and only after the capture.
pub(super) fn issued(booking: &Booking, numbers: &[TicketNumber]) -> Decision {
    if booking.seats == Seats::Ticketed && *booking.tickets == *numbers {
        return Ok(Vec::new());
    }
    booking.must_be_held()?;
    if booking.funds != Funds::Captured {
        return Err(Rejection::NotCaptured);
    }
    if numbers.len() != booking.legs.list.len() {
        return Err(Rejection::WrongTickets);
    }
    let ticket = |(&Leg { flight, fare, .. }, number): (&Leg, &TicketNumber)| {
        let TicketNumber { airline, serial } = *number;
        Ticket { airline, flight, serial, fare }
    };
    let list = booking.legs.list.iter().zip(numbers).map(ticket).collect();
    let tickets = Tickets { list, currency: booking.legs.currency };
    booking.one(BookingEvent::TicketIssued { tickets })
}

#[cfg(test)]
mod tests {
    use super::super::given::{captured, capturing, ticket_numbers, ticketed};
    use super::*;
    use crate::domains::flights::command::Command;
    use crate::domains::flights::event::Event;
    use crate::domains::flights::ids::{BookingId, TicketNumbers};

    const ID: BookingId = BookingId(0);

    fn record(tickets: TicketNumbers) -> Command {
        Command::RecordTicket { booking: ID, tickets }
    }

    #[test]
    fn a_ticket_is_recorded_after_the_capture_with_its_leg() {
        let then = captured().when(record(ticket_numbers())).expect("accepted");
        let [(_, Event::Booking(BookingEvent::TicketIssued { tickets }))] = &then[..] else {
            panic!("{then:?}")
        };
        assert_eq!(tickets.numbers()[0].to_string(), "0752400000001");
        assert_eq!(capturing().when(record(ticket_numbers())), Err(Rejection::NotCaptured));
    }

    #[test]
    fn tickets_are_recorded_once_and_one_for_each_leg() {
        assert_eq!(ticketed().when(record(ticket_numbers())), Ok(vec![]));
        assert_eq!(captured().when(record(TicketNumbers::new())), Err(Rejection::WrongTickets));
        let others = TicketNumbers::from_iter([TicketNumber { airline: 6, serial: 9 }]);
        assert_eq!(ticketed().when(record(others)), Err(Rejection::AlreadyTicketed));
    }
}
