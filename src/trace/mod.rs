//! What a run leaves behind: records, the story made of them, and the text that a person reads.
//!
//! ```text
//!   records ─▶ Importance (which facts matter) ─▶ Narrator (words) ─▶ Story of Lines ─▶ Page (columns)
//!   causes  ─▶ attribution ──────────────────────────────────────────▲    brief, excerpt, whole
//! ```
//!
//! A [`Story`] is data: each [`Line`] has its speaker, the things that it is about, its cause and its
//! importance. Everything that prints a story reads these lines and nothing else.
//!
//! # What is absent
//!
//! No colour and no knowledge of a terminal: a page is the same text wherever it is written.

use crate::model::{Domain, Record};

mod attribution;
mod brief;
mod causes;
mod importance;
mod line;
mod page;
mod story;
#[cfg(test)]
mod tests;
mod wording;

pub(crate) use crate::model::{counted, grouped};
pub(crate) use brief::Brevity;
pub(crate) use causes::Causes;
pub use importance::{Detail, Importance};
pub use line::{Entity, EntityKind, Line, Speaker};
#[doc(hidden)]
pub use page::Page;
#[doc(hidden)]
pub use story::Story;
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
