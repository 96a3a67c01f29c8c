//! The schema of events and states: events of older code are read in their current form.
//!
//! Events are never rewritten. An event of an older schema is upcast wherever it is read: when a
//! stream is loaded, a view applies it, a row is completed, or a checker judges it. Each upcaster
//! takes it one schema further. It may become several events; these were recorded together and
//! share one version, so that no reader sees only some of them. A snapshot cannot be upcast: one of
//! an older schema is ignored and taken again from the events.
//!
//! Until a deploy the instances write the first schema. The old code would read and decide the
//! same, so the model always reads and decides with the current code; only the writes differ.

use std::borrow::Cow;
use std::slice;

use arrayvec::ArrayVec;

use crate::kernel::Instant;
use crate::model::{Domain, Metadata, RowKey, Schemas, Stored, StreamId, ViewId};
use crate::platform::cx::Cx;

/// The schema that is written until a deploy.
const FIRST: u16 = 1;

/// The maximum number of rows of one view that a stored event touches, with all its parts.
pub(crate) const ROWS_MAX: usize = 8;

impl<E: Clone> Stored<E> {
    /// The event in its current form: one event, or the several that it was split into.
    #[inline]
    pub fn native<D: Domain<Event = E>>(&self, domain: &D) -> Cow<'_, [E]> {
        if self.metadata.schema == D::Schemas::SCHEMA {
            return Cow::Borrowed(slice::from_ref(&self.event));
        }
        chain(domain, self.metadata.schema, &self.event)
    }

    /// The stored event as current code would have written it. If it has several parts, they share
    /// its place and metadata.
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

/// An event of `schema` in its current form.
pub(crate) fn chain<'a, D: Domain>(
    domain: &D,
    schema: u16,
    event: &'a D::Event,
) -> Cow<'a, [D::Event]> {
    let written = Cow::Borrowed(slice::from_ref(event));
    (schema..D::Schemas::SCHEMA).fold(written, |events, schema| {
        let newer = |event| D::Schemas::upcast(domain, schema, event);
        let newer: Vec<_> = events.iter().map(newer).collect();
        if newer.iter().all(Option::is_none) {
            return events;
        }
        let parts = events.iter().zip(newer);
        parts.flat_map(|(event, parts)| parts.unwrap_or_else(|| vec![event.clone()])).collect()
    })
}

/// The schema that is written now. The time of a deploy does not depend on the clock of a node.
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

/// The rows of a view that an event of any schema touches, each once.
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

/// Applies an event of any schema to one of those rows.
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

    /// An addition of 5 with the note 9, as schema 1 writes it.
    fn moved() -> Event {
        Event::Moved { came: 7, went: 2, note: 9 }
    }

    #[test]
    fn an_event_is_upcast_by_every_step_of_the_chain() {
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
            assert_eq!((schema, part.event), (SCHEMA, event), "the part is current");
        }
    }

    #[test]
    fn a_current_event_is_borrowed() {
        let (domain, today) = (domain(), added(0, 1, 1));
        assert!(matches!(today.native(&domain), Cow::Borrowed([Event::Added(1)])));
        assert!(matches!(today.upcast(&domain), Cow::Borrowed([_])));
        let unchanged = written(1, 0, 1, 1, Event::Added(1));
        assert!(matches!(unchanged.native(&domain), Cow::Borrowed([Event::Added(1)])));
    }

    #[test]
    fn all_parts_of_an_event_are_folded_as_one_version() {
        let domain = domain();
        let mut fold = Fold::blank(counter(0), &domain);
        let mut seen = Vec::new();
        let first = written(2, 0, 1, 1, Event::AddedAndNoted(5, 9));
        fold.add_each(&first, &domain, |state, part| seen.push((*state, *part)));
        fold.add(&added(0, 2, 2), &domain);
        assert_eq!((fold.version, fold.state), (Version(2), State::of(5 + 2)));
        let after = State::of(5);
        assert_eq!(seen, [(after, Event::Added(5)), (after, Event::Noted(9))]);
        fold.add_each(&first, &domain, |_, _| panic!("the event is known already"));
    }

    #[test]
    fn each_part_of_an_event_touches_only_its_own_rows() {
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
        assert_eq!(
            rows(&domain, TOTALS, &twice)[..],
            [RowKey(9)],
            "a row that is touched twice is listed once"
        );
        let mut row = None;
        project(&domain, TOTALS, RowKey(9), &mut row, &twice);
        assert_eq!(row, Some(Row { total: 5 + 1, version: Version(3) }));
    }
}
