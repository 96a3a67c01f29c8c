//! Runs of scenarios: requests, execution and outcomes.
//!
//! ```text
//!   file, capsule, seed ──▶ RunRequest ──run──▶ RunOutcome ──▶ report: text, JSON, JUnit
//!                                ▲       └─ after a violation: the same run again, with a trace
//!   sweep ───────────────────────┘ each with the next seed
//! ```
//!
//! A [`RunRequest`] and a [`RunOutcome`] are plain data without the types of a domain. Between them,
//! [`execute`] runs the platform in those types. Records are kept only if the request has a detail; a run
//! with a violation is run again to explain it.
//!
//! Runs that differ from one run in a single choice each are [forks](Fork) of it.
//!
//! A panic in a run is that run's failure. Who watches a run from another thread, to notice that it hangs,
//! gives its request a [`Pulse`].
//!
//! # What is absent
//!
//! No output format ([`report`](crate::report) renders outcomes) and no wall clock.

mod any;
mod broken;
#[cfg(test)]
mod counting;
mod examine;
mod execute;
mod explain;
mod fork;
mod identity;
mod journey;
mod ledger;
mod lexicon;
mod outcome;
mod panics;
mod pulse;
mod reproduction;
mod request;
mod roles;
mod sweep;
mod unrest;
mod verdict;
mod watch;

pub use crate::kernel::Branch;
pub use crate::metrics::{Feature, FeatureKind, Reached, never_met};
pub use crate::world::{AwaitedLock, BusyNode, Pending, PendingMessages, PendingTimer, Recent};
pub use any::AnyScenario;
pub use broken::{Broken, Cause, Handled};
pub use execute::Left;
pub use fork::{Fork, Forked};
pub use identity::Identity;
pub use ledger::{FiredEntry, ScriptedEntry};
#[cfg(feature = "cli")]
pub(crate) use lexicon::NAMELESS;
pub use lexicon::{Lexicon, kind_name, kind_named, kind_names, site_name, site_named, site_names};
pub use outcome::{
    Also, Awaited, Checked, Missed, Repeat, RunOutcome, Standing, Subject, Times, ViewRead,
    Violated, Why,
};
pub use panics::{Panic, Whose};
pub use pulse::Pulse;
pub use reproduction::{Reproduced, Reproduction};
pub use request::{Faults, RunRequest, StopAt};
pub use sweep::{Sweep, sweep};
pub use unrest::{Unrest, UnrestKind};
pub use verdict::Verdict;
pub use {
    examine::run,
    execute::{Finished, execute},
};
