//! The formats in which outcomes are written.
//!
//! ```text
//!   RunOutcome, Campaign, Invalid ─▶ Report ─┬─ text    for people
//!                                         ├─ json    one versioned document
//!                                         ├─ jsonl   the same, one object a line
//!                                         ├─ junit   for continuous integration
//!                                         └─ github  annotations in GitHub Actions
//! ```
//!
//! Each format is a function of a [`Report`] alone, so the formats cannot contradict each other. Only
//! `--timings` adds figures of the wall clock; without it, reports of the same runs are the same bytes.
//!
//! # What is absent
//!
//! Running, reading files, and knowledge of a terminal: colours are given as a [`Palette`].

mod broken;
mod campaign;
#[cfg(feature = "cli")]
mod campaign_json;
#[cfg(feature = "cli")]
mod checked;
#[cfg(feature = "cli")]
mod checked_json;
mod coverage;
mod entry;
mod enumerated;
mod explained;
#[cfg(feature = "cli")]
mod explained_json;
#[cfg(feature = "cli")]
mod github;
#[cfg(feature = "cli")]
mod json;
#[cfg(feature = "cli")]
mod jsonl;
#[cfg(feature = "cli")]
mod junit;
mod lag;
mod ledger;
mod next;
#[cfg(feature = "cli")]
mod object;
mod palette;
mod parts;
mod properties;
mod replay;
mod reproduction;
mod scoreboard;
#[cfg(feature = "cli")]
mod scoreboard_json;
mod shrunk;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod unrest;
mod views;
mod violations;
mod wrapped;

#[cfg(feature = "cli")]
pub(crate) use broken::BrokenDoc;
#[cfg(feature = "cli")]
pub use checked::checked;
#[cfg(feature = "cli")]
pub use checked_json::checked_json;
pub use entry::{Entry, Invalid, Report};
pub use enumerated::enumerated;
pub use explained::explained;
#[cfg(feature = "cli")]
pub(crate) use explained_json::ExplainedParts;
#[cfg(feature = "cli")]
pub use explained_json::explained_json;
#[cfg(feature = "cli")]
pub use github::github;
#[cfg(feature = "cli")]
pub use json::json;
#[cfg(feature = "cli")]
pub(crate) use json::verdict;
#[cfg(feature = "cli")]
pub use jsonl::jsonl;
#[cfg(feature = "cli")]
pub(crate) use jsonl::{jsonl_end, jsonl_entry, jsonl_start};
#[cfg(feature = "cli")]
pub use junit::junit;
pub use lag::lag_chart;
#[cfg(feature = "cli")]
pub(crate) use object::{document, hash, line, list, object};
pub use palette::{Paint, Palette};
pub use properties::Properties;
pub use replay::{Excerpt, Filter, ReplayError, Replayed, replay};
#[cfg(feature = "cli")]
pub(crate) use replay::{LineDoc, MissedDoc, ScenarioDoc, StopDoc, ViolationDoc, standing};
#[cfg(feature = "cli")]
pub(crate) use reproduction::ReproductionDoc;
pub use scoreboard::scoreboard;
#[cfg(feature = "cli")]
pub use scoreboard_json::scoreboard_json;
pub use shrunk::shrunk;
pub use text::{findings, heading, text};
#[cfg(feature = "cli")]
pub(crate) use unrest::json as unrest;
#[cfg(feature = "cli")]
pub(crate) use wrapped::wrapped;
