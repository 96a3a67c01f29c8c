//! The outcome of a campaign.

use std::collections::BTreeSet;
use std::time::Duration;

use super::blocks::runs_of;
use super::{
    CampaignId, FileClaim, Finding, Mismatch, Old, Shard, Standing, State, Tally, Universe,
};
use crate::session::{Feature, RunOutcome, Verdict};

/// The outcome of a campaign. Every format is rendered from this and from nothing else.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// What decided on its runs.
    pub id: CampaignId,
    /// What its runs could do.
    pub universe: Universe,
    /// The part of it that was done.
    pub shard: Shard,
    /// The number of requested runs of all shards; `None` if it was to go on until it is stopped.
    pub asked: Option<u64>,
    /// The sums over its runs.
    pub tally: Tally,
    /// What earlier campaigns found.
    pub old: Vec<Old>,
    /// Why it ended.
    pub ended: Ended,
    /// The name of the command, such as `jetlag`.
    pub command: &'static str,
    /// The folder in which its findings are; `None` if they were not written to files.
    pub folder: Option<String>,
    /// Whether the report has a line for each file.
    pub lists_files: bool,
    /// The wall-clock time it took, if that was requested.
    pub took: Option<Duration>,
}

/// Why a campaign ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// All requested runs were made.
    Done,
    /// Its time was over.
    TimeUp,
    /// Somebody interrupted it.
    Interrupted,
    /// The same run was not the same.
    Unrepeatable(Box<Mismatch>),
    /// A run broke off for a reason that others would have too.
    Broken(Box<RunOutcome>),
}

impl Ended {
    /// Whether going on makes no sense.
    pub(super) const fn is_grave(&self) -> bool {
        matches!(self, Self::Unrepeatable(_) | Self::Broken(_))
    }
}

impl Campaign {
    /// The outcome of the runs in a state.
    pub(super) fn of(state: State, command: &'static str, ended: Ended) -> Self {
        let tally = state.whole();
        let State { id, universe, shard, asked, old, .. } = state;
        let old = old.into_values().collect();
        Self {
            id,
            universe,
            shard,
            asked,
            tally,
            old,
            ended,
            command,
            folder: None,
            lists_files: false,
            took: None,
        }
    }

    /// The number of requested runs of its shard.
    pub fn asked_here(&self) -> Option<u64> {
        Some(runs_of(self.shard, self.asked?, self.id.block))
    }

    /// The verdict on all runs together. A campaign that can be continued is interrupted, whatever it found.
    pub fn verdict(&self) -> Verdict {
        match &self.ended {
            Ended::Unrepeatable(_) => return Verdict::Unrepeatable,
            Ended::Interrupted => return Verdict::Interrupted,
            Ended::Done | Ended::TimeUp | Ended::Broken(_) => {}
        }
        let found = self.found();
        match &self.ended {
            Ended::Broken(run) if found == Verdict::Held => run.verdict(),
            _ => found,
        }
    }

    /// The verdict on the runs that were made, however it ended.
    pub fn found(&self) -> Verdict {
        let kinds = self.tally.findings.values().map(|finding| finding.failure.kind);
        kinds.max().map_or(Verdict::Held, |kind| kind.verdict())
    }

    /// The features that some run reached.
    pub fn reached(&self) -> BTreeSet<Feature<String>> {
        let feature = |number: &u32| self.universe.features.get(*number as usize).cloned();
        self.tally.reached.keys().filter_map(feature).collect()
    }

    /// The claims that no run met.
    pub fn unmet(&self) -> impl Iterator<Item = &FileClaim> {
        let claims = self.universe.claims.iter().zip(0_u32..);
        claims.filter(|(_, number)| !self.tally.met.contains_key(number)).map(|(claim, _)| claim)
    }

    /// The run that ended it, if one did.
    pub fn ended_by(&self) -> Option<&RunOutcome> {
        match &self.ended {
            Ended::Unrepeatable(mismatch) => Some(&mismatch.outcome),
            Ended::Broken(run) => Some(run),
            Ended::Done | Ended::TimeUp | Ended::Interrupted => None,
        }
    }

    /// The findings in order of their first runs, and then those of earlier campaigns only.
    pub fn findings(&self) -> Vec<(Standing, &Finding)> {
        let known = |finding: &Finding| {
            let identity = finding.failure.identity();
            self.old.iter().any(|old| old.finding.failure.identity() == identity)
        };
        let mut found: Vec<_> = self.tally.findings.values().collect();
        found.sort_unstable_by_key(|finding| (finding.run, finding.failure.identity()));
        let standing = |finding| if known(finding) { Standing::StillThere } else { Standing::New };
        let missing = self
            .old
            .iter()
            .filter(|old| !self.tally.findings.contains_key(&old.finding.failure.identity()));
        let missing = missing.map(|old| {
            let enough = self.tally.runs >= old.runs;
            (if enough { Standing::Gone } else { Standing::NotYet }, &old.finding)
        });
        found.into_iter().map(|finding| (standing(finding), finding)).chain(missing).collect()
    }
}
