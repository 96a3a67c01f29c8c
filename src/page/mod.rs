//! One run as a page that anyone can open: its data, and the file.
//!
//! ```text
//!  RunOutcome ─▶ Course ─┬─▶ document: records in columns, messages, rows, ledgers ─▶ JSON
//!  with its picture      │                                                            │
//!  Explained ─▶ why ─────┘        sources of the page (HTML, CSS, scripts) ───────────┴─▶ one HTML file
//! ```
//!
//! `docs/report-data.md` describes the data field by field. The sources of the page are in `src/report/page`.
//!
//! # What is absent
//!
//! Running, files, and any request: the page has all it needs in it, and its policy allows it to load nothing.

mod base85;
mod column;
mod document;
mod html;
mod layout;
mod messages;
mod part;
mod records;
#[cfg(feature = "serve")]
mod running;
mod sources;
mod templates;
mod texts;
mod why;

pub use document::{Page, data};
pub use html::html;
#[cfg(feature = "serve")]
pub use html::live;
#[cfg(feature = "serve")]
pub(crate) use messages::Messages;
#[cfg(feature = "serve")]
pub(crate) use part::Told;
#[cfg(feature = "serve")]
pub(crate) use running::{LiveRunDoc, live_document, live_part};
