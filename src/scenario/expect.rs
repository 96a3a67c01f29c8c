//! What an author expects to see, as a file writes it.

use serde::{Deserialize, Serialize};

use super::domain::ScenarioDomain;
use crate::kernel::Span;
use crate::model::FactKind;

/// The bounds of a number. One that is left out does not bind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) is: Option<u64>,
    pub(super) at_least: Option<u64>,
    pub(super) at_most: Option<u64>,
}

/// Declares [`Expect`]. Expectations of a number have their bounds as fields besides their own, so that a
/// file writes them in the same parentheses.
macro_rules! expectations {
    (
        $(#[$about:meta])*
        numbers {$(
            $(#[$counted:meta])*
            $number:ident { $($fields:tt)* }
        )*}
        others { $($(#[$measured:meta])* $other:ident { $($others:tt)* })* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, bound = "")]
        pub enum Expect<D: ScenarioDomain> {
            $($(#[$counted])* $number {
                $($fields)*
                /// Exactly this number.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                is: Option<u64>,
                /// This number or more.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                at_least: Option<u64>,
                /// This number or less.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                at_most: Option<u64>,
            },)*
            $($(#[$measured])* $other { $($others)* },)*
        }

        impl<D: ScenarioDomain> Expect<D> {
            /// The bounds, if this is about a number.
            pub(super) fn bounds(&self) -> Bounds {
                match *self {
                    $(Self::$number { is, at_least, at_most, .. } => {
                        Bounds { is, at_least, at_most }
                    })*
                    $(Self::$other { .. } => Bounds::default(),)*
                }
            }
        }
    };
}

expectations! {
    /// An expectation as it is written. At least one bound is needed, except where stated.
    numbers {
        /// How many events of one type are stored.
        Count {
            /// The type of the event, as in `"SeatHeld"`; all events if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            event: Option<String>,
        }
        /// How often something happens inside of the platform.
        Happens {
            /// What, as in `CacheWait`.
            fact: FactKind,
        }
        /// How often a customer gets an answer; without a bound, at least once.
        Replies {
            /// Which customer of the script; all customers together if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            to: Option<String>,
            /// The answer, as in `SoldOut`.
            include: D::Outcome,
        }
        /// How many requests a service outside of the platform serves.
        Serves {
            /// Which service, as in `"V1"`.
            service: String,
        }
        /// How many events a view is behind the store, at worst.
        PeakLag {
            /// Which view, as in `"CustomerBookings"`; each of them if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
        /// How many events a view is behind the store when the run has ended.
        Lag {
            /// Which view; each of them if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
        /// How many answers customers get out of a view, "not yet" among them.
        Reads {
            /// Which view; each of them if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
    }
    others {
        /// How old what customers are shown of a view is, at worst: for how long the oldest event that an
        /// answer lacks had been visible, of those that could be read when the customer asked.
        Staleness {
            /// Which view; each of those that are read if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            view: Option<String>,
            /// This long or longer.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            at_least: Option<Span>,
            /// This long or less.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            at_most: Option<Span>,
        }
        /// How long half of the customers wait, from request to answer.
        P50 {
            /// For what, as in `Search`.
            of: D::Wait,
            /// Less than this.
            below: Span,
        }
        /// How long 99 of 100 customers wait, from request to answer.
        P99 {
            /// For what, as in `Search`.
            of: D::Wait,
            /// Less than this.
            below: Span,
        }
    }
}
