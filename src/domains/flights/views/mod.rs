//! The five read models, each kept up to date from the events of one category.
//!
//! A projection is a pure function of a row and an event. Events of different streams commute: rows
//! keep their lines sorted by booking, and sums do not care about order.

use arrayvec::ArrayVec;

use super::event::{BookingEvent, Event};
use super::ids::{BOOKING, BookingId, FLIGHT, SAGA};
use super::setup::Flights;
use super::vendors::Offer;
use crate::model::{RowKey, Stored, Strategy, StreamId, Token, View, ViewId};

mod booking_search;
mod customer_bookings;
mod flight_availability;
mod saga_monitor;
mod vendor_ledger;

pub(crate) use booking_search::BookingRow;
pub(crate) use customer_bookings::{BookingLine, BookingsRow};
pub(crate) use flight_availability::AvailabilityRow;
pub(crate) use saga_monitor::{SagaRow, SagaStep};
pub(crate) use vendor_ledger::{Sum, VendorRow};

/// Which bookings a customer has.
pub(crate) const CUSTOMER_BOOKINGS: ViewId = ViewId(0);
/// How many seats a flight has left with us.
pub(crate) const FLIGHT_AVAILABILITY: ViewId = ViewId(1);
/// What we hold, sold and gave back at each vendor.
pub(crate) const VENDOR_LEDGER: ViewId = ViewId(2);
/// How far each saga is.
pub(crate) const SAGA_MONITOR: ViewId = ViewId(3);
/// One booking by its number.
pub(crate) const BOOKING_SEARCH: ViewId = ViewId(4);

/// The views, by number.
pub(super) const VIEWS: &[View] = &[
    View { name: "CustomerBookings", category: BOOKING, pinned: true, strategy: Strategy::Outbox },
    View {
        name: "FlightAvailability",
        category: FLIGHT,
        pinned: false,
        strategy: Strategy::Outbox,
    },
    View { name: "VendorLedger", category: BOOKING, pinned: false, strategy: Strategy::Outbox },
    View { name: "SagaMonitor", category: SAGA, pinned: false, strategy: Strategy::Outbox },
    View { name: "BookingSearch", category: BOOKING, pinned: false, strategy: Strategy::Outbox },
];

/// A row of any view, or what a search found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Of `CustomerBookings`.
    CustomerBookings(BookingsRow),
    /// Of `FlightAvailability`.
    FlightAvailability(AvailabilityRow),
    /// Of `VendorLedger`.
    VendorLedger(VendorRow),
    /// Of `SagaMonitor`.
    SagaMonitor(SagaRow),
    /// Of `BookingSearch`.
    BookingSearch(BookingRow),
    /// What vendors offer, gathered.
    Offers(Vec<Offer>),
}

/// How a booking stands, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Seats are held.
    Held,
    /// The customer wants to pay.
    Paying,
    /// The money is reserved.
    Authorized,
    /// The money is being taken.
    Capturing,
    /// The money is taken.
    Paid,
    /// The tickets are there.
    Ticketed,
    /// The payment was declined.
    PaymentFailed,
    /// The hold ran out.
    Expired,
    /// The customer cancelled.
    Cancelled,
    /// It could not be completed.
    Released,
    /// The money is being given back.
    Refunding,
    /// The money was given back.
    Refunded,
}

impl Status {
    /// How a booking stands after an event, whatever came before. `None`: as it stood.
    const fn after(event: &BookingEvent) -> Option<Self> {
        match event {
            BookingEvent::SeatHeld { .. } => Some(Self::Held),
            BookingEvent::PaymentRequested { .. } => Some(Self::Paying),
            BookingEvent::PaymentAuthorized { .. } => Some(Self::Authorized),
            BookingEvent::CaptureStarted { .. } => Some(Self::Capturing),
            BookingEvent::PaymentCaptured { .. } => Some(Self::Paid),
            BookingEvent::TicketIssued { .. } => Some(Self::Ticketed),
            BookingEvent::SeatHoldExpired { .. } => Some(Self::Expired),
            BookingEvent::BookingCancelled { .. } => Some(Self::Cancelled),
            BookingEvent::SeatReleased { .. } => Some(Self::Released),
            BookingEvent::PaymentFailed { .. } => Some(Self::PaymentFailed),
            BookingEvent::AuthorizationVoided { .. } | BookingEvent::ScheduleChanged { .. } => None,
            BookingEvent::RefundStarted { .. } => Some(Self::Refunding),
            BookingEvent::PaymentRefunded { .. } => Some(Self::Refunded),
        }
    }

    /// In a word or two.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Paying => "paying",
            Self::Authorized => "authorized",
            Self::Capturing => "capturing",
            Self::Paid => "paid",
            Self::Ticketed => "ticketed",
            Self::PaymentFailed => "payment failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Released => "released",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
        }
    }
}

/// The rows of a view that an event touches.
pub(super) fn rows(flights: &Flights, view: ViewId, event: &Stored<Event>) -> ArrayVec<RowKey, 4> {
    match (view, &event.event) {
        (CUSTOMER_BOOKINGS, Event::Booking(_)) => {
            one(flights.owner(BookingId(event.stream.number)).0)
        }
        (FLIGHT_AVAILABILITY, Event::Flight(_))
        | (SAGA_MONITOR, Event::Saga(_))
        | (BOOKING_SEARCH, Event::Booking(_)) => one(event.stream.number),
        (VENDOR_LEDGER, Event::Booking(event)) => vendor_ledger::rows(flights, event),
        (_, Event::Booking(_) | Event::Flight(_) | Event::Saga(_) | Event::Old(_)) => {
            ArrayVec::new()
        }
    }
}

/// Brings one row up to date.
pub(super) fn project(
    flights: &Flights,
    view: ViewId,
    key: RowKey,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    let version = stored.version;
    match (view, &stored.event) {
        (CUSTOMER_BOOKINGS, Event::Booking(event)) => {
            let blank = || Row::CustomerBookings(BookingsRow::default());
            if let Row::CustomerBookings(row) = row.get_or_insert_with(blank) {
                row.apply(BookingId(stored.stream.number), version, event);
            }
        }
        (FLIGHT_AVAILABILITY, Event::Flight(event)) => {
            let seats = flights.flights().get(key.0 as usize).map_or(0, |flight| flight.seats);
            let blank = || Row::FlightAvailability(AvailabilityRow::blank(seats));
            if let Row::FlightAvailability(row) = row.get_or_insert_with(blank) {
                row.apply(version, event);
            }
        }
        (VENDOR_LEDGER, Event::Booking(event)) => {
            let blank = || Row::VendorLedger(VendorRow::blank(flights.currency()));
            if let Row::VendorLedger(row) = row.get_or_insert_with(blank) {
                row.apply(flights, key, event);
            }
        }
        (SAGA_MONITOR, Event::Saga(event)) => {
            let blank = || Row::SagaMonitor(SagaRow::default());
            if let Row::SagaMonitor(row) = row.get_or_insert_with(blank) {
                row.apply(version, event);
            }
        }
        (BOOKING_SEARCH, Event::Booking(event)) => {
            let customer = flights.owner(BookingId(stored.stream.number));
            let blank = || Row::BookingSearch(BookingRow::blank(customer, flights.currency()));
            if let Row::BookingSearch(row) = row.get_or_insert_with(blank) {
                row.apply(version, event);
            }
        }
        (_, Event::Booking(_) | Event::Flight(_) | Event::Saga(_) | Event::Old(_)) => {}
    }
}

/// Every stream that a row shows something of, and how much of it.
pub(super) fn shows(key: RowKey, row: &Row) -> Vec<Token> {
    let one =
        |category, version| vec![Token { stream: StreamId { category, number: key.0 }, version }];
    match row {
        Row::CustomerBookings(row) => {
            let token =
                |line: &BookingLine| Token { stream: line.booking.stream(), version: line.version };
            row.lines.iter().map(token).collect()
        }
        Row::FlightAvailability(row) => one(FLIGHT, row.version),
        Row::SagaMonitor(row) => one(SAGA, row.version),
        Row::BookingSearch(row) => one(BOOKING, row.version),
        Row::VendorLedger(_) | Row::Offers(_) => Vec::new(),
    }
}

fn one(number: u32) -> ArrayVec<RowKey, 4> {
    ArrayVec::from_iter([RowKey(number)])
}

#[cfg(test)]
mod invariants;
