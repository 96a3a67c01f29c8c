//! A table with one entry for each stream, indexed and never hashed.

use crate::model::{Category, StreamId};

/// Entries by stream; a stream that was never touched has the default one.
#[derive(Clone, Debug)]
pub(crate) struct StreamTable<T> {
    categories: Vec<Vec<T>>,
}

impl<T> Default for StreamTable<T> {
    fn default() -> Self {
        Self { categories: Vec::new() }
    }
}

impl<T: Clone + Default> StreamTable<T> {
    /// The entry of a stream, if anything was ever put there or beyond.
    #[inline]
    pub(crate) fn get(&self, stream: StreamId) -> Option<&T> {
        self.categories.get(usize::from(stream.category.0))?.get(stream.number as usize)
    }

    /// The entry of a stream, to change it.
    #[inline]
    pub(crate) fn entry(&mut self, stream: StreamId) -> &mut T {
        let category = usize::from(stream.category.0);
        if self.categories.len() <= category {
            self.categories.resize_with(category + 1, Vec::new);
        }
        let entries = &mut self.categories[category];
        let number = stream.number as usize;
        if entries.len() <= number {
            entries.resize(number + 1, T::default());
        }
        &mut entries[number]
    }

    /// All entries, by stream.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (StreamId, &T)> {
        self.categories.iter().zip(0_u8..).flat_map(|(entries, category)| {
            let stream = move |number| StreamId { category: Category(category), number };
            entries.iter().zip(0_u32..).map(move |(entry, number)| (stream(number), entry))
        })
    }
}
