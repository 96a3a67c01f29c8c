//! The events of the saga of a transfer.

use super::event::Why;
use super::ids::AccountId;
use crate::domains::money::Money;
use crate::{event_names, saga_events};

/// A step of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Take the money from the source.
    Debit,
    /// Add the money to the destination.
    Credit,
    /// Confirm the arrival to the source.
    Settle,
    /// Return the money.
    TakeBack(Why),
    /// End the transfer before any money has moved.
    Fail(Why),
}

/// Why a saga is handed to an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The outcome of a step stays unknown.
    Unanswered(Step),
    /// A step was refused that should not be refused.
    Refused(Step),
}

saga_events! {
    /// An event of the saga of a transfer.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// A transfer was requested.
        SagaStarted { from: AccountId, to: AccountId, amount: Money },
        /// The saga requests a step.
        Asked { step: Step },
        /// A step was refused. `why` is `None` if the transfer refused it, and not the account.
        Refused { step: Step, why: Option<Why> },
        /// The outcome of a step is unknown: it may have taken effect, or may do later.
        Unknown { step: Step },
    }
}

impl Step {
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Settle => "settle",
            Self::TakeBack(_) => "take back",
            Self::Fail(_) => "fail the transfer",
        }
    }
}

event_names! {
    SagaEvent {
        SagaStarted,
        Asked { step: Step::Debit } => DebitAsked,
        Asked { step: Step::Credit } => CreditAsked,
        Asked { step: Step::Settle } => SettlementAsked,
        Asked { step: Step::TakeBack(_) } => ReturnAsked,
        Asked { step: Step::Fail(_) } => FailureAsked,
        Refused { step: Step::Debit, why: Some(_) } => DebitRefused,
        Refused { step: Step::Credit, why: Some(_) } => CreditRefused,
        Refused => StepRefused,
        Unknown => OutcomeUnknown,
        RetryScheduled, RetryDue, SagaResumed, SagaCompleted, SagaCompensated, HandedToHuman,
        LookScheduled,
    }
}
