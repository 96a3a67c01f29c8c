//! The commands of a booking, and the reasons for which it rejects them.
//!
//! A command that returns seats names the booking's flights, because it is decided on their streams
//! too; the booking rejects it if they are not its own.

use thiserror::Error;

use super::event::Reason;
use super::ids::{Attempt, BookingId, FlightId, FlightIds, TicketNumbers};
use super::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Named, Streams};
use crate::names;

/// A command to a booking.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A customer wants a seat on each of these flights.
    HoldSeat {
        booking: BookingId,
        customer: CustomerId,
        flights: FlightIds,
        /// Whom to call in an emergency.
        contact: Named,
    },
    /// The customer wants to pay.
    RequestPayment { booking: BookingId },
    /// The provider reserved the money.
    RecordAuthorization { booking: BookingId, amount: Money },
    /// The booking is to be claimed for capture.
    StartCapture { booking: BookingId },
    /// The provider captured the money.
    RecordCapture { booking: BookingId, amount: Money },
    /// The vendors issued the tickets.
    RecordTicket { booking: BookingId, tickets: TicketNumbers },
    /// The provider declined an attempt to pay.
    RecordPaymentFailure { booking: BookingId, flights: FlightIds, attempt: Attempt },
    /// The customer cancels.
    Cancel { booking: BookingId, flights: FlightIds },
    /// The hold has expired.
    Expire { booking: BookingId, flights: FlightIds },
    /// The booking cannot be completed.
    Release { booking: BookingId, flights: FlightIds, reason: Reason },
    /// The booking is to be claimed for a refund.
    StartRefund { booking: BookingId },
    /// The provider gave the money back.
    RecordRefund { booking: BookingId, amount: Money },
    /// The provider voided the reservation.
    RecordVoid { booking: BookingId },
    /// A vendor moved the flight of a leg; `change` counts from 1.
    RecordScheduleChange { booking: BookingId, leg: u8, change: u8, later: Span },
    /// The cardholder has the money back by a dispute that we lost.
    RecordChargeback { booking: BookingId },
    /// Staff bump the booking, because more passengers have come than the flight has seats for.
    Bump { booking: BookingId, flights: FlightIds },
}

/// Why a booking rejects a command.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Rejection {
    /// The last seat of a flight is gone.
    #[error("no seat left")]
    SoldOut { flight: FlightId },
    /// The booking exists already.
    #[error("already booked")]
    AlreadyBooked,
    /// The booking does not exist.
    #[error("no such booking")]
    NoSuchBooking,
    /// The booking belongs to another customer.
    #[error("not your booking")]
    NotYours,
    /// A trip has at least one leg.
    #[error("no flight named")]
    NoLegs,
    /// A booking has one seat on each of its flights.
    #[error("the same flight twice")]
    SameFlightTwice,
    /// The flights in the command are not the booking's.
    #[error("not the flights of this booking")]
    OtherFlights,
    /// The hold has expired.
    #[error("the hold has expired")]
    HoldExpired { at: Instant },
    /// The hold has not expired.
    #[error("the hold has not expired")]
    NotExpired { at: Instant },
    /// The booking ended before.
    #[error("the booking has ended")]
    AlreadyOver,
    /// The booking is ticketed.
    #[error("already ticketed")]
    AlreadyTicketed,
    /// A payment was requested before.
    #[error("a payment was requested before")]
    AlreadyRequested,
    /// No payment was requested.
    #[error("no payment was requested")]
    NotRequested,
    /// No money is reserved.
    #[error("no money is reserved")]
    NotAuthorized,
    /// A capture cannot be overtaken by the end of the booking.
    #[error("the money is being captured")]
    CaptureUnderWay,
    /// The money is captured and the tickets are being issued.
    #[error("the tickets are being issued")]
    IssueUnderWay,
    /// No money was captured.
    #[error("no money was captured")]
    NotCaptured,
    /// A refund was started before.
    #[error("a refund was started before")]
    RefundUnderWay,
    /// No refund was started.
    #[error("no refund was started")]
    NoRefund,
    /// The booking has not ended, so nothing of it is undone.
    #[error("the booking has not ended")]
    StillAlive,
    /// The amount is not the price of the booking.
    #[error("not the price of this booking")]
    WrongAmount { price: Money },
    /// There must be one ticket for each leg.
    #[error("not one ticket for each leg")]
    WrongTickets,
    /// Everybody on the flights has a seat.
    #[error("no flight of this booking is above its capacity")]
    NotAboveCapacity,
    /// Another booking is bumped first.
    #[error("a later booking is bumped first")]
    NotTheLast,
}

names! {
    Command {
        HoldSeat, RequestPayment, RecordAuthorization, StartCapture, RecordCapture, RecordTicket,
        RecordPaymentFailure, Cancel, Expire, Release, StartRefund, RecordRefund, RecordVoid,
        RecordScheduleChange, RecordChargeback, Bump,
    }
}

names! {
    Rejection {
        SoldOut, AlreadyBooked, NoSuchBooking, NotYours, NoLegs, SameFlightTwice, OtherFlights,
        HoldExpired, NotExpired, AlreadyOver, AlreadyTicketed, AlreadyRequested, NotRequested,
        NotAuthorized, CaptureUnderWay, IssueUnderWay, NotCaptured, RefundUnderWay, NoRefund,
        StillAlive, WrongAmount, WrongTickets, NotAboveCapacity, NotTheLast,
    }
}

impl Command {
    /// The booking that it is about.
    pub const fn booking(&self) -> BookingId {
        match self {
            any_of!(Self { booking, .. }: HoldSeat | RequestPayment | RecordAuthorization | StartCapture
                | RecordCapture | RecordTicket | RecordPaymentFailure | Cancel | Expire | Release
                | StartRefund | RecordRefund | RecordVoid | RecordScheduleChange | RecordChargeback
                | Bump) => *booking,
        }
    }

    /// The streams that it is decided on: the booking's, and those of flights whose seats may move.
    pub fn streams(&self) -> Streams {
        let flights: &[FlightId] = match self {
            any_of!(Self { flights, .. }: HoldSeat | RecordPaymentFailure | Cancel | Expire | Release
                | Bump) => flights,
            any_of!(Self: RequestPayment | RecordAuthorization | StartCapture | RecordCapture | RecordTicket
                | StartRefund | RecordRefund | RecordVoid | RecordScheduleChange | RecordChargeback) => {
                &[]
            }
        };
        let mut streams = Streams::new();
        streams.push(self.booking().stream());
        for flight in flights {
            // A trip that names a flight twice is rejected, but the flight is read only once.
            if !streams.contains(&flight.stream()) {
                streams.push(flight.stream());
            }
        }
        streams
    }
}
