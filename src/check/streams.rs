//! One entry for each stream, found by index.

use crate::collections::Sparse;
pub(super) use crate::collections::entry;
use crate::model::{Category, StreamId};

/// A table indexed by category and number. A stream that was never entered has no entry, or the
/// default one if one with a number nearby was entered.
#[derive(Clone, Debug)]
pub(super) struct Streams<T> {
    categories: Vec<Sparse<T>>,
}

impl<T> Default for Streams<T> {
    fn default() -> Self {
        Self { categories: Vec::new() }
    }
}

impl<T: Default> Streams<T> {
    /// The entry of a stream, if it has one.
    #[inline]
    pub(super) fn get(&self, stream: StreamId) -> Option<&T> {
        self.categories.get(usize::from(stream.category.0))?.get(stream.number as usize)
    }

    /// The entry of a stream, created if necessary. Constant time, amortised.
    #[inline]
    pub(super) fn entry(&mut self, stream: StreamId) -> &mut T {
        entry(&mut self.categories, stream.category.0.into()).entry(stream.number as usize)
    }

    /// All entries, by stream.
    pub(super) fn iter(&self) -> impl Iterator<Item = (StreamId, &T)> {
        self.categories.iter().zip(0_u8..).flat_map(|(entries, category)| {
            let stream = move |number| StreamId { category: Category(category), number };
            entries.iter().map(move |(number, entry)| (stream(number), entry))
        })
    }
}

impl<T> Streams<Option<T>> {
    /// What is known of a stream, if anything is.
    pub(super) fn known(&self, stream: StreamId) -> Option<&T> {
        self.get(stream).and_then(Option::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(category: u8, number: u32) -> StreamId {
        StreamId { category: Category(category), number }
    }

    #[test]
    fn an_entry_is_found_again_and_those_before_it_are_default() {
        let mut table = Streams::default();
        *table.entry(stream(1, 2)) = 7;
        assert_eq!(table.get(stream(1, 2)), Some(&7));
        assert_eq!(table.get(stream(1, 0)), Some(&0));
        assert_eq!(table.get(stream(1, 3)), None);
        assert_eq!(table.get(stream(0, 0)), None);
        let entries: Vec<_> = table.iter().map(|(stream, entry)| (stream, *entry)).collect();
        assert_eq!(entries, [(stream(1, 0), 0), (stream(1, 1), 0), (stream(1, 2), 7)]);
    }
}
