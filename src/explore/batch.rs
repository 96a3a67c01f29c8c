//! Several runs of one scenario in one round, made one after the other.
//!
//! Whoever watches runs hands a whole batch to another thread. To hand over each run by itself would cost a tenth
//! of a short run, and its caches.

use std::ops::Range;

use super::corpus::Corpus;
use super::plan::Plan;
use super::ran::Ran;
use super::registry::Registry;
use super::{Ended, Host};
use crate::session::RunRequest;

/// Runs of one scenario, in order of their numbers.
#[derive(Debug)]
pub(super) struct Batch {
    /// The number of the scenario.
    file: usize,
    runs: Vec<u64>,
    requests: Vec<RunRequest>,
}

impl Batch {
    /// The runs of a round. Which of them share a batch has no influence on any.
    pub(super) fn of_round(plan: &Plan<'_>, corpus: &Corpus, round: Range<u64>) -> Vec<Self> {
        let mut open: Vec<Self> = (0..plan.files()).map(Self::of_file).collect();
        let mut full = Vec::new();
        for run in round {
            let (file, request) = corpus.request(plan, run);
            let batch = &mut open[file];
            batch.runs.push(run);
            batch.requests.push(request);
            if batch.runs.len() >= plan.batch(file) {
                full.push(std::mem::replace(batch, Self::of_file(file)));
            }
        }
        full.extend(open.into_iter().filter(|batch| !batch.runs.is_empty()));
        full
    }

    const fn of_file(file: usize) -> Self {
        Self { file, runs: Vec::new(), requests: Vec::new() }
    }

    /// Makes the runs.
    ///
    /// # Errors
    ///
    /// Why the campaign ends, if no further run makes sense.
    pub(super) fn ran(
        &self,
        plan: &Plan<'_>,
        registry: &Registry,
        host: &dyn Host,
    ) -> Result<Vec<Ran>, Ended> {
        let mut ran = Vec::with_capacity(self.runs.len());
        while ran.len() < self.runs.len() {
            let made = ran.len();
            let outcomes = plan.scenario(self.file).run_all(&self.requests[made..]);
            assert!(!outcomes.is_empty(), "the first run has an outcome");
            for (run, outcome) in self.runs[made..].iter().zip(outcomes) {
                ran.push(Ran::of(plan, (*run, self.file, outcome), registry, host)?);
            }
        }
        Ok(ran)
    }
}
