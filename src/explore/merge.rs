//! One campaign out of the results of its shards.
//!
//! Results can be added in any order, and more than once: the sum is the same.

use std::collections::BTreeMap;

use thiserror::Error;

use super::blocks::blocks;
use super::{Blocks, Campaign, Ended, Shard, State};

/// The results of shards, one after the other. Only their sum is kept, whatever their number.
#[derive(Debug, Default)]
pub struct Merge {
    sum: Option<State>,
    /// The numbers of the blocks that are done; sorted at the end only, because shards take turns with blocks.
    done: Vec<u64>,
    /// The shards that were added.
    shards: BTreeMap<Shard, Added>,
}

/// What is kept of the result of one shard.
#[derive(Debug)]
struct Added {
    name: String,
    /// The number of runs and the digest: equal results have equal ones.
    made: (u64, u64),
    is_whole: bool,
    copies: Vec<String>,
}

/// A campaign that was put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The campaign, as far as its shards have come.
    pub state: State,
    /// The shards without a result.
    pub missing: Vec<Shard>,
    /// The shards that have not made all of their runs.
    pub unfinished: Vec<Shard>,
    /// The results that are copies of another one of their shard, and count once.
    pub copies: Vec<(Shard, String)>,
}

/// Why a result cannot be added. Nothing of it was added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// It is not the result of the same campaign.
    #[error("{name} and {first} are not of the same campaign: {difference}")]
    OtherCampaign {
        /// The result.
        name: String,
        /// The first result that was added.
        first: String,
        /// How they differ.
        difference: String,
    },
    /// There is another result of its shard, with other runs.
    #[error("{name} and {other} are different results of shard {shard}")]
    OtherResult {
        /// The result.
        name: String,
        /// The other one.
        other: String,
        /// The shard of both.
        shard: Shard,
    },
    /// It contains runs of another shard.
    #[error("{name} is damaged: block {block} is not one of shard {shard}")]
    Damaged {
        /// The result.
        name: String,
        /// A block that is not one of the shard's.
        block: u64,
        /// The shard.
        shard: Shard,
    },
}

impl Merge {
    /// Adds the result of a shard. `name` is used in messages.
    ///
    /// # Errors
    ///
    /// When it is not a result of the same campaign, or contradicts another one of its shard.
    pub fn add(&mut self, name: &str, state: State) -> Result<(), MergeError> {
        let (name, shard) = (name.to_owned(), state.shard);
        if let (Some(sum), Some(first)) = (&self.sum, self.shards.values().next())
            && let Some(difference) = difference(&state, sum)
        {
            return Err(MergeError::OtherCampaign { name, first: first.name.clone(), difference });
        }
        let numbers = || state.done.iter().chain(state.parts.iter().map(|part| part.block));
        if let Some(block) = numbers().find(|block| !shard.has(*block)) {
            return Err(MergeError::Damaged { name, block, shard });
        }
        let made = state.made();
        if let Some(added) = self.shards.get_mut(&shard) {
            if added.made != made {
                return Err(MergeError::OtherResult { name, other: added.name.clone(), shard });
            }
            added.copies.push(name);
            return Ok(());
        }
        let is_whole = state.is_whole();
        self.shards.insert(shard, Added { name, made, is_whole, copies: Vec::new() });
        self.done.extend(state.done.iter());
        match &mut self.sum {
            None => {
                self.sum = Some(State { old: BTreeMap::new(), done: Blocks::default(), ..state })
            }
            Some(sum) => {
                sum.tally.merge(&state.tally);
                sum.parts.extend(state.parts);
            }
        }
        Ok(())
    }

    /// The campaign; `None` without results.
    pub fn end(mut self) -> Option<Merged> {
        let mut state = self.sum?;
        let count = state.shard.count();
        state.shard = Shard::WHOLE;
        self.done.sort_unstable();
        state.done = Blocks::of_sorted(self.done);
        state.parts.sort_unstable_by_key(|part| part.block);
        let all = (0..count).filter_map(|index| Shard::new(index, count));
        let missing = all.filter(|shard| !self.shards.contains_key(shard)).collect();
        let unfinished = self.shards.iter().filter(|(_, added)| !added.is_whole);
        let unfinished = unfinished.map(|(shard, _)| *shard).collect();
        let copies = self.shards.into_iter().flat_map(|(shard, mut added)| {
            added.copies.sort_unstable();
            added.copies.into_iter().map(move |name| (shard, name))
        });
        let copies = copies.collect();
        Some(Merged { state, missing, unfinished, copies })
    }
}

impl Merged {
    /// Whether every run of the campaign was made.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.unfinished.is_empty()
    }

    /// The outcome, as that of one process that made the same runs.
    pub fn campaign(&self, command: &'static str) -> Campaign {
        let ended = match self.state.asked {
            _ if !self.is_whole() => Ended::Interrupted,
            Some(_) => Ended::Done,
            None => Ended::TimeUp,
        };
        Campaign::of(self.state.clone(), command, ended)
    }
}

impl State {
    /// Whether every run of the shard was made. A campaign without a number of runs ends at any time.
    fn is_whole(&self) -> bool {
        let all = |asked| {
            blocks(self.shard, asked, self.id.block).all(|block| self.has(block.number, block.runs))
        };
        self.asked.is_none_or(all)
    }
}

/// How two results differ that cannot be of the same campaign.
fn difference(new: &State, first: &State) -> Option<String> {
    let (a, b) = (&new.id, &first.id);
    let says = |what: &str, a: &dyn ToString, b: &dyn ToString| {
        (a.to_string() != b.to_string())
            .then(|| format!("{what} {}, and {what} {}", a.to_string(), b.to_string()))
    };
    let runs = |state: &State| {
        state.asked.map_or_else(|| "until a time".to_owned(), |runs| runs.to_string())
    };
    let file = || a.files.iter().zip(&b.files).find(|(a, b)| a != b);
    says("format", &new.format, &first.format)
        .or_else(|| says("version", &a.version, &b.version))
        .or_else(|| says("seed", &a.seed, &b.seed))
        .or_else(|| says("policy", &a.policy, &b.policy))
        .or_else(|| says("block", &a.block, &b.block))
        .or_else(|| says("number of files", &a.files.len(), &b.files.len()))
        .or_else(|| {
            file().map(|(a, b)| {
                format!("file {} ({:06x}), and {} ({:06x})", a.path, a.hash, b.path, b.hash)
            })
        })
        .or_else(|| says("runs", &runs(new), &runs(first)))
        .or_else(|| says("number of shards", &new.shard.count(), &first.shard.count()))
        .or_else(|| says("build", &new.build, &first.build))
}
