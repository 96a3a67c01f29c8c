//! Events by their tags, and the conditions of appends on them.
//!
//! A transaction locks all tags of its events and of its conditions, so that two of which one stores what the other
//! one has counted do not run at the same time.

use std::sync::Arc;

use super::transaction::Key;
use super::{EventStore, log::Log};
use crate::collections::SortedMap;
use crate::model::{Abort, Domain, Position, Stored, Tag, Tags};
use crate::platform::cx::Cx;
use crate::platform::defects::{CONDITION_LEAVES_OUT_TAG, CONDITION_NOT_LOCKED};
use crate::platform::message::Append;

/// The positions of the events with each tag, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct TagIndex {
    positions: SortedMap<Tag, Vec<Position>>,
}

impl TagIndex {
    /// Adds an event that becomes visible. One with an earlier position may follow.
    pub(super) fn add(&mut self, position: Position, tags: Tags) {
        for tag in tags.iter() {
            let all = self.positions.entry(tag).or_default();
            let place = all.partition_point(|other| *other < position);
            all.insert(place, position);
        }
    }

    /// The positions of the events that have all tags of a query, in order. An empty query matches nothing.
    fn matching(&self, query: &Tags) -> impl Iterator<Item = Position> {
        let of = |tag| self.positions.get(&tag).map_or(&[][..], Vec::as_slice);
        let mut tags = query.iter();
        let first = tags.next().map_or(&[][..], of);
        let others: Vec<&[Position]> = tags.map(of).collect();
        let has_all =
            move |at: &Position| others.iter().all(|other| other.binary_search(at).is_ok());
        first.iter().copied().filter(has_all)
    }

    /// The number of events that match a query.
    fn count(&self, query: &Tags) -> u32 {
        self.matching(query).count() as u32
    }

    /// The events that match a query, in order of position.
    pub(super) fn read<D: Domain>(&self, query: &Tags, log: &Log<D>) -> Vec<Arc<Stored<D::Event>>> {
        let event = |at| log.at(at).expect("what is indexed is visible");
        self.matching(query).map(event).collect()
    }
}

/// The tags of an event: those of all its parts in the newest schema.
pub(super) fn tags_of<D: Domain>(stored: &Stored<D::Event>, domain: &D) -> Tags {
    if D::TAGS.is_empty() {
        return Tags::default();
    }
    let parts = stored.native(domain);
    parts.iter().flat_map(|part| domain.tags(stored.stream, part).iter()).collect()
}

impl<D: Domain> EventStore<D> {
    /// The keys of a transaction that are tags, in order.
    pub(super) fn tag_keys(
        append: &Append<D>,
        drafts: impl Iterator<Item = Stored<D::Event>>,
        cx: &Cx<'_, '_, D>,
    ) -> Vec<Key> {
        if cx.has(&CONDITION_NOT_LOCKED) {
            return Vec::new();
        }
        let written = drafts.flat_map(|draft| tags_of(&draft, cx.domain()).iter());
        let counted = append.conditions.iter().flat_map(|condition| condition.query.iter());
        let mut keys: Vec<Key> = written.chain(counted).map(Key::Tag).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The first condition of an append that does not hold, if any.
    pub(super) fn unmet(&self, append: &Append<D>, cx: &Cx<'_, '_, D>) -> Option<Abort> {
        let checked = if cx.has(&CONDITION_LEAVES_OUT_TAG) { 1 } else { usize::MAX };
        append.conditions.iter().take(checked).find_map(|condition| {
            let (query, expected) = (condition.query, condition.matches);
            let actual = self.durable.tags.count(&query);
            (actual != expected).then_some(Abort::Matched { query, expected, actual })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tag(kind: u8, number: u32) -> Tag {
        Tag { kind, number }
    }

    #[test]
    fn a_query_finds_the_events_with_all_of_its_tags_in_order_of_position() {
        let mut index = TagIndex::default();
        let (ana, ben, rust) = (tag(0, 0), tag(0, 1), tag(1, 0));
        index.add(Position(5), Tags::from_iter([ana, rust]));
        index.add(Position(2), Tags::from_iter([ben, rust]));
        index.add(Position(9), Tags::from_iter([ana]));
        let found = |query: &[Tag]| {
            let query = query.iter().copied().collect();
            index.matching(&query).map(|at| at.0).collect::<Vec<_>>()
        };
        assert_eq!(found(&[rust]), [2, 5]);
        assert_eq!(found(&[ana]), [5, 9]);
        assert_eq!(found(&[ana, rust]), [5]);
        assert_eq!(found(&[ana, ben]), [0; 0]);
        assert_eq!(found(&[]), [0; 0]);
    }
}
