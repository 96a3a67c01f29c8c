//! The events of sagas.

use super::event::{Card, Reason};
use super::ids::{Fence, ShowId};
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::{event_names, saga_events};

/// A step of a purchase: a request to a service, or a command to the show. Each can be repeated without a
/// further effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// The lock service grants the lock of the show.
    Lock,
    /// The show has a place left.
    Check,
    /// The provider takes the money.
    Charge,
    /// The show records that the ticket has a place.
    Record,
    /// The provider gives the money back, and refuses a charge that arrives later.
    Reverse,
    /// The lock service releases the lock of the show.
    Unlock,
}

/// A command of a saga to its ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tell {
    /// The ticket is paid for.
    Confirm,
    /// The ticket must be cancelled.
    Cancel(Reason),
}

/// Why a saga is handed to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Who must do it does not answer.
    Unreachable(Act),
    /// The ticket refuses a command, or does not answer.
    TicketUnreachable(Tell),
}

saga_events! {
    /// An event of the saga of a ticket.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// A ticket was reserved or requested.
        SagaStarted { show: ShowId, price: Money, until: Instant },
        /// The customer pays. `seen` are the places that were left when the request looked.
        PaymentStarted { card: Card, seen: Option<u32> },
        /// The saga asks for an act.
        Asked { act: Act },
        /// The act is done. `fence` comes with a lock.
        Done { act: Act, fence: Option<Fence> },
        /// The act was refused, so that the ticket must be cancelled for this reason.
        Declined { act: Act, reason: Reason },
        /// There was no answer: the act may be done.
        Unknown { act: Act },
        /// Another purchase holds the lock.
        LockBusy,
        /// The saga sends a command to the ticket.
        TicketTold { tell: Tell },
        /// The ticket refused the command, or its outcome is unknown.
        TellFailed { tell: Tell, refused: bool },
        /// The deadline of the reservation has passed.
        ReservationOverdue,
    }
}

impl Act {
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Lock => "lock the show",
            Self::Check => "check for a place",
            Self::Charge => "charge the card",
            Self::Record => "record the place",
            Self::Reverse => "reverse the charge",
            Self::Unlock => "release the lock",
        }
    }
}

event_names! {
    SagaEvent {
        SagaStarted, PaymentStarted,
        Asked { act: Act::Lock } => LockAsked,
        Asked { act: Act::Check } => CheckAsked,
        Asked { act: Act::Charge } => ChargeAsked,
        Asked { act: Act::Record } => RecordAsked,
        Asked { act: Act::Reverse } => ReversalAsked,
        Asked { act: Act::Unlock } => ReleaseAsked,
        Done { act: Act::Lock, .. } => LockGranted,
        Done { act: Act::Check, .. } => PlaceFound,
        Done { act: Act::Charge, .. } => CardCharged,
        Done { act: Act::Record, .. } => PlaceRecorded,
        Done { act: Act::Reverse, .. } => ChargeReversed,
        Done { act: Act::Unlock, .. } => LockReleased,
        Declined => ActDeclined,
        Unknown => OutcomeUnknown,
        LockBusy, TicketTold, TellFailed, ReservationOverdue,
        RetryScheduled, RetryDue, SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman,
        LookScheduled,
    }
}
