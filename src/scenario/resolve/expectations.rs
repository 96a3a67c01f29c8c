//! The subject and the bounds of an expectation.

use std::fmt::Display;

use super::{find, view};
use crate::kernel::Span;
use crate::model::{CustomerId, ServiceId, View, ViewId};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::expect::{Bounds, Expect};
use crate::scenario::expectation::{Bound, Subject};
use crate::scenario::place::{Complaints, Place};

/// Names that an expectation can use; `None` where not all are known.
pub(super) struct Known<'a> {
    pub(super) events: &'a [&'a str],
    pub(super) views: &'a [View],
    pub(super) services: Option<Vec<&'a str>>,
    pub(super) customers: Option<&'a [String]>,
}

pub(super) fn resolve<D: ScenarioDomain>(
    expect: &Expect<D>,
    known: &Known<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Subject<D>, Bound)> {
    let mut names = Lookup { known, place, complaints };
    let subject = match expect {
        Expect::Count { event: None, .. } => Some(Subject::Events(None)),
        Expect::Count { event: Some(event), .. } => {
            let event = names.find("event", "event", event, Some(known.events));
            event.map(|event| Subject::Events(Some(event)))
        }
        Expect::Happens { fact, .. } => Some(Subject::Facts(*fact)),
        Expect::Replies { to: None, include, .. } => Some(Subject::Replies(None, *include)),
        Expect::Replies { to: Some(to), include, .. } => {
            let to = names.find("to", "customer in the script called", to, known.customers);
            let to = to.and_then(|to| u32::try_from(to).ok()).map(CustomerId);
            to.map(|to| Subject::Replies(Some(to), *include))
        }
        Expect::Serves { service, .. } => {
            let service = names.find("service", "service", service, known.services.as_deref());
            let service = service.and_then(|service| u8::try_from(service).ok()).map(ServiceId);
            service.map(Subject::Served)
        }
        Expect::PeakLag { view, .. } => names.lagging_view(view).map(Subject::PeakLag),
        Expect::Lag { view, .. } => names.lagging_view(view).map(Subject::Lag),
        Expect::Staleness { view, .. } => names.view(view).map(Subject::Staleness),
        Expect::Reads { view, .. } => names.view(view).map(Subject::Reads),
        Expect::P50 { of, .. } => Some(Subject::Wait(50, *of)),
        Expect::P99 { of, .. } => Some(Subject::Wait(99, *of)),
    };
    let bound = match expect {
        Expect::P50 { below, .. } | Expect::P99 { below, .. } => {
            let hint = "write the longest wait that is accepted, like \"3s\"";
            complaints.not_zero(place.field("below"), below, hint);
            Some(Bound::Below(*below))
        }
        Expect::Staleness { at_least, at_most, .. } => {
            let hint = "write `at_least: \"10ms\"` or `at_most: \"0s\"`";
            between(*at_least, *at_most, (Span::ZERO, Span::MAX), hint, place, complaints)
                .map(|(least, most)| Bound::Lasting(least, most))
        }
        Expect::Replies { .. } if expect.bounds() == Bounds::default() => {
            Some(Bound::Between(1, u64::MAX))
        }
        Expect::Count { .. }
        | Expect::Happens { .. }
        | Expect::Replies { .. }
        | Expect::Serves { .. }
        | Expect::PeakLag { .. }
        | Expect::Lag { .. }
        | Expect::Reads { .. } => between_numbers(expect.bounds(), place, complaints),
    };
    Some((subject?, bound?))
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
