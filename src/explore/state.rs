//! What is kept of a campaign, to continue it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Blocks, CampaignId, Old, Plan, Shard, Tally, Universe};

/// The version of the form in which states are written.
const FORMAT: u32 = 1;

/// A campaign as far as it has come. Blocks that were not finished are not part of it: they are done again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The version of its form.
    pub format: u32,
    /// The campaign.
    pub id: CampaignId,
    /// The build of the program: another one may behave differently, so that nothing is continued.
    pub build: String,
    /// What its runs can do.
    pub universe: Universe,
    /// The shard that it is the result of.
    pub shard: Shard,
    /// The number of requested runs of all shards; `None` if it was to go on until it is stopped.
    pub asked: Option<u64>,
    /// The blocks of which every run is done.
    pub done: Blocks,
    /// The sums over these blocks.
    pub tally: Tally,
    /// The first runs of other blocks.
    pub parts: Vec<Part>,
    /// What earlier campaigns found, by identity.
    pub old: BTreeMap<String, Old>,
}

/// The first runs of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The number of the block.
    pub block: u64,
    /// The sums over them.
    pub tally: Tally,
}

impl State {
    /// A campaign that has not begun.
    pub fn new(plan: &Plan<'_>, build: &str) -> Self {
        Self {
            format: FORMAT,
            id: plan.id().clone(),
            build: build.to_owned(),
            universe: plan.universe().clone(),
            shard: Shard::WHOLE,
            asked: None,
            done: Blocks::default(),
            tally: Tally::default(),
            parts: Vec::new(),
            old: BTreeMap::new(),
        }
    }

    /// The state from which a campaign goes on after this one: the same if it is the same campaign of the same
    /// build. Otherwise a new one that remembers what was found.
    #[must_use]
    pub fn followed_by(self, plan: &Plan<'_>, build: &str) -> Self {
        let next = Self::new(plan, build);
        if self.is_continued_by(&next) {
            return self;
        }
        Self { old: self.remembered_by(&next), ..next }
    }

    /// Whether another state is that of the same campaign of the same build.
    fn is_continued_by(&self, next: &Self) -> bool {
        (self.format, &self.id, &self.build) == (next.format, &next.id, &next.build)
    }

    /// What another campaign after this one knows of earlier ones; the same campaign knows what this one does.
    pub fn remembered_by(self, next: &Self) -> BTreeMap<String, Old> {
        if self.is_continued_by(next) {
            return self.old;
        }
        let whole = self.whole();
        let runs = whole.runs;
        // What was gone is forgotten; what was not found again in fewer runs may still be there.
        let mut old = self.old;
        old.retain(|_, old| old.runs > runs);
        old.extend(
            whole.findings.into_iter().map(|(identity, finding)| (identity, Old { finding, runs })),
        );
        old
    }

    /// The number of runs and the sum of the hashes of their digests.
    pub(super) fn made(&self) -> (u64, u64) {
        let tallies = [&self.tally].into_iter().chain(self.parts.iter().map(|part| &part.tally));
        tallies.fold((0, 0), |(runs, digest), tally| {
            (runs + tally.runs, digest.wrapping_add(tally.digest))
        })
    }

    /// The sums over all runs.
    pub fn whole(&self) -> Tally {
        let mut whole = self.tally.clone();
        self.parts.iter().for_each(|part| whole.merge(&part.tally));
        whole
    }

    /// Adds a block. `whole` says that every run of it is done; a part replaces another part of the block.
    pub(super) fn add(&mut self, block: u64, whole: bool, tally: Tally) {
        self.parts.retain(|part| part.block != block);
        if whole {
            self.tally.merge(&tally);
            assert!(self.done.insert(block), "a block is done once");
        } else if tally.runs > 0 {
            self.parts.push(Part { block, tally });
            self.parts.sort_unstable_by_key(|part| part.block);
        }
    }

    /// Whether these runs of a block are done.
    pub(super) fn has(&self, block: u64, runs: u64) -> bool {
        let part = || self.parts.iter().any(|part| part.block == block && part.tally.runs == runs);
        self.done.contains(block) || part()
    }
}
