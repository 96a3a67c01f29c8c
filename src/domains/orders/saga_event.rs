//! Everything that can happen to a saga.

use super::event::{Parcel, Reason};
use crate::domains::money::Money;
use crate::event_names;
use crate::kernel::Instant;
use crate::saga_events;

/// What a saga asks somebody outside to do. Each is known there by the number of the order, so that
/// asking twice does it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// The provider reserves the money.
    Authorise,
    /// The provider takes it.
    Capture,
    /// The provider gives back what it took, or sets free what it reserved, and closes the charge.
    Reverse,
    /// The carrier takes the parcel.
    Book,
    /// The carrier brings the parcel back, or never takes it.
    Recall,
}

/// Somebody outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The payment provider.
    Provider,
    /// The carrier.
    Carrier,
}

/// What a saga tells its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tell {
    /// The money is there.
    Paid,
    /// The parcel is on its way.
    Shipped,
    /// It cannot go on.
    Cancel(Reason),
}

/// What a saga could not settle by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Somebody answers nothing any more.
    Unreachable(Party),
    /// Somebody does not undo what they did.
    UndoDeclined(Act),
    /// The order does not take what it is told.
    OrderUnreachable(Tell),
    /// Money that came by bank transfer is given back by a person.
    TransferToReturn,
}

saga_events! {
    /// What happens to a saga.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// There is an order to look after.
        SagaStarted {
            total: Money,
            /// How many pieces there are in it.
            pieces: u64,
            /// Until when it must be paid.
            pay_by: Instant,
        },
        /// Somebody is asked. From this record on it must be undone if the order is given up.
        Asked {
            act: Act,
        },
        /// It is done.
        Done {
            act: Act,
            /// The parcel, if one was booked.
            parcel: Option<Parcel>,
        },
        /// It is not done, and will not be.
        Declined {
            act: Act,
        },
        /// Nobody said what became of it: it may have happened.
        Unknown {
            act: Act,
        },
        /// Somebody is asked how things stand.
        Queried {
            party: Party,
        },
        /// They did not say.
        QueryUnanswered {
            party: Party,
        },
        /// The provider said how the charge stands.
        ChargeRetrieved {
            /// Whether the money is or was reserved.
            authorised: bool,
            /// Whether it was taken.
            captured: bool,
            /// Whether the charge is closed.
            reversed: bool,
        },
        /// The carrier said how the parcel stands.
        ParcelRetrieved {
            /// The parcel, if the carrier has or had it.
            parcel: Option<Parcel>,
            /// Whether it was recalled.
            recalled: bool,
        },
        /// The order is told something.
        OrderTold {
            tell: Tell,
        },
        /// The order refused, or nobody could say whether it took it.
        TellFailed {
            tell: Tell,
            /// Whether the order itself refused.
            refused: bool,
        },
        /// The time to pay is over.
        PaymentOverdue,
    }
}

impl Act {
    /// Who does it.
    pub const fn party(self) -> Party {
        match self {
            Self::Authorise | Self::Capture | Self::Reverse => Party::Provider,
            Self::Book | Self::Recall => Party::Carrier,
        }
    }

    /// As one would ask for it.
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
        QueryUnanswered, ChargeRetrieved, ParcelRetrieved, OrderTold, TellFailed, PaymentOverdue,
        RetryScheduled, RetryDue, SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman,
        LookScheduled,
    }
}
