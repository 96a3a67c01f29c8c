//! The rows of the outbox that are marked as sent and are kept for a while, so that they can be sent again.

use super::outbox::Row;
use crate::collections::SortedMap;
use crate::kernel::{Instant, Span};
use crate::model::{Domain, Position};
use crate::platform::ages::Ages;

/// Rows by position, each with the moment at which it was marked. Empty unless they are kept.
#[derive(Clone, Debug)]
pub(super) struct Sent<D: Domain> {
    rows: SortedMap<Position, (Instant, Row<D>)>,
    ages: Ages<Position>,
}

impl<D: Domain> Default for Sent<D> {
    fn default() -> Self {
        Self { rows: SortedMap::new(), ages: Ages::default() }
    }
}

impl<D: Domain> Sent<D> {
    /// Keeps a row that is marked now.
    pub(super) fn add(&mut self, position: Position, row: Row<D>, now: Instant) {
        self.rows.insert(position, (now, row));
        self.ages.add(now, position);
    }

    /// Takes the rows of the events that were recorded at this moment or later.
    pub(super) fn take_since(&mut self, since: Instant) -> Vec<(Position, Row<D>)> {
        let taken = self.rows.extract_if(|_, (_, row)| row.recorded_at() >= since);
        taken.map(|(position, (_, row))| (position, row)).collect()
    }

    /// Removes the rows that were marked so long ago, and returns how many.
    pub(super) fn clean(&mut self, keep: Span, now: Instant) -> u32 {
        let mut cleaned = 0;
        while let Some((at, position)) = self.ages.take_due(keep, now) {
            // One that was sent again has been marked anew since.
            if self.rows.get(&position).is_some_and(|(marked, _)| *marked == at) {
                self.rows.remove(&position);
                cleaned += 1;
            }
        }
        cleaned
    }
}
