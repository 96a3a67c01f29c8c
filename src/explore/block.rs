//! One block: its rounds, one after the other, and in each round batches of runs in parallel.

use rayon::prelude::*;

use super::batch::Batch;
use super::blocks::Block;
use super::corpus::Corpus;
use super::plan::Plan;
use super::ran::Ran;
use super::registry::Registry;
use super::{Ended, Host, Progress, Tally};

/// The runs of a block that were made: all, or those of its first rounds and why it ended there.
#[derive(Debug)]
pub(super) struct BlockRan {
    pub(super) tally: Tally,
    pub(super) ended: Option<Ended>,
}

/// Makes the runs of a block. A round that cannot be finished counts for nothing, so that what is counted is a
/// function of the number of rounds.
pub(super) fn run(
    plan: &Plan<'_>,
    block: Block,
    registry: &Registry,
    (host, stop): (&dyn Host, &(dyn Fn() -> Option<Ended> + Sync)),
) -> BlockRan {
    let mut corpus = Corpus::new(plan.files());
    let mut tally = Tally::default();
    for round in block.rounds() {
        if let Some(ended) = stop() {
            return BlockRan { tally, ended: Some(ended) };
        }
        let batches = Batch::of_round(plan, &corpus, round);
        let ran = batches.par_iter().with_max_len(1).map(|batch| batch.ran(plan, registry, host));
        match ran.collect::<Result<Vec<Vec<Ran>>, Ended>>() {
            Ok(ran) => {
                // They are added in order, whichever batch they were in and whichever thread made them.
                let mut ran: Vec<Ran> = ran.into_iter().flatten().collect();
                ran.sort_unstable_by_key(|ran| ran.run);
                for ran in ran {
                    tally.add(&ran);
                    corpus.add(plan, &ran);
                }
            }
            Err(ended) => return BlockRan { tally, ended: Some(ended) },
        }
        let reached = registry.reached(tally.reached.keys().copied());
        let possible = plan.universe().features.len() as u64;
        host.progressed(Progress { findings: registry.len(), reached, possible });
    }
    BlockRan { tally, ended: None }
}
