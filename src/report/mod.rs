//! The formats in which outcomes are written.
//!
//! ```text
//!   RunOutcome, Campaign, Invalid ─▶ Report ─┬─ text    for people
//!                                         ├─ json    one versioned document
//!                                         └─ junit   for continuous integration
//! ```
//!
//! Each format is a function of a [`Report`] and of nothing else, so they cannot disagree. No figure in
//! a report comes from the wall clock, except where it was asked for, so two reports of the same runs
//! are the same bytes.
//!
//! # What is absent
//!
//! No running, no reading of files and no terminal: colours come in as a [`Palette`].

mod campaign;
mod entry;
#[cfg(feature = "cli")]
mod json;
#[cfg(feature = "cli")]
mod junit;
mod lag;
mod next;
mod palette;
mod replay;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod views;

pub use entry::{Entry, Invalid, Report};
#[cfg(feature = "cli")]
pub use json::json;
#[cfg(feature = "cli")]
pub use junit::junit;
#[doc(hidden)]
pub use lag::lag_chart;
#[cfg(feature = "cli")]
pub(crate) use next::quoted;
pub use palette::{Paint, Palette};
pub use replay::{Excerpt, ReplayError, Replayed, replay};
pub use text::text;
#[doc(hidden)]
pub use text::{findings, heading, summary};
