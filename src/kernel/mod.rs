//! The deterministic core: virtual time, a totally ordered queue, one door for chance, and the loop.
//!
//! A [`Model`] is a set of state machines that answer one occurrence at a time. The [`Kernel`] owns
//! everything that decides *what happens next*: the clock, the pending occurrences, the choices and
//! the holds. A [`Simulation`] runs the one against the other until it rests or a [`Budget`] runs out.
//!
//! ```text
//!              ┌──────────────── Kernel ─────────────────┐
//!   Context ──▶│ links ─▶ choices ─▶ Queue (at, seq) ─▶  │── Delivery ──▶ Model::handle
//!      ▲       │            holds      digest    budget  │                     │
//!      │       └─────────────────────────────────────────┘                     │
//!      └───────────────────────── sends, timers, draws ────────────────────────┘
//! ```
//!
//! # Ordering
//!
//! Occurrences are delivered by due time; equal instants keep the order in which they were created.
//! Messages of an ordered link never overtake each other, and neither do timers of one node that were
//! set for different instants. Nothing else is promised.
//!
//! # What is absent
//!
//! The kernel knows nodes, links, kinds and entities as numbers. It knows no platform, no domain, no
//! wall clock, no thread, no float and no hash-map iteration.

mod budget;
mod choice;
mod context;
mod digest;
mod hold;
mod link;
mod name;
mod queue;
mod simulation;
mod time;

pub use budget::{Budget, Stop};
pub use choice::{ChoiceKey, Choices, Counts, Decision, Overrides, Policy, Ratio, Site, Space};
pub use context::Context;
pub use digest::{Digest, FoldHasher};
pub use hold::{Hold, Holds};
pub use link::{Link, Links};
pub use name::{Actor, Entity, Kind, NodeId, OccurrenceKey, Step};
pub use queue::Queue;
pub use simulation::{Delivery, Kernel, Model, Payload, Simulation};
pub use time::{Instant, Span, TimeError};
