//! Blocks of runs, and which of them are done.

use serde::{Deserialize, Serialize};

/// The usual number of runs in a block.
pub const BLOCK_RUNS: u64 = 4_096;
/// The number of rounds in a block, and the most runs in a round.
const ROUNDS: u64 = 16;
const ROUND_RUNS_MAX: u64 = 256;

/// The runs of a block that belong to a campaign: all of them, or in the last block fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Its number.
    pub(super) number: u64,
    /// Its first run.
    pub(super) first: u64,
    /// How many runs of it belong to the campaign.
    pub(super) runs: u64,
    /// The number of runs in a whole block.
    size: u64,
}

impl Block {
    /// The first and the last run but one of each round.
    pub(super) fn rounds(self) -> impl Iterator<Item = std::ops::Range<u64>> {
        let round = (self.size / ROUNDS).clamp(1, ROUND_RUNS_MAX);
        let until = self.first + self.runs;
        let firsts = std::iter::successors(Some(self.first), move |first| first.checked_add(round));
        firsts.take_while(move |first| *first < until).map(move |first| {
            first..first.saturating_add(round).min(until)
        })
    }

    /// Whether all of its runs belong to the campaign.
    pub(super) const fn is_whole(self) -> bool {
        self.runs == self.size
    }
}

/// The blocks of one of several machines: those whose number divided by `of` leaves `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which of the machines, from 0.
    pub index: u64,
    /// The number of machines.
    pub of: u64,
}

impl Share {
    /// All blocks.
    pub const ALL: Self = Self { index: 0, of: 1 };

    /// The share's blocks of a campaign of this many runs, in order.
    pub(super) fn blocks(self, runs: u64, size: u64) -> impl Iterator<Item = Block> {
        let numbers = std::iter::successors(Some(self.index), move |at| at.checked_add(self.of));
        let block = move |number: u64| {
            let first = number.checked_mul(size)?;
            let left = runs.checked_sub(first).filter(|left| *left > 0)?;
            Some(Block { number, first, runs: left.min(size), size })
        };
        numbers.map_while(block)
    }

    /// The number of runs in them.
    pub(super) fn runs(self, runs: u64, size: u64) -> u64 {
        let (whole, rest) = (runs / size, runs % size);
        let mine = |blocks: u64| (blocks + self.of - 1).saturating_sub(self.index) / self.of;
        let last = if whole % self.of == self.index { rest } else { 0 };
        mine(whole) * size + last
    }
}

/// A set of blocks, as ranges of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// First and last of each range, in order; neither overlapping nor adjacent.
    ranges: Vec<(u64, u64)>,
}

impl Blocks {
    /// Adds a block; `false` if it was in the set.
    pub fn insert(&mut self, block: u64) -> bool {
        let at = self.ranges.partition_point(|(_, last)| *last < block);
        if self.contains(block) {
            return false;
        }
        let joins_left = at > 0 && self.ranges[at - 1].1 + 1 == block;
        let joins_right = self.ranges.get(at).is_some_and(|(first, _)| block + 1 == *first);
        match (joins_left, joins_right) {
            (true, true) => self.ranges[at - 1].1 = self.ranges.remove(at).1,
            (true, false) => self.ranges[at - 1].1 = block,
            (false, true) => self.ranges[at].0 = block,
            (false, false) => self.ranges.insert(at, (block, block)),
        }
        true
    }

    /// Whether a block is in the set.
    pub fn contains(&self, block: u64) -> bool {
        let at = self.ranges.partition_point(|(_, last)| *last < block);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= block)
    }

    /// The blocks, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.ranges.iter().flat_map(|(first, last)| *first..=*last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_divide_the_runs_among_them() {
        for runs in [0, 1, 99, 100, 101, 1_000, 1_234] {
            for of in [1, 2, 3, 7, 20] {
                let mut all: Vec<u64> = Vec::new();
                for share in (0..of).map(|index| Share { index, of }) {
                    let blocks: Vec<Block> = share.blocks(runs, 100).collect();
                    let mine: Vec<u64> = blocks.iter().flat_map(|block| block.rounds()).flatten().collect();
                    assert_eq!(mine.len() as u64, share.runs(runs, 100), "{runs} {share:?}");
                    all.extend(mine);
                }
                all.sort_unstable();
                assert!(all.into_iter().eq(0..runs), "{runs} runs in {of} shares");
            }
        }
    }

    #[test]
    fn the_rounds_of_a_longer_campaign_begin_like_those_of_a_shorter_one() {
        let rounds = |runs| {
            let block = Share::ALL.blocks(runs, 160).last().expect("a block");
            block.rounds().collect::<Vec<_>>()
        };
        assert_eq!(rounds(25), [0..10, 10..20, 20..25]);
        assert_eq!(rounds(160)[..2], rounds(25)[..2]);
        assert_eq!(rounds(165), [160..165]);
    }

    #[test]
    fn a_set_of_blocks_joins_its_ranges() {
        let mut blocks = Blocks::default();
        for block in [3, 5, 0, 4, 1] {
            assert!(blocks.insert(block) && !blocks.insert(block));
        }
        assert_eq!(blocks.ranges, [(0, 1), (3, 5)]);
        assert!(blocks.contains(4) && !blocks.contains(2) && !blocks.contains(6));
        assert!(blocks.iter().eq([0, 1, 3, 4, 5]));
    }
}
