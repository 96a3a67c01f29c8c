//! `BookingSearch`: one booking by its number, for those who help customers.

use super::Status;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::ids::{FlightIds, TicketNumbers};
use crate::domains::flights::money::{Currency, Money};
use crate::model::{CustomerId, Personal, Version};

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BookingRow {
    /// How much of it is shown.
    pub version: Version,
    /// Whose it is.
    pub customer: CustomerId,
    /// Who travels, under the customer's key; unknown until its first event is there.
    pub passenger: Option<Personal>,
    /// How it stands.
    pub status: Status,
    /// Its flights.
    pub flights: FlightIds,
    /// What it costs.
    pub price: Money,
    /// Its tickets.
    pub tickets: TicketNumbers,
    /// How often a flight of it was moved.
    pub changes: u8,
}

impl BookingRow {
    pub(super) fn blank(customer: CustomerId, currency: Currency) -> Self {
        Self {
            version: Version(0),
            customer,
            passenger: None,
            status: Status::Held,
            flights: FlightIds::new(),
            price: Money::zero(currency),
            tickets: TicketNumbers::new(),
            changes: 0,
        }
    }

    pub(super) fn apply(&mut self, version: Version, event: &BookingEvent) {
        self.version = version;
        self.status = Status::after(event).unwrap_or(self.status);
        match event {
            BookingEvent::SeatHeld { customer, passenger, legs, .. } => {
                self.customer = *customer;
                self.passenger = Some(passenger.clone());
                self.flights = legs.flights();
                self.price = legs.price();
            }
            BookingEvent::TicketIssued { tickets } => {
                self.tickets = tickets.list.iter().map(|ticket| ticket.number()).collect();
            }
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::SeatHoldExpired { .. }
            | BookingEvent::BookingCancelled { .. }
            | BookingEvent::SeatReleased { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. } => {}
            BookingEvent::ScheduleChanged { .. } => {
                self.changes = self.changes.saturating_add(1);
            }
        }
    }
}
