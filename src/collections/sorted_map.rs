//! A map as a sorted vector.

use std::fmt;
use std::ops::{Bound, Range, RangeBounds};

/// Up to this number of entries, the search is linear.
const LINEAR_MAX: usize = 8;

/// A map as a vector of entries, sorted by key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

/// An iterator over the entries of a map, or of a range of it, in order.
pub type Iter<'a, K, V> =
    std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

/// The place of a key in a map, vacant or not.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    place: Result<usize, usize>,
    key: K,
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The index of `key`, or the index where it belongs.
    fn find(&self, key: &K) -> Result<usize, usize> {
        let entries = self.entries.as_slice();
        // New keys are often the greatest.
        if entries.last().is_none_or(|(last, _)| last < key) {
            return Err(entries.len());
        }
        if entries.len() > LINEAR_MAX {
            return entries.binary_search_by(|(other, _)| other.cmp(key));
        }
        let mut place = 0;
        while entries[place].0 < *key {
            place += 1;
        }
        if entries[place].0 == *key { Ok(place) } else { Err(place) }
    }

    /// The indices of a range of keys.
    fn places(&self, range: &impl RangeBounds<K>) -> Range<usize> {
        let before = |key| self.find(key).unwrap_or_else(|place| place);
        let after = |key| self.find(key).map_or_else(|place| place, |place| place + 1);
        let from = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(key) => before(key),
            Bound::Excluded(key) => after(key),
        };
        let until = match range.end_bound() {
            Bound::Unbounded => self.entries.len(),
            Bound::Included(key) => after(key),
            Bound::Excluded(key) => before(key),
        };
        from..until.max(from)
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|place| &self.entries[place].1)
    }

    /// The mutable value of `key`.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|place| &mut self.entries[place].1)
    }

    /// Whether `key` is in the map.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Sets the value of `key`; returns its old value.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Removes `key`; returns its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|place| self.entries.remove(place).1)
    }

    /// The place of `key`.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { place: self.find(&key), map: self, key }
    }

    /// The entries of a range of keys, in order.
    pub fn range(&self, range: impl RangeBounds<K>) -> Iter<'_, K, V> {
        self.entries[self.places(&range)].iter().map(|(key, value)| (key, value))
    }

    /// The entries of a range of keys, with mutable values.
    pub fn range_mut(
        &mut self,
        range: impl RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        let places = self.places(&range);
        self.entries[places].iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Removes the entries of a range, in order.
    pub fn remove_range(&mut self, range: impl RangeBounds<K>) -> std::vec::Drain<'_, (K, V)> {
        let places = self.places(&range);
        self.entries.drain(places)
    }

    /// Removes the first `count` entries, in order.
    pub fn remove_first(&mut self, count: usize) -> std::vec::Drain<'_, (K, V)> {
        self.entries.drain(..count)
    }
}

impl<K, V> SortedMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The first entry.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(|(key, value)| (key, value))
    }

    /// All entries, in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// All values, in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// All values, mutable.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// All entries, in order, with mutable values.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Removes the entries that match, in order.
    pub fn extract_if(
        &mut self,
        mut matches: impl FnMut(&K, &V) -> bool,
    ) -> impl Iterator<Item = (K, V)> {
        self.entries.extract_if(.., move |(key, value)| matches(key, value))
    }
}

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// The value; inserts one if the place is vacant.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let (Ok(place) | Err(place)) = self.place;
        if self.place.is_err() {
            self.map.entries.insert(place, (self.key, value()));
        }
        &mut self.map.entries[place].1
    }

    /// The value; inserts `value` if the place is vacant.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value; inserts the default if the place is vacant.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SortedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<K: Ord, V> std::ops::Index<&K> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key is in the map")
    }
}
