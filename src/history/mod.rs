//! Histories: what happened on any platform, as lines, and the properties judged from them.
//!
//! ```text
//!   a table, as JSON lines ─▶ row ─▶ fact ─┬─▶ log (versions, positions, ids) ─┬─▶ board ─▶ findings
//!   a map of its columns ──────┘           └─▶ judges (one for each subject) ──┘
//!   records of a run ─▶ told lines ─▶ JSON lines
//! ```
//!
//! A run is judged by [`check`](crate::check), which knows its domain and its final state. Of somebody else's platform
//! only lines are known, and only some of them. So each property is taken apart into [`Clause`]s, each of which says
//! which lines it needs. What was not judged is said, and is no success.
//!
//! Lines are read once. State is kept for each stream, and for each id where an id must be unique or is looked up;
//! what is over is forgotten as soon as nothing can be said about it any more. `docs/check.md` has figures.
//!
//! # What is absent
//!
//! Files, which the command line opens; domains; and guesses: a line that cannot be understood is an error.

#[cfg(feature = "cli")]
mod board;
#[cfg(feature = "cli")]
mod checked;
#[cfg(feature = "cli")]
mod checker;
#[cfg(feature = "cli")]
mod clauses;
#[cfg(feature = "cli")]
mod columns;
#[cfg(feature = "cli")]
mod fact;
#[cfg(feature = "cli")]
mod json;
#[cfg(feature = "cli")]
mod judges;
mod line;
#[cfg(feature = "cli")]
mod log;
#[cfg(feature = "cli")]
mod map;
#[cfg(feature = "cli")]
mod moment;
#[cfg(feature = "cli")]
mod names;
mod operated;
#[cfg(feature = "cli")]
mod operation;
#[cfg(feature = "cli")]
mod positions;
#[cfg(feature = "cli")]
mod reader;
#[cfg(feature = "cli")]
mod row;
#[cfg(feature = "cli")]
mod scope;
#[cfg(feature = "cli")]
mod seen;
mod told;
#[cfg(feature = "cli")]
mod value;
mod vocabulary;

#[cfg(feature = "cli")]
pub use board::{Breach, Place};
#[cfg(feature = "cli")]
pub use checked::{Checked, Conclusion, Known};
#[cfg(feature = "cli")]
pub use checker::{Findings, Judged};
#[cfg(feature = "cli")]
pub use clauses::{Clause, PROPERTIES, clauses_of, kinds_in};
pub use line::Line;
#[cfg(feature = "cli")]
pub use map::Map;
#[cfg(feature = "cli")]
pub use moment::Unit;
#[cfg(feature = "cli")]
pub use reader::{History, Input, Unjudged, check};
pub use told::told;
pub use vocabulary::{Field, Kind, Type, VERSION};
