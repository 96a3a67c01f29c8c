//! Everything that can happen to the saga of a transfer.

use super::event::Why;
use super::ids::AccountId;
use crate::domains::money::Money;
use crate::event_names;
use crate::saga_events;

/// A step of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The money leaves its source.
    Debit,
    /// The money arrives.
    Credit,
    /// The source hears that it has.
    Settle,
    /// The money goes back.
    TakeBack(Why),
    /// The transfer is given up before any money has moved.
    Fail(Why),
}

/// What a saga could not settle by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nobody says what becomes of a step.
    Unanswered(Step),
    /// A step that cannot be refused is.
    Refused(Step),
}

saga_events! {
    /// What happens to the saga of a transfer.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    pub enum SagaEvent for Trouble {
        /// There is a transfer to look after.
        SagaStarted {
            from: AccountId,
            to: AccountId,
            amount: Money,
        },
        /// A step is asked for.
        Asked {
            step: Step,
        },
        /// A step was refused.
        Refused {
            step: Step,
            /// Why, if the account refused it.
            why: Option<Why>,
        },
        /// The outcome of a step is unknown: it may have been taken, or may be later.
        Unknown {
            step: Step,
        },
    }
}

impl Step {
    /// As one would ask for it.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Settle => "settle",
            Self::TakeBack(_) => "take back",
            Self::Fail(_) => "give up",
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
