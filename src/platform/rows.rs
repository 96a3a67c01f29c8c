//! The rows of one view, at whichever node keeps them.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::model::{Domain, RowKey, Stored, ViewId};
use crate::platform::message::Copy;
use crate::platform::schema::{self, ROWS_MAX};

/// Rows by key, each with the count of its changes.
#[derive(Clone, Debug)]
pub(crate) struct Rows<D: Domain>(Vec<Copy<D>>);

impl<D: Domain> Default for Rows<D> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<D: Domain> Copy<D> {
    /// Applies an event to the row.
    pub(crate) fn add(&mut self, view: ViewId, key: RowKey, event: &Stored<D::Event>, domain: &D) {
        let mut row = self.row.take().map(Arc::unwrap_or_clone);
        schema::project(domain, view, key, &mut row, event);
        *self = Self { row: row.map(Arc::new), revision: self.revision + 1 };
    }
}

impl<D: Domain> Rows<D> {
    /// Applies an event to the rows that it touches, and returns their keys.
    pub(crate) fn project(
        &mut self,
        view: ViewId,
        event: &Stored<D::Event>,
        domain: &D,
    ) -> ArrayVec<RowKey, ROWS_MAX> {
        let keys = schema::rows(domain, view, event);
        for &key in &keys {
            self.place(key).add(view, key, event, domain);
        }
        keys
    }

    /// Puts a row in the place of another.
    pub(crate) fn set(&mut self, key: RowKey, copy: Copy<D>) {
        *self.place(key) = copy;
    }

    fn place(&mut self, key: RowKey) -> &mut Copy<D> {
        let index = key.0 as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, Copy::default());
        }
        &mut self.0[index]
    }

    /// The current row.
    pub(crate) fn copy(&self, key: RowKey) -> Copy<D> {
        self.0.get(key.0 as usize).cloned().unwrap_or_default()
    }

    /// All rows, by key; `None` where there is none.
    pub(crate) fn all(&self) -> Vec<Option<Arc<D::Row>>> {
        self.0.iter().map(|copy| copy.row.clone()).collect()
    }
}
