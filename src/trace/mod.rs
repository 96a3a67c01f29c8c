//! What a run leaves behind: records, and how a person reads them.
//!
//! ```text
//!   records ─▶ Detail (which facts matter) ─▶ Speaker (words) ─▶ Story ─▶ Page (columns, causes)
//!   causes  ─────────────────────────────────────────────────────▲        brief, excerpt, whole
//! ```
//!
//! # What is absent
//!
//! No colour and no knowledge of a terminal: a page is the same text wherever it is written.

mod brief;
mod causes;
mod detail;
mod record;
mod story;
mod wording;

pub use brief::Brevity;
pub use causes::Causes;
pub use detail::Detail;
pub use record::Record;
pub use story::{Line, Page, Story, grouped};
pub use wording::Speaker;
