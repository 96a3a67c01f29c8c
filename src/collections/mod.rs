//! The maps and sets that nodes, checkers and domains keep.
//!
//! Most tables have few entries, are cloned with their node and searched often. For these a sorted vector
//! is faster than a tree. Appending is cheap; inserting or removing elsewhere moves all later entries, so
//! that a [`SortedMap`] or [`SortedSet`] with more than a few hundred entries, or a few kilobytes, becomes a tree. A table that
//! grows with the run in no particular order is a hashed table without iteration.
//!
//! The names are those of `BTreeMap` and `BTreeSet`, and the order of iteration is the same.
//!
//! ```
//! use jetlag::collections::SortedMap;
//!
//! let mut seats = SortedMap::new();
//! seats.insert("12A", "ana");
//! seats.insert("3C", "ben");
//! assert_eq!(seats.get(&"3C"), Some(&"ben"));
//! assert_eq!(seats.keys().collect::<Vec<_>>(), [&"12A", &"3C"]);
//! ```

mod bytes;
mod either;
mod packed;
mod sorted_map;
mod sorted_set;
mod sparse;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use bytes::{Reader, Writer};
pub use either::Either;
pub(crate) use packed::{Pack, Packed};
pub use sorted_map::{Entry, Iter, RangeIter, Removed, SortedMap};
pub use sorted_set::SortedSet;
pub(crate) use sparse::{Sparse, entry};
pub(crate) use table::Table;
