//! `BookingSearch`: one booking by its number, for customer support.

use super::Status;
use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::ids::{FlightIds, TicketNumbers};
use crate::domains::flights::money::{Currency, Money};
use crate::model::{CustomerId, People, Personal, Version};

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BookingRow {
    pub version: Version,
    pub customer: CustomerId,
    /// Unknown until the first event is applied.
    pub passenger: Option<Personal>,
    /// Whom to call in an emergency.
    pub contact: People,
    pub status: Status,
    pub flights: FlightIds,
    pub price: Money,
    pub tickets: TicketNumbers,
    /// The number of schedule changes.
    pub changes: u8,
}

impl BookingRow {
    pub(super) fn blank(customer: CustomerId, currency: Currency) -> Self {
        Self {
            version: Version(0),
            customer,
            passenger: None,
            contact: People::NONE,
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
                self.passenger = Some(passenger.passenger());
                self.contact = passenger.contact();
                (self.flights, self.price) = (legs.flights(), legs.price());
            }
            BookingEvent::TicketIssued { tickets } => self.tickets = tickets.numbers(),
            BookingEvent::ScheduleChanged { .. } => self.changes = self.changes.saturating_add(1),
            any_of!(BookingEvent: PaymentRequested | PaymentAuthorized | CaptureStarted | PaymentCaptured
                | SeatHoldExpired | BookingCancelled | SeatReleased | PaymentFailed
                | AuthorizationVoided | RefundStarted | PaymentRefunded | PaymentChargedBack) => {}
        }
    }
}
