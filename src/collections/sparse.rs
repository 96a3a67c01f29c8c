//! A table indexed by numbers of which most may be missing.

use std::array;

/// How many entries stand in one vector: short runs have no more.
const DENSE: usize = 1024;
/// The entries of a page. An entry that is alone on its page takes the room of all of them.
const PAGE: usize = 8;

/// Entries by number. The first thousand stand side by side. Of the others, each is on a page with its neighbours,
/// and a page without an entry takes the room of a pointer: numbers that are given to customers, of whom few do
/// anything that is kept, cost little.
#[derive(Clone, Debug)]
pub(crate) struct Sparse<T> {
    dense: Vec<T>,
    pages: Vec<Option<Box<[T; PAGE]>>>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self { dense: Vec::new(), pages: Vec::new() }
    }
}

impl<T: Default> Sparse<T> {
    /// The entry with a number. One that was never entered is missing, or the default if another one on its page, or
    /// a later one of the first thousand, was.
    #[inline]
    pub(crate) fn get(&self, number: usize) -> Option<&T> {
        match number.checked_sub(DENSE) {
            None => self.dense.get(number),
            Some(beyond) => Some(&self.pages.get(beyond / PAGE)?.as_ref()?[beyond % PAGE]),
        }
    }

    /// The entry with a number, created if necessary. Constant time, amortised.
    #[inline]
    pub(crate) fn entry(&mut self, number: usize) -> &mut T {
        match number.checked_sub(DENSE) {
            None => entry(&mut self.dense, number),
            Some(beyond) => {
                let page = entry(&mut self.pages, beyond / PAGE);
                let page = page.get_or_insert_with(|| Box::new(array::from_fn(|_| T::default())));
                &mut page[beyond % PAGE]
            }
        }
    }

    /// All entries that are not missing, in order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let pages = self.pages.iter().zip((DENSE as u32..).step_by(PAGE));
        let pages = pages.filter_map(|(page, first)| Some((page.as_ref()?, first)));
        let beyond = pages.flat_map(|(page, first)| (first..).zip(page.iter()));
        (0..).zip(&self.dense).chain(beyond)
    }

    /// All entries that are not missing, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.dense
            .iter_mut()
            .chain(self.pages.iter_mut().flatten().flat_map(|page| page.iter_mut()))
    }
}

/// For how many entries a table has room at first.
const FEW: usize = 16;

/// The entry of a table at an index, created if necessary.
#[inline]
pub(crate) fn entry<T: Default>(table: &mut Vec<T>, index: usize) -> &mut T {
    #[cold]
    fn grow<T: Default>(table: &mut Vec<T>, index: usize) {
        // Growing from nothing in small steps would take a good part of a short run.
        if table.capacity() == 0 {
            table.reserve(FEW.max(index + 1));
        }
        table.resize_with(index + 1, T::default);
    }
    if table.len() <= index {
        grow(table, index);
    }
    &mut table[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_again_wherever_it_is() {
        let mut table = Sparse::default();
        let numbers = [0, 3, 1023, 1024, 1031, 1032, 5_000, 4_000_000];
        for number in numbers {
            *table.entry(number) = number as u32 + 1;
        }
        for number in numbers {
            assert_eq!(table.get(number), Some(&(number as u32 + 1)));
        }
        let entered: Vec<_> = table.iter().filter(|(_, value)| **value > 0).collect();
        assert_eq!(entered.len(), numbers.len());
        assert!(entered.iter().all(|(number, value)| **value == number + 1));
        assert!(entered.is_sorted());
        table.iter_mut().for_each(|value| *value += 1);
        assert!(numbers.iter().all(|number| table.get(*number) == Some(&(*number as u32 + 2))));
    }

    #[test]
    fn what_was_never_entered_is_missing_or_the_default() {
        let mut table = Sparse::<u32>::default();
        assert_eq!(table.get(0), None);
        *table.entry(2) = 7;
        *table.entry(5_000) = 7;
        assert_eq!(table.get(1), Some(&0));
        assert_eq!(table.get(3), None);
        assert_eq!(table.get(5_001), Some(&0), "on the same page");
        assert_eq!(table.get(4_900), None);
        assert_eq!(table.iter().count(), 3 + PAGE);
    }
}
