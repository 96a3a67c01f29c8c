//! Everything that can happen to the saga of a transfer.

use super::event::Why;
use super::ids::AccountId;
use crate::domains::money::Money;
use crate::event_names;
use crate::kernel::Instant;

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

/// What happens to a saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SagaEvent {
    /// There is a transfer to look after.
    SagaStarted {
        /// From where.
        from: AccountId,
        /// To where.
        to: AccountId,
        /// How much.
        amount: Money,
    },
    /// A step is asked for.
    Asked {
        /// Which.
        step: Step,
    },
    /// A step was refused.
    Refused {
        /// Which.
        step: Step,
        /// Why, if it was the account that refused.
        why: Option<Why>,
    },
    /// Nobody said what became of a step: it may have been taken, or may be later.
    Unknown {
        /// Which.
        step: Step,
    },
    /// The saga pauses before it asks again.
    RetryScheduled {
        /// Until when.
        at: Instant,
    },
    /// The pause is over.
    RetryDue,
    /// A person has looked at it, and it tries again.
    SagaResumed,
    /// The money has arrived.
    SagaCompleted,
    /// The money is where it came from.
    SagaCompensated,
    /// A person has to look at it.
    HandedToHuman {
        /// At what.
        trouble: Trouble,
    },
    /// A person will have worked through their list by then, and has the saga try again.
    LookScheduled {
        /// When.
        at: Instant,
    },
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
