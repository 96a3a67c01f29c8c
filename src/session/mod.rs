//! One run of a scenario: requested, executed, and told as an outcome.
//!
//! ```text
//!   file, capsule, seed ──▶ RunRequest ──run──▶ RunOutcome ──▶ report: text, JSON, JUnit
//!                                ▲       └─ violated? the same run again, with its trace
//!   campaign ────────────────────┘ one seed and one scenario after the other
//! ```
//!
//! A [`RunRequest`] and an [`RunOutcome`] are plain data without the types of a domain. Between them,
//! [`execute`] runs the platform in those types. Records are not kept unless the request asks for a
//! story; a run that violates something is run again to explain it.
//!
//! # What is absent
//!
//! No text for people and no format: an outcome is rendered in [`report`](crate::report). No wall clock.

mod any;
mod campaign;
#[cfg(test)]
mod counting;
mod examine;
mod execute;
mod ledger;
mod outcome;
mod request;
mod verdict;
mod watch;

pub use any::AnyScenario;
pub use campaign::{Campaign, campaign};
#[doc(hidden)]
pub use examine::run;
pub use execute::Left;
#[doc(hidden)]
pub use execute::{Finished, execute};
pub use ledger::{CampaignFaults, Counts, FaultCounts, FiredEntry, ScriptedEntry};
pub use outcome::{
    Awaited, Checked, Missed, Repeat, RunOutcome, Subject, Times, ViewRead, Violated, Why,
};
pub use request::{Faults, RunRequest, StopAt};
pub use verdict::Verdict;
