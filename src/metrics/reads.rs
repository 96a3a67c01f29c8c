//! How views were read: how long customers waited, and how stale answers were.

use super::Histogram;
use super::newest::Newest;
use crate::collections::{SortedMap, Sparse};
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
    views: Vec<Sparse<Row>>,
}

/// How many streams of a row count: those with the newest events. A row of a whole restaurant has thousands, nearly all
/// of which are long over.
const STREAMS: usize = 1024;

/// The newest events of each stream of a row. Most rows have one stream.
#[derive(Clone, Debug, Default)]
struct Row {
    first: Option<(StreamId, Newest)>,
    others: Option<Box<SortedMap<StreamId, Newest>>>,
}

impl Row {
    fn stream(&mut self, stream: StreamId) -> &mut Newest {
        let (first, newest) = self.first.get_or_insert_with(|| (stream, Newest::default()));
        if *first == stream {
            return newest;
        }
        let others = self.others.get_or_insert_default();
        if others.len() == 2 * STREAMS && !others.contains_key(&stream) {
            keep_newest(others);
        }
        others.entry(stream).or_default()
    }

    fn streams(&self) -> impl Iterator<Item = (&StreamId, &Newest)> {
        let first = self.first.iter().map(|(stream, newest)| (stream, newest));
        first.chain(self.others.iter().flat_map(|others| others.iter()))
    }

    fn lost(&mut self, stream: StreamId, version: Version) {
        let first = self.first.iter_mut().filter(|(first, _)| *first == stream);
        let other = self.others.iter_mut().filter_map(|others| others.get_mut(&stream));
        first.map(|(_, newest)| newest).chain(other).for_each(|newest| newest.lost(version));
    }
}

/// Drops the half of the streams whose last events are older than those of the others.
fn keep_newest(streams: &mut SortedMap<StreamId, Newest>) {
    let end = |stream: &StreamId, newest: &Newest| (newest.end(), *stream);
    let mut ends: Vec<_> = streams.iter().map(|(stream, newest)| end(stream, newest)).collect();
    let (_, &mut middle, _) = ends.select_nth_unstable(STREAMS);
    streams.extract_if(|stream, newest| end(stream, newest) < middle).for_each(drop);
}

impl Visible {
    /// No events, for this number of views.
    pub(super) fn new(views: usize) -> Self {
        Self { views: vec![Sparse::default(); views] }
    }

    /// Notes that an event of a stream is lost, and with it all later ones.
    pub(super) fn lost(&mut self, stream: StreamId, version: Version) {
        let rows = self.views.iter_mut().flat_map(Sparse::iter_mut);
        rows.for_each(|row| row.lost(stream, version));
    }

    /// Notes that an event became visible.
    pub(super) fn stored<D: Domain>(&mut self, domain: &D, at: Instant, event: &Stored<D::Event>) {
        let views = D::VIEWS.iter().zip((0..).map(ViewId)).zip(&mut self.views);
        for ((_, view), rows) in
            views.filter(|((view, _), _)| view.category == event.stream.category)
        {
            for RowKey(key) in schema::rows(domain, view, event) {
                rows.entry(key as usize).stream(event.stream).add(event.version, at);
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
        let streams = rows.get(key.0 as usize).into_iter().flat_map(Row::streams);
        let shows = Shows::of(domain, view, key, row);
        let lacking = streams.filter_map(|(stream, visible)| {
            visible.first_after(shows.version(*stream)).filter(|since| *since < sent)
        });
        let since = lacking.min().unwrap_or(answered);
        reads.staleness.add(answered.since(since));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Category;

    fn stream(number: u32) -> StreamId {
        StreamId { category: Category(0), number }
    }

    #[test]
    fn of_many_streams_in_a_row_those_with_the_newest_events_count() {
        let (mut row, all) = (Row::default(), 1 + 2 * STREAMS as u32);
        for number in 0..all {
            row.stream(stream(number)).add(Version(1), Instant::from_nanos(number.into()));
        }
        row.stream(stream(1)).add(Version(2), Instant::from_nanos(all.into()));
        row.stream(stream(all)).add(Version(1), Instant::from_nanos(all.into()));
        let kept: Vec<_> = row.streams().map(|(stream, _)| stream.number).collect();
        let newest = all - STREAMS as u32 + 1..=all;
        assert!(kept.into_iter().eq([0, 1].into_iter().chain(newest)), "0 has a place of its own");
    }
}
