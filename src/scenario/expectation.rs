//! Expectations with names looked up, and their results.

use std::fmt::{self, Write};

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::instead::label;
use super::last::{Final, LastLines};
use crate::kernel::{Instant, Span};
use crate::metrics::{Asked, Interval, Lag, Observed, What};
use crate::model::{
    CustomerId, Domain, FactKind, Names, ServiceId, Services, View, ViewId, Vocabulary, counted,
    grouped,
};

/// An expectation with all its names looked up.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation<D: ScenarioDomain> {
    /// Its position in the file.
    pub position: Position,
    /// What is measured.
    pub subject: Subject<D>,
    /// What the value must be.
    pub bound: Bound,
}

/// What an expectation measures.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject<D: ScenarioDomain> {
    /// The number of stored events of a type, by its index in `EVENTS`; of all types if `None`.
    Events(Option<usize>),
    /// The number of facts of a kind.
    Facts(FactKind),
    /// How often a customer, or all customers together, get an answer.
    Replies(Option<CustomerId>, D::Outcome),
    /// The number of requests that a service serves.
    Served(ServiceId),
    /// The greatest lag of a view; of each view if `None`.
    PeakLag(Option<ViewId>),
    /// The last lag of a view; of each view if `None`.
    Lag(Option<ViewId>),
    /// The greatest age of an answer from a view, in nanoseconds; of each view that is read if `None`.
    Staleness(Option<ViewId>),
    /// The number of answers from a view; of each view if `None`.
    Reads(Option<ViewId>),
    /// A percentile of a wait, in nanoseconds.
    Wait(u64, D::Wait),
    /// The 99th percentile of the nth time between events, in nanoseconds.
    Takes(usize, Interval),
    /// The nth count of those that only expectations ask for.
    Asked(usize, Asked<D::Outcome>),
    /// The number of lines of the final state that show a text, of the nth such expectation.
    Final(usize, Final),
}

/// The values that are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least the first and at most the second.
    Between(u64, u64),
    /// A wait shorter than this.
    Below(Span),
    /// A time of at least the first and at most the second.
    Lasting(Span, Span),
    /// Exactly this amount of money, in minor units.
    Amount(i64),
}

/// The result of one expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectationResult {
    /// Its position in the file.
    pub position: Position,
    /// Whether it was met.
    pub met: bool,
    /// What was expected, as in `at least 2 SeatHeld events`.
    pub expected: String,
    /// What was seen: `2`, or `nothing` if nothing was measured.
    pub seen: String,
    /// What happened instead, a sentence each; empty if it was met.
    pub instead: Vec<String>,
}

impl Bound {
    fn admits(self, value: u64) -> bool {
        match self {
            Self::Between(least, most) => (least..=most).contains(&value),
            Self::Below(span) => value < span.as_nanos(),
            Self::Amount(amount) => value == amount.cast_unsigned(),
            Self::Lasting(least, most) => (least.as_nanos()..=most.as_nanos()).contains(&value),
        }
    }
}

impl<D: ScenarioDomain> Expectation<D> {
    /// Judges the metrics of a run.
    pub fn judge(
        &self,
        observed: &Observed<D::Outcome, D::Wait>,
        last: &[LastLines],
        domain: &D,
        names: &Names,
    ) -> ExpectationResult {
        let values = self.subject.values(observed, last);
        let admits = |value: &u64| self.bound.admits(*value);
        // Of several values, such as the lag of each view, one that is not allowed is shown.
        let shown = values.iter().find(|(_, value)| !admits(value)).or(values.first());
        let seen = match shown {
            None => "nothing".to_owned(),
            Some((of, value)) => match self.bound {
                Bound::Between(..) => format!("{value}{of}"),
                Bound::Amount(_) => D::Services::money(domain, value.cast_signed()),
                Bound::Below(_) | Bound::Lasting(..) => format!("{}{of}", Span::from_nanos(*value)),
            },
        };
        let met = !values.is_empty() && values.iter().all(|(_, value)| admits(value));
        ExpectationResult {
            position: self.position,
            met,
            instead: if met { vec![] } else { self.subject.instead(observed, domain, names) },
            expected: self.subject.say(self.bound, domain, names),
            seen,
        }
    }
}

impl<D: ScenarioDomain> Subject<D> {
    /// The measured values, each with the view it is of.
    fn values(
        &self,
        observed: &Observed<D::Outcome, D::Wait>,
        last: &[LastLines],
    ) -> Vec<(String, u64)> {
        let one = |value: u64| vec![(String::new(), value)];
        let at = |view: &View| format!(" at {}", view.name);
        let meant = |view: &Option<ViewId>| {
            let view = *view;
            let views = D::VIEWS.iter().enumerate();
            views.filter(move |(n, _)| view.is_none_or(|view| usize::from(view.0) == *n))
        };
        // A view without a projector is not fed from a queue and cannot lag.
        let lags = |view: &Option<ViewId>, of: fn(&Lag) -> u64| {
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
            Self::Takes(n, _) => {
                let time = observed.intervals[*n].at_percent(99);
                time.map_or_else(Vec::new, |time| one(time.as_nanos()))
            }
            Self::Asked(n, _) => one(observed.asked[*n].cast_unsigned()),
            Self::Final(n, _) => vec![(last[*n].others(), last[*n].shown)],
        }
    }

    /// What is expected: `at least 2 SeatHeld events`, `p99 of Hold below 3.000s`.
    fn say(&self, bound: Bound, domain: &D, names: &Names) -> String {
        let words = Vocabulary { domain, names };
        let view = |view: &Option<ViewId>| {
            view.map_or("every view", |view| D::VIEWS[usize::from(view.0)].name)
        };
        match self {
            Self::Events(event) => bound.of(&of_events::<D>(*event)),
            Self::Facts(fact) => bound.of(&format!("{fact:?} fact")),
            Self::Replies(to, outcome) => {
                bound.of(&format!("{} answer", label(outcome))) + &to_whom(*to, words)
            }
            Self::Served(service) => {
                bound.of("request") + &format!(" served by {}", words.service(*service))
            }
            Self::PeakLag(of) => format!("peak lag {bound} at {}", view(of)),
            Self::Lag(of) => format!("last lag {bound} at {}", view(of)),
            Self::Staleness(of) => format!("greatest staleness {bound} at {}", view(of)),
            Self::Reads(of) => bound.of("read") + &format!(" of {}", view(of)),
            Self::Wait(percent, measure) => format!("p{percent} of {} {bound}", label(measure)),
            Self::Takes(_, Interval { from, to }) => {
                format!("p99 from {} to {} {bound}", D::EVENTS[*from], D::EVENTS[*to])
            }
            Self::Asked(_, asked) => say_asked::<D>(bound, asked, words),
            Self::Final(_, last) => {
                let (line, place) = last.say(words);
                bound.of(line) + &place
            }
        }
    }
}

/// A narrowed count in words: `2 SeatHeld events about b-1 by 10s`.
fn say_asked<D: ScenarioDomain>(
    bound: Bound,
    Asked { what, about, by }: &Asked<D::Outcome>,
    words: Vocabulary<'_, D>,
) -> String {
    let mut said = match what {
        What::Events(event) => bound.of(&of_events::<D>(*event)),
        What::Facts(fact) => bound.of(&format!("{fact:?} fact")),
        What::Replies(to, outcome, within) => {
            let said = bound.of(&format!("{} answer", label(outcome))) + &to_whom(*to, words);
            if *within == Span::MAX { said } else { format!("{said} within {within}") }
        }
        What::Served(service, operation) => {
            let of = operation.map_or_else(String::new, |of| format!("{of} "));
            bound.of(&format!("{of}request")) + &format!(" served by {}", words.service(*service))
        }
        What::Paid(service) => {
            let amount = match bound {
                Bound::Amount(amount) => D::Services::money(words.domain, amount),
                bound => bound.to_string(),
            };
            format!("{amount} paid to {}", words.service(*service))
        }
    };
    if let Some(stream) = about.first() {
        let _ = write!(said, " about {}", words.stream(*stream));
    }
    if *by != Instant::MAX {
        let _ = write!(said, " by {}", by.since(Instant::ZERO).written());
    }
    said
}

fn of_events<D: Domain>(event: Option<usize>) -> String {
    event.map_or_else(|| "event".to_owned(), |event| format!("{} event", D::EVENTS[event]))
}

fn to_whom<D: Domain>(to: Option<CustomerId>, words: Vocabulary<'_, D>) -> String {
    to.map_or_else(|| " to all customers".to_owned(), |to| format!(" to {}", words.customer(to)))
}

impl Bound {
    /// A number of things: `at least 2 events`.
    fn of(self, thing: &str) -> String {
        match self {
            Self::Between(least, most) if least == most => counted(least, thing),
            Self::Between(least, u64::MAX) => format!("at least {}", counted(least, thing)),
            Self::Between(0, most) => format!("at most {}", counted(most, thing)),
            Self::Between(least, most) => format!("{} to {}", grouped(least), counted(most, thing)),
            Self::Below(_) | Self::Lasting(..) | Self::Amount(_) => format!("{thing}s {self}"),
        }
    }
}

/// The bound of a quantity, behind its name.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Between(least, most) if least == most => write!(f, "of {least}"),
            Self::Between(least, u64::MAX) => write!(f, "of at least {least}"),
            Self::Between(0, most) => write!(f, "of at most {most}"),
            Self::Between(least, most) => write!(f, "of {least} to {most}"),
            Self::Below(span) => write!(f, "below {span}"),
            Self::Amount(minor) => write!(f, "of {minor}"),
            Self::Lasting(least, Span::MAX) => write!(f, "of at least {least}"),
            Self::Lasting(Span::ZERO, most) => write!(f, "of at most {most}"),
            Self::Lasting(least, most) => write!(f, "of {least} to {most}"),
        }
    }
}
