//! The maps and sets that nodes and checkers keep.
//!
//! Most tables hold a handful of entries, are cloned with their node and searched all the time: there a
//! sorted vector ([`SortedMap`], [`SortedSet`]) is faster than a tree and a small fraction of its code,
//! which counts because it is compiled once for each type of key and value. Appending at the end is
//! cheap; inserting or removing elsewhere moves what is behind it. A table that grows with the run in
//! no particular order is a [`Table`], which cannot be iterated over.

mod sorted_map;
mod sorted_set;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use sorted_map::SortedMap;
pub(crate) use sorted_set::SortedSet;
pub(crate) use table::Table;
