//! What the views are to say, apart from their code: described by the states of bookings, flights and sagas.

use super::booking::{Booking, Funds, Seats};
use super::flight::FlightSeats;
use super::saga::Saga;
use super::state::State;
use super::views::{
    AvailabilityRow, BOOKING_SEARCH, BookingLine, BookingRow, CUSTOMER_BOOKINGS,
    FLIGHT_AVAILABILITY, Row, SAGA_MONITOR, SagaRow, SagaStep, Status,
};
use crate::model::{RowKey, RowKeys, StreamId, ViewId};
use crate::saga::End;

/// What a row says of a stream although it is not so.
pub(super) fn misstates(row: &Row, stream: StreamId, state: &State) -> Option<String> {
    match (row, state) {
        (Row::CustomerBookings(row), State::Booking(booking)) => {
            let line = row.lines.iter().find(|line| line.booking.stream() == stream)?;
            of_line(line, booking)
        }
        (Row::BookingSearch(row), State::Booking(booking)) => of_booking(row, booking),
        (Row::FlightAvailability(row), State::Flight(seats)) => of_flight(row, seats),
        (Row::SagaMonitor(row), State::Saga(saga)) => of_saga(row, saga),
        // The ledger of a vendor shows sums and no single booking; offers and past states are of no view.
        (any_of!(Row: VendorLedger | Offers | Past), _) => None,
        (
            any_of!(Row: CustomerBookings | BookingSearch | FlightAvailability | SagaMonitor),
            any_of!(State: Booking | Flight | Saga),
        ) => Some("something about another kind of stream".to_owned()),
    }
}

/// The rows of a view that must show a stream.
pub(super) fn shown_in(view: ViewId, stream: StreamId, state: &State) -> RowKeys {
    let own = Some(RowKey(stream.number));
    let row = match (view, state) {
        (CUSTOMER_BOOKINGS, State::Booking(booking)) if booking.seats != Seats::None => {
            Some(RowKey(booking.customer.0))
        }
        (BOOKING_SEARCH, State::Booking(booking)) if booking.seats != Seats::None => own,
        (FLIGHT_AVAILABILITY, State::Flight(seats)) if seats.taken > 0 => own,
        (SAGA_MONITOR, State::Saga(saga)) if saga.started => own,
        (_, any_of!(State: Booking | Flight | Saga)) => None,
    };
    row.into_iter().collect()
}

/// The status of a booking: of its seats once they were returned or ticketed, of its money until then, and of a
/// refund.
fn status(booking: &Booking) -> Status {
    match (booking.seats, booking.funds) {
        (Seats::Expired | Seats::Cancelled | Seats::Released, Funds::Refunding) => {
            Status::Refunding
        }
        (Seats::Expired | Seats::Cancelled | Seats::Released, Funds::Refunded) => Status::Refunded,
        (Seats::Expired | Seats::Cancelled | Seats::Released, Funds::ChargedBack) => {
            Status::ChargedBack
        }
        (Seats::Expired, _) => Status::Expired,
        (Seats::Cancelled, _) => Status::Cancelled,
        (Seats::Released, _) => Status::Released,
        (Seats::Ticketed, _) => Status::Ticketed,
        (Seats::None | Seats::Held, funds) => match funds {
            Funds::Untouched => Status::Held,
            Funds::Requested => Status::Paying,
            Funds::Authorized => Status::Authorized,
            Funds::Capturing => Status::Capturing,
            Funds::Captured => Status::Paid,
            Funds::Failed => Status::PaymentFailed,
            // The rest comes after the seats.
            any_of!(Funds: Voided | Refunding | Refunded | ChargedBack) => Status::Released,
        },
    }
}

fn of_line(line: &BookingLine, booking: &Booking) -> Option<String> {
    if line.status != status(booking) {
        Some(format!("\"{}\"", line.status.word()))
    } else if line.flights != booking.legs.flights() {
        Some("other flights".to_owned())
    } else {
        let price = line.price.filter(|price| *price != booking.legs.price());
        price.map(|price| format!("a price of {price}"))
    }
}

fn of_booking(row: &BookingRow, booking: &Booking) -> Option<String> {
    let was_changed = booking.changes.iter().any(|change| *change > 0);
    if row.status != status(booking) {
        Some(format!("\"{}\"", row.status.word()))
    } else if row.customer != booking.customer {
        Some("another customer".to_owned())
    } else if row.flights != booking.legs.flights() {
        Some("other flights".to_owned())
    } else if row.price != booking.legs.price() {
        Some(format!("a price of {}", row.price))
    } else if row.tickets != booking.tickets {
        Some("other tickets".to_owned())
    } else {
        let wrong = (row.changes > 0) != was_changed;
        wrong.then(|| format!("{} changes of its times", row.changes))
    }
}

fn of_flight(row: &AvailabilityRow, seats: &FlightSeats) -> Option<String> {
    let is_so = (row.seats, row.taken) == (seats.capacity, seats.taken);
    (!is_so).then(|| format!("{} of {} seats taken", row.taken, row.seats))
}

/// While a saga goes on, its phases are the view's own. Its end is not.
fn of_saga(row: &SagaRow, saga: &Saga) -> Option<String> {
    let is_so = match (saga.life.end, row.step) {
        (None, _) | (Some(End::Completed), SagaStep::Completed) => true,
        (Some(End::Compensated), SagaStep::Compensated(reason)) => {
            saga.life.turned_back == Some(reason)
        }
        (Some(End::HandedToHuman(trouble)), SagaStep::HandedToHuman(shown)) => shown == trouble,
        (Some(End::Completed | End::Compensated | End::HandedToHuman(_)), _) => false,
    };
    (!is_so).then(|| "another end".to_owned())
}
