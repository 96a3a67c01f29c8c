//! The views that the store keeps itself, in the transactions that append their events.
//!
//! Their rows change in the same step in which the events become visible, so that no reader sees
//! one without the other. Writers pay for it: each row makes its transaction longer, between insert
//! and commit, while the streams are locked.
//!
//! Rows are not locked: two transactions that share a row and no stream do not wait for each other.

use std::sync::Arc;

use super::transaction::{Versions, drafts};
use crate::kernel::{Instant, Span};
use crate::model::{Domain, Fact, Position, Stored, Strategy, ViewId};
use crate::platform::cx::Cx;
use crate::platform::message::Append;
use crate::platform::rows::Rows;
use crate::platform::schema;

/// Applies an event that becomes visible to its tables.
pub(super) fn follow<D: Domain>(
    tables: &mut [Rows<D>],
    event: &Arc<Stored<D::Event>>,
    cx: &mut Cx<'_, '_, D>,
) {
    for view in fed_by::<D>(event) {
        tables[usize::from(view.0)].project(view, event, cx.domain());
        cx.fact(Fact::AppliedInline { view, event: Arc::clone(event) });
    }
}

/// How much longer a transaction takes because of the rows that it changes.
pub(super) fn extra<D: Domain>(
    append: &Append<D>,
    versions: impl FnOnce() -> Versions,
    first: Position,
    cx: &Cx<'_, '_, D>,
) -> Span {
    if D::VIEWS.iter().all(|view| view.strategy != Strategy::Synchronous) {
        return Span::ZERO;
    }
    let changes = drafts(append, versions(), first, Instant::ZERO).map(|draft| {
        let rows = |view| schema::rows(cx.domain(), view, &draft).len();
        fed_by::<D>(&draft).map(rows).sum::<usize>()
    });
    cx.settings().store.row.times(changes.sum::<usize>() as u64)
}

/// The synchronous views that an event feeds.
fn fed_by<D: Domain>(event: &Stored<D::Event>) -> impl Iterator<Item = ViewId> + use<D> {
    let category = event.stream.category;
    let wanted = D::VIEWS.iter().zip(0..).filter(move |(view, _)| {
        view.strategy == Strategy::Synchronous && view.category == category
    });
    wanted.map(|(_, view)| ViewId(view))
}
