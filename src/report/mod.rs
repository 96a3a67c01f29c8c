//! What a command found, as plain data, and the formats it is written in.
//!
//! There is one [`Report`]; every format renders that and nothing else, so they cannot disagree.
//! No figure in it comes from the wall clock, except where somebody asked for one, so that two
//! reports of the same runs are the same bytes.
//!
//! # What is absent
//!
//! No running, no reading of files and no terminal: colours come in as a [`Palette`].

mod campaign;
#[cfg(feature = "cli")]
mod json;
#[cfg(feature = "cli")]
mod junit;
mod lag;
mod ledger;
mod outcome;
mod palette;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod views;

pub use campaign::{Campaign, campaign_text};
#[cfg(feature = "cli")]
pub use json::{campaign_json, json};
#[cfg(feature = "cli")]
pub use junit::junit;
#[doc(hidden)]
pub use lag::lag_chart;
pub use ledger::{CampaignFaults, Counts, FaultCounts, FiredEntry, ScriptedEntry};
pub use outcome::{
    Awaited, Checked, Entry, Invalid, Missed, Repeat, Report, Run, Subject, Sweep, Times, Verdict,
    ViewRead, Violated, Why,
};
pub use palette::{Paint, Palette};
#[cfg(feature = "cli")]
pub(crate) use text::quoted;
pub use text::text;
#[doc(hidden)]
pub use text::{findings, heading};
