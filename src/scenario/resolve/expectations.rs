//! The subject and the bounds of an expectation.

use std::fmt::Display;

use super::{find, view};
use crate::kernel::{Instant, Span};
use crate::metrics::{Asked, Interval, What};
use crate::model::{CustomerId, ServiceId, Strategy, StreamId, View, ViewId};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::expect::{Bounds, Expect};
use crate::scenario::expectation::{Bound, Subject};
use crate::scenario::last;
use crate::scenario::place::{Complaints, Place};

/// Finds a stream by its name, with its saga.
pub(super) type FindStreams<'a> = dyn Fn(&str) -> Option<Vec<StreamId>> + 'a;
/// Reads an amount of money, or says what is wrong with it.
pub(super) type ReadAmount<'a> = dyn Fn(&str) -> Result<i64, String> + 'a;

/// Names that an expectation can use; `None` where not all are known.
pub(super) struct Known<'a> {
    pub(super) events: &'a [&'a str],
    pub(super) views: &'a [View],
    pub(super) services: Option<Vec<&'a str>>,
    pub(super) customers: Option<&'a [String]>,
    pub(super) operations: &'a [&'static str],
    /// Finds a stream by its name, with its saga.
    pub(super) streams: Option<&'a FindStreams<'a>>,
    /// Reads an amount of money.
    pub(super) amount: Option<&'a ReadAmount<'a>>,
}

pub(super) fn resolve<D: ScenarioDomain>(
    expect: &Expect<D>,
    known: &Known<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Subject<D>, Bound)> {
    let mut names = Lookup { known, place, complaints };
    let subject = match expect {
        Expect::Count { event, about, by, .. } => {
            let event = match event {
                None => Some(None),
                Some(event) => names.find("event", "event", event, Some(known.events)).map(Some),
            };
            let about = names.about(about);
            event.zip(about).map(|(event, about)| match (about.is_empty(), by) {
                (true, None) => Subject::Events(event),
                _ => asked(What::Events(event), about, *by),
            })
        }
        Expect::Happens { fact, by: None, .. } => Some(Subject::Facts(*fact)),
        Expect::Happens { fact, by, .. } => Some(asked(What::Facts(*fact), vec![], *by)),
        Expect::Replies { to, include, within, by, .. } => {
            let to = match to {
                None => Some(None),
                Some(to) => names.customer(to).map(Some),
            };
            to.map(|to| match (within, by) {
                (None, None) => Subject::Replies(to, *include),
                _ => asked(What::Replies(to, *include, within.unwrap_or(Span::MAX)), vec![], *by),
            })
        }
        Expect::Serves { service, operation, about, by, .. } => {
            let service = names.service(service);
            let operation = match operation {
                None => Some(None),
                Some(name) => {
                    let found = names.find("operation", "operation", name, Some(known.operations));
                    found.map(|found| Some(known.operations[found]))
                }
            };
            let about = names.about(about);
            service.zip(operation.zip(about)).map(|(service, (operation, about))| {
                match (operation, about.is_empty(), by) {
                    (None, true, None) => Subject::Served(service),
                    _ => asked(What::Served(service, operation), about, *by),
                }
            })
        }
        Expect::Paid { service, about, by, .. } => {
            let (service, about) = (names.service(service), names.about(about));
            service.zip(about).map(|(service, about)| asked(What::Paid(service), about, *by))
        }
        Expect::Rows { view, of, shows, .. } => names.kept_view(view).map(|view| {
            let place = last::Place::View(view, of.clone());
            Subject::Final(0, last::Final { place, shows: shows.clone() })
        }),
        Expect::Ledger { service, shows, .. } => names.service(service).map(|service| {
            let place = last::Place::Ledger(service);
            Subject::Final(0, last::Final { place, shows: shows.clone() })
        }),
        Expect::PeakLag { view, .. } => names.lagging_view(view).map(Subject::PeakLag),
        Expect::Lag { view, .. } => names.lagging_view(view).map(Subject::Lag),
        Expect::Staleness { view, .. } => names.view(view).map(Subject::Staleness),
        Expect::Reads { view, .. } => names.view(view).map(Subject::Reads),
        Expect::Takes { from, to, .. } => {
            let from = names.find("from", "event", from, Some(known.events));
            let to = names.find("to", "event", to, Some(known.events));
            from.zip(to).map(|(from, to)| Subject::Takes(0, Interval { from, to }))
        }
        Expect::P50 { of, .. } => Some(Subject::Wait(50, *of)),
        Expect::P99 { of, .. } => Some(Subject::Wait(99, *of)),
    };
    let bound = match expect {
        Expect::P50 { below, .. } | Expect::P99 { below, .. } | Expect::Takes { below, .. } => {
            let hint = "write the longest time that is accepted, like \"3s\"";
            complaints.not_zero(place.field("below"), below, hint);
            Some(Bound::Below(*below))
        }
        Expect::Staleness { at_least, at_most, .. } => {
            let hint = "write `at_least: \"10ms\"` or `at_most: \"0s\"`";
            between(*at_least, *at_most, (Span::ZERO, Span::MAX), hint, place, complaints)
                .map(|(least, most)| Bound::Lasting(least, most))
        }
        Expect::Replies { .. } | Expect::Rows { .. } | Expect::Ledger { .. }
            if expect.bounds() == Bounds::default() =>
        {
            Some(Bound::Between(1, u64::MAX))
        }
        Expect::Paid { is, .. } => {
            let read = known.amount.map(|read| read(is));
            read.and_then(|read| {
                let wrong = |error: String| {
                    let (message, hint) = error.split_once("; ").unwrap_or((&error, ""));
                    complaints.add(place.field("is"), message, hint);
                };
                read.map(Bound::Amount).map_err(wrong).ok()
            })
        }
        Expect::Count { .. }
        | Expect::Happens { .. }
        | Expect::Replies { .. }
        | Expect::Serves { .. }
        | Expect::Rows { .. }
        | Expect::Ledger { .. }
        | Expect::PeakLag { .. }
        | Expect::Lag { .. }
        | Expect::Reads { .. } => between_numbers(expect.bounds(), place, complaints),
    };
    Some((subject?, bound?))
}

/// A count that no general counter has; its number is given later.
fn asked<D: ScenarioDomain>(
    what: What<D::Outcome>,
    about: Vec<StreamId>,
    by: Option<Span>,
) -> Subject<D> {
    let by = by.map_or(Instant::MAX, |by| Instant::ZERO + by);
    Subject::Asked(0, Asked { what, about, by })
}

fn between_numbers(bounds: Bounds, place: &Place, complaints: &mut Complaints) -> Option<Bound> {
    match bounds {
        Bounds { is: Some(is), at_least: None, at_most: None } => Some(Bound::Between(is, is)),
        Bounds { is: Some(_), .. } => {
            let hint = "remove `is`, or the other bounds";
            complaints.add(place.field("is"), "`is` cannot be combined with other bounds", hint);
            None
        }
        Bounds { is: None, at_least, at_most } => {
            let hint = "write `is: 1`, `at_least: 1` or `at_most: 1`";
            between(at_least, at_most, (0, u64::MAX), hint, place, complaints)
                .map(|(least, most)| Bound::Between(least, most))
        }
    }
}

/// The least and the greatest value that is allowed; `range` where one of them is left out.
fn between<T: PartialOrd + Display>(
    at_least: Option<T>,
    at_most: Option<T>,
    range: (T, T),
    hint: &str,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(T, T)> {
    if at_least.is_none() && at_most.is_none() {
        complaints.add(place.clone(), "this expectation has no bound", hint);
        return None;
    }
    let (least, most) = (at_least.unwrap_or(range.0), at_most.unwrap_or(range.1));
    if least > most {
        let message = format!("`at_least` is greater than `at_most`: {least} and {most}");
        complaints.add(place.field("at_least"), message, "swap the two values");
        return None;
    }
    Some((least, most))
}

/// Looks up the names in one expectation.
struct Lookup<'a> {
    known: &'a Known<'a>,
    place: &'a Place,
    complaints: &'a mut Complaints,
}

impl Lookup<'_> {
    fn find(
        &mut self,
        field: &str,
        what: &str,
        name: &str,
        known: Option<&[impl AsRef<str>]>,
    ) -> Option<usize> {
        find(name, known?, what, &self.place.field(field), self.complaints)
    }

    fn customer(&mut self, name: &str) -> Option<CustomerId> {
        let known = self.known.customers;
        let found = self.find("to", "customer in the script called", name, known)?;
        u32::try_from(found).ok().map(CustomerId)
    }

    fn service(&mut self, name: &str) -> Option<ServiceId> {
        let known = self.known;
        let found = self.find("service", "service", name, known.services.as_deref())?;
        u8::try_from(found).ok().map(ServiceId)
    }

    /// The streams that a count is narrowed to; none if nothing is named.
    fn about(&mut self, name: &Option<String>) -> Option<Vec<StreamId>> {
        let Some(name) = name else { return Some(Vec::new()) };
        let found = (self.known.streams?)(name);
        if found.is_none() {
            let message = format!("there is no stream `{name}`");
            let hint = "write it as the story does";
            self.complaints.add(self.place.field("about"), message, hint);
        }
        found
    }

    /// A view whose rows are there at the end of a run.
    fn kept_view(&mut self, name: &str) -> Option<ViewId> {
        let place = self.place.field("view");
        let found = view(name, self.known.views, &place, self.complaints)?;
        let kept = &self.known.views[usize::from(found.0)];
        if kept.strategy == Strategy::OnDemand {
            let message =
                format!("{} is {} and has no rows at the end", kept.name, kept.strategy.name());
            self.complaints.add(place, message, "name a view that keeps its rows");
            return None;
        }
        Some(found)
    }

    /// `Some(None)` if no view is named.
    fn view(&mut self, name: &Option<String>) -> Option<Option<ViewId>> {
        let Some(name) = name else { return Some(None) };
        let place = self.place.field("view");
        view(name, self.known.views, &place, self.complaints).map(Some)
    }

    /// The same for a view that can be behind a queue.
    fn lagging_view(&mut self, name: &Option<String>) -> Option<Option<ViewId>> {
        let found = self.view(name)?;
        match found.map(|found| &self.known.views[usize::from(found.0)]) {
            Some(view) if !view.has_projector() => {
                let (name, strategy) = (view.name, view.strategy.name());
                let message = format!("{name} is {strategy} and has no projector that could lag");
                let hint = "expect its `Staleness` instead";
                self.complaints.add(self.place.field("view"), message, hint);
                None
            }
            Some(_) | None => Some(found),
        }
    }
}
