//! One run in the formats of other tools: for viewers, for programs, and for tests elsewhere.
//!
//! ```text
//!                              ┌─ records    one JSON object a line
//!                              ├─ chrome     Trace Event Format, for Perfetto
//!  RunOutcome ─▶ Course ───────┼─ plan       the run as steps that another platform's tests can take
//!  with its log and its story  ├─ mermaid    a sequence diagram
//!                              ├─ itf        a state for each step, for Apalache and Quint
//!                              └─ rust_test  a test that runs it again
//! ```
//!
//! Each format is a function of a [`Course`]: the deliveries of one run with the lines that they led to,
//! under the names that a person knows. `docs/export.md` describes what is in them.
//!
//! # What is absent
//!
//! Running, except that a run of a seed is recorded as a capsule for its test; files; and what a run does not
//! keep, such as the contents of messages.

mod chrome;
mod course;
mod history;
mod itf;
mod mermaid;
mod plan;
mod records;
mod rust_test;

pub use chrome::chrome;
pub use course::{Course, logged};
pub use history::history;
pub use itf::itf;
pub use mermaid::mermaid;
pub use plan::plan;
pub use records::records;
pub use rust_test::rust_test;

use thiserror::Error;

/// Why a run cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotExported {
    /// Its outcome has no log or no story: it was not [requested](logged), or the run hung.
    #[error("nothing is known of what happened in the run")]
    NoLog,
    /// It is too long for the format.
    #[error("the run has {count} {what}, and {format} shows at most {most}")]
    TooLong {
        /// The format.
        format: &'static str,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}
