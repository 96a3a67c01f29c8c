//! A map as a vector of entries, sorted by key.

use std::fmt;
use std::ops::{Bound, Range, RangeBounds};

/// So many entries are searched one after the other; more are bisected.
const LINEAR_MAX: usize = 8;

/// A map from keys to values, in order of the keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

/// The entries of a map, or of a part of it, in order.
pub type Iter<'a, K, V> =
    std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

/// The place of a key that is or is not in a map.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    place: Result<usize, usize>,
    key: K,
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where `key` is, or where it belongs.
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

    /// The places of the keys in a range.
    fn places(&self, range: &impl RangeBounds<K>) -> Range<usize> {
        let from = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(key) => self.find(key).unwrap_or_else(|place| place),
            Bound::Excluded(key) => self.find(key).map_or_else(|place| place, |place| place + 1),
        };
        let until = match range.end_bound() {
            Bound::Unbounded => self.entries.len(),
            Bound::Included(key) => self.find(key).map_or_else(|place| place, |place| place + 1),
            Bound::Excluded(key) => self.find(key).unwrap_or_else(|place| place),
        };
        from..until.max(from)
    }

    /// The value of `key`, if it has one.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|place| &self.entries[place].1)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find(key).ok().map(|place| &mut self.entries[place].1)
    }

    /// Whether `key` has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// Gives `key` a value; the one that it had before, if it had one.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.find(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes `key` out; the value that it had, if it had one.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find(key).ok().map(|place| self.entries.remove(place).1)
    }

    /// The place of `key`, to be filled if it is vacant.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { place: self.find(&key), map: self, key }
    }

    /// The entries of a range of keys, in order.
    pub fn range(&self, range: impl RangeBounds<K>) -> Iter<'_, K, V> {
        self.entries[self.places(&range)].iter().map(|(key, value)| (key, value))
    }

    /// The entries of a range of keys, with values to be changed.
    pub fn range_mut(
        &mut self,
        range: impl RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        let places = self.places(&range);
        self.entries[places].iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Takes out the entries of a range, in order.
    pub fn remove_range(&mut self, range: impl RangeBounds<K>) -> std::vec::Drain<'_, (K, V)> {
        let places = self.places(&range);
        self.entries.drain(places)
    }

    /// Takes out the first `count` entries, in order.
    pub fn remove_first(&mut self, count: usize) -> std::vec::Drain<'_, (K, V)> {
        self.entries.drain(..count)
    }
}

impl<K, V> SortedMap<K, V> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes out everything.
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

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// All entries, in order, with values to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Takes out the entries that are `meant`, in order.
    pub fn extract_if(
        &mut self,
        mut meant: impl FnMut(&K, &V) -> bool,
    ) -> impl Iterator<Item = (K, V)> {
        self.entries.extract_if(.., move |(key, value)| meant(key, value))
    }
}

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// The value, made now if there is none.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let Self { map, place, key } = self;
        let place = match place {
            Ok(place) => place,
            Err(place) => {
                map.entries.insert(place, (key, value()));
                place
            }
        };
        &mut map.entries[place].1
    }

    /// The value, which is `value` if there was none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, which is the default if there was none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
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
