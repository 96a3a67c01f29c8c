//! The views that the store keeps itself, in the transactions that append their events.
//!
//! Their rows lie in the same database and change in the very step in which the events become visible:
//! nobody can read one without the other. Writers pay for it. What the rows take is added to every
//! transaction that changes some, between inserting and committing, while it holds its streams.
//!
//! Rows are not locked by themselves: two transactions that change the same row and share no stream do
//! not wait for each other.

use std::sync::Arc;

use super::transaction::Work;
use crate::kernel::{Instant, Span};
use crate::model::{Domain, Fact, Position, RowKey, Stored, Strategy, ViewId};
use crate::platform::cx::Cx;
use crate::platform::message::{Append, Copy};
use crate::platform::rows::Rows;
use crate::platform::schema;

/// The rows of all views; those of views that are kept elsewhere are empty.
#[derive(Clone, Debug)]
pub(super) struct Tables<D: Domain> {
    views: Vec<Rows<D>>,
}

impl<D: Domain> Default for Tables<D> {
    fn default() -> Self {
        Self { views: D::VIEWS.iter().map(|_| Rows::default()).collect() }
    }
}

impl<D: Domain> Tables<D> {
    /// An event becomes visible: so does what it changes.
    pub(super) fn follow(&mut self, event: &Arc<Stored<D::Event>>, cx: &mut Cx<'_, '_, D>) {
        for view in fed_by::<D>(event) {
            self.views[usize::from(view.0)].project(view, event, cx.domain());
            cx.fact(Fact::AppliedInline { view, event: Arc::clone(event) });
        }
    }

    /// A row as everybody sees it.
    pub(super) fn copy(&self, view: ViewId, key: RowKey) -> Copy<D> {
        self.views[usize::from(view.0)].copy(key)
    }

    /// All rows of a view.
    pub(super) fn all(&self, view: ViewId) -> Vec<Option<Arc<D::Row>>> {
        self.views[usize::from(view.0)].all()
    }
}

/// How much longer a transaction takes because of the rows that it changes.
pub(super) fn extra<D: Domain>(work: &Work<D>, cx: &Cx<'_, '_, D>) -> Span {
    let Work::Append(append, first) = work else { return Span::ZERO };
    if D::VIEWS.iter().all(|view| view.strategy != Strategy::Synchronous) {
        return Span::ZERO;
    }
    let changes: usize = drafts(append, *first)
        .map(|draft| {
            let rows = |view| schema::rows(cx.domain(), view, &draft).len();
            fed_by::<D>(&draft).map(rows).sum::<usize>()
        })
        .sum();
    cx.settings().store.row.times(changes as u64)
}

/// The synchronous views that an event feeds.
fn fed_by<D: Domain>(event: &Stored<D::Event>) -> impl Iterator<Item = ViewId> + use<D> {
    let category = event.stream.category;
    let wanted = D::VIEWS.iter().zip(0..).filter(move |(view, _)| {
        view.strategy == Strategy::Synchronous && view.category == category
    });
    wanted.map(|(_, view)| ViewId(view))
}

/// The events of an append as they will be if it commits, but for seal and time.
fn drafts<D: Domain>(
    append: &Append<D>,
    first: Position,
) -> impl Iterator<Item = Stored<D::Event>> {
    let mut versions = append.expected.clone();
    append.events.iter().zip(0_u8..).map(move |((stream, event), nth)| {
        let written = versions.iter_mut().find(|(expected, _)| expected == stream);
        let (_, version) = written.expect("events go to streams that were read");
        *version = version.next();
        Stored {
            stream: *stream,
            version: *version,
            position: Position(first.0 + u64::from(nth)),
            metadata: append.metadata(nth, Instant::ZERO),
            event: event.clone(),
            chain: [0; 32],
            signature: [0; 16],
        }
    })
}
