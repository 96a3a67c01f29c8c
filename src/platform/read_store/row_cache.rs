//! A view in a cache: rows that can be lost at any time, and that are folded again from the log when they are read.
//!
//! The rows are in memory, in a bounded number: the cache evicts some to make room, and a restart loses all of them. How
//! far the log is applied is known all the same, because the idempotency log and the checkpoint are in the database. As
//! long as nothing is lost, the cache has each row that exists. After that, a row that is not held may exist: a reader
//! folds it from the log, and an event about it is not applied to nothing.
//!
//! A fold takes several pages, and other events are applied meanwhile. It has each applied event up to the rank that it
//! has reached; what is applied later below that rank is added to it, and what is applied beyond comes with a later page.

use std::sync::Arc;

use crate::collections::SortedMap;
use crate::model::{Domain, Ordinal, RowKey, Stored, Version, ViewId};
use crate::platform::message::{Copy, Letter};
use crate::platform::rows::Rows;
use crate::platform::schema;
use crate::platform::stream_table::StreamTable;

/// The rows of one view that are in memory.
#[derive(Clone, Debug)]
pub(super) struct RowCache<D: Domain> {
    held: SortedMap<RowKey, Held<D>>,
    restoring: SortedMap<RowKey, Restoring<D>>,
    /// Whether a row that is not held may exist.
    is_partial: bool,
    /// How often rows were read or changed: each use of a row has a number.
    uses: u64,
}

/// A row with the number of its last use.
#[derive(Clone, Debug)]
struct Held<D: Domain> {
    copy: Copy<D>,
    used: u64,
}

/// A row that is being folded, up to a rank.
#[derive(Clone, Debug)]
struct Restoring<D: Domain> {
    copy: Copy<D>,
    upto: Ordinal,
}

impl<D: Domain> Default for RowCache<D> {
    fn default() -> Self {
        let (held, restoring) = (SortedMap::new(), SortedMap::new());
        Self { held, restoring, is_partial: false, uses: 0 }
    }
}

impl<D: Domain> RowCache<D> {
    /// Whether a row that is not held may exist.
    pub(super) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// Whether no row is held.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether a row is held.
    pub(super) fn holds(&self, key: RowKey) -> bool {
        self.held.contains_key(&key)
    }

    /// The rows that are held, by key.
    pub(super) fn keys(&self) -> Vec<RowKey> {
        self.held.keys().copied().collect()
    }

    /// The rows that are held, each at the place of its key.
    pub(super) fn all(&self) -> Vec<Option<Arc<D::Row>>> {
        let mut rows = Vec::new();
        for (key, held) in self.held.iter() {
            rows.resize(key.0 as usize, None);
            rows.push(held.copy.row.clone());
        }
        rows
    }

    /// A row, if it is known: one that is not held in a cache that has lost nothing does not exist.
    pub(super) fn get(&mut self, key: RowKey) -> Option<Copy<D>> {
        self.uses += 1;
        let used = self.uses;
        let known = self.held.get_mut(&key).map(|held| {
            held.used = used;
            held.copy.clone()
        });
        known.or_else(|| (!self.is_partial).then(Copy::default))
    }

    /// Applies an event to those of its rows that are held or being folded. `begins_anew`: a row that is not held is
    /// taken for a new one although it may exist.
    pub(super) fn apply(
        &mut self,
        view: ViewId,
        letter: &Letter<D>,
        keys: &[RowKey],
        begins_anew: bool,
        domain: &D,
    ) {
        for &key in keys {
            self.uses += 1;
            if let Some(held) = self.held.get_mut(&key) {
                held.used = self.uses;
                held.copy.add(view, key, &letter.event, domain);
            } else if let Some(restoring) = self.restoring.get_mut(&key) {
                if letter.ordinal <= restoring.upto {
                    restoring.copy.add(view, key, &letter.event, domain);
                }
            } else if !self.is_partial || begins_anew {
                let mut copy = Copy::default();
                copy.add(view, key, &letter.event, domain);
                self.held.insert(key, Held { copy, used: self.uses });
            }
        }
    }

    /// How far the fold of a row is; 0 if none has begun.
    pub(super) fn restored_upto(&self, key: RowKey) -> Ordinal {
        self.restoring.get(&key).map_or(Ordinal(0), |restoring| restoring.upto)
    }

    /// Adds a page of the log to the fold of a row: those of its events that are applied. A page that does not follow what
    /// the fold has, or that it has already, adds nothing. When the fold has reached `last`, the row is held; returns it.
    pub(super) fn restore(
        &mut self,
        (view, key): (ViewId, RowKey),
        (after, page): (Ordinal, &[Arc<Stored<D::Event>>]),
        (applied, last): (&StreamTable<Version>, Ordinal),
        domain: &D,
    ) -> Option<Copy<D>> {
        let blank = || Restoring { copy: Copy::default(), upto: Ordinal(0) };
        let Restoring { copy, upto } = self.restoring.entry(key).or_insert_with(blank);
        for (event, ordinal) in page.iter().zip(after.0 + 1..) {
            if ordinal != upto.0 + 1 {
                continue;
            }
            *upto = Ordinal(ordinal);
            let is_applied = applied.get(event.stream).is_some_and(|done| event.version <= *done);
            if is_applied && schema::rows(domain, view, event).contains(&key) {
                copy.add(view, key, event, domain);
            }
        }
        if *upto < last {
            return None;
        }
        let Restoring { copy, .. } = self.restoring.remove(&key)?;
        self.uses += 1;
        self.held.insert(key, Held { copy: copy.clone(), used: self.uses });
        Some(copy)
    }

    /// Drops a row. Returns whether it was held.
    pub(super) fn evict(&mut self, key: RowKey) -> bool {
        let was_held = self.held.remove(&key).is_some();
        self.is_partial |= was_held;
        was_held
    }

    /// Drops everything.
    pub(super) fn lose_all(&mut self) {
        self.is_partial |= !self.held.is_empty();
        (self.held, self.restoring) = (SortedMap::new(), SortedMap::new());
    }

    /// The rows that are held, the one first whose last use is the longest ago; nothing if they have room.
    pub(super) fn by_use(&self, room: u32) -> Vec<RowKey> {
        if self.held.len() <= room as usize {
            return Vec::new();
        }
        let mut keys: Vec<_> = self.held.iter().map(|(key, held)| (held.used, *key)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// Holds the rows of a table that was built from the whole log, and no others.
    pub(super) fn replace(&mut self, rows: &Rows<D>) {
        *self = Self { uses: self.uses, ..Self::default() };
        let places = (0..).map(RowKey).zip(rows.all());
        for (key, _) in places.filter(|(_, row)| row.is_some()) {
            self.uses += 1;
            self.held.insert(key, Held { copy: rows.copy(key), used: self.uses });
        }
    }
}
