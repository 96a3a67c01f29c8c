//! Expectations as a file writes them.

use serde::{Deserialize, Serialize};

use super::domain::ScenarioDomain;
use super::name::{known, optional, quoted};
use crate::kernel::Span;
use crate::model::FactKind;

/// The bounds of a number. Each is optional.
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
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            event: Option<String>,
            /// Only what is about this stream or its saga, such as a booking.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            about: Option<String>,
            /// Only up to this time of the run.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Span>,
        }
        /// How often something happens inside the platform.
        Happens {
            /// The kind of fact, as in `CacheWait`.
            #[serde(deserialize_with = "known")]
            fact: FactKind,
            /// Only up to this time of the run.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Span>,
        }
        /// How often a customer gets an answer; without a bound, at least once.
        Replies {
            /// Which customer of the script; all customers together if left out.
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            to: Option<String>,
            /// The answer, as in `SoldOut`.
            include: D::Outcome,
            /// Only answers that come this soon after the request.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            within: Option<Span>,
            /// Only up to this time of the run.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Span>,
        }
        /// How many requests a service outside the platform serves.
        Serves {
            /// Which service, as in `"V1"`.
            #[serde(deserialize_with = "quoted")]
            service: String,
            /// Only requests for this operation, as in `"IssueTicket"`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            operation: Option<String>,
            /// Only what is about this stream or its saga, such as a booking.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            about: Option<String>,
            /// Only up to this time of the run.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Span>,
        }
        /// How many rows of a view show a text at the end of the run; without a bound, at least one.
        Rows {
            /// Which view, as in `"CustomerBookings"`.
            view: String,
            /// Which row, as `replay --state` prints it before the colon; all rows if left out.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            of: Option<String>,
            /// A part of what the row shows.
            shows: String,
        }
        /// How many lines of a service's ledger show a text at the end of the run; without a bound, at least
        /// one.
        Ledger {
            /// Which service, as in `"PSP"`.
            service: String,
            /// A part of the line, as `replay --state` prints it.
            shows: String,
        }
        /// The greatest number of events that a view is behind the store.
        PeakLag {
            /// Which view, as in `"CustomerBookings"`; each view if left out.
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
        /// How many events a view is behind the store at the end of the run.
        Lag {
            /// Which view; each view if left out.
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
        /// How many answers customers get from a view, including "not yet".
        Reads {
            /// Which view; each view if left out.
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            view: Option<String>,
        }
    }
    others {
        /// The greatest age of an answer from a view: how long ago the oldest event that the answer lacks
        /// became visible, among those that were visible when the customer asked.
        Staleness {
            /// Which view; each view that is read if left out.
            #[serde(default, deserialize_with = "optional")]
            #[serde(skip_serializing_if = "Option::is_none")]
            view: Option<String>,
            /// This long or longer.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            at_least: Option<Span>,
            /// This long or less.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            at_most: Option<Span>,
        }
        /// How much money a service took, less what it gave back.
        Paid {
            /// Which service, as in `"PSP"`.
            service: String,
            /// Only for this stream, such as a booking.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            about: Option<String>,
            /// Only up to this time of the run.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Span>,
            /// Exactly this amount, as in `"420.00 EUR"`.
            is: String,
        }
        /// The 99th percentile of the time from one event of a stream to another event of the same stream.
        Takes {
            /// The type of the first event, as in `"SeatHeld"`.
            from: String,
            /// The type of the last event. Streams in which it does not occur are not measured.
            to: String,
            /// The time is shorter than this.
            below: Span,
        }
        /// The median time from request to answer.
        P50 {
            /// Which wait, as in `Search`.
            of: D::Wait,
            /// The time is shorter than this.
            below: Span,
        }
        /// The 99th percentile of the time from request to answer.
        P99 {
            /// Which wait, as in `Search`.
            of: D::Wait,
            /// The time is shorter than this.
            below: Span,
        }
    }
}
