//! Capsules: recorded runs as files that a person can read, and that outlive the build which wrote them.
//!
//! ```text
//! RunOutcome ──record──▶ File ──text──▶ findings/single-capture.ron
//!                                            │ load, resolve against its scenario
//! RunOutcome ◀──run── Replay, a scenario ◀───┘
//! ```
//!
//! A seed only generates a run. A capsule fixes it: the lines and arrivals that take place, the faults, the
//! order in which messages are delivered, and all other choices that are not benign, each by what it is about.
//! What a capsule does not mention is benign. A change of the code that adds a choice somewhere therefore
//! changes nothing elsewhere.
//!
//! [`record`] tries three encodings and keeps the first that is the same run: holds over the default order;
//! holds and the delays that matter; every delay. It verifies each by replaying it.
//!
//! # What is absent
//!
//! The file system: [`harness`](crate::harness) finds the scenario of a capsule.

mod attempt;
mod choices;
mod compare;
mod file;
mod names;
mod order;
mod record;
mod replay;
mod resolve;
mod text;

pub(crate) use choices::{customers, line_sites};
pub use file::{Delays, Draws, Expected, FaultChoice, File, HoldChoice, Line, Occurrence, Source};
pub(crate) use names::size_text;
pub use record::{Encoding, Recorded, of_forced, record};
pub use replay::{CAPSULE, Replay};
pub use text::addressed;
#[cfg(feature = "cli")]
pub(crate) use {
    names::Names,
    order::{anchors, can_wait, delays, drawn_in},
};

/// The hash of the text of a scenario, as capsules state it: the first 16 hexadecimal digits of its BLAKE3.
pub fn content_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}
