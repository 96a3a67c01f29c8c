//! The events of the life cycle among those of the domain.

use super::life::End;
use crate::kernel::Instant;

/// What an event says about the life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Milestone<T> {
    /// The saga pauses.
    RetryScheduled {
        /// When the pause is over.
        at: Instant,
    },
    /// The pause is over.
    RetryDue,
    /// The orchestrator restarted, or an operator has looked at the saga.
    Resumed,
    /// The saga ended.
    Ended(End<T>),
    /// An operator will look at the saga.
    LookScheduled {
        /// When that is done.
        at: Instant,
    },
}

/// An event of a saga: a step of the domain, or a milestone of the life cycle.
/// [`saga_events!`](crate::saga_events) implements it.
pub trait Record: Sized {
    /// Why a saga is handed over to an operator.
    type Trouble: Copy;

    /// What it says about the life cycle; `None` for a step of the domain.
    fn milestone(&self) -> Option<Milestone<Self::Trouble>>;
    /// The start of a pause.
    fn retry_scheduled(at: Instant) -> Self;
    /// The end of a pause.
    fn retry_due() -> Self;
    /// A restart.
    fn resumed() -> Self;
    /// The next look of an operator.
    fn look_scheduled(at: Instant) -> Self;
}

/// Defines the events of a saga: those of the domain, followed by those of the life cycle. Implements
/// [`Record`](crate::saga::Record).
///
/// `for` names the type that says why a saga is handed over to an operator. `compensated by` names the
/// type of the reason that `SagaCompensated` carries, if any. A second block, `and { … }`, has events of the domain
/// that were added later: they follow those of the life cycle, so that the digests of runs without them stay the
/// same. [`saga`](crate::saga) has an example.
#[macro_export]
macro_rules! saga_events {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident for $trouble:ty $(, compensated by $reason:ty)? {
            $($own:tt)*
        } $(and {
            $($added:tt)*
        })?
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $($own)*
            /// The saga pauses before it tries again.
            RetryScheduled {
                /// The end of the pause.
                at: $crate::kernel::Instant,
            },
            /// The pause is over.
            RetryDue,
            /// The orchestrator restarted, or an operator has looked at the saga. What was requested
            /// before may have happened or not.
            SagaResumed,
            /// The saga has reached its goal.
            SagaCompleted,
            /// Everything is undone.
            SagaCompensated $({
                /// The reason.
                reason: $reason,
            })?,
            /// An operator must look at the saga.
            HandedToHuman {
                /// Why.
                trouble: $trouble,
            },
            /// An operator will look at the saga, which then tries again.
            LookScheduled {
                /// When.
                at: $crate::kernel::Instant,
            },
            $($($added)*)?
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
