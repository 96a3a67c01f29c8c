//! `CustomerBookings`: what a customer sees under "my bookings".

use super::Status;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::ids::{BookingId, FlightIds};
use crate::domains::flights::money::Money;
use crate::model::{Personal, Version};

/// The bookings of one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BookingsRow {
    /// By booking number.
    pub lines: Vec<BookingLine>,
}

/// One booking in the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BookingLine {
    /// Which.
    pub booking: BookingId,
    /// How much of it is shown.
    pub version: Version,
    /// How it stands.
    pub status: Status,
    /// Its flights.
    pub flights: FlightIds,
    /// Who travels, under the customer's key; unknown until its first event is there.
    pub passenger: Option<Personal>,
    /// What it costs; unknown until its first event is there.
    pub price: Option<Money>,
}

impl BookingsRow {
    pub(super) fn apply(&mut self, booking: BookingId, version: Version, event: &BookingEvent) {
        let place = match self.lines.binary_search_by_key(&booking, |line| line.booking) {
            Ok(place) => place,
            Err(place) => {
                self.lines.insert(place, BookingLine::blank(booking));
                place
            }
        };
        let line = &mut self.lines[place];
        line.version = version;
        line.status = Status::after(event).unwrap_or(line.status);
        if let BookingEvent::SeatHeld { passenger, legs, .. } = event {
            line.passenger = Some(passenger.clone());
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
