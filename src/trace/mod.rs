//! What a run leaves behind: records, and how a person reads them.
//!
//! ```text
//!   records ─▶ Detail (which facts matter) ─▶ Narrator (words) ─▶ Story ─▶ Page (columns, causes)
//!   causes  ─────────────────────────────────────────────────────▲        brief, excerpt, whole
//! ```
//!
//! # What is absent
//!
//! No colour and no knowledge of a terminal: a page is the same text wherever it is written.

use crate::model::{Domain, Record};

mod brief;
mod causes;
mod detail;
mod story;
#[cfg(test)]
mod tests;
mod wording;

pub(crate) use brief::Brevity;
pub(crate) use causes::Causes;
pub use detail::Detail;
#[doc(hidden)]
pub use story::Story;
pub(crate) use story::{Line, Page, grouped};
#[doc(hidden)]
pub use wording::Narrator;

/// All that was recorded of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<D: Domain> {
    /// What was stated, in order.
    pub records: Vec<Record<D>>,
    /// What led to each occurrence, also to those that stated nothing.
    pub causes: Causes,
}

impl<D: Domain> Default for Trace<D> {
    fn default() -> Self {
        Self { records: Vec::new(), causes: Causes::default() }
    }
}
