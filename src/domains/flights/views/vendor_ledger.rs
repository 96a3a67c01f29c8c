//! `VendorLedger`: what we hold, sold and gave back at each vendor, by our own books.

use arrayvec::ArrayVec;

use crate::domains::flights::event::BookingEvent;
use crate::domains::flights::ids::FlightId;
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::setup::Flights;
use crate::model::{RowKey, ServiceId};

/// How many legs of one kind there were, and what they are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    /// How many.
    pub legs: u32,
    /// Their fares together.
    pub worth: Money,
}

/// The books on one vendor. Each figure only grows, so that events may come in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VendorRow {
    /// Legs ever held.
    pub held: Sum,
    /// Legs ever ticketed.
    pub ticketed: Sum,
    /// Legs ever given back.
    pub released: Sum,
}

impl Sum {
    fn add(&mut self, fare: i64) {
        self.legs = self.legs.saturating_add(1);
        self.worth.minor = self.worth.minor.saturating_add(fare);
    }
}

impl VendorRow {
    pub(super) const fn blank(currency: Currency) -> Self {
        let none = Sum { legs: 0, worth: Money::zero(currency) };
        Self { held: none, ticketed: none, released: none }
    }

    pub(super) fn apply(&mut self, flights: &Flights, key: RowKey, event: &BookingEvent) {
        let sum = match event {
            BookingEvent::SeatHeld { .. } => &mut self.held,
            BookingEvent::TicketIssued { .. } => &mut self.ticketed,
            BookingEvent::SeatHoldExpired { .. }
            | BookingEvent::BookingCancelled { .. }
            | BookingEvent::SeatReleased { .. } => &mut self.released,
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::ScheduleChanged { .. } => return,
        };
        for (flight, fare) in legs(event) {
            if row_of(vendor_of(flights, flight)) == key {
                sum.add(fare);
            }
        }
    }
}

/// The vendors whose legs an event moves.
pub(super) fn rows(flights: &Flights, event: &BookingEvent) -> ArrayVec<RowKey, 4> {
    let mut rows = ArrayVec::new();
    for (flight, _) in legs(event) {
        let key = row_of(vendor_of(flights, flight));
        if !rows.contains(&key) {
            rows.push(key);
        }
    }
    rows
}

fn vendor_of(flights: &Flights, flight: FlightId) -> ServiceId {
    flights.flight(flight).vendor
}

fn row_of(vendor: ServiceId) -> RowKey {
    RowKey(u32::from(vendor.0))
}

/// Flights and fares that an event moves.
fn legs(event: &BookingEvent) -> ArrayVec<(FlightId, i64), 4> {
    match event {
        BookingEvent::SeatHeld { legs, .. }
        | BookingEvent::SeatHoldExpired { legs }
        | BookingEvent::BookingCancelled { legs }
        | BookingEvent::SeatReleased { legs, .. } => {
            legs.list.iter().map(|leg| (leg.flight, leg.fare)).collect()
        }
        BookingEvent::TicketIssued { tickets } => {
            tickets.list.iter().map(|ticket| (ticket.flight, ticket.fare)).collect()
        }
        BookingEvent::PaymentRequested { .. }
        | BookingEvent::PaymentAuthorized { .. }
        | BookingEvent::CaptureStarted { .. }
        | BookingEvent::PaymentCaptured { .. }
        | BookingEvent::PaymentFailed { .. }
        | BookingEvent::AuthorizationVoided { .. }
        | BookingEvent::RefundStarted { .. }
        | BookingEvent::PaymentRefunded { .. }
        | BookingEvent::ScheduleChanged { .. } => ArrayVec::new(),
    }
}
