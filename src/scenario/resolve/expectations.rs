//! What an expectation looks at, and the bounds of that.

use std::fmt::Display;

use super::find;
use crate::kernel::Span;
use crate::model::{CustomerId, Names, ServiceId, ViewId};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::expect::{Bounds, Expect};
use crate::scenario::expectation::{Bound, Subject};
use crate::scenario::place::{Complaints, Place};

/// Names that an expectation can use; `None` where they are not all known.
pub(super) struct Known<'a> {
    pub(super) services: Option<Vec<&'a str>>,
    pub(super) customers: Option<&'a Names>,
}

pub(super) fn resolve<D: ScenarioDomain>(
    expect: &Expect<D>,
    known: &Known<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Subject<D>, Bound)> {
    let mut names = Lookup { place, complaints };
    let subject = match expect {
        Expect::Count { event: None, .. } => Some(Subject::Events(None)),
        Expect::Count { event: Some(event), .. } => {
            names.find("event", "event", event, D::EVENTS).map(|event| Subject::Events(Some(event)))
        }
        Expect::Happens { fact, .. } => Some(Subject::Facts(*fact)),
        Expect::Replies { to: None, include, .. } => Some(Subject::Replies(None, *include)),
        Expect::Replies { to: Some(to), include, .. } => {
            let customers = known.customers.map(|names| names.customers.as_slice());
            let found = customers.and_then(|customers| {
                names.find("to", "customer in the script called", to, customers)
            });
            let to = found.and_then(|found| u32::try_from(found).ok()).map(CustomerId);
            to.map(|to| Subject::Replies(Some(to), *include))
        }
        Expect::Serves { service, .. } => {
            let found = known
                .services
                .as_ref()
                .and_then(|services| names.find("service", "service", service, services));
            let service = found.and_then(|found| u8::try_from(found).ok()).map(ServiceId);
            service.map(Subject::Served)
        }
        Expect::PeakLag { view, .. } => {
            names.lagging_view::<D>(view.as_deref()).map(Subject::PeakLag)
        }
        Expect::Lag { view, .. } => names.lagging_view::<D>(view.as_deref()).map(Subject::Lag),
        Expect::Staleness { view, .. } => names.view::<D>(view.as_deref()).map(Subject::Staleness),
        Expect::Reads { view, .. } => names.view::<D>(view.as_deref()).map(Subject::Reads),
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
        | Expect::Reads { .. } => of_a_number(expect.bounds(), place, complaints),
    };
    Some((subject?, bound?))
}

fn of_a_number(bounds: Bounds, place: &Place, complaints: &mut Complaints) -> Option<Bound> {
    match bounds {
        Bounds { is: Some(is), at_least: None, at_most: None } => Some(Bound::Between(is, is)),
        Bounds { is: Some(_), .. } => {
            complaints.add(
                place.field("is"),
                "`is` cannot be combined with other bounds",
                "remove `is`, or the other bounds",
            );
            None
        }
        Bounds { is: None, at_least, at_most } => {
            let hint = "write `is: 1`, `at_least: 1` or `at_most: 1`";
            between(at_least, at_most, (0, u64::MAX), hint, place, complaints)
                .map(|(least, most)| Bound::Between(least, most))
        }
    }
}

/// The least and the most that is admitted; `range` where one of them is left out.
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
    place: &'a Place,
    complaints: &'a mut Complaints,
}

impl Lookup<'_> {
    fn find(
        &mut self,
        field: &str,
        what: &str,
        name: &str,
        known: &[impl AsRef<str>],
    ) -> Option<usize> {
        let known = known.iter().map(AsRef::as_ref);
        find(name, known, what, &self.place.field(field), self.complaints)
    }

    /// `Some(None)` if no view was named.
    fn view<D: ScenarioDomain>(&mut self, view: Option<&str>) -> Option<Option<ViewId>> {
        let Some(view) = view else { return Some(None) };
        let views: Vec<&str> = D::VIEWS.iter().map(|view| view.name).collect();
        let found = self.find("view", "view", view, &views)?;
        Some(Some(ViewId(u8::try_from(found).ok()?)))
    }

    /// The same of a view that can be behind a queue.
    fn lagging_view<D: ScenarioDomain>(&mut self, view: Option<&str>) -> Option<Option<ViewId>> {
        let found = self.view::<D>(view)?;
        match found.map(|found| &D::VIEWS[usize::from(found.0)]) {
            Some(view) if !view.has_projector() => {
                let (name, strategy) = (view.name, view.strategy.name());
                self.complaints.add(
                    self.place.field("view"),
                    format!("{name} is {strategy} and has no projector that could lag"),
                    "expect its `Staleness` instead",
                );
                None
            }
            Some(_) | None => Some(found),
        }
    }
}
