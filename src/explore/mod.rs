//! Campaigns: many runs with drawn faults, on all cores.
//!
//! ```text
//!   Plan ── which file, which seed: a function of the run's number
//!     │
//!     ├─ block 0 ─ round ─ round ─ … ─┐   batches of runs in parallel, blocks in parallel
//!     ├─ block 1 ─ round ─ round ─ … ─┼──▶ Tally ──▶ Campaign ──▶ report
//!     └─ …                            ┘       └──▶ State, to continue later
//! ```
//!
//! A block is a fixed number of runs and depends on no other block. What a round of a block does depends on the
//! rounds before it in the same block. All sums are commutative. Therefore the result of a campaign depends
//! neither on the number of threads nor on how blocks are spread over machines.
//!
//! # What is absent
//!
//! Files, the wall clock and output: a [`Host`] is told what happens and says when to stop.

mod batch;
mod block;
mod blocks;
mod campaign;
mod canary;
mod corpus;
mod counts;
mod failure;
mod finding;
mod host;
mod identity;
mod lanes;
mod merge;
mod orders;
mod plan;
mod ran;
mod record;
mod registry;
mod shard;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod universe;
mod weights;

pub use blocks::{BLOCK_RUNS, Blocks};
pub use campaign::{Campaign, Ended};
pub use canary::Mismatch;
pub use counts::{Counts, FaultCounts, FileCounts, Times};
pub use failure::{Failure, FailureKind};
pub use finding::{Finding, Old, Standing};
pub use host::{Host, Progress};
pub use identity::{CampaignId, FileId};
pub use lanes::{Extent, campaign};
pub use merge::{Merge, MergeError, Merged};
pub use orders::Orders;
pub(crate) use plan::pool;
pub use plan::{Plan, Settings};
pub use shard::Shard;
pub use state::{Part, State};
pub use tally::Tally;
pub use universe::{FileClaim, PossibleFault, Universe};
