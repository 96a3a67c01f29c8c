//! One enumeration out of the results of its shards.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Ended, Enumerated, Level, State};
use crate::explore::Shard;

/// The results of shards. They can be added in any order, and more than once: the sum is the same.
#[derive(Debug, Default)]
pub struct Merge {
    shards: BTreeMap<Shard, (String, State)>,
    copies: Vec<Shard>,
}

/// An enumeration that was put together.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The enumeration, as far as its shards have come.
    pub all: Enumerated,
    /// The shards without a result.
    pub missing: Vec<Shard>,
    /// The shards that have not made all of their runs.
    pub unfinished: Vec<Shard>,
    /// The shards with more than one result, of which one counts.
    pub copies: Vec<Shard>,
}

/// Why a result cannot be added. Nothing of it was added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// It is not the result of the same enumeration.
    #[error("{0} and {1} are not of the same enumeration")]
    Other(String, String),
    /// There is another result of its shard, with other runs.
    #[error("{0} and {1} are different results of shard {2}")]
    Contradiction(String, String, Shard),
}

impl Merge {
    /// Adds the result of a shard. `name` is used in messages.
    ///
    /// # Errors
    ///
    /// When it is not a result of the same enumeration, or contradicts another one of its shard.
    pub fn add(&mut self, name: &str, state: State) -> Result<(), MergeError> {
        let name = name.to_owned();
        if let Some((first, other)) = self.shards.values().next()
            && !(state.is_of_same(other) && state.shard.count() == other.shard.count())
        {
            return Err(MergeError::Other(name, first.clone()));
        }
        match self.shards.get(&state.shard) {
            None => {
                self.shards.insert(state.shard, (name, state));
            }
            Some((_, same)) if *same == state => self.copies.push(state.shard),
            Some((other, _)) => {
                return Err(MergeError::Contradiction(name, other.clone(), state.shard));
            }
        }
        Ok(())
    }

    /// The enumeration; `None` without results.
    pub fn end(self) -> Option<Merged> {
        let first = self.shards.values().next()?.1.clone();
        let all =
            (0..first.shard.count()).filter_map(|index| Shard::new(index, first.shard.count()));
        let missing: Vec<Shard> = all.filter(|shard| !self.shards.contains_key(shard)).collect();
        let unfinished = self.shards.values().filter(|(_, state)| !state.is_complete());
        let unfinished: Vec<Shard> = unfinished.map(|(_, state)| state.shard).collect();
        // Only what every shard has completed is complete.
        let complete = |state: &State| state.levels.len() - usize::from(state.next.is_some());
        let states = || self.shards.values().map(|(_, state)| state);
        let complete = if missing.is_empty() { states().map(complete).min() } else { Some(0) };
        // A shard that was stopped before its first run knows of none.
        let singles: Option<Vec<u64>> = states().map(|state| state.singles).collect();
        let singles = singles.and_then(|all| all.into_iter().max());
        let mut sum = State {
            singles,
            shard: Shard::WHOLE,
            levels: vec![],
            next: None,
            found: vec![],
            ..first
        };
        for (_, state) in self.shards.into_values() {
            sum.levels.resize_with(sum.levels.len().max(state.levels.len()), Level::default);
            sum.levels.iter_mut().zip(&state.levels).for_each(|(level, more)| level.merge(more));
            state.found.into_iter().for_each(|found| sum.add(found));
        }
        let is_complete = missing.is_empty() && unfinished.is_empty();
        if !is_complete {
            // What goes on in some shard is the level after those that all have completed.
            sum.levels.truncate(complete.unwrap_or(0) + 1);
            sum.next = Some(super::Cursor::default());
        }
        let ended = if is_complete { Ended::Complete } else { Ended::Stopped(sum.missing()) };
        let all = Enumerated { state: sum, ended, took: None };
        Some(Merged { all, missing, unfinished, copies: self.copies })
    }
}
