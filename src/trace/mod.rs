//! The records of a run, its story, and the text of the story.
//!
//! ```text
//!   records ─▶ Importance (which facts matter) ─▶ Narrator (words) ─▶ Story of Lines ─▶ Page (columns)
//!   causes  ─▶ nearest cause with a line ────────────────────────────▲    brief, excerpt, whole
//! ```
//!
//! A [`Story`] is data: each [`Line`] has a speaker, the entities that it is about, a cause and an
//! importance. All output formats are made of these lines.
//!
//! # What is absent
//!
//! Colours and knowledge of a terminal: a page is the same text wherever it is written.

mod alike;
mod brief;
mod causes;
mod correlation;
mod importance;
mod line;
mod page;
mod story;
#[cfg(test)]
mod tests;
mod wording;

pub(crate) use brief::Brevity;
pub(crate) use causes::Causes;
pub use importance::{Detail, Importance};
pub use line::{Entity, EntityKind, Line, Speaker};
pub use page::Page;
pub use story::Story;
pub use wording::Narrator;

use crate::model::{Domain, Record};

/// Whether a text mentions a name, not only as a part of a longer name.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    alike::find_name(text, name).is_some()
}

/// The recording of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<D: Domain> {
    /// All facts with their places, in order.
    pub records: Vec<Record<D>>,
    /// The cause of each occurrence and of each part of one, also of those without a fact.
    pub causes: Causes,
}

impl<D: Domain> Default for Trace<D> {
    fn default() -> Self {
        Self { records: Vec::new(), causes: Causes::default() }
    }
}
