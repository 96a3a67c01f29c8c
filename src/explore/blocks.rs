//! Blocks of runs, and which of them are done.

use serde::{Deserialize, Serialize};

use super::Shard;

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
        firsts
            .take_while(move |first| *first < until)
            .map(move |first| first..first.saturating_add(round).min(until))
    }

    /// Whether all of its runs belong to the campaign.
    pub(super) const fn is_whole(self) -> bool {
        self.runs == self.size
    }
}

/// The blocks of a shard in a campaign of this many runs, in order.
pub(super) fn blocks(shard: Shard, runs: u64, size: u64) -> impl Iterator<Item = Block> {
    shard.blocks(runs.div_ceil(size)).map(move |number| {
        let first = number * size;
        Block { number, first, runs: (runs - first).min(size), size }
    })
}

/// The number of runs in them.
pub(super) fn runs_of(shard: Shard, runs: u64, size: u64) -> u64 {
    let (whole, rest) = (runs / size, runs % size);
    let mine = (whole + shard.count() - 1).saturating_sub(shard.index()) / shard.count();
    mine * size + if shard.has(whole) { rest } else { 0 }
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

    /// The set of these blocks, which are in order and occur once.
    pub(super) fn of_sorted(blocks: impl IntoIterator<Item = u64>) -> Self {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for block in blocks {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == block => *last = block,
                _ => ranges.push((block, block)),
            }
        }
        Self { ranges }
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
    fn shards_divide_the_runs_among_them() {
        for runs in [0, 1, 99, 100, 101, 1_000, 1_234] {
            for of in [1, 2, 3, 7, 20] {
                let mut all: Vec<u64> = Vec::new();
                for shard in (0..of).filter_map(|index| Shard::new(index, of)) {
                    let mine: Vec<u64> =
                        blocks(shard, runs, 100).flat_map(Block::rounds).flatten().collect();
                    assert_eq!(mine.len() as u64, runs_of(shard, runs, 100), "{runs} {shard:?}");
                    all.extend(mine);
                }
                all.sort_unstable();
                assert!(all.into_iter().eq(0..runs), "{runs} runs in {of} shards");
            }
        }
    }

    #[test]
    fn the_rounds_of_a_longer_campaign_begin_like_those_of_a_shorter_one() {
        let rounds = |runs| {
            let block = blocks(Shard::WHOLE, runs, 160).last().expect("a block");
            block.rounds().collect::<Vec<_>>()
        };
        assert_eq!(rounds(25), [0..10, 10..20, 20..25]);
        assert_eq!(rounds(160)[..2], rounds(25)[..2]);
        assert!(rounds(165).iter().eq([&(160..165)]));
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
