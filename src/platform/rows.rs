//! The rows of one view, wherever they are kept.

use std::sync::Arc;

use crate::model::{Domain, RowKey, Stored, ViewId};
use crate::platform::message::Copy;
use crate::platform::schema;

/// Rows by key, each with how often it was changed.
#[derive(Clone, Debug)]
pub(crate) struct Rows<D: Domain> {
    rows: Vec<Copy<D>>,
}

impl<D: Domain> Default for Rows<D> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<D: Domain> Rows<D> {
    /// Brings the rows that an event touches up to date with it.
    pub(crate) fn project(&mut self, view: ViewId, event: &Stored<D::Event>, domain: &D) {
        for key in schema::rows(domain, view, event) {
            let index = key.0 as usize;
            if self.rows.len() <= index {
                self.rows.resize(index + 1, Copy::default());
            }
            let copy = &mut self.rows[index];
            let mut row = copy.row.take().map(Arc::unwrap_or_clone);
            schema::project(domain, view, key, &mut row, event);
            *copy = Copy { row: row.map(Arc::new), revision: copy.revision + 1 };
        }
    }

    /// A row as it is now.
    pub(crate) fn copy(&self, key: RowKey) -> Copy<D> {
        self.rows.get(key.0 as usize).cloned().unwrap_or_default()
    }

    /// All rows, by key; `None` where there is none.
    pub(crate) fn all(&self) -> Vec<Option<Arc<D::Row>>> {
        self.rows.iter().map(|copy| copy.row.clone()).collect()
    }
}
