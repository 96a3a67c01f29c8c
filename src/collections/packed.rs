//! A vector whose older entries are kept as bytes.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::bytes::{Reader, Writer};

/// The entries of a page.
const PAGE: usize = 256;
/// How many of the newest pages are kept as they are.
const OPEN: usize = 256;
/// How many older pages are kept as they are because an entry was changed.
const REOPENED: usize = 8;
/// An entry is found from the nearest one before it whose number is a multiple of this.
const STRIDE: usize = 16;

/// An entry that can be written as a few bytes.
///
/// What is read is what was written, to the last bit. `before` is the entry before it if that is known to
/// the reader too, so that numbers which grow can be written as differences.
pub(crate) trait Pack: Clone {
    fn pack(&self, before: Option<&Self>, to: &mut Writer);
    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self;
}

/// A vector that grows with the run. Its newest entries are kept as they are, and most others as bytes: they are
/// seldom looked at again. An entry that is changed brings its page back for a while.
#[derive(Clone, Debug)]
pub(crate) struct Packed<T> {
    /// All are full but the last.
    pages: Vec<Page<T>>,
    /// The older pages that were brought back, oldest first.
    reopened: VecDeque<usize>,
}

#[derive(Clone, Debug)]
enum Page<T> {
    Open(Vec<T>),
    Packed(Box<Bytes>),
}

#[derive(Clone, Debug)]
struct Bytes {
    /// Where each stride begins.
    strides: [u32; PAGE / STRIDE],
    entries: Box<[u8]>,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self { pages: vec![Page::Open(Vec::new())], reopened: VecDeque::new() }
    }
}

impl<T: Pack> Packed<T> {
    /// The number of entries.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self.pages.last() {
            Some(Page::Open(last)) => (self.pages.len() - 1) * PAGE + last.len(),
            Some(Page::Packed(_)) | None => self.pages.len() * PAGE,
        }
    }

    /// Adds an entry at the end.
    pub(crate) fn push(&mut self, entry: T) {
        if let Some(Page::Open(last)) = self.pages.last_mut()
            && last.len() < PAGE
        {
            return last.push(entry);
        }
        let mut page = Vec::with_capacity(PAGE);
        page.push(entry);
        self.pages.push(Page::Open(page));
        if let Some(old) = self.pages.len().checked_sub(OPEN + 1)
            && !self.reopened.contains(&old)
        {
            self.pages[old].close();
        }
    }

    /// Sets the entry at an index. Entries before it that are missing are the default.
    #[inline]
    pub(crate) fn set(&mut self, index: usize, entry: T)
    where
        T: Default,
    {
        while self.len() < index {
            self.push(T::default());
        }
        match self.get_mut(index) {
            Some(there) => *there = entry,
            None => self.push(entry),
        }
    }

    /// The entry at an index.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<Cow<'_, T>> {
        match self.pages.get(index / PAGE)? {
            Page::Open(entries) => entries.get(index % PAGE).map(Cow::Borrowed),
            Page::Packed(bytes) => Some(Cow::Owned(bytes.entry(index % PAGE))),
        }
    }

    /// A copy of the entry at an index.
    #[inline]
    pub(crate) fn copied(&self, index: usize) -> Option<T>
    where
        T: Copy,
    {
        match self.pages.get(index / PAGE)? {
            Page::Open(entries) => entries.get(index % PAGE).copied(),
            Page::Packed(bytes) => Some(bytes.entry(index % PAGE)),
        }
    }

    /// The entry at an index, to change it.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let nth = index / PAGE;
        if matches!(self.pages.get(nth)?, Page::Packed(_)) {
            self.reopen(nth);
        }
        match &mut self.pages[nth] {
            Page::Open(entries) => entries.get_mut(index % PAGE),
            Page::Packed(_) => unreachable!("the page was brought back"),
        }
    }

    /// The number of entries for which this is so. They stand before all others.
    pub(crate) fn partition_point(&self, is_so: impl Fn(&T) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.get(middle) {
                Some(entry) if is_so(&entry) => from = middle + 1,
                Some(_) | None => to = middle,
            }
        }
        from
    }

    /// Calls a function with each entry in order, and with its index.
    pub(crate) fn each(&self, mut see: impl FnMut(usize, &T)) {
        for (page, first) in self.pages.iter().zip((0..).step_by(PAGE)) {
            match page {
                Page::Open(entries) => {
                    entries.iter().zip(first..).for_each(|(entry, at)| see(at, entry));
                }
                Page::Packed(bytes) => {
                    bytes.all().iter().zip(first..).for_each(|(entry, at)| see(at, entry));
                }
            }
        }
    }

    #[cold]
    fn reopen(&mut self, nth: usize) {
        self.pages[nth].open();
        self.reopened.push_back(nth);
        if self.reopened.len() > REOPENED
            && let Some(oldest) = self.reopened.pop_front()
        {
            self.pages[oldest].close();
        }
    }
}

impl<T: Pack> Page<T> {
    fn close(&mut self) {
        if let Self::Open(entries) = self {
            *self = Self::Packed(Box::new(Bytes::of(entries)));
        }
    }

    fn open(&mut self) {
        if let Self::Packed(bytes) = self {
            *self = Self::Open(bytes.all());
        }
    }
}

impl Bytes {
    fn of<T: Pack>(entries: &[T]) -> Self {
        let (mut strides, mut to) = ([0; PAGE / STRIDE], Writer::default());
        for (stride, begins) in entries.chunks(STRIDE).zip(&mut strides) {
            *begins = u32::try_from(to.len()).expect("a page is small");
            let mut before = None;
            for entry in stride {
                entry.pack(before, &mut to);
                before = Some(entry);
            }
        }
        Self { strides, entries: to.finish() }
    }

    fn entry<T: Pack>(&self, index: usize) -> T {
        let mut from = Reader::new(&self.entries[self.strides[index / STRIDE] as usize..]);
        let mut entry = T::unpack(None, &mut from);
        for _ in 0..index % STRIDE {
            entry = T::unpack(Some(&entry), &mut from);
        }
        entry
    }

    /// All entries of a page, which is full.
    fn all<T: Pack>(&self) -> Vec<T> {
        let (mut from, mut entries) = (Reader::new(&self.entries), Vec::with_capacity(PAGE));
        for index in 0..PAGE {
            let before = entries.last().filter(|_| index % STRIDE > 0);
            entries.push(T::unpack(before, &mut from));
        }
        entries
    }
}

impl Pack for u32 {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        to.difference(u64::from(*self), before.map_or(0, |before| u64::from(*before)));
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        from.difference(before.map_or(0, |before| u64::from(*before))) as Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: u32 = (PAGE * (OPEN + 20)) as u32 + 7;

    fn numbers() -> Packed<u32> {
        let mut packed = Packed::default();
        for number in 0..MANY {
            assert_eq!(packed.len(), number as usize);
            packed.push(number.wrapping_mul(0x9E37_79B9));
        }
        packed
    }

    fn all(packed: &Packed<u32>) -> Vec<u32> {
        let mut all = Vec::new();
        packed.each(|index, number| {
            assert_eq!(index, all.len());
            all.push(*number);
        });
        all
    }

    fn is_packed(packed: &Packed<u32>, index: usize) -> bool {
        matches!(packed.pages[index / PAGE], Page::Packed(_))
    }

    #[test]
    fn entries_are_found_again_and_only_the_newest_pages_are_open() {
        let packed = numbers();
        for number in 0..MANY {
            let found = packed.get(number as usize).map(Cow::into_owned);
            assert_eq!(found, Some(number.wrapping_mul(0x9E37_79B9)));
        }
        assert_eq!(packed.get(MANY as usize), None);
        assert!(is_packed(&packed, 0) && !is_packed(&packed, MANY as usize - PAGE * (OPEN - 1)));
        assert!(
            all(&packed).into_iter().eq((0..MANY).map(|number| number.wrapping_mul(0x9E37_79B9)))
        );
    }

    #[test]
    fn an_entry_that_changes_brings_its_page_back_for_a_while() {
        let mut packed = numbers();
        *packed.get_mut(3).unwrap() = 7;
        assert!(!is_packed(&packed, 3));
        assert_eq!(packed.get(3).as_deref(), Some(&7));
        for other in 1..=REOPENED {
            *packed.get_mut(other * PAGE).unwrap() += 1;
        }
        assert!(is_packed(&packed, 3));
        assert_eq!(packed.get(3).as_deref(), Some(&7));
        assert_eq!(packed.get(4).as_deref(), Some(&4_u32.wrapping_mul(0x9E37_79B9)));
        assert_eq!(packed.get_mut(MANY as usize), None);
    }

    #[test]
    fn a_sorted_vector_is_searched() {
        let mut packed = Packed::default();
        (0..MANY).for_each(|number| packed.push(2 * number));
        for number in [0, 1, 300, 301, 2 * MANY - 3, 2 * MANY] {
            let before = packed.partition_point(|other| *other < number);
            assert_eq!(before, (number.div_ceil(2)).min(MANY) as usize);
        }
    }

    #[test]
    fn short_vectors_are_never_packed() {
        let mut packed = Packed::default();
        assert_eq!((packed.len(), packed.get(0), all(&packed)), (0, None, vec![]));
        packed.push(5);
        assert_eq!((packed.len(), packed.get(0).as_deref()), (1, Some(&5)));
        assert!(!is_packed(&packed, 0));
    }
}
