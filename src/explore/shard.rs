//! Shards: the parts of a campaign that run in processes of their own.
//!
//! A shard takes every block whose number leaves the shard's index when it is divided by the number of shards.
//! What happens in a block depends on the campaign and the number of the block only, so the number of shards
//! changes nothing but who does the work.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One part of a campaign of `count` parts, counted from 0. It is written `I/N`.
///
/// ```
/// use jetlag::explore::Shard;
///
/// let shard: Shard = "1/4".parse().unwrap();
/// assert_eq!(shard.blocks(10).collect::<Vec<_>>(), [1, 5, 9]);
/// assert!("4/4".parse::<Shard>().is_err(), "the last of four is 3/4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    count: u64,
    index: u64,
}

impl Shard {
    /// A campaign in one part.
    pub const WHOLE: Self = Self { count: 1, index: 0 };

    /// Shard `index` of `count`; `None` if there is no such shard.
    pub const fn new(index: u64, count: u64) -> Option<Self> {
        if index < count { Some(Self { count, index }) } else { None }
    }

    /// Its number, from 0.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// The number of shards.
    pub const fn count(self) -> u64 {
        self.count
    }

    /// Whether a block is one of this shard's.
    pub const fn has(self, block: u64) -> bool {
        block % self.count == self.index
    }

    /// The numbers of its blocks among the first `blocks` of the campaign.
    pub fn blocks(self, blocks: u64) -> impl Iterator<Item = u64> {
        // Not `step_by`: its steps are of the width of `usize`.
        let next = move |block: &u64| block.checked_add(self.count);
        std::iter::successors(Some(self.index), next).take_while(move |block| *block < blocks)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            None => Err("a shard is written I/N, like 0/4 for the first of four".to_owned()),
            Some((_, 0)) => Err("a campaign has at least one shard".to_owned()),
            Some((index, count)) => Self::new(index, count).ok_or_else(|| {
                format!("shards are counted from 0: the last of {count} is {}/{count}", count - 1)
            }),
        }
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_in_one_shard() {
        for count in 1..=7 {
            let shards = || (0..count).map(|index| Shard::new(index, count).expect("below count"));
            let mut blocks: Vec<u64> = shards().flat_map(|shard| shard.blocks(23)).collect();
            blocks.sort_unstable();
            assert_eq!(blocks, (0..23).collect::<Vec<_>>(), "{count} shards");
            assert!((0..23).all(|block| shards().filter(|shard| shard.has(block)).count() == 1));
            assert!(shards().all(|shard| shard.blocks(23).all(|block| shard.has(block))));
        }
        assert_eq!(
            Shard::new(3, 4).expect("below").blocks(3).count(),
            0,
            "more shards than blocks"
        );
    }

    #[test]
    fn a_shard_is_read_as_it_is_written() {
        for text in ["0/1", "3/4", "9999/10000"] {
            assert_eq!(text.parse::<Shard>().expect("a shard").to_string(), text);
        }
        for (text, says) in [
            ("4/4", "the last of 4 is 3/4"),
            ("0/0", "at least one shard"),
            ("1", "written I/N"),
            ("-1/4", "written I/N"),
            ("1/4/2", "written I/N"),
            ("", "written I/N"),
        ] {
            let wrong = text.parse::<Shard>().expect_err(text);
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
    }
}
