//! The five read models, each kept up to date from the events of one category.
//!
//! A projection is a pure function of a row and an event. Events of different streams commute: rows keep
//! their lines sorted by booking, and sums do not depend on order.

use super::event::{BookingEvent, Event};
use super::ids::{BOOKING, BookingId, FLIGHT, SAGA};
use super::setup::Flights;
use super::vendors::Offer;
use crate::model::{OwnWrites, RowKey, RowKeys, Stored, StreamId, Token, View, ViewId};

mod booking_search;
mod customer_bookings;
mod flight_availability;
mod past;
mod saga_monitor;
mod vendor_ledger;

pub(crate) use booking_search::BookingRow;
pub(crate) use customer_bookings::{BookingLine, BookingsRow};
pub(crate) use flight_availability::AvailabilityRow;
pub(crate) use past::PastBooking;
pub(super) use past::of_stream;
pub(crate) use saga_monitor::{SagaRow, SagaStep};
pub(crate) use vendor_ledger::{Sum, VendorRow};

/// The bookings of a customer.
pub(crate) const CUSTOMER_BOOKINGS: ViewId = ViewId(0);
/// Our seats that are left on a flight.
pub(crate) const FLIGHT_AVAILABILITY: ViewId = ViewId(1);
/// What we held, sold and returned at each vendor.
pub(crate) const VENDOR_LEDGER: ViewId = ViewId(2);
/// The progress of each saga.
pub(crate) const SAGA_MONITOR: ViewId = ViewId(3);
/// One booking by its number.
pub(crate) const BOOKING_SEARCH: ViewId = ViewId(4);

/// The views, by number.
pub(super) const VIEWS: &[View] = &[
    View { own_writes: OwnWrites::Pinned, ..View::of("CustomerBookings", BOOKING) },
    View::of("FlightAvailability", FLIGHT),
    View::of("VendorLedger", BOOKING),
    View::of("SagaMonitor", SAGA),
    View { own_writes: OwnWrites::Promised, ..View::of("BookingSearch", BOOKING) },
];

/// A row of any view, or the result of a search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    CustomerBookings(BookingsRow),
    FlightAvailability(AvailabilityRow),
    VendorLedger(VendorRow),
    SagaMonitor(SagaRow),
    BookingSearch(BookingRow),
    /// The gathered offers of vendors.
    Offers(Vec<Offer>),
    /// Of no view: a booking as it was.
    Past(PastBooking),
}

/// The status of a booking, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Held,
    /// A payment is requested.
    Paying,
    /// The money is reserved.
    Authorized,
    Capturing,
    /// The money is captured.
    Paid,
    Ticketed,
    /// The payment was declined.
    PaymentFailed,
    /// The hold expired.
    Expired,
    Cancelled,
    /// It could not be completed.
    Released,
    Refunding,
    Refunded,
    /// The customer has the money back by a dispute.
    ChargedBack,
}

impl Status {
    /// The status after an event, independent of the status before; `None` if it stays.
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
            BookingEvent::PaymentChargedBack { .. } => Some(Self::ChargedBack),
        }
    }

    /// The status in words.
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
            Self::ChargedBack => "charged back",
        }
    }
}

/// The rows of a view that an event touches.
pub(super) fn rows(flights: &Flights, view: ViewId, event: &Stored<Event>) -> RowKeys {
    let number = event.stream.number;
    let row = match (view, &event.event) {
        (VENDOR_LEDGER, Event::Booking(event)) => return vendor_ledger::rows(flights, event),
        (CUSTOMER_BOOKINGS, Event::Booking(_)) => Some(flights.owner(BookingId(number)).0),
        (FLIGHT_AVAILABILITY, Event::Flight(_))
        | (SAGA_MONITOR, Event::Saga(_))
        | (BOOKING_SEARCH, Event::Booking(_)) => Some(number),
        (_, any_of!(Event: Booking | Flight | Saga | Old)) => None,
    };
    row.map(RowKey).into_iter().collect()
}

/// Brings one row up to date.
pub(super) fn project(
    flights: &Flights,
    view: ViewId,
    key: RowKey,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    let (version, booking) = (stored.version, BookingId(stored.stream.number));
    let blank = || match view {
        CUSTOMER_BOOKINGS => Row::CustomerBookings(BookingsRow::default()),
        FLIGHT_AVAILABILITY => {
            let seats = flights.flights().get(key.0 as usize).map_or(0, |flight| flight.seats);
            Row::FlightAvailability(AvailabilityRow::blank(seats))
        }
        VENDOR_LEDGER => Row::VendorLedger(VendorRow::blank(flights.currency())),
        SAGA_MONITOR => Row::SagaMonitor(SagaRow::default()),
        BOOKING_SEARCH => {
            Row::BookingSearch(BookingRow::blank(flights.owner(booking), flights.currency()))
        }
        ViewId(other) => panic!("the domain has no view {other}"),
    };
    match (row.get_or_insert_with(blank), &stored.event) {
        (Row::CustomerBookings(row), Event::Booking(event)) => {
            row.apply(flights, (booking, version), event)
        }
        (Row::FlightAvailability(row), Event::Flight(event)) => row.apply(flights, version, event),
        (Row::VendorLedger(row), Event::Booking(event)) => row.apply(flights, key, event),
        (Row::SagaMonitor(row), Event::Saga(event)) => row.apply(flights, version, event),
        (Row::BookingSearch(row), Event::Booking(event)) => row.apply(version, event),
        (_, any_of!(Event: Booking | Flight | Saga | Old)) => {}
    }
}

/// Each stream that a row shows, and the version up to which it does.
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
        Row::Past(past) => vec![Token { stream: past.booking.stream(), version: past.version }],
    }
}

#[cfg(test)]
mod invariants;
