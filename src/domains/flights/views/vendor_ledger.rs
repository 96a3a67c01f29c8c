//! `VendorLedger`: what we held, sold and returned at each vendor, by our own books.

use arrayvec::ArrayVec;

use crate::domains::flights::event::{BookingEvent, Leg, Legs};
use crate::domains::flights::ids::{FlightId, LEGS_MAX};
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::setup::Flights;
use crate::model::RowKey;

/// A number of legs and the sum of their fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    pub legs: u32,
    pub worth: Money,
}

/// The books on one vendor. Each figure only grows, so the order of events does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VendorRow {
    /// Legs ever held.
    pub held: Sum,
    /// Legs ever ticketed.
    pub ticketed: Sum,
    /// Legs ever returned.
    pub released: Sum,
}

impl VendorRow {
    pub(super) const fn blank(currency: Currency) -> Self {
        let none = Sum { legs: 0, worth: Money::zero(currency) };
        Self { held: none, ticketed: none, released: none }
    }

    pub(super) fn apply(&mut self, flights: &Flights, key: RowKey, event: &BookingEvent) {
        let Some((sum, legs)) = entry(event) else { return };
        let sum = sum(self);
        for (flight, fare) in legs {
            if row_of(flights, flight) == key {
                sum.legs = sum.legs.saturating_add(1);
                sum.worth.minor = sum.worth.minor.saturating_add(fare);
            }
        }
    }
}

/// The vendors whose legs an event moves.
pub(super) fn rows(flights: &Flights, event: &BookingEvent) -> ArrayVec<RowKey, 4> {
    let mut rows = ArrayVec::new();
    for (flight, _) in entry(event).into_iter().flat_map(|(_, legs)| legs) {
        let key = row_of(flights, flight);
        if !rows.contains(&key) {
            rows.push(key);
        }
    }
    rows
}

fn row_of(flights: &Flights, flight: FlightId) -> RowKey {
    RowKey(u32::from(flights.flight(flight).vendor.0))
}

/// The sum to which an event adds, and the flights and fares that it adds.
type Booked = (fn(&mut VendorRow) -> &mut Sum, ArrayVec<(FlightId, i64), LEGS_MAX>);

fn entry(event: &BookingEvent) -> Option<Booked> {
    let fares =
        |legs: &Legs| legs.list.iter().map(|&Leg { flight, fare, .. }| (flight, fare)).collect();
    match event {
        BookingEvent::SeatHeld { legs, .. } => Some((|row| &mut row.held, fares(legs))),
        BookingEvent::TicketIssued { tickets } => {
            let tickets = tickets.list.iter().map(|ticket| (ticket.flight, ticket.fare));
            Some((|row| &mut row.ticketed, tickets.collect()))
        }
        any_of!(BookingEvent { legs, .. }: SeatHoldExpired | BookingCancelled | SeatReleased) => {
            Some((|row| &mut row.released, fares(legs)))
        }
        any_of!(BookingEvent: PaymentRequested | PaymentAuthorized | CaptureStarted | PaymentCaptured
            | PaymentFailed | AuthorizationVoided | RefundStarted | PaymentRefunded
            | ScheduleChanged | PaymentChargedBack) => None,
    }
}
