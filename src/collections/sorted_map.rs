//! A map as a sorted vector while it is small, as a tree from then on. Small are few entries, and few bytes.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Bound, Range, RangeBounds};

use super::Either;

/// Up to this number of entries, the search is linear.
const LINEAR_MAX: usize = 8;

/// The most entries of a vector, and the most bytes of its entries unless they are very large. Beyond, it takes
/// longer to move entries than to go through a tree.
const ENTRIES_MAX: usize = 512;
const BYTES_MAX: usize = 8_192;

/// The most entries of a vector of this type.
pub(super) const fn vector_max<K, V>() -> usize {
    match BYTES_MAX.checked_div(size_of::<(K, V)>()) {
        Some(..LINEAR_MAX) => LINEAR_MAX,
        Some(fit @ LINEAR_MAX..ENTRIES_MAX) => fit,
        Some(ENTRIES_MAX..) | None => ENTRIES_MAX,
    }
}

/// A map in order of its keys: a sorted vector of entries, or a tree once it has had many.
#[derive(Clone)]
pub struct SortedMap<K, V> {
    entries: Entries<K, V>,
}

/// The entries of a map. A tree stays one when its entries are removed: a map that was large once is likely
/// to become large again.
#[derive(Clone)]
enum Entries<K, V> {
    Vector(Vec<(K, V)>),
    Tree(BTreeMap<K, V>),
}

/// An iterator over the entries of a vector, in order.
type Slice<'a, K, V> =
    std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

/// The same with mutable values.
type SliceMut<'a, K, V> =
    std::iter::Map<std::slice::IterMut<'a, (K, V)>, fn(&'a mut (K, V)) -> (&'a K, &'a mut V)>;

/// An iterator over the entries of a map, in order.
pub type Iter<'a, K, V> = Either<Slice<'a, K, V>, btree_map::Iter<'a, K, V>>;

/// An iterator over a range of the entries of a map, in order.
pub type RangeIter<'a, K, V> = Either<Slice<'a, K, V>, btree_map::Range<'a, K, V>>;

/// The entries that were removed from a map, in order.
pub type Removed<'a, K, V> = Either<std::vec::Drain<'a, (K, V)>, std::vec::IntoIter<(K, V)>>;

fn slice<K, V>(entries: &[(K, V)]) -> Slice<'_, K, V> {
    entries.iter().map(|(key, value)| (key, value))
}

fn slice_mut<K, V>(entries: &mut [(K, V)]) -> SliceMut<'_, K, V> {
    entries.iter_mut().map(|(key, value)| (&*key, value))
}

/// The index of `key`, or the index where it belongs.
fn find<K: Ord, V>(entries: &[(K, V)], key: &K) -> Result<usize, usize> {
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
fn places<K: Ord, V>(entries: &[(K, V)], range: &impl RangeBounds<K>) -> Range<usize> {
    let before = |key| find(entries, key).unwrap_or_else(|place| place);
    let after = |key| find(entries, key).map_or_else(|place| place, |place| place + 1);
    let from = match range.start_bound() {
        Bound::Unbounded => 0,
        Bound::Included(key) => before(key),
        Bound::Excluded(key) => after(key),
    };
    let until = match range.end_bound() {
        Bound::Unbounded => entries.len(),
        Bound::Included(key) => after(key),
        Bound::Excluded(key) => before(key),
    };
    from..until.max(from)
}

/// Whether a range ends where it begins, or before. A tree refuses some of these ranges.
fn is_empty<K: Ord>(range: &impl RangeBounds<K>) -> bool {
    match (range.start_bound(), range.end_bound()) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(from), Bound::Included(until)) => from > until,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(until))
        | (Bound::Excluded(from), Bound::Included(until)) => from >= until,
    }
}

/// The place of a key in a map, vacant or not.
pub struct Entry<'a, K, V> {
    map: &'a mut SortedMap<K, V>,
    key: K,
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        match &self.entries {
            Entries::Vector(entries) => find(entries, key).ok().map(|place| &entries[place].1),
            Entries::Tree(tree) => tree.get(key),
        }
    }

    /// The mutable value of `key`.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match &mut self.entries {
            Entries::Vector(entries) => find(entries, key).ok().map(|place| &mut entries[place].1),
            Entries::Tree(tree) => tree.get_mut(key),
        }
    }

    /// Whether `key` is in the map.
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Sets the value of `key`; returns its old value.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.grow();
        match &mut self.entries {
            Entries::Vector(entries) => match find(entries, &key) {
                Ok(place) => Some(std::mem::replace(&mut entries[place].1, value)),
                Err(place) => {
                    entries.insert(place, (key, value));
                    None
                }
            },
            Entries::Tree(tree) => tree.insert(key, value),
        }
    }

    /// Removes `key`; returns its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        match &mut self.entries {
            Entries::Vector(entries) => {
                find(entries, key).ok().map(|place| entries.remove(place).1)
            }
            Entries::Tree(tree) => tree.remove(key),
        }
    }

    /// The place of `key`.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        Entry { map: self, key }
    }

    /// The entries of a range of keys, in order.
    pub fn range(&self, range: impl RangeBounds<K>) -> RangeIter<'_, K, V> {
        match &self.entries {
            Entries::Vector(entries) => Either::Vector(slice(&entries[places(entries, &range)])),
            Entries::Tree(_) if is_empty(&range) => Either::Vector(slice(&[])),
            Entries::Tree(tree) => Either::Tree(tree.range(range)),
        }
    }

    /// The entries of a range of keys, with mutable values.
    pub fn range_mut(
        &mut self,
        range: impl RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        match &mut self.entries {
            Entries::Vector(entries) => {
                let places = places(entries, &range);
                Either::Vector(slice_mut(&mut entries[places]))
            }
            Entries::Tree(_) if is_empty(&range) => Either::Vector(slice_mut(&mut [])),
            Entries::Tree(tree) => Either::Tree(tree.range_mut(range)),
        }
    }

    /// Removes the entries of a range, in order.
    pub fn remove_range(&mut self, range: impl RangeBounds<K>) -> Removed<'_, K, V> {
        match &mut self.entries {
            Entries::Vector(entries) => {
                let places = places(entries, &range);
                Either::Vector(entries.drain(places))
            }
            Entries::Tree(_) if is_empty(&range) => Either::Tree(Vec::new().into_iter()),
            Entries::Tree(tree) => {
                let removed: Vec<_> = tree.extract_if(range, |_, _| true).collect();
                Either::Tree(removed.into_iter())
            }
        }
    }

    /// Removes the first `count` entries, in order.
    pub fn remove_first(&mut self, count: usize) -> Removed<'_, K, V> {
        match &mut self.entries {
            Entries::Vector(entries) => Either::Vector(entries.drain(..count)),
            Entries::Tree(tree) => {
                let removed: Vec<_> = (0..count).map_while(|_| tree.pop_first()).collect();
                Either::Tree(removed.into_iter())
            }
        }
    }

    /// The first entry.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        match &self.entries {
            Entries::Vector(entries) => entries.first().map(|(key, value)| (key, value)),
            Entries::Tree(tree) => tree.first_key_value(),
        }
    }

    /// Removes the entries that match, in order.
    pub fn extract_if(
        &mut self,
        mut matches: impl FnMut(&K, &V) -> bool,
    ) -> impl Iterator<Item = (K, V)> {
        match &mut self.entries {
            Entries::Vector(entries) => {
                Either::Vector(entries.extract_if(.., move |(key, value)| matches(key, value)))
            }
            Entries::Tree(tree) => {
                Either::Tree(tree.extract_if(.., move |key, value| matches(key, value)))
            }
        }
    }

    /// Makes a tree of a vector that is full.
    fn grow(&mut self) {
        if let Entries::Vector(entries) = &mut self.entries
            && entries.len() >= vector_max::<K, V>()
        {
            self.entries = Entries::Tree(std::mem::take(entries).into_iter().collect());
        }
    }
}

impl<K, V> SortedMap<K, V> {
    /// An empty map.
    pub const fn new() -> Self {
        Self { entries: Entries::Vector(Vec::new()) }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::Vector(entries) => entries.len(),
            Entries::Tree(tree) => tree.len(),
        }
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all entries.
    pub fn clear(&mut self) {
        match &mut self.entries {
            Entries::Vector(entries) => entries.clear(),
            Entries::Tree(tree) => tree.clear(),
        }
    }

    /// All entries, in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        match &self.entries {
            Entries::Vector(entries) => Either::Vector(slice(entries)),
            Entries::Tree(tree) => Either::Tree(tree.iter()),
        }
    }

    /// All keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// All values, in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// All values, mutable.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// All entries, in order, with mutable values.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&K, &mut V)> {
        match &mut self.entries {
            Entries::Vector(entries) => Either::Vector(slice_mut(entries)),
            Entries::Tree(tree) => Either::Tree(tree.iter_mut()),
        }
    }
}

impl<'a, K: Ord, V> Entry<'a, K, V> {
    /// The value; inserts one if the place is vacant.
    pub fn or_insert_with(self, value: impl FnOnce() -> V) -> &'a mut V {
        let Self { map, key } = self;
        map.grow();
        match &mut map.entries {
            Entries::Vector(entries) => {
                let place = find(entries, &key).unwrap_or_else(|place| {
                    entries.insert(place, (key, value()));
                    place
                });
                &mut entries[place].1
            }
            Entries::Tree(tree) => tree.entry(key).or_insert_with(value),
        }
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

// Two maps with the same entries are equal, whichever form they have.

impl<K: PartialEq, V: PartialEq> PartialEq for SortedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for SortedMap<K, V> {}

impl<K: Hash, V: Hash> Hash for SortedMap<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        for entry in self {
            entry.hash(state);
        }
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
    type IntoIter = Either<std::vec::IntoIter<(K, V)>, btree_map::IntoIter<K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        match self.entries {
            Entries::Vector(entries) => Either::Vector(entries.into_iter()),
            Entries::Tree(tree) => Either::Tree(tree.into_iter()),
        }
    }
}

impl<K: Ord, V> std::ops::Index<&K> for SortedMap<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key is in the map")
    }
}
