//! The schema of events and states: what older code has written is read in today's form.
//!
//! Events are never rewritten. One of an older schema is brought up to date by a chain of upcasters, a
//! version at a time, wherever it is read: on loading a stream, on applying it to a view, on completing a
//! row, on judging it. What was one event may be several today: they are read one after the other, but
//! they were recorded together and keep one place, so that no reader sees some of them without the
//! others. A snapshot cannot be brought up to date: one of an older schema is ignored and made again from
//! the events.
//!
//! Until a deploy the instances run code that writes the first schema. What that code would have read
//! and decided is the same, so the model reads and decides by today's code throughout; only what is
//! written differs.

use std::borrow::Cow;
use std::slice;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::model::{Domain, Metadata, RowKey, Schemas, Stored, StreamId, ViewId};
use crate::platform::cx::Cx;

/// The schema that is written until a deploy.
const FIRST: u16 = 1;

/// The most rows of one view that a stored event touches, all its parts together.
pub(crate) const ROWS_MAX: usize = 8;

impl<E: Clone> Stored<E> {
    /// What happened, as today's code knows it: one event, or several that it was split into since.
    #[inline]
    pub fn native<D: Domain<Event = E>>(&self, domain: &D) -> Cow<'_, [E]> {
        if self.metadata.schema == D::Schemas::SCHEMA {
            return Cow::Borrowed(slice::from_ref(&self.event));
        }
        chain(domain, self.metadata.schema, &self.event)
    }

    /// The whole event, as today's code would have written it. Its parts, if there are several, share
    /// its place and what is known about it.
    #[inline]
    pub fn upcast<D: Domain<Event = E>>(&self, domain: &D) -> Cow<'_, [Self]> {
        match self.native(domain) {
            Cow::Borrowed(_) => Cow::Borrowed(slice::from_ref(self)),
            Cow::Owned(events) => {
                let Self { stream, version, position, chain, signature, .. } = *self;
                let metadata = Metadata { schema: D::Schemas::SCHEMA, ..self.metadata };
                let part =
                    |event| Self { stream, version, position, metadata, event, chain, signature };
                events.into_iter().map(part).collect()
            }
        }
    }
}

/// What an event of `schema` is today.
pub(crate) fn chain<'a, D: Domain>(
    domain: &D,
    schema: u16,
    event: &'a D::Event,
) -> Cow<'a, [D::Event]> {
    let written = Cow::Borrowed(slice::from_ref(event));
    (schema..D::Schemas::SCHEMA).fold(written, |events, schema| step(domain, schema, events))
}

/// Takes events of `schema` one version further.
fn step<'a, D: Domain>(
    domain: &D,
    schema: u16,
    events: Cow<'a, [D::Event]>,
) -> Cow<'a, [D::Event]> {
    let newer: Vec<_> =
        events.iter().map(|event| D::Schemas::upcast(domain, schema, event)).collect();
    if newer.iter().all(Option::is_none) {
        return events;
    }
    let parts = events.iter().zip(newer);
    parts.flat_map(|(event, parts)| parts.unwrap_or_else(|| vec![event.clone()])).collect()
}

/// The schema that is written now. A deploy comes at its time, whatever the clock of a node shows.
pub(crate) fn written<D: Domain>(cx: &Cx<'_, '_, D>) -> u16 {
    match cx.settings().schema.deploy {
        Some(deploy) if cx.uptime() < Instant::ZERO + deploy => FIRST,
        Some(_) | None => D::Schemas::SCHEMA,
    }
}

/// A decision as code of `schema` writes it.
pub(crate) fn downcast<D: Domain>(
    domain: &D,
    schema: u16,
    events: Vec<(StreamId, D::Event)>,
) -> Vec<(StreamId, D::Event)> {
    if schema < D::Schemas::SCHEMA { D::Schemas::downcast(domain, schema, events) } else { events }
}

/// The rows of a view that an event of whatever schema touches, each of them once.
pub(crate) fn rows<D: Domain>(
    domain: &D,
    view: ViewId,
    event: &Stored<D::Event>,
) -> ArrayVec<RowKey, ROWS_MAX> {
    let mut rows = ArrayVec::new();
    for part in event.upcast(domain).iter() {
        for row in domain.rows(view, part) {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows
}

/// Brings one of those rows up to date with an event of whatever schema.
pub(crate) fn project<D: Domain>(
    domain: &D,
    view: ViewId,
    key: RowKey,
    row: &mut Option<D::Row>,
    event: &Stored<D::Event>,
) {
    let parts = event.upcast(domain);
    for part in parts.iter() {
        if parts.len() == 1 || domain.rows(view, part).contains(&key) {
            domain.project(view, key, row, part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Version;
    use crate::platform::fold::Fold;
    use crate::testing::{Counting, Event, Row, SCHEMA, State, added, counter, plan, written};

    const TOTALS: ViewId = ViewId(0);

    fn domain() -> Counting {
        plan().domain.clone()
    }

    /// What schema 1 wrote of an addition of 5 with the note 9.
    fn moved() -> Event {
        Event::Moved { came: 7, went: 2, note: 9 }
    }

    #[test]
    fn an_event_reads_as_what_every_step_of_the_chain_makes_of_it() {
        let domain = domain();
        let both = [Event::Added(5), Event::Noted(9)];
        for (schema, event) in [(1, moved()), (2, Event::AddedAndNoted(5, 9))] {
            assert_eq!(*written(schema, 0, 1, 1, event).native(&domain), both, "schema {schema}");
        }
        let stored = written(2, 0, 3, 4, Event::AddedAndNoted(5, 9));
        let parts = stored.upcast(&domain);
        assert_eq!(parts.len(), 2);
        for (part, event) in parts.iter().zip(both) {
            let Metadata { schema, ref id, recorded_at, .. } = part.metadata;
            assert_eq!(
                (part.stream, part.version, part.position),
                (counter(0), Version(3), stored.position)
            );
            assert_eq!((id, recorded_at), (&stored.metadata.id, stored.metadata.recorded_at));
            assert_eq!((schema, part.event), (SCHEMA, event), "it is up to date now");
        }
    }

    #[test]
    fn what_is_up_to_date_is_read_where_it_is() {
        let (domain, today) = (domain(), added(0, 1, 1));
        assert!(matches!(today.native(&domain), Cow::Borrowed([Event::Added(1)])));
        assert!(matches!(today.upcast(&domain), Cow::Borrowed([_])));
        let unchanged = written(1, 0, 1, 1, Event::Added(1));
        assert!(matches!(unchanged.native(&domain), Cow::Borrowed([Event::Added(1)])));
    }

    #[test]
    fn all_parts_of_an_event_are_folded_and_make_one_version() {
        let domain = domain();
        let mut fold = Fold::blank(counter(0), &domain);
        let mut seen = Vec::new();
        let first = written(2, 0, 1, 1, Event::AddedAndNoted(5, 9));
        fold.add_each(&first, &domain, |state, part| seen.push((*state, *part)));
        fold.add(&added(0, 2, 2), &domain);
        assert_eq!((fold.version, fold.state), (Version(2), State::of(5 + 2)));
        let after = State::of(5);
        assert_eq!(seen, [(after, Event::Added(5)), (after, Event::Noted(9))]);
        fold.add_each(&first, &domain, |_, _| panic!("it is known already"));
    }

    #[test]
    fn every_part_of_an_event_touches_its_own_rows_and_no_other() {
        let (domain, event) = (domain(), written(1, 0, 3, 4, moved()));
        assert_eq!(rows(&domain, TOTALS, &event)[..], [RowKey(0), RowKey(9)]);
        let of = |key| {
            let mut row = None;
            project(&domain, TOTALS, RowKey(key), &mut row, &event);
            row
        };
        let row = |total| Some(Row { total, version: Version(3) });
        assert_eq!((of(0), of(9), of(8)), (row(5), row(1), None));
        let twice = written(1, 9, 3, 4, moved());
        assert_eq!(rows(&domain, TOTALS, &twice)[..], [RowKey(9)], "one row, touched twice");
        let mut row = None;
        project(&domain, TOTALS, RowKey(9), &mut row, &twice);
        assert_eq!(row, Some(Row { total: 5 + 1, version: Version(3) }));
    }
}
