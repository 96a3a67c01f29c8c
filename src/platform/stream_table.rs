//! A table with one entry for each stream, indexed and never hashed.

use crate::model::{Category, StreamId};

/// Entries by stream; a stream without an entry of its own has the default one.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamTable<T> {
    categories: Vec<Vec<T>>,
}

impl<T: Clone + Default> StreamTable<T> {
    /// The entry of a stream, if it or one of a higher number in its category was ever set.
    #[inline]
    pub(crate) fn get(&self, stream: StreamId) -> Option<&T> {
        self.categories.get(usize::from(stream.category.0))?.get(stream.number as usize)
    }

    /// The entry of a stream, to be changed.
    #[inline]
    pub(crate) fn entry(&mut self, stream: StreamId) -> &mut T {
        let (category, number) = (usize::from(stream.category.0), stream.number as usize);
        if self.categories.len() <= category {
            self.categories.resize_with(category + 1, Vec::new);
        }
        let entries = &mut self.categories[category];
        if entries.len() <= number {
            entries.resize(number + 1, T::default());
        }
        &mut entries[number]
    }

    /// All entries, by stream.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (StreamId, &T)> {
        self.categories.iter().zip((0..).map(Category)).flat_map(|(entries, category)| {
            let streams = (0..).map(move |number| StreamId { category, number });
            streams.zip(entries)
        })
    }
}
