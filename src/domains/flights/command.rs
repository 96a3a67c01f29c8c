//! What can be asked of a booking, and the reasons for which it says no.
//!
//! A command that gives seats back names the booking's flights, because it is decided on their
//! streams too; the booking refuses it if they are not its own.

use thiserror::Error;

use super::event::Reason;
use super::ids::{BookingId, FlightId, FlightIds, TicketNumbers};
use super::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Streams};
use crate::names;

/// What is asked of a booking.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A customer wants a seat on each of these flights.
    HoldSeat { booking: BookingId, customer: CustomerId, flights: FlightIds },
    /// The customer wants to pay.
    RequestPayment { booking: BookingId },
    /// The provider reserved the money.
    RecordAuthorization { booking: BookingId, amount: Money },
    /// The booking is to be claimed for capture.
    StartCapture { booking: BookingId },
    /// The provider took the money.
    RecordCapture { booking: BookingId, amount: Money },
    /// The vendors issued the tickets.
    RecordTicket { booking: BookingId, tickets: TicketNumbers },
    /// The provider said no.
    RecordPaymentFailure { booking: BookingId, flights: FlightIds },
    /// The customer wants out.
    Cancel { booking: BookingId, flights: FlightIds },
    /// The hold has run out.
    Expire { booking: BookingId, flights: FlightIds },
    /// The booking cannot be completed.
    Release { booking: BookingId, flights: FlightIds, reason: Reason },
    /// The booking is to be claimed for a refund.
    StartRefund { booking: BookingId },
    /// The provider gave the money back.
    RecordRefund { booking: BookingId, amount: Money },
    /// The provider set the reserved money free.
    RecordVoid { booking: BookingId },
    /// A vendor moved the flight of a leg, for the how-manieth time.
    RecordScheduleChange { booking: BookingId, leg: u8, change: u8, later: Span },
}

/// Why a booking says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// The last seat is gone.
    #[error("no seat left")]
    SoldOut {
        /// On which flight.
        flight: FlightId,
    },
    /// The booking exists already.
    #[error("already booked")]
    AlreadyBooked,
    /// There is nothing to act on.
    #[error("no such booking")]
    NoSuchBooking,
    /// The booking belongs to another customer.
    #[error("not your booking")]
    NotYours,
    /// A trip has at least one leg.
    #[error("no flight named")]
    NoLegs,
    /// One booking wants one seat of a flight.
    #[error("the same flight twice")]
    SameFlightTwice,
    /// The flights named are not the booking's.
    #[error("not the flights of this booking")]
    OtherFlights,
    /// The hold has run out.
    #[error("the hold ran out")]
    HoldExpired {
        /// When it did.
        at: Instant,
    },
    /// The hold has not run out.
    #[error("the hold still lasts")]
    NotExpired {
        /// When it will.
        at: Instant,
    },
    /// The booking was given up before.
    #[error("the booking has ended")]
    AlreadyOver,
    /// The booking is ticketed.
    #[error("already ticketed")]
    AlreadyTicketed,
    /// Payment was asked for before.
    #[error("payment was requested before")]
    AlreadyRequested,
    /// No payment was requested.
    #[error("no payment was requested")]
    NotRequested,
    /// No money is reserved.
    #[error("no money is reserved")]
    NotAuthorized,
    /// Money is being taken, and that cannot be overtaken.
    #[error("money is being taken")]
    CaptureUnderWay,
    /// The money is taken and the tickets are being issued.
    #[error("tickets are being issued")]
    IssueUnderWay,
    /// No money was taken.
    #[error("no money was taken")]
    NotCaptured,
    /// A refund was started before.
    #[error("a refund was started before")]
    RefundUnderWay,
    /// No refund was started.
    #[error("no refund was started")]
    NoRefund,
    /// The booking is alive: nothing of it is undone.
    #[error("the booking is alive")]
    StillAlive,
    /// Not the price of this booking.
    #[error("not the price of this booking")]
    WrongAmount {
        /// What the price is.
        price: Money,
    },
    /// Not one ticket for each leg.
    #[error("not one ticket for each leg")]
    WrongTickets,
}

names! {
    Command {
        HoldSeat, RequestPayment, RecordAuthorization, StartCapture, RecordCapture, RecordTicket,
        RecordPaymentFailure, Cancel, Expire, Release, StartRefund, RecordRefund, RecordVoid,
        RecordScheduleChange,
    }
}

impl Command {
    /// The booking it is about.
    pub const fn booking(&self) -> BookingId {
        match self {
            Self::HoldSeat { booking, .. }
            | Self::RequestPayment { booking }
            | Self::RecordAuthorization { booking, .. }
            | Self::StartCapture { booking }
            | Self::RecordCapture { booking, .. }
            | Self::RecordTicket { booking, .. }
            | Self::RecordPaymentFailure { booking, .. }
            | Self::Cancel { booking, .. }
            | Self::Expire { booking, .. }
            | Self::Release { booking, .. }
            | Self::StartRefund { booking }
            | Self::RecordRefund { booking, .. }
            | Self::RecordVoid { booking }
            | Self::RecordScheduleChange { booking, .. } => *booking,
        }
    }

    /// The streams it is decided on: the booking's, and those of flights whose seats may move.
    pub fn streams(&self) -> Streams {
        let flights: &[FlightId] = match self {
            Self::HoldSeat { flights, .. }
            | Self::RecordPaymentFailure { flights, .. }
            | Self::Cancel { flights, .. }
            | Self::Expire { flights, .. }
            | Self::Release { flights, .. } => flights,
            Self::RequestPayment { .. }
            | Self::RecordAuthorization { .. }
            | Self::StartCapture { .. }
            | Self::RecordCapture { .. }
            | Self::RecordTicket { .. }
            | Self::StartRefund { .. }
            | Self::RecordRefund { .. }
            | Self::RecordVoid { .. }
            | Self::RecordScheduleChange { .. } => &[],
        };
        let mut streams = Streams::new();
        streams.push(self.booking().stream());
        for flight in flights {
            // A trip that names a flight twice is refused, but it is still read only once.
            if !streams.contains(&flight.stream()) {
                streams.push(flight.stream());
            }
        }
        streams
    }
}
