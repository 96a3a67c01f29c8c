//! Enumeration: every run of a scenario with up to so many deviations from its default run.
//!
//! ```text
//! default run ──log──▶ deviations ──▶ runs with one ──log──▶ deviations after it ──▶ runs with two ──▶ …
//!      └──────────────fork─────────────┘    └────────────────fork──────────────────┘
//! ```
//!
//! In the default run every message takes the least time that its link allows, and nothing fails but what the file
//! scripts. A deviation is one fault with one of its sizes, or one message that comes after another delivery at the
//! same node, as far as its link allows. What can deviate is read from the log of the run that is departed from.
//! Each set of deviations is tried once: in the order in which they are chosen.
//!
//! Nothing departs from a run that failed: what follows from a failure says little.
//!
//! What a run has in common with the one that it departs from is not run again: the world is cloned at the choice. Of
//! the runs that are departed from only those on the way to the next one are kept, so that memory does not grow, and
//! a [`State`] is the place of the next one and sums. The runs that depart from one run are made in pieces. Shards
//! share the pieces.
//!
//! # What is absent
//!
//! Files, the wall clock and output: a [`Host`] is told what happens and says when to stop.

mod deviation;
mod enumeration;
mod host;
mod level;
mod merge;
mod parent;
mod plan;
mod pointless;
mod scope;
mod state;
#[cfg(test)]
mod tests;
mod walk;

pub use deviation::Deviation;
pub use enumeration::{Ended, Enumerated, enumerate};
pub use host::Host;
pub use level::Level;
pub use merge::{Merge, MergeError, Merged};
pub use plan::Plan;
pub use scope::Scope;
pub use state::{Cursor, EnumerationId, Found, State};
