//! Everything that can happen to a saga.

use super::event::Reason;
use super::ids::{FlightIds, Locator, TicketNumber};
use super::money::Money;
use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::saga_events;

/// What a provider can be asked about a booking's charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChargeStep {
    /// Reserve the money.
    Authorise,
    /// Take what is reserved.
    Capture,
    /// Set free what is reserved, and accept no later authorisation.
    Void,
    /// Give back what was taken.
    Refund,
    /// Say how things stand.
    Query,
}

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
    /// The provider said no.
    PaymentFailed,
    /// The hold has run out.
    Expire,
    /// The booking cannot be completed.
    Release(Reason),
    /// Claim the booking for a refund.
    StartRefund,
    /// The money was given back.
    Refunded,
    /// The authorisation was set free.
    Voided,
    /// A vendor moved its flight.
    Rescheduled {
        /// Which leg, from 0.
        leg: u8,
        /// Which change of the flight's times, from 1.
        change: u8,
    },
}

/// What a saga could not settle by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The vendor of a leg answers nothing any more.
    VendorUnreachable {
        /// Which leg, from 0.
        leg: u8,
    },
    /// The provider answers nothing any more.
    ProviderUnreachable,
    /// The provider does not undo a charge.
    UndoDeclined(ChargeStep),
    /// The booking does not take what it is told.
    BookingUnreachable(Tell),
}

saga_events! {
    /// What happens to a saga. `leg` counts from 0.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble, compensated by Reason {
        /// A booking holds seats with us; its legs are now to be held at their vendors.
        SagaStarted {
            /// The legs' flights.
            flights: FlightIds,
            /// What the trip costs.
            price: Money,
            /// When the hold runs out.
            expires_at: Instant,
        },
        /// The vendor is asked to hold. From this record on the leg must be undone if the saga turns back.
        LegHoldRequested {
            /// Which leg.
            leg: u8,
        },
        /// The vendor holds.
        LegHeld {
            /// Which leg.
            leg: u8,
            /// The vendor's name for the order.
            locator: Locator,
        },
        /// The vendor has no seat.
        LegHoldRefused {
            /// Which leg.
            leg: u8,
        },
        /// The vendor did not answer; whatever was asked may have happened.
        LegUnknown {
            /// Which leg.
            leg: u8,
        },
        /// The vendor failed (5xx); whatever was asked may have happened.
        LegErrored {
            /// Which leg.
            leg: u8,
        },
        /// Something that was asked of the vendor long ago, or on the side, may have happened just now: what
        /// was known of the leg may be out of date.
        LegDoubted {
            /// Which leg.
            leg: u8,
        },
        /// The vendor is asked what it has under our reference.
        LegRetrieveRequested {
            /// Which leg.
            leg: u8,
        },
        /// The vendor has nothing under our reference.
        LegAbsent {
            /// Which leg.
            leg: u8,
        },
        /// The vendor holds a second order under our reference; it is to be cancelled.
        LegDuplicated {
            /// Which leg.
            leg: u8,
            /// The order too many.
            locator: Locator,
        },
        /// The vendor did not say whether it cancelled the order too many.
        DuplicateUnknown {
            /// Which leg.
            leg: u8,
            /// The order too many.
            locator: Locator,
        },
        /// The vendor is asked once more to cancel the order too many.
        DuplicateCancelRequested {
            /// Which leg.
            leg: u8,
            /// The order too many.
            locator: Locator,
        },
        /// The order too many is not live any more.
        DuplicateCancelled {
            /// Which leg.
            leg: u8,
            /// The order too many.
            locator: Locator,
        },
        /// The vendor is asked to issue the ticket.
        LegIssueRequested {
            /// Which leg.
            leg: u8,
        },
        /// The vendor issued.
        LegIssued {
            /// Which leg.
            leg: u8,
            /// The vendor's name for the order.
            locator: Locator,
            /// The ticket.
            ticket: TicketNumber,
        },
        /// The vendor does not issue.
        LegIssueRefused {
            /// Which leg.
            leg: u8,
        },
        /// The vendor is asked to cancel whatever it has under our reference.
        LegCancelRequested {
            /// Which leg.
            leg: u8,
        },
        /// The ticket is too old to be voided.
        LegVoidRefused {
            /// Which leg.
            leg: u8,
        },
        /// The vendor is asked to give back the money for the ticket.
        LegRefundRequested {
            /// Which leg.
            leg: u8,
        },
        /// The vendor has nothing live under our reference any more.
        LegCancelled {
            /// Which leg.
            leg: u8,
        },
        /// The vendor does not operate the flight: the seat is gone, and a ticket is to be given back.
        LegWithdrawn {
            /// Which leg.
            leg: u8,
            /// The vendor's name for the order.
            locator: Locator,
        },
        /// The vendor moved the flight.
        LegRescheduled {
            /// Which leg.
            leg: u8,
            /// Which change of the flight's times, from 1.
            change: u8,
            /// How much later than planned the flight leaves by now.
            later: Span,
        },
        /// The vendor is told that the order is kept with the flight's newest times.
        LegAcceptRequested {
            /// Which leg.
            leg: u8,
        },
        /// The vendor did not say that it heard.
        LegAcceptUnknown {
            /// Which leg.
            leg: u8,
        },
        /// The vendor keeps the order with its new times.
        LegAccepted {
            /// Which leg.
            leg: u8,
            /// Which change, from 1.
            change: u8,
        },
        /// The provider is asked.
        ChargeRequested {
            /// What.
            step: ChargeStep,
        },
        /// The provider did it.
        ChargeConfirmed {
            /// What.
            step: ChargeStep,
        },
        /// The provider does not do it.
        ChargeDeclined {
            /// What.
            step: ChargeStep,
        },
        /// The provider did not answer; whatever was asked may have happened.
        ChargeUnknown {
            /// What.
            step: ChargeStep,
        },
        /// The provider failed (5xx); whatever was asked may have happened, and the same key will say no
        /// more than this.
        ChargeErrored {
            /// What.
            step: ChargeStep,
        },
        /// The provider said how the charge stands.
        ChargeRetrieved {
            /// Whether money is or was reserved.
            authorised: bool,
            /// Whether it was taken.
            captured: bool,
            /// Whether the reservation was set free.
            voided: bool,
            /// Whether the money was given back.
            refunded: bool,
        },
        /// The booking is told something.
        BookingTold {
            /// What.
            tell: Tell,
        },
        /// The booking refused, or nobody could say whether it took it.
        TellFailed {
            /// What.
            tell: Tell,
            /// Whether the booking itself refused.
            refused: bool,
        },
        /// The hold is looked at again later: by the booking's clock it has not run out.
        ExpiryPostponed {
            /// When.
            until: Instant,
        },
        /// The saga turns back: everything it asked for is undone.
        UndoStarted {
            /// Why.
            reason: Reason,
        },
    }
}

event_names! {
    SagaEvent {
        SagaStarted, LegHoldRequested, LegHeld, LegHoldRefused, LegUnknown, LegErrored, LegDoubted,
        LegRetrieveRequested, LegAbsent, LegDuplicated, DuplicateUnknown, DuplicateCancelRequested,
        DuplicateCancelled, LegIssueRequested, LegIssued, LegIssueRefused, LegCancelRequested,
        LegVoidRefused, LegRefundRequested, LegCancelled, LegWithdrawn, LegRescheduled,
        LegAcceptRequested, LegAcceptUnknown, LegAccepted,
        ChargeRequested { step: ChargeStep::Authorise } => AuthorizationRequested,
        ChargeRequested { step: ChargeStep::Capture } => CaptureRequested,
        ChargeRequested { step: ChargeStep::Void } => VoidRequested,
        ChargeRequested { step: ChargeStep::Refund } => RefundRequested,
        ChargeRequested { step: ChargeStep::Query } => ChargeQueried,
        ChargeConfirmed, ChargeDeclined, ChargeUnknown, ChargeErrored, ChargeRetrieved,
        BookingTold, TellFailed, ExpiryPostponed, UndoStarted, RetryScheduled, RetryDue,
        SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman, LookScheduled,
    }
}
