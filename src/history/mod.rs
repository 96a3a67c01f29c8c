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

mod board;
mod checked;
mod checker;
mod clauses;
mod columns;
mod fact;
mod json;
mod judges;
mod log;
mod map;
mod moment;
mod names;
mod positions;
mod reader;
mod row;
mod scope;
mod seen;
mod value;
mod vocabulary;

pub use board::{Breach, Place};
pub use checked::{Checked, Conclusion, Known};
pub use checker::{Findings, Judged};
pub use clauses::{Clause, PROPERTIES, clauses_of, kinds_in};
pub use map::Map;
pub use moment::Unit;
pub use reader::{History, Input, Unjudged, check};
pub use vocabulary::{Field, Kind, Type, VERSION};
