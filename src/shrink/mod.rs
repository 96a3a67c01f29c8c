//! Shrinking: from a capsule of a failure to a smallest one that fails in the same way.
//!
//! ```text
//! capsule ──run──▶ elements: lines, arrivals, faults, holds, delays, draws
//!                     │  leave some out, run, compare the failure; what still fails is recorded anew
//!                     ▼
//!                  1-minimal: without any one of them the run does not fail in this way ──▶ capsule
//! ```
//!
//! The failure stays the same: the same property, with the same roles of what it is about ([`Identity`]). A
//! run that fails in another way is no step towards the goal; the first one of each is kept.
//!
//! Which runs are made follows from the capsule alone, whatever the number of threads: of several candidates
//! that run at the same time the first one in order counts, and those after it are not counted as made.
//!
//! [`Identity`]: crate::session::Identity

mod element;
mod indifferent;
mod order;
mod parts;
mod passes;
mod sizes;
#[cfg(test)]
mod tests;
mod trials;

pub use element::Element;
pub use indifferent::{Indifferent, indifferent};
pub use parts::{PARTS_MAX, Part, Parts, Whole, parts};
pub use passes::{Shrunk, Sizes, Without, WithoutIt, shrink};
pub use trials::{Effort, Ended, NotAFailure};
