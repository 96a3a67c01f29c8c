//! The log, folded once more.

use super::streams::entry;
use crate::model::{Domain, Rest, Stored, View, ViewId};

/// Applies an event, as the current schema reads it, to a state.
pub(super) fn evolve<D: Domain>(domain: &D, state: &mut D::State, event: &Stored<D::Event>) {
    event.native(domain).iter().for_each(|part| domain.evolve(state, part));
}

/// The views with their ids.
pub(super) fn views<D: Domain>() -> impl Iterator<Item = (ViewId, &'static View)> {
    (0..).map(ViewId).zip(D::VIEWS)
}

/// The views that are kept somewhere: the others are made from the log for each query.
pub(super) fn kept_views<D: Domain>() -> impl Iterator<Item = (ViewId, &'static View)> {
    views::<D>().filter(|(_, view)| view.is_kept())
}

/// The rows of a view after the first `count` events of its category.
pub(super) fn rows<D: Domain>(rest: &Rest<'_, D>, id: ViewId, count: usize) -> Vec<Option<D::Row>> {
    let category = D::VIEWS[usize::from(id.0)].category;
    let mut rows = Vec::new();
    for event in rest.events.iter().filter(|event| event.stream.category == category).take(count) {
        for part in event.upcast(rest.domain).iter() {
            for key in rest.domain.rows(id, part) {
                rest.domain.project(id, key, entry(&mut rows, key.0 as usize), part);
            }
        }
    }
    rows
}
