//! The records of a run as data that knows no domain: typed fields under fixed names, for a page that draws them.
//!
//! ```text
//!   trace ──▶ Draft (fields of one fact) ──▶ Entry ─┐
//!         ──▶ Shown (rows of the views) ──▶ RowChange ├─▶ Picture ──▶ page
//!   ledgers of services, as they change ─────────────┘
//! ```
//!
//! A story says what happened in sentences; a picture says it in numbers and names, so that a program can compute
//! what was true at any record. All texts are in one table, and a field that is a text holds its number in it.
//!
//! # What is absent
//!
//! Judgement: what a view should show and what an invariant says are the business of the checkers. The types of
//! the domain end here, too: a [`Picture`] has none.

mod details;
mod draft;
mod entry;
mod facts;
mod layout;
mod ledgers;
mod parts;
mod shown;
mod strings;
mod window;

pub use draft::{Field, FieldType};
pub use entry::{Entry, Picture, RowChange};
pub use layout::{BreakerEntry, Layout, Phase, PlannedDeed, ServiceEntry, ViewEntry, WorkersEntry};
pub use ledgers::{LedgerChange, Ledgers, StockChange};
pub use strings::Strings;
pub use window::Window;
