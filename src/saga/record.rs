//! The records of a saga's life cycle among its own.

use super::life::End;
use crate::kernel::Instant;

/// What a record says about the life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone<T> {
    /// The saga pauses until then.
    RetryScheduled {
        /// When the pause is over.
        at: Instant,
    },
    /// The pause is over.
    RetryDue,
    /// The orchestrator restarted, or a person has looked at it.
    Resumed,
    /// The saga ended.
    Ended(End<T>),
    /// A person will have it try again.
    LookScheduled {
        /// When.
        at: Instant,
    },
}

/// A record of a saga: a step of the domain's own, or one of the life cycle.
/// [`saga_events!`](crate::saga_events) implements it.
pub trait Record: Sized {
    /// With what a saga is handed over to a person.
    type Trouble: Copy;

    /// What it says about the life cycle; `None` if it is a step of the domain's own.
    fn milestone(&self) -> Option<Milestone<Self::Trouble>>;
    /// The record of a pause.
    fn retry_scheduled(at: Instant) -> Self;
    /// The record of its end.
    fn retry_due() -> Self;
    /// The record of a new start.
    fn resumed() -> Self;
    /// The record of a person's next look.
    fn look_scheduled(at: Instant) -> Self;
}

/// Defines the records of a saga: the domain's own, followed by those of the life cycle, which
/// [`Record`](crate::saga::Record) is implemented for. `for` names the type of the trouble with which
/// a saga is handed over; `compensated by` the type of the reason that `SagaCompensated` carries, if it
/// does.
///
/// There is an example in [`saga`](crate::saga).
#[macro_export]
macro_rules! saga_events {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident for $trouble:ty $(, compensated by $reason:ty)? {
            $($own:tt)*
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $($own)*
            /// The saga pauses before it asks again.
            RetryScheduled {
                /// Until when.
                at: $crate::kernel::Instant,
            },
            /// The pause is over.
            RetryDue,
            /// The orchestrator restarted, or a person has looked at it: what was under way may have
            /// happened or not.
            SagaResumed,
            /// The saga has reached its goal.
            SagaCompleted,
            /// Everything is undone.
            SagaCompensated $({
                /// Why it had to be.
                reason: $reason,
            })?,
            /// A person has to look at it.
            HandedToHuman {
                /// At what.
                trouble: $trouble,
            },
            /// A person will have worked through their list by then, and has the saga try again.
            LookScheduled {
                /// When.
                at: $crate::kernel::Instant,
            },
        }

        impl $crate::saga::Record for $name {
            type Trouble = $trouble;

            fn milestone(&self) -> Option<$crate::saga::Milestone<$trouble>> {
                use $crate::saga::{End, Milestone};
                Some(match self {
                    Self::RetryScheduled { at } => Milestone::RetryScheduled { at: *at },
                    Self::RetryDue => Milestone::RetryDue,
                    Self::SagaResumed => Milestone::Resumed,
                    Self::SagaCompleted => Milestone::Ended(End::Completed),
                    Self::SagaCompensated { .. } => Milestone::Ended(End::Compensated),
                    Self::HandedToHuman { trouble } => {
                        Milestone::Ended(End::HandedToHuman(*trouble))
                    }
                    Self::LookScheduled { at } => Milestone::LookScheduled { at: *at },
                    _ => return None,
                })
            }

            fn retry_scheduled(at: $crate::kernel::Instant) -> Self {
                Self::RetryScheduled { at }
            }

            fn retry_due() -> Self {
                Self::RetryDue
            }

            fn resumed() -> Self {
                Self::SagaResumed
            }

            fn look_scheduled(at: $crate::kernel::Instant) -> Self {
                Self::LookScheduled { at }
            }
        }
    };
}
