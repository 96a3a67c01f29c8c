//! The scoreboard: how many runs it takes until a mistake that was put in is found.
//!
//! ```text
//! defect × strategy × campaign ──▶ Trial ──▶ Board: median, interval, the property that spoke, size when shrunk
//! ```
//!
//! A trial is one campaign that ends with its first failure, or after as many runs as it may make. Its result follows
//! from the defect, the strategy and the number of the campaign alone, apart from the seconds. Trials can therefore be
//! made in any order, on any machine, and put together.
//!
//! # What is absent
//!
//! Files and output. The caller loads the scenarios and says when to stop.

mod board;
mod form;
mod interval;
mod strategy;
mod trial;

pub use board::{Board, Row, Summary};
pub use interval::Interval;
pub use strategy::{Strategy, UnknownStrategy};
pub use trial::{Bench, Trial};
