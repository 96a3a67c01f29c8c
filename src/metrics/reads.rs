//! How views were read: how long customers waited, and how stale answers were.

use super::Histogram;
use super::newest::Newest;
use crate::collections::SortedMap;
use crate::kernel::Instant;
use crate::model::{
    Answer, CustomerId, Domain, Lookup, Owed, RowKey, Shows, Stored, StreamId, Version, ViewId,
};
use crate::platform::schema;

/// How one view was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewReads {
    /// How long customers waited for an answer, which is a row or "not yet".
    pub waits: Histogram,
    /// Of each answer with a row, or that there is none: the age of the oldest event that it lacked although
    /// it was visible when the customer sent the query; zero if it lacked none.
    pub staleness: Histogram,
    /// The number of answers "not yet".
    pub not_yet: u64,
}

/// When the newest events of each stream in the rows of all views became visible.
#[derive(Clone, Debug)]
pub(super) struct Visible {
    views: Vec<Vec<Row>>,
}

type Row = SortedMap<StreamId, Newest>;

impl Visible {
    /// No events, for this number of views.
    pub(super) fn new(views: usize) -> Self {
        Self { views: vec![Vec::new(); views] }
    }

    /// Notes that an event of a stream is lost, and with it all later ones.
    pub(super) fn lost(&mut self, stream: StreamId, version: Version) {
        for visible in self.views.iter_mut().flatten().filter_map(|row| row.get_mut(&stream)) {
            visible.lost(version);
        }
    }

    /// Notes that an event became visible.
    pub(super) fn stored<D: Domain>(&mut self, domain: &D, at: Instant, event: &Stored<D::Event>) {
        let views = D::VIEWS.iter().zip((0..).map(ViewId)).zip(&mut self.views);
        for ((_, view), rows) in
            views.filter(|((view, _), _)| view.category == event.stream.category)
        {
            for RowKey(key) in schema::rows(domain, view, event) {
                let index = key as usize;
                if rows.len() <= index {
                    rows.resize_with(index + 1, SortedMap::new);
                }
                rows[index].entry(event.stream).or_default().add(event.version, at);
            }
        }
    }

    /// Notes the answer to a request.
    pub(super) fn answered<D: Domain>(
        &self,
        domain: &D,
        customer: CustomerId,
        (sent, answered): (Instant, Instant),
        (owed, answer): (Owed, &Answer<D>),
        reads: &mut [ViewReads],
    ) {
        let (query, row) = match answer {
            Answer::Shown(query, row) => (query, Some(row.as_ref())),
            Answer::NotYet(query) => (query, None),
            Answer::Command(..) | Answer::TryLater(_) | Answer::Erased | Answer::Silence => return,
        };
        // A query that is pinned to the write side reads no view.
        let Lookup::Row(view, key) = owed.lookup(domain, customer, query) else { return };
        let reads = &mut reads[usize::from(view.0)];
        reads.waits.add(answered.since(sent));
        let Some(row) = row else {
            reads.not_yet += 1;
            return;
        };
        let rows = &self.views[usize::from(view.0)];
        let streams = rows.get(key.0 as usize).into_iter().flatten();
        let shows = Shows::of(domain, view, key, row);
        let lacking = streams.filter_map(|(stream, visible)| {
            visible.first_after(shows.version(*stream)).filter(|since| *since < sent)
        });
        let since = lacking.min().unwrap_or(answered);
        reads.staleness.add(answered.since(since));
    }
}
