//! Events in words.

use std::fmt::{self, Formatter};

use super::Teller;
use crate::domains::flights::event::{
    BookingEvent, Event, FlightEvent, Reason, SagaEvent, Tell, Trouble,
};
use crate::domains::flights::ids::{FlightId, Seat};
use crate::domains::flights::old_event::{OldEvent, OldSeatHeld};
use crate::domains::flights::payment::{dispute_word, imperative};
use crate::model::Personal;

impl Teller<'_> {
    pub(super) fn event(&self, event: &Event, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Booking(event) => self.booking_event(event, f),
            Event::Flight(any_of!(FlightEvent { booking, seat }: SeatAllocated | SeatReturned)) => {
                write!(f, " {seat} {booking}")
            }
            Event::Saga(event) => self.saga_event(event, f),
            Event::Old(OldEvent::SeatHeldV1(old)) => self.old_event(old, f),
            Event::Old(OldEvent::SeatHeldV2(old)) => self.old_event(old, f),
        }
    }

    fn old_event<P>(&self, old: &OldSeatHeld<P>, f: &mut Formatter<'_>) -> fmt::Result {
        let (who, until) = (self.names.customer(old.customer), old.expires_at);
        let seats = self.seats(old.seats.iter().copied());
        write!(f, " {seats} for {who} until {until}, in an older schema")
    }

    /// `IB1 1A + LH2 3F`.
    fn seats(&self, seats: impl Iterator<Item = (FlightId, Seat)>) -> String {
        let seats = seats.map(|(flight, seat)| format!("{} {seat}", self.code(flight)));
        seats.collect::<Vec<_>>().join(" + ")
    }

    fn booking_event(&self, event: &BookingEvent, f: &mut Formatter<'_>) -> fmt::Result {
        if let any_of!(BookingEvent { legs, .. }: SeatHeld | SeatHoldExpired | BookingCancelled
            | SeatReleased) = event
        {
            let seats = legs.list.iter().map(|leg| (leg.flight, leg.seat));
            write!(f, " {}", self.seats(seats))?;
        }
        match event {
            BookingEvent::SeatHeld { customer, legs, expires_at, .. } => {
                let (who, price) = (self.names.customer(*customer), legs.price());
                write!(f, " for {who}, {price} until {expires_at}")
            }
            any_of!(BookingEvent { amount }: PaymentRequested | PaymentAuthorized | CaptureStarted
                | PaymentCaptured | PaymentFailed | AuthorizationVoided | RefundStarted
                | PaymentRefunded | PaymentChargedBack) => write!(f, " {amount}"),
            BookingEvent::TicketIssued { tickets } => {
                let numbers = tickets.numbers();
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                write!(f, " {}", numbers.join(" + "))
            }
            BookingEvent::ScheduleChanged { flight, change, later } => {
                write!(f, " {}, change {change}: {later} later", self.code(*flight))
            }
            BookingEvent::SeatHoldExpired { .. } | BookingEvent::BookingCancelled { .. } => Ok(()),
            BookingEvent::SeatReleased { reason, .. } => write!(f, ", {}", say_reason(*reason)),
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(leg) = event.leg() {
            write!(f, " leg {}", u32::from(leg) + 1)?;
        }
        match event {
            SagaEvent::SagaStarted { flights, price, .. } => {
                write!(f, " {}, {price}", self.codes(flights))
            }
            any_of!(SagaEvent { leg: _ }: LegHoldRequested | LegHoldRefused | LegUnknown
                | LegRetrieveRequested | LegAbsent | LegIssueRequested | LegIssueRefused
                | LegCancelRequested | LegErrored | LegDoubted | LegVoidRefused | LegRefundRequested
                | LegAcceptRequested | LegAcceptUnknown | LegCancelled | LegReported) => Ok(()),
            any_of!(SagaEvent { locator, .. }: LegHeld | DuplicateUnknown | DuplicateCancelRequested
                | DuplicateCancelled | LegDuplicated | LegWithdrawn) => write!(f, " {locator}"),
            SagaEvent::LegIssued { locator, ticket, .. } => write!(f, " {locator} ticket {ticket}"),
            SagaEvent::LegRescheduled { change, later, .. } => {
                write!(f, ", change {change}: {later} later")
            }
            SagaEvent::LegAccepted { change, .. } => write!(f, ", change {change}"),
            any_of!(SagaEvent { step }: ChargeConfirmed | ChargeDeclined | ChargeUnknown
                | ChargeErrored) => write!(f, " {}", imperative(*step)),
            &SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded } => {
                say_happened([authorised, captured, voided, refunded], f)
            }
            SagaEvent::ChargeReported { found } => {
                if found.pending {
                    f.write_str(" pending,")?;
                }
                say_happened(found.happened, f)
            }
            SagaEvent::BookingTold { tell } => write!(f, " {}", say_tell(*tell)),
            SagaEvent::TellFailed { tell, refused } => {
                let outcome = if *refused { "refused" } else { "unknown" };
                write!(f, " {}, {outcome}", say_tell(*tell))
            }
            any_of!(SagaEvent { until, .. }: LegMissing | ChargeMissing) => {
                write!(f, ", no proof before {until}")
            }
            SagaEvent::ExpiryPostponed { until } => write!(f, " until {until}"),
            any_of!(SagaEvent { at }: RetryScheduled | LookScheduled) => write!(f, " at {at}"),
            any_of!(SagaEvent { reason }: UndoStarted | SagaCompensated) => {
                write!(f, ", {}", say_reason(*reason))
            }
            // The name of a request for a charge contains the step.
            any_of!(SagaEvent: ChargeRequested | ExpiryDue | RetryDue | SagaResumed | SagaCompleted
                | ChargePending | ChargeLapsed) => Ok(()),
            SagaEvent::DisputeReported { dispute } => write!(f, " {}", dispute_word(*dispute)),
            SagaEvent::FeeKept { fee } => write!(f, " {fee}"),
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
        }
    }
}

/// Which movements of a charge have happened.
fn say_happened(happened: [bool; 4], f: &mut Formatter<'_>) -> fmt::Result {
    let words = ["authorised", "captured", "voided", "refunded"];
    let found: Vec<&str> =
        happened.into_iter().zip(words).filter(|(is, _)| *is).map(|(_, word)| word).collect();
    let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
    write!(f, " {found}")
}

/// The name of a passenger is shown only to the customer; the erasure of the name is shown to all.
pub(super) fn passenger(passenger: Option<&Personal>, f: &mut Formatter<'_>) -> fmt::Result {
    match passenger {
        Some(Personal::Forgotten) => f.write_str(" (passenger forgotten)"),
        Some(Personal::Sealed(_)) | None => Ok(()),
    }
}

/// Why a booking was given up.
pub(super) const fn say_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::VendorRefused => "a vendor has no seat",
        Reason::VendorSilent => "a vendor did not answer",
        Reason::PaymentDeclined => "payment declined",
        Reason::ProviderSilent => "the provider did not answer",
        Reason::IssueFailed => "a ticket was not issued",
        Reason::Expired => "the hold expired",
        Reason::Cancelled => "cancelled by the customer",
        Reason::FlightCancelled => "a flight is not operated",
        Reason::ChargedBack => "the payment is disputed",
        Reason::Bumped => "the flight is overbooked",
        Reason::Lost => "its events are lost",
    }
}

const fn say_tell(tell: Tell) -> &'static str {
    match tell {
        Tell::Authorized => "that the money is reserved",
        Tell::StartCapture => "to start the capture",
        Tell::Captured => "that the money is captured",
        Tell::Ticketed => "that the tickets are issued",
        Tell::PaymentFailed(_) => "that the payment failed",
        Tell::Expire => "that the hold has expired",
        Tell::Release(_) => "to release the seats",
        Tell::StartRefund => "to start the refund",
        Tell::Refunded => "that the money is refunded",
        Tell::Voided => "that the reservation is voided",
        Tell::Rescheduled { .. } => "that a flight was moved",
        Tell::ChargedBack => "that the payment is charged back",
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::VendorUnreachable { leg } => {
                write!(f, "the vendor of leg {} is unreachable", u32::from(*leg) + 1)
            }
            Self::ProviderUnreachable => f.write_str("the provider is unreachable"),
            Self::UndoDeclined(step) => write!(f, "the provider declines to {}", imperative(*step)),
            Self::BookingUnreachable(tell) => {
                write!(f, "the booking cannot be notified {}", say_tell(*tell))
            }
            Self::PaidBackTwice => f.write_str("the money was paid back twice"),
            Self::RefundedOtherwise => {
                f.write_str("another sum was refunded in events that are lost")
            }
        }
    }
}
