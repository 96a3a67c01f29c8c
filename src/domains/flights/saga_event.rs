//! The events of sagas.

use super::event::Reason;
use super::ids::{Attempt, FlightIds, Locator, TicketNumber};
use super::money::Money;
use super::payment::Dispute;
use crate::kernel::{Instant, Span};
use crate::{event_names, names, saga_events};

/// What a provider can be asked about a booking's charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeStep {
    /// Reserve the money.
    Authorise,
    /// Take what is reserved.
    Capture,
    /// Release what is reserved, and accept no later authorisation.
    Void,
    /// Give back what was taken.
    Refund,
    /// Report the state of the charge.
    Query,
    /// Contest a dispute.
    Contest,
    /// Dispute the charge: the cardholder asks this, not we.
    Dispute,
}

names! { ChargeStep { Authorise, Capture, Void, Refund, Query, Contest, Dispute } }

/// What a saga tells its booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tell {
    /// The money is reserved.
    Authorized,
    /// Claim the booking for capture.
    StartCapture,
    /// The money was taken.
    Captured,
    /// The tickets are issued.
    Ticketed,
    /// The provider declined an attempt to pay.
    PaymentFailed(Attempt),
    /// The hold expired.
    Expire,
    /// The booking cannot be completed.
    Release(Reason),
    /// Claim the booking for a refund.
    StartRefund,
    /// The money was given back.
    Refunded,
    /// The authorisation was voided.
    Voided,
    /// A vendor moved the flight of a leg; `change` counts from 1.
    Rescheduled { leg: u8, change: u8 },
    /// A dispute was lost: the cardholder has the money.
    ChargedBack,
}

/// What a saga could not settle by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The vendor of a leg does not answer any more.
    VendorUnreachable { leg: u8 },
    /// The provider does not answer any more.
    ProviderUnreachable,
    /// The provider declines to undo a charge.
    UndoDeclined(ChargeStep),
    /// The booking does not accept what it is told.
    BookingUnreachable(Tell),
    /// The customer got the money back twice, by a refund and by a dispute that was lost.
    PaidBackTwice,
    /// Events are lost, and by what is left another sum should have been refunded.
    RefundedOtherwise,
}

/// What the provider reports of a charge after commits are lost: in the order of a reservation, a capture, a void and a
/// refund, whether each has happened, and how many keys it knows of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reported {
    pub happened: [bool; 4],
    pub keys: [u8; 4],
    /// The customer has yet to confirm a reservation.
    pub pending: bool,
    /// What was kept of the price in a refund.
    pub kept: Option<Money>,
}

saga_events! {
    /// What happens to a saga. `leg` counts from 0 and `change`, a change of a flight's times, from 1;
    /// `locator` is the vendor's name for an order.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble, compensated by Reason {
        /// A booking holds seats with us; its legs are now to be held at their vendors.
        SagaStarted { flights: FlightIds, price: Money, expires_at: Instant },
        /// The vendor is asked to hold. From now on the leg must be undone if the saga turns back.
        LegHoldRequested { leg: u8 },
        /// The vendor holds a seat.
        LegHeld { leg: u8, locator: Locator },
        /// The vendor has no seat.
        LegHoldRefused { leg: u8 },
        /// The vendor did not answer; the request may have taken effect.
        LegUnknown { leg: u8 },
        /// The vendor failed (5xx); the request may have taken effect.
        LegErrored { leg: u8 },
        /// An older request, or one for a duplicate, may have taken effect just now: what is known of the
        /// leg may be out of date.
        LegDoubted { leg: u8 },
        /// The vendor is asked what it has under our reference.
        LegRetrieveRequested { leg: u8 },
        /// The vendor finds nothing under our reference, which proves nothing if it is asked before `until`:
        /// its lookups may lag.
        LegMissing { leg: u8, until: Instant },
        /// The vendor has nothing under our reference.
        LegAbsent { leg: u8 },
        /// The vendor holds a second order under our reference; this duplicate is to be cancelled.
        LegDuplicated { leg: u8, locator: Locator },
        /// The vendor did not say whether it cancelled the duplicate.
        DuplicateUnknown { leg: u8, locator: Locator },
        /// The vendor is asked once more to cancel the duplicate.
        DuplicateCancelRequested { leg: u8, locator: Locator },
        /// The duplicate is not live any more.
        DuplicateCancelled { leg: u8, locator: Locator },
        /// The vendor is asked to issue the ticket.
        LegIssueRequested { leg: u8 },
        /// The vendor issued the ticket.
        LegIssued { leg: u8, locator: Locator, ticket: TicketNumber },
        /// The vendor does not issue the ticket.
        LegIssueRefused { leg: u8 },
        /// The vendor is asked to cancel everything that it has under our reference.
        LegCancelRequested { leg: u8 },
        /// The ticket is too old to be voided.
        LegVoidRefused { leg: u8 },
        /// The vendor is asked to refund the ticket.
        LegRefundRequested { leg: u8 },
        /// The vendor has nothing live under our reference any more.
        LegCancelled { leg: u8 },
        /// The vendor does not operate the flight: the seat is gone, and a ticket is to be given back.
        LegWithdrawn { leg: u8, locator: Locator },
        /// The vendor moved the flight; `later` is the delay since the original times.
        LegRescheduled { leg: u8, change: u8, later: Span },
        /// The vendor is told that we accept the newest times of the flight.
        LegAcceptRequested { leg: u8 },
        /// The vendor did not confirm that we accept.
        LegAcceptUnknown { leg: u8 },
        /// The vendor keeps the order with its new times.
        LegAccepted { leg: u8, change: u8 },
        /// The provider is asked.
        ChargeRequested { step: ChargeStep },
        /// The provider did it.
        ChargeConfirmed { step: ChargeStep },
        /// The provider declined.
        ChargeDeclined { step: ChargeStep },
        /// The provider did not answer; the request may have taken effect.
        ChargeUnknown { step: ChargeStep },
        /// The provider failed (5xx); the request may have taken effect, and a resend under the same key is
        /// answered with the same failure.
        ChargeErrored { step: ChargeStep },
        /// The provider reported which movements of the charge have happened.
        ChargeRetrieved { authorised: bool, captured: bool, voided: bool, refunded: bool },
        /// The provider does not find a movement whose outcome is unknown, which proves nothing if it is asked
        /// before `until`: its lookups may lag.
        ChargeMissing { until: Instant },
        /// The booking is told something.
        BookingTold { tell: Tell },
        /// The booking refused, or it is unknown whether it accepted.
        TellFailed { tell: Tell, refused: bool },
        /// The hold is checked again later: by the booking's clock it has not expired.
        ExpiryPostponed { until: Instant },
        /// The timer of the end of the hold fired while the saga was busy with something else.
        ExpiryDue,
        /// The saga turns back: everything that it asked for is undone.
        UndoStarted { reason: Reason },
    } and {
        /// The customer must confirm the payment with their bank; the outcome is reported or asked for later.
        ChargePending,
        /// The money was not captured, because its reservation has lapsed.
        ChargeLapsed,
        /// The cardholder's bank has opened or decided a dispute.
        DisputeReported { dispute: Dispute },
        /// The customer cancelled a ticket: this much is kept of the price.
        FeeKept { fee: Money },
        /// Commits are lost, and the report of the vendor differs from what is known of the leg.
        LegReported { leg: u8 },
        /// Commits are lost, and the report of the provider differs from what is known of the charge.
        ChargeReported { found: Reported },
    }
}

event_names! {
    SagaEvent {
        SagaStarted, LegHoldRequested, LegHeld, LegHoldRefused, LegUnknown, LegErrored, LegDoubted,
        LegRetrieveRequested, LegMissing, LegAbsent, LegDuplicated, DuplicateUnknown,
        DuplicateCancelRequested, DuplicateCancelled, LegIssueRequested, LegIssued, LegIssueRefused, LegCancelRequested,
        LegVoidRefused, LegRefundRequested, LegCancelled, LegWithdrawn, LegRescheduled,
        LegAcceptRequested, LegAcceptUnknown, LegAccepted,
        ChargeRequested { step: ChargeStep::Authorise } => AuthorizationRequested,
        ChargeRequested { step: ChargeStep::Capture } => CaptureRequested,
        ChargeRequested { step: ChargeStep::Void } => VoidRequested,
        ChargeRequested { step: ChargeStep::Refund } => RefundRequested,
        ChargeRequested { step: ChargeStep::Query } => ChargeQueried,
        ChargeRequested { step: ChargeStep::Contest } => ContestRequested,
        ChargeRequested { step: ChargeStep::Dispute } => DisputeRequested,
        ChargeConfirmed, ChargeDeclined, ChargeUnknown, ChargeErrored, ChargeRetrieved, ChargeMissing,
        BookingTold, TellFailed, ExpiryPostponed, ExpiryDue, UndoStarted, RetryScheduled, RetryDue,
        SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman, LookScheduled, ChargePending,
        ChargeLapsed, DisputeReported, FeeKept, LegReported, ChargeReported,
    }
}

impl SagaEvent {
    /// The order at a vendor that it names, if it names one.
    pub(super) const fn order(&self) -> Option<Locator> {
        match self {
            any_of!(Self { locator, .. }: LegHeld | LegDuplicated | DuplicateUnknown | DuplicateCancelRequested
                | DuplicateCancelled | LegIssued | LegWithdrawn) => Some(*locator),
            _ => None,
        }
    }

    /// The leg that it is about, if there is one.
    pub(super) const fn leg(&self) -> Option<u8> {
        match self {
            any_of!(Self { leg, .. }: LegHoldRequested | LegHeld | LegHoldRefused | LegUnknown | LegErrored
                | LegDoubted | LegRetrieveRequested | LegMissing | LegAbsent | LegDuplicated | DuplicateUnknown
                | DuplicateCancelRequested | DuplicateCancelled | LegIssueRequested | LegIssued
                | LegIssueRefused | LegCancelRequested | LegVoidRefused | LegRefundRequested
                | LegCancelled | LegWithdrawn | LegRescheduled | LegAcceptRequested | LegAcceptUnknown
                | LegAccepted | LegReported) => Some(*leg),
            any_of!(Self: SagaStarted | ChargeRequested | ChargeConfirmed | ChargeDeclined | ChargeUnknown
                | ChargeErrored | ChargeRetrieved | ChargeMissing | BookingTold | TellFailed | ExpiryPostponed | ExpiryDue
                | UndoStarted | RetryScheduled | RetryDue | SagaResumed | SagaCompleted
                | SagaCompensated | HandedToHuman | LookScheduled | ChargePending | ChargeLapsed
                | DisputeReported | FeeKept | ChargeReported) => None,
        }
    }
}
