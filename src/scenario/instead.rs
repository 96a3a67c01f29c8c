//! What happened instead of what an expectation asks for.

use super::domain::ScenarioDomain;
use super::expectation::Subject;
use super::notation;
use crate::kernel::Span;
use crate::metrics::{Histogram, Interval, Lag, Observed, Seen, ViewReads, What};
use crate::model::{
    CustomerId, Domain, Names, ServiceId, Services, View, ViewId, Vocabulary, counted, grouped,
};

/// How many items a sentence names; the others are counted.
const NAMED_MAX: usize = 3;

impl<D: ScenarioDomain> Subject<D> {
    /// What happened instead, a sentence each; empty if no more is known than what was seen.
    pub(super) fn instead(
        &self,
        observed: &Observed<D::Outcome, D::Wait>,
        domain: &D,
        names: &Names,
    ) -> Vec<String> {
        match self {
            Self::Events(event) => vec![events::<D>(*event, observed, domain, names)],
            Self::Replies(to, _) => vec![replies::<D>(*to, observed, names)],
            Self::Served(service) => vec![served::<D>(*service, &observed.served, domain)],
            Self::PeakLag(view) | Self::Lag(view) => {
                of_views::<D>(*view, |n, view| view.has_projector().then(|| lag(&observed.lags[n])))
            }
            Self::Staleness(view) | Self::Reads(view) => {
                of_views::<D>(*view, |n, _| reads(&observed.reads[n]))
            }
            Self::Wait(_, wait) => vec![waits::<D>(*wait, observed)],
            Self::Takes(n, interval) => vec![interval_of::<D>(*n, *interval, observed)],
            // What is not narrowed tells more than that the narrowed count is another.
            Self::Asked(_, asked) => match &asked.what {
                What::Events(event) => vec![events::<D>(*event, observed, domain, names)],
                What::Replies(to, ..) => vec![replies::<D>(*to, observed, names)],
                What::Served(service, _) => {
                    let all = observed.served[usize::from(service.0)];
                    let name = Vocabulary::<D> { domain, names }.service(*service);
                    vec![
                        format!("{name} served {} in all", counted(all, "request")),
                        served::<D>(*service, &observed.served, domain),
                    ]
                }
                What::Facts(_) | What::Paid(_) => vec![],
            },
            Self::Facts(_) | Self::Final(..) => vec![],
            // No more is known than the number.
        }
    }
}

/// A label of an answer or a wait, as a file writes it.
pub(super) fn label(label: &dyn erased_serde::Serialize) -> String {
    let text = notation::print(label);
    // A whole file would begin with the extensions that it uses.
    let value = text.lines().filter(|line| !line.starts_with("#!["));
    value.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The first events of the type; without any, the types that were stored.
fn events<D: ScenarioDomain>(
    wanted: Option<usize>,
    observed: &Observed<D::Outcome, D::Wait>,
    domain: &D,
    names: &Names,
) -> String {
    let words = Vocabulary { domain, names };
    let place = |(stream, at)| format!("{} at {at}", words.stream(stream));
    if let Some(event) = wanted.filter(|event| observed.events[*event] > 0) {
        let places = observed.first_events[event].iter().map(place).collect();
        return format!("stored: {}", and_more(places, observed.events[event], "more"));
    }
    let types = D::EVENTS.iter().zip(&observed.events).zip(&observed.first_events);
    let mut types: Vec<_> =
        types.filter_map(|((name, n), first)| Some((name, *n, first.iter().next()?))).collect();
    types.sort_by_key(|(.., (_, at))| *at);
    let count = types.len() as u64;
    let say = |(name, n, (stream, at)): (&&str, u64, _)| match n {
        1 => format!("{name} {}", place((stream, at))),
        n => format!("{} {name}, first {}", grouped(n), place((stream, at))),
    };
    let types: Vec<String> = types.into_iter().take(NAMED_MAX).map(say).collect();
    match count {
        0 => "no event was stored".to_owned(),
        _ => format!("stored: {}", and_more(types, count, "other types")),
    }
}

/// `ana was told: Accepted at 0.120s, Closed 4 times from 3.200s to 5.000s`.
fn replies<D: ScenarioDomain>(
    to: Option<CustomerId>,
    observed: &Observed<D::Outcome, D::Wait>,
    names: &Names,
) -> String {
    let (who, was) = match to {
        Some(customer) => (names.customer(customer), "was"),
        None => ("customers".to_owned(), "were"),
    };
    let told = observed.told(to);
    let count = told.len() as u64;
    let say = |(outcome, seen): &(D::Outcome, Seen)| {
        let (outcome, Seen { count, first, last }) = (label(outcome), *seen);
        match count {
            1 => format!("{outcome} at {first}"),
            _ => format!("{outcome} {} times from {first} to {last}", grouped(count)),
        }
    };
    let told: Vec<String> = told.iter().take(NAMED_MAX).map(say).collect();
    match count {
        0 => format!("{who} {was} told nothing"),
        _ => format!("{who} {was} told: {}", and_more(told, count, "other answers")),
    }
}

/// What the other services served.
fn served<D: ScenarioDomain>(wanted: ServiceId, served: &[u64], domain: &D) -> String {
    let services = D::Services::services(domain).iter().zip(served).zip(0..);
    let others = services.filter(|((_, count), n)| **count > 0 && ServiceId(*n) != wanted);
    let others: Vec<String> =
        others.map(|((service, count), _)| format!("{} {}", service.id, grouped(*count))).collect();
    match others.len() {
        0 => "no other service served a request".to_owned(),
        count => {
            let named = others.into_iter().take(NAMED_MAX).collect();
            format!("others served: {}", and_more(named, count as u64, "other services"))
        }
    }
}

/// A sentence for each view, of which something is known.
fn of_views<D: Domain>(
    wanted: Option<ViewId>,
    say: impl Fn(usize, &View) -> Option<String>,
) -> Vec<String> {
    let views = D::VIEWS.iter().enumerate();
    let views = views.filter(|(n, _)| wanted.is_none_or(|wanted| usize::from(wanted.0) == *n));
    views.filter_map(|(n, view)| Some(format!("{}: {}", view.name, say(n, view)?))).collect()
}

fn lag(lag: &Lag) -> String {
    let Lag { peak, now, curve } = lag;
    let highest = curve.points().find(|(_, value)| value == peak).filter(|_| *peak > 0);
    let when = highest.map_or(String::new(), |(at, _)| format!(" at about {at}"));
    format!("at most {} behind{when}, {} at the end", counted(*peak, "event"), grouped(*now))
}

/// The reads of a view, if there are any.
fn reads(reads: &ViewReads) -> Option<String> {
    let count = reads.waits.total();
    let mut says = if count == 0 { return None } else { counted(count, "read") };
    if reads.not_yet > 0 {
        says += &format!(", {} of them \"not yet\"", grouped(reads.not_yet));
    }
    if reads.staleness.total() > 0 {
        says += &format!(", staleness {}", percentiles(&reads.staleness));
    }
    Some(says)
}

fn waits<D: ScenarioDomain>(wanted: D::Wait, observed: &Observed<D::Outcome, D::Wait>) -> String {
    if let Some(waits) = observed.waits.get(&wanted) {
        return format!("{}: {}", counted(waits.total(), "wait"), percentiles(waits));
    }
    let say = |(wait, waits): (&D::Wait, &Histogram)| {
        format!("{} {}", label(wait), counted(waits.total(), "time"))
    };
    match observed.waits.len() {
        0 => "no wait was measured".to_owned(),
        count => {
            let named = observed.waits.iter().take(NAMED_MAX).map(say).collect();
            format!("measured: {}", and_more(named, count as u64, "other waits"))
        }
    }
}

/// How often it was measured; if never, how often its events were stored.
fn interval_of<D: ScenarioDomain>(
    nth: usize,
    Interval { from, to }: Interval,
    observed: &Observed<D::Outcome, D::Wait>,
) -> String {
    let times = &observed.intervals[nth];
    if times.total() > 0 {
        return format!("{}: {}", counted(times.total(), "interval"), percentiles(times));
    }
    let stored =
        |event: usize| counted(observed.events[event], &format!("{} event", D::EVENTS[event]));
    format!("stored: {} and {}, never in this order in one stream", stored(from), stored(to))
}

fn percentiles(times: &Histogram) -> String {
    // A percentile is the end of a bucket: its nanoseconds carry no information.
    let micros = |span: Span| Span::from_micros(span.as_nanos().div_ceil(1_000));
    let at = |percent| micros(times.at_percent(percent).unwrap_or_default());
    format!("p50 {}, p99 {}, max {}", at(50), at(99), micros(times.longest()))
}

/// Items separated by commas, with the number of those that are not named.
fn and_more(named: Vec<String>, count: u64, more: &str) -> String {
    let left = count.saturating_sub(named.len() as u64);
    let mut text = named.join(", ");
    if left > 0 {
        text += &format!(", and {} {more}", grouped(left));
    }
    text
}
