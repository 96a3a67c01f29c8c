//! How views were read: how long customers waited, and how old what they were told was.

use crate::collections::SortedMap;

use super::histogram::Histogram;
use crate::kernel::Instant;
use crate::model::{
    Answer, CustomerId, Domain, Lookup, Owed, RowKey, Shows, Stored, StreamId, Version, View,
    ViewId,
};
use crate::platform::schema;

/// So many of the newest events are remembered of each stream in each row. An answer that lacks more of
/// them is as old as the oldest of these, at least.
const REMEMBERED: usize = 64;

/// How one view was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewReads {
    /// How long customers waited for an answer, whether it was a row or "not yet".
    pub waits: Histogram,
    /// Of each answer that showed a row, or that there is none: for how long the oldest event that it
    /// lacked had been visible when the customer was told, if it could be read already when they asked;
    /// zero if it lacked nothing.
    pub staleness: Histogram,
    /// How many were told "not yet".
    pub not_yet: u64,
}

/// What the rows of all views could show: when the newest events of each stream became visible.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    views: Vec<Vec<Row>>,
}

type Row = SortedMap<StreamId, Vec<(Version, Instant)>>;

impl Visible {
    /// Nothing yet, of so many views.
    pub(super) fn new(views: usize) -> Self {
        Self { views: vec![Vec::new(); views] }
    }

    /// An event can be read from now on.
    pub(super) fn stored<D: Domain>(&mut self, domain: &D, at: Instant, event: &Stored<D::Event>) {
        let views = D::VIEWS.iter().zip((0..).map(ViewId));
        let fed = |(view, _): &(&View, _)| view.category == event.stream.category;
        for (_, view) in views.filter(fed) {
            let rows = &mut self.views[usize::from(view.0)];
            for RowKey(key) in schema::rows(domain, view, event) {
                let index = key as usize;
                if rows.len() <= index {
                    rows.resize_with(index + 1, SortedMap::new);
                }
                let visible = rows[index].entry(event.stream).or_default();
                if visible.len() == REMEMBERED {
                    visible.remove(0);
                }
                visible.push((event.version, at));
            }
        }
    }

    /// A customer was told something in answer to what they had asked at `asked`.
    pub(super) fn told<D: Domain>(
        &self,
        domain: &D,
        customer: CustomerId,
        (asked, told): (Instant, Instant),
        (owed, answer): (Owed, &Answer<D>),
        reads: &mut [ViewReads],
    ) {
        let (query, row) = match answer {
            Answer::Shown(query, row) => (query, Some(row.as_ref())),
            Answer::NotYet(query) => (query, None),
            Answer::Command(..) | Answer::Erased | Answer::Silence => return,
        };
        // Whoever is pinned to the write side asks no view.
        let Lookup::Row(view, key) = owed.lookup(domain, customer, query) else { return };
        let reads = &mut reads[usize::from(view.0)];
        reads.waits.add(told.since(asked));
        let Some(row) = row else {
            reads.not_yet += 1;
            return;
        };
        let rows = &self.views[usize::from(view.0)];
        let streams = rows.get(key.0 as usize).into_iter().flatten();
        let shows = Shows::of(domain, view, key, row);
        let lacking = streams.filter_map(|(stream, visible)| {
            let shown = shows.version(*stream);
            let (_, since) = visible.iter().find(|(version, _)| *version > shown)?;
            (*since < asked).then_some(*since)
        });
        let since = lacking.min().unwrap_or(told);
        reads.staleness.add(told.since(since));
    }
}
