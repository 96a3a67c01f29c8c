//! A table with one entry for each stream, indexed and never hashed.

use crate::collections::{Sparse, entry};
use crate::model::{Category, StreamId};

/// Entries by stream; a stream without an entry of its own has the default one.
#[derive(Clone, Debug)]
pub(crate) struct StreamTable<T> {
    categories: Vec<Sparse<T>>,
}

impl<T> Default for StreamTable<T> {
    fn default() -> Self {
        Self { categories: Vec::new() }
    }
}

impl<T: Default> StreamTable<T> {
    /// The entry of a stream, if it or one with a number nearby was ever set.
    #[inline]
    pub(crate) fn get(&self, stream: StreamId) -> Option<&T> {
        self.categories.get(usize::from(stream.category.0))?.get(stream.number as usize)
    }

    /// The entry of a stream, to be changed.
    #[inline]
    pub(crate) fn entry(&mut self, stream: StreamId) -> &mut T {
        entry(&mut self.categories, stream.category.0.into()).entry(stream.number as usize)
    }

    /// All entries, by stream.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (StreamId, &T)> {
        self.categories.iter().zip((0..).map(Category)).flat_map(|(entries, category)| {
            entries.iter().map(move |(number, entry)| (StreamId { category, number }, entry))
        })
    }
}
