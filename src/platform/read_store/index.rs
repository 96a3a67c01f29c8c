//! A view in a search index: what is written can be read after the next refresh.
//!
//! The index takes a document at once, and keeps it through a crash. A search sees it when the index is refreshed
//! the next time. What a restarted index has taken is refreshed before it answers.

use std::collections::BTreeSet;

use crate::model::{Domain, RowKey};
use crate::platform::rows::Rows;

/// The rows as of the last refresh, and which ones have changed since.
#[derive(Clone, Debug)]
pub(super) struct Index<D: Domain> {
    rows: Rows<D>,
    changed: BTreeSet<RowKey>,
}

impl<D: Domain> Default for Index<D> {
    fn default() -> Self {
        Self { rows: Rows::default(), changed: BTreeSet::new() }
    }
}

impl<D: Domain> Index<D> {
    /// Notes that rows have changed. Returns whether they are the first since the last refresh.
    pub(super) fn change(&mut self, keys: &[RowKey]) -> bool {
        let is_first = self.changed.is_empty();
        self.changed.extend(keys);
        is_first && !self.changed.is_empty()
    }

    /// Whether everything that was written can be read.
    pub(super) fn is_fresh(&self) -> bool {
        self.changed.is_empty()
    }

    /// Makes what was written readable, and returns the rows that this changes.
    pub(super) fn refresh(&mut self, written: &Rows<D>) -> BTreeSet<RowKey> {
        let changed = std::mem::take(&mut self.changed);
        for key in &changed {
            self.rows.set(*key, written.copy(*key));
        }
        changed
    }

    /// Another index takes its place, as an alias that is switched: it has been refreshed.
    pub(super) fn replace(&mut self, rows: &Rows<D>) {
        (self.rows, self.changed) = (rows.clone(), BTreeSet::new());
    }

    /// All rows as searches find them.
    pub(super) const fn rows(&self) -> &Rows<D> {
        &self.rows
    }
}
