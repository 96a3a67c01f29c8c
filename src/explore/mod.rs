//! Campaigns: many runs of many scenarios, on all cores and on many machines.

mod shard;

pub use shard::Shard;
