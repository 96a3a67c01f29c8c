//! The events of sagas.

use super::event::{Parcel, Reason};
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::{event_names, saga_events};

/// A request to a service. The order's number is its reference there, so that a repeated request has no
/// further effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// The provider reserves the money.
    Authorise,
    /// The provider takes the money.
    Capture,
    /// The provider refunds what it took or releases what it reserved, and closes the charge.
    Reverse,
    /// The carrier takes the parcel.
    Book,
    /// The carrier brings the parcel back, or refuses it if it is not booked yet.
    Recall,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    Provider,
    Carrier,
}

/// A command of a saga to its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tell {
    Paid,
    Shipped,
    /// The order must be cancelled.
    Cancel(Reason),
}

/// Why a saga is handed to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// A service does not answer.
    Unreachable(Party),
    /// A service declined to undo an act.
    UndoDeclined(Act),
    /// The order refuses a command, or does not answer.
    OrderUnreachable(Tell),
    /// Bank transfers must be refunded by hand.
    TransferToReturn,
}

saga_events! {
    /// An event of the saga of an order.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// An order was placed.
        SagaStarted { total: Money, pieces: u64, pay_by: Instant },
        /// The saga requests an act. From now on it must be undone if the order is cancelled.
        Asked { act: Act },
        /// The act is done. `parcel` is the parcel that was booked.
        Done { act: Act, parcel: Option<Parcel> },
        /// The service declined the act.
        Declined { act: Act },
        /// The service did not answer: the act may be done.
        Unknown { act: Act },
        /// The saga queries the state at a service.
        Queried { party: Party },
        /// The query was not answered.
        QueryUnanswered { party: Party },
        /// A service does not find an act whose outcome is unknown, which proves nothing if it is asked before
        /// `until`: its lookups may lag.
        Missing { party: Party, until: Instant },
        /// The provider answered which acts are done.
        ChargeRetrieved { authorised: bool, captured: bool, reversed: bool },
        /// The carrier answered. `parcel` is the parcel that was booked, also if it was recalled.
        ParcelRetrieved { parcel: Option<Parcel>, recalled: bool },
        /// The saga sends a command to the order.
        OrderTold { tell: Tell },
        /// The order refused the command, or its outcome is unknown.
        TellFailed { tell: Tell, refused: bool },
        /// The deadline for the payment has passed.
        PaymentOverdue,
        /// Bank transfers arrived that the order does not need, this sum altogether.
        SurplusNoticed { sum: Money },
    }
}

impl Act {
    pub const fn party(self) -> Party {
        match self {
            Self::Authorise | Self::Capture | Self::Reverse => Party::Provider,
            Self::Book | Self::Recall => Party::Carrier,
        }
    }

    pub const fn verb(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Capture => "capture",
            Self::Reverse => "reverse",
            Self::Book => "book",
            Self::Recall => "recall",
        }
    }
}

event_names! {
    SagaEvent {
        SagaStarted,
        Asked { act: Act::Authorise } => AuthorizationAsked,
        Asked { act: Act::Capture } => CaptureAsked,
        Asked { act: Act::Reverse } => ReversalAsked,
        Asked { act: Act::Book } => ParcelAsked,
        Asked { act: Act::Recall } => RecallAsked,
        Done { act: Act::Authorise, .. } => Authorized,
        Done { act: Act::Capture, .. } => Captured,
        Done { act: Act::Reverse, .. } => Reversed,
        Done { act: Act::Book, .. } => ParcelBooked,
        Done { act: Act::Recall, .. } => ParcelRecalled,
        Declined => ActDeclined,
        Unknown => OutcomeUnknown,
        Queried { party: Party::Provider } => ChargeQueried,
        Queried { party: Party::Carrier } => ParcelQueried,
        Missing { party: Party::Provider, .. } => ChargeMissing,
        Missing { party: Party::Carrier, .. } => ParcelMissing,
        QueryUnanswered, ChargeRetrieved, ParcelRetrieved, OrderTold, TellFailed, PaymentOverdue,
        SurplusNoticed,
        RetryScheduled, RetryDue, SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman,
        LookScheduled,
    }
}
