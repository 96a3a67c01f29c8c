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
//! A model of two players, and the same rally twice:
//!
//! ```
//! use jetlag::kernel::*;
//!
//! /// How often it is still to be hit.
//! #[derive(Clone)]
//! struct Ball(u32);
//! impl Payload for Ball {
//!     fn kind(&self) -> Kind { Kind(1) }
//!     fn entity(&self) -> Entity { Entity(0) }
//! }
//! struct Rally { hits: u32 }
//! impl Model for Rally {
//!     type Payload = Ball;
//!     fn handle(&mut self, ball: Delivery<Ball>, context: &mut Context<'_, Ball>) {
//!         self.hits += 1;
//!         if let Some(left) = ball.payload.0.checked_sub(1) {
//!             context.send(ball.from, Ball(left));
//!         }
//!     }
//!     fn idle(&self) -> bool { true }
//! }
//! let rally = |seed| {
//!     let link = Link { base: Span::from_millis(1), jitter: Span::from_millis(4), ordered: false };
//!     let choices = Choices::new(Policy::seeded(seed), Overrides::default());
//!     let mut kernel = Kernel::new(Links::new(2, link), choices, Holds::default());
//!     kernel.context(NodeId(0)).send(NodeId(1), Ball(9));
//!     let mut simulation = Simulation { kernel, model: Rally { hits: 0 } };
//!     assert_eq!(simulation.run(&Budget::default()), Stop::AtRest);
//!     (simulation.model.hits, simulation.kernel.digest())
//! };
//! assert_eq!(rally(7).0, 10);
//! assert_eq!(rally(7), rally(7));
//! assert_ne!(rally(7).1, rally(8).1, "other jitter, another run");
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

mod backoff;
mod budget;
mod choice;
mod context;
mod digest;
mod faults;
mod hold;
mod link;
mod name;
mod node;
mod outage;
mod queue;
mod simulation;
mod time;

pub use backoff::{Backoff, Jitter};
#[doc(hidden)]
pub use budget::Budget;
pub use budget::Stop;
pub use choice::Site;
#[doc(hidden)]
pub use choice::{ChoiceKey, Choices, Overrides, Policy, Space};
#[doc(hidden)]
pub use context::Context;
#[doc(hidden)]
pub use digest::Digest;
pub use faults::{Fault, Scope, Unit};
#[doc(hidden)]
pub use faults::{
    FaultLedger, FaultPlan, FiredAt, Fuzz, Origin, ScriptedFault, ScriptedRecord, sites,
};
pub(crate) use faults::{Fired, declare_faults};
#[doc(hidden)]
pub use hold::{Hold, Holds};
#[cfg(test)]
pub(crate) use link::LINK_JITTER;
#[doc(hidden)]
pub use link::{Link, Links};
#[doc(hidden)]
pub use name::{Actor, Entity, Kind, OccurrenceKey};
pub use name::{NodeId, Step};
#[doc(hidden)]
pub use node::{
    CLOCK_AHEAD, CLOCK_BEHIND, CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Moment, NODE_FAULTS, PAUSE,
};
#[doc(hidden)]
pub use outage::{
    DELAY, DROP, DUPLICATE, KEEP_ALIVE, LINK_FAULTS, ONE_WAY, PARTITION, REORDER, SLOW_PAIR,
};
#[doc(hidden)]
pub use queue::Queue;
#[doc(hidden)]
pub use simulation::{Delivery, Kernel, Model, Payload, Simulation};
pub use time::{Instant, Span, TimeError};
