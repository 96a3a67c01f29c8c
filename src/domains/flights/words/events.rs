//! What has happened, in words.

use std::fmt;

use super::Teller;
use crate::domains::flights::event::{
    BookingEvent, Event, FlightEvent, Reason, SagaEvent, Tell, Ticket, Trouble,
};
use crate::domains::flights::old_event::OldEvent;
use crate::domains::flights::payment::imperative;
use crate::model::Personal;

impl Teller<'_> {
    pub(super) fn event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Booking(event) => self.booking_event(event, f),
            Event::Flight(
                FlightEvent::SeatAllocated { booking, seat }
                | FlightEvent::SeatReturned { booking, seat },
            ) => write!(f, " {seat} {booking}"),
            Event::Saga(event) => self.saga_event(event, f),
            Event::Old(
                OldEvent::SeatHeldV1 { customer, passenger: _, seats, price: _, expires_at }
                | OldEvent::SeatHeldV2 { customer, passenger: _, seats, price: _, expires_at },
            ) => {
                let who = self.names.customer(*customer);
                let seats: Vec<_> = seats
                    .iter()
                    .map(|(flight, seat)| format!("{} {seat}", self.code(*flight)))
                    .collect();
                write!(f, " {} for {who} until {expires_at}, as written once", seats.join(" + "))
            }
        }
    }

    fn booking_event(&self, event: &BookingEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            BookingEvent::SeatHeld { customer, passenger: _, legs, expires_at } => {
                let who = self.names.customer(*customer);
                let (seats, price) = (self.seats(legs), legs.price());
                write!(f, " {seats} for {who}, {price} until {expires_at}")
            }
            BookingEvent::PaymentRequested { amount }
            | BookingEvent::PaymentAuthorized { amount }
            | BookingEvent::CaptureStarted { amount }
            | BookingEvent::PaymentCaptured { amount }
            | BookingEvent::PaymentFailed { amount }
            | BookingEvent::AuthorizationVoided { amount }
            | BookingEvent::RefundStarted { amount }
            | BookingEvent::PaymentRefunded { amount } => write!(f, " {amount}"),
            BookingEvent::TicketIssued { tickets } => {
                let number = |ticket: &Ticket| ticket.number().to_string();
                let numbers: Vec<String> = tickets.list.iter().map(number).collect();
                write!(f, " {}", numbers.join(" + "))
            }
            BookingEvent::ScheduleChanged { flight, change, later } => {
                write!(f, " {}, change {change}: {later} later", self.code(*flight))
            }
            BookingEvent::SeatHoldExpired { legs } | BookingEvent::BookingCancelled { legs } => {
                write!(f, " {}", self.seats(legs))
            }
            BookingEvent::SeatReleased { legs, reason } => {
                write!(f, " {}, {}", self.seats(legs), say_reason(*reason))
            }
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            SagaEvent::SagaStarted { flights, price, .. } => {
                write!(f, " {}, {price}", self.codes(flights))
            }
            SagaEvent::LegHoldRequested { leg }
            | SagaEvent::LegHoldRefused { leg }
            | SagaEvent::LegUnknown { leg }
            | SagaEvent::LegRetrieveRequested { leg }
            | SagaEvent::LegAbsent { leg }
            | SagaEvent::LegIssueRequested { leg }
            | SagaEvent::LegIssueRefused { leg }
            | SagaEvent::LegCancelRequested { leg }
            | SagaEvent::LegErrored { leg }
            | SagaEvent::LegDoubted { leg }
            | SagaEvent::LegVoidRefused { leg }
            | SagaEvent::LegRefundRequested { leg }
            | SagaEvent::LegAcceptRequested { leg }
            | SagaEvent::LegAcceptUnknown { leg }
            | SagaEvent::LegCancelled { leg } => write!(f, " leg {}", u32::from(*leg) + 1),
            SagaEvent::LegHeld { leg, locator }
            | SagaEvent::DuplicateUnknown { leg, locator }
            | SagaEvent::DuplicateCancelRequested { leg, locator }
            | SagaEvent::DuplicateCancelled { leg, locator }
            | SagaEvent::LegDuplicated { leg, locator }
            | SagaEvent::LegWithdrawn { leg, locator } => {
                write!(f, " leg {} {locator}", u32::from(*leg) + 1)
            }
            SagaEvent::LegIssued { leg, locator, ticket } => {
                write!(f, " leg {} {locator} ticket {ticket}", u32::from(*leg) + 1)
            }
            // Its name says it all.
            SagaEvent::ChargeRequested { .. } => Ok(()),
            SagaEvent::ChargeConfirmed { step }
            | SagaEvent::ChargeDeclined { step }
            | SagaEvent::ChargeUnknown { step } => write!(f, " {}", imperative(*step)),
            SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded } => {
                let marks = [
                    (authorised, "authorised"),
                    (captured, "captured"),
                    (voided, "voided"),
                    (refunded, "refunded"),
                ];
                let found: Vec<&str> =
                    marks.into_iter().filter(|(is, _)| **is).map(|(_, word)| word).collect();
                let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
                write!(f, " {found}")
            }
            SagaEvent::ChargeErrored { step } => write!(f, " {}", imperative(*step)),
            SagaEvent::LegRescheduled { leg, change, later } => {
                write!(f, " leg {}, change {change}: {later} later", u32::from(*leg) + 1)
            }
            SagaEvent::LegAccepted { leg, change } => {
                write!(f, " leg {}, change {change}", u32::from(*leg) + 1)
            }
            SagaEvent::BookingTold { tell } => write!(f, " {}", say_tell(*tell)),
            SagaEvent::TellFailed { tell, refused: true } => {
                write!(f, " {}, refused", say_tell(*tell))
            }
            SagaEvent::TellFailed { tell, refused: false } => {
                write!(f, " {}, unknown", say_tell(*tell))
            }
            SagaEvent::ExpiryPostponed { until } => write!(f, " until {until}"),
            SagaEvent::RetryScheduled { at } | SagaEvent::LookScheduled { at } => {
                write!(f, " at {at}")
            }
            SagaEvent::UndoStarted { reason } | SagaEvent::SagaCompensated { reason } => {
                write!(f, ", {}", say_reason(*reason))
            }
            SagaEvent::RetryDue | SagaEvent::SagaResumed | SagaEvent::SagaCompleted => Ok(()),
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
        }
    }
}

/// The name of a passenger is shown only to the customer; that it is forgotten, to all.
pub(super) fn passenger(passenger: Option<&Personal>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match passenger {
        Some(Personal::Forgotten) => f.write_str(" (passenger forgotten)"),
        Some(Personal::Sealed(_)) | None => Ok(()),
    }
}

/// Why a booking was given up.
pub(in crate::domains::flights) const fn say_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::VendorRefused => "a vendor has no seat",
        Reason::VendorSilent => "a vendor did not answer",
        Reason::PaymentDeclined => "payment declined",
        Reason::ProviderSilent => "the provider did not answer",
        Reason::IssueFailed => "a ticket was not issued",
        Reason::Expired => "the hold ran out",
        Reason::Cancelled => "cancelled by the customer",
        Reason::FlightCancelled => "a flight is not operated",
    }
}

const fn say_tell(tell: Tell) -> &'static str {
    match tell {
        Tell::Authorized => "that the money is reserved",
        Tell::StartCapture => "to start the capture",
        Tell::Captured => "that the money is taken",
        Tell::Ticketed => "that the tickets are there",
        Tell::PaymentFailed => "that the payment failed",
        Tell::Expire => "that the hold has run out",
        Tell::Release(_) => "to give the seats back",
        Tell::StartRefund => "to start the refund",
        Tell::Refunded => "that the money is given back",
        Tell::Voided => "that the reservation is set free",
        Tell::Rescheduled { .. } => "that a flight was moved",
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VendorUnreachable { leg } => {
                write!(f, "the vendor of leg {} is unreachable", u32::from(*leg) + 1)
            }
            Self::ProviderUnreachable => f.write_str("the provider is unreachable"),
            Self::UndoDeclined(step) => {
                write!(f, "the provider declines to {}", imperative(*step))
            }
            Self::BookingUnreachable(tell) => {
                write!(f, "the booking cannot be told {}", say_tell(*tell))
            }
        }
    }
}
