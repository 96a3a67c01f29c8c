//! A simulation that a person watches and disturbs.
//!
//! ```text
//!  text of a scenario ──run──▶ all records ──up to the position──▶ parts, which a page is sent
//!        ▲                                        │
//!        └── a press: an entry `from: T` ◀────────┘ where the person is, at time T
//! ```
//!
//! The text of the scenario is the whole state: a press adds an entry to it, from the present moment on, and the
//! scenario is run again. What a person has seen is then compared with the new run. So a session that is saved is a
//! scenario, and running the scenario is the session, byte for byte.
//!
//! # What is absent
//!
//! Network, threads and the wall clock: who serves a session says when it goes on.

mod case;
mod frame;
mod knobs;
mod press;
mod session;
#[cfg(test)]
mod tests;

pub use case::Case;
pub use press::Press;
pub use session::{Refused, Session};
