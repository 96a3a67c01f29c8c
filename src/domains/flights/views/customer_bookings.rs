//! `CustomerBookings`: the list that a customer sees under "my bookings".

use super::Status;
use crate::domains::flights::defects::CANCELLED_STILL_LISTED;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::ids::{BookingId, FlightIds};
use crate::domains::flights::money::Money;
use crate::domains::flights::setup::Flights;
use crate::model::{Personal, Version};

/// The bookings of one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BookingsRow {
    /// In order of booking numbers.
    pub lines: Vec<BookingLine>,
}

/// One booking in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BookingLine {
    pub booking: BookingId,
    pub version: Version,
    pub status: Status,
    pub flights: FlightIds,
    /// Unknown until the first event is applied, as is the price.
    pub passenger: Option<Personal>,
    pub price: Option<Money>,
}

impl BookingsRow {
    pub(super) fn apply(
        &mut self,
        flights: &Flights,
        (booking, version): (BookingId, Version),
        event: &BookingEvent,
    ) {
        let found = self.lines.binary_search_by_key(&booking, |line| line.booking);
        let place = found.unwrap_or_else(|place| {
            self.lines.insert(place, BookingLine::blank(booking));
            place
        });
        let line = &mut self.lines[place];
        line.version = version;
        let is_cancelled = matches!(event, BookingEvent::BookingCancelled { .. });
        if !(is_cancelled && flights.has(&CANCELLED_STILL_LISTED)) {
            line.status = Status::after(event).unwrap_or(line.status);
        }
        if let BookingEvent::SeatHeld { passenger, legs, .. } = event {
            line.passenger = Some(passenger.passenger());
            line.flights = legs.flights();
            line.price = Some(legs.price());
        }
    }
}

impl BookingLine {
    fn blank(booking: BookingId) -> Self {
        let (version, status) = (Version(0), Status::Held);
        Self { booking, version, status, passenger: None, flights: FlightIds::new(), price: None }
    }
}
