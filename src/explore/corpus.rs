//! The runs of a block that reached something new, and the runs that depart from them.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::ran::Ran;
use crate::kernel::{Digest, Step};
use crate::session::{Branch, RunRequest};

/// One of this many runs departs from an earlier one, if there is one of its file.
const RELATIVE_ONE_OF: u64 = 3;
/// The most branches of a run: beyond that its beginning has been searched often enough.
const BRANCHES_MAX: usize = 6;
/// The most entries that a run becomes.
const STEPS_MAX: usize = 3;
/// The most entries of a file.
const ENTRIES_MAX: usize = 512;

/// A run up to the step in which it reached something new.
#[derive(Clone, Debug)]
struct Entry {
    seed: u64,
    branches: Vec<Branch>,
    step: Step,
}

/// What the runs of a block reached, and the entries of each file.
#[derive(Debug)]
pub(super) struct Corpus {
    entries: Vec<Vec<Entry>>,
    reached: BTreeSet<u32>,
}

impl Corpus {
    pub(super) fn new(files: usize) -> Self {
        Self { entries: vec![Vec::new(); files], reached: BTreeSet::new() }
    }

    /// The request of a run: by itself, or as a relative of an entry of its file.
    pub(super) fn request(&self, plan: &Plan<'_>, run: u64) -> (usize, RunRequest) {
        let (file, request) = (plan.file(run), plan.request(run));
        let entries = &self.entries[file];
        let mut digest = Digest::default();
        digest.word(request.seed);
        let drawn = digest.value();
        if entries.is_empty() || drawn % RELATIVE_ONE_OF != 0 {
            return (file, request);
        }
        let Entry { seed, branches, step } =
            &entries[(drawn / RELATIVE_ONE_OF % entries.len() as u64) as usize];
        let branch = Branch { step: *step, seed: request.seed };
        let branches = branches.iter().copied().chain([branch]).collect();
        (file, RunRequest { seed: *seed, branches, ..request })
    }

    /// Takes a run that reached something new: it is departed from where it did so.
    pub(super) fn add(&mut self, plan: &Plan<'_>, ran: &Ran) {
        let RunRequest { seed, branches, .. } = &ran.outcome.request;
        let new = ran
            .reached
            .iter()
            .filter(|(feature, _)| plan.is_searched_for(*feature) && self.reached.insert(*feature));
        let begun = branches.last().map_or(Step(0), |last| last.step);
        let mut steps: Vec<Step> =
            new.map(|(_, step)| *step).filter(|step| *step > begun).collect();
        steps.sort_unstable();
        steps.dedup();
        let entries = &mut self.entries[ran.file];
        if branches.len() < BRANCHES_MAX && entries.len() < ENTRIES_MAX {
            // The last steps are the ones that most had to go before.
            let deepest = steps.iter().rev().take(STEPS_MAX);
            entries.extend(deepest.map(|step| Entry {
                seed: *seed,
                branches: branches.clone(),
                step: *step,
            }));
        }
    }
}
