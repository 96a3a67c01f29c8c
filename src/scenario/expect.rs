//! What an author expects to see, and whether it was seen.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::observed::Observed;
use crate::kernel::Span;
use crate::model::{CustomerId, FactKind, Names, ServiceId, Services, View, ViewId};

/// An expectation as it is written. A bound that is left out does not bind; at least one is needed,
/// except where stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub enum Expect<D: ScenarioDomain> {
    /// How many events of one type are stored.
    Count {
        /// The type of the event, as in `"SeatHeld"`; all events if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<String>,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How often something happens inside of the platform.
    Happens {
        /// What, as in `CacheWait`.
        fact: FactKind,
        /// Exactly so often.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So often or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So often or less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How often a customer is told something; without a bound, at least once.
    Replies {
        /// Which customer of the script; all customers together if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// What they are told, as in `SoldOut`.
        include: D::Outcome,
        /// Exactly so often.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So often or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So often or less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How many requests a service outside of the platform serves.
    Serves {
        /// Which service, as in `"V1"`.
        service: String,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How many events a view is behind the store, at worst.
    PeakLag {
        /// Which view, as in `"CustomerBookings"`; each of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        view: Option<String>,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How many events a view is behind the store when the run has ended.
    Lag {
        /// Which view; each of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        view: Option<String>,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How old what customers are shown of a view is, at worst: for how long the oldest event that an
    /// answer lacks had been visible, of those that could be read when the customer asked.
    Staleness {
        /// Which view; each of those that are read if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        view: Option<String>,
        /// So long or longer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<Span>,
        /// So long or less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<Span>,
    },
    /// How many answers customers get out of a view, "not yet" among them.
    Reads {
        /// Which view; each of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        view: Option<String>,
        /// Exactly so many.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        is: Option<u64>,
        /// So many or more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<u64>,
        /// So many or fewer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    /// How long half of the customers wait, from request to answer.
    P50 {
        /// For what, as in `Search`.
        of: D::Wait,
        /// Less than this.
        below: Span,
    },
    /// How long 99 of 100 customers wait, from request to answer.
    P99 {
        /// For what, as in `Search`.
        of: D::Wait,
        /// Less than this.
        below: Span,
    },
}

/// An expectation with all its names looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation<D: ScenarioDomain> {
    /// Where it stands in its file.
    pub position: Position,
    /// What is looked at.
    pub subject: Subject<D>,
    /// What it must be.
    pub bound: Bound,
}

/// What an expectation looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject<D: ScenarioDomain> {
    /// The number of stored events of one type, by its number in `EVENTS`; of all if `None`.
    Events(Option<usize>),
    /// The number of facts of a kind.
    Facts(FactKind),
    /// How often a customer, or anybody, was told something.
    Replies(Option<CustomerId>, D::Outcome),
    /// The number of requests served.
    Served(ServiceId),
    /// The worst lag of a view; of the view that fits worst if `None`.
    PeakLag(Option<ViewId>),
    /// The last lag of a view; of the view that fits worst if `None`.
    Lag(Option<ViewId>),
    /// The greatest age of what a view showed, in nanoseconds; of the view that fits worst, of those that
    /// were read, if `None`.
    Staleness(Option<ViewId>),
    /// The number of answers out of a view; of the view that fits worst if `None`.
    Reads(Option<ViewId>),
    /// So many out of 100 waits are not longer than this, in nanoseconds.
    Wait(u64, D::Wait),
}

/// What a number must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least the first and at most the second.
    Between(u64, u64),
    /// A wait shorter than this.
    Below(Span),
    /// At least as long as the first and no longer than the second.
    Lasting(Span, Span),
}

/// What became of one expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectationResult {
    /// Where it stands in its file.
    pub position: Position,
    /// Whether it was met.
    pub met: bool,
    /// What was expected, as in `SeatHeld is stored once`.
    pub expected: String,
    /// What was seen instead, or as well: `2`, `nothing was measured`.
    pub seen: String,
}

impl Bound {
    fn admits(self, value: u64) -> bool {
        match self {
            Self::Between(least, most) => (least..=most).contains(&value),
            Self::Below(span) => value < span.as_nanos(),
            Self::Lasting(least, most) => (least.as_nanos()..=most.as_nanos()).contains(&value),
        }
    }
}

impl<D: ScenarioDomain> Expectation<D> {
    /// Judges what was seen in a run.
    pub fn judge(&self, observed: &Observed<D>, domain: &D, names: &Names) -> ExpectationResult {
        let values = self.subject.values(observed);
        let admits = |value: &u64| self.bound.admits(*value);
        // Of several values, such as the lag of each view, one that does not fit is the one to show.
        let shown = values.iter().find(|(_, value)| !admits(value)).or(values.first());
        let seen = match shown {
            None => "nothing was measured".to_owned(),
            Some((of, value)) => match self.bound {
                Bound::Between(..) => format!("{value}{of}"),
                Bound::Below(_) | Bound::Lasting(..) => format!("{}{of}", Span::from_nanos(*value)),
            },
        };
        ExpectationResult {
            position: self.position,
            met: !values.is_empty() && values.iter().all(|(_, value)| admits(value)),
            expected: self.subject.say(domain, names) + &self.bound.to_string(),
            seen,
        }
    }
}

impl<D: ScenarioDomain> Subject<D> {
    /// The numbers that are meant, each with a remark.
    fn values(&self, observed: &Observed<D>) -> Vec<(String, u64)> {
        let one = |value: u64| vec![(String::new(), value)];
        let at = |view: &View| format!(" at {}", view.name);
        let meant = |view: &Option<ViewId>| {
            let view = *view;
            let views = D::VIEWS.iter().enumerate();
            views.filter(move |(n, _)| view.is_none_or(|view| usize::from(view.0) == *n))
        };
        // A view without a projector is not fed from a queue, and cannot lag behind it.
        let lags = |view: &Option<ViewId>, of: fn(&super::observed::Lag) -> u64| {
            let views = meant(view).filter(|(_, kept)| kept.has_projector());
            views.map(|(n, kept)| (at(kept), of(&observed.lags[n]))).collect()
        };
        match self {
            Self::Events(None) => one(observed.events.iter().sum()),
            Self::Events(Some(event)) => one(observed.events[*event]),
            Self::Facts(fact) => one(observed.facts[fact.index()]),
            Self::Replies(to, outcome) => one(observed.replies(*to, *outcome)),
            Self::Served(service) => one(observed.served[usize::from(service.0)]),
            Self::PeakLag(view) => lags(view, |lag| lag.peak),
            Self::Lag(view) => lags(view, |lag| lag.now),
            Self::Staleness(view) => {
                let read = meant(view).filter(|(n, _)| observed.reads[*n].staleness.total() > 0);
                let oldest = |n: usize| observed.reads[n].staleness.longest().as_nanos();
                read.map(|(n, view)| (at(view), oldest(n))).collect()
            }
            Self::Reads(view) => {
                let reads = |n: usize| observed.reads[n].waits.total();
                meant(view).map(|(n, view)| (at(view), reads(n))).collect()
            }
            Self::Wait(percent, measure) => {
                let waits = observed.waits.get(measure);
                let wait = waits.and_then(|waits| waits.at_percent(*percent));
                wait.map_or_else(Vec::new, |wait| one(wait.as_nanos()))
            }
        }
    }

    fn say(&self, domain: &D, names: &Names) -> String {
        let view = |view: &Option<ViewId>| {
            view.map_or("every view", |view| D::VIEWS[usize::from(view.0)].name)
        };
        match self {
            Self::Events(None) => "number of events".to_owned(),
            Self::Events(Some(event)) => format!("number of {}", D::EVENTS[*event]),
            Self::Facts(fact) => format!("number of {fact:?}"),
            Self::Replies(to, outcome) => {
                let to = to.map_or_else(|| "anybody".to_owned(), |to| names.customer(to));
                format!("number of {outcome:?} told to {to}")
            }
            Self::Served(service) => {
                let service = &D::Services::services(domain)[usize::from(service.0)];
                format!("number of requests served by {}", service.id)
            }
            Self::PeakLag(of) => format!("peak lag of {}", view(of)),
            Self::Lag(of) => format!("last lag of {}", view(of)),
            Self::Staleness(of) => format!("greatest staleness of {}", view(of)),
            Self::Reads(of) => format!("number of reads of {}", view(of)),
            Self::Wait(percent, measure) => format!("p{percent} of {measure:?}"),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(least, most) if least == most => write!(f, " is {least}"),
            Self::Between(least, u64::MAX) => write!(f, " is at least {least}"),
            Self::Between(0, most) => write!(f, " is at most {most}"),
            Self::Between(least, most) => write!(f, " is from {least} to {most}"),
            Self::Below(span) => write!(f, " is below {span}"),
            Self::Lasting(least, Span::MAX) => write!(f, " is at least {least}"),
            Self::Lasting(Span::ZERO, most) => write!(f, " is at most {most}"),
            Self::Lasting(least, most) => write!(f, " is from {least} to {most}"),
        }
    }
}
