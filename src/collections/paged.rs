//! A vector that grows by pages.

use std::ops::{Index, IndexMut};

/// The entries of a page.
const PAGE: usize = 4096;

/// A vector without room to spare: a vector that doubles has room for up to as many entries again, and for a
/// moment both its old and its new entries. The first page grows like a vector, so that short runs need little.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    /// All are full but the last.
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: vec![Vec::new()] }
    }
}

impl<T> Paged<T> {
    fn last(&self) -> &Vec<T> {
        self.pages.last().expect("there is always a page")
    }

    /// The number of entries.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        (self.pages.len() - 1) * PAGE + self.last().len()
    }

    /// Adds an entry at the end.
    #[inline]
    pub(crate) fn push(&mut self, entry: T) {
        if self.last().len() == PAGE {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        self.pages.last_mut().expect("there is always a page").push(entry);
    }

    /// The entry at an index.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.pages.get(index / PAGE)?.get(index % PAGE)
    }

    /// All entries in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.pages.iter().flatten()
    }
}

impl<T> Index<usize> for Paged<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.pages[index / PAGE][index % PAGE]
    }
}

impl<T> IndexMut<usize> for Paged<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.pages[index / PAGE][index % PAGE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_again_across_pages_and_their_order_is_that_of_a_vector() {
        let mut paged = Paged::default();
        assert_eq!((paged.len(), paged.get(0)), (0, None));
        for entry in 0..3 * PAGE {
            assert_eq!(paged.len(), entry);
            paged.push(entry);
        }
        for at in [0, PAGE - 1, PAGE, 2 * PAGE + 7] {
            assert_eq!((paged.get(at), paged[at]), (Some(&at), at));
        }
        paged[PAGE] = 1;
        assert_eq!(paged.get(PAGE), Some(&1));
        assert_eq!(paged.get(3 * PAGE), None);
        assert!(paged.iter().copied().filter(|entry| *entry != 1).is_sorted());
        assert_eq!(paged.iter().count(), 3 * PAGE);
    }
}
