//! The deterministic core: virtual time, a totally ordered queue, choices, faults, and the run loop.
//!
//! A [`Model`] is a set of state machines that handle one occurrence at a time. The [`Kernel`] decides
//! *what happens next*: it owns the clock, the pending occurrences, the choices and the holds. A
//! [`Simulation`] runs a model with a kernel until it is at rest or a [`Budget`] runs out.
//!
//! ```text
//!              ┌──────────────── Kernel ─────────────────┐
//!   Context ──▶│ links ─▶ choices ─▶ Queue (at, seq) ─▶  │── Delivery ──▶ Model::handle
//!      ▲       │            holds      digest    budget  │                     │
//!      │       └─────────────────────────────────────────┘                     │
//!      └───────────────────────── sends, timers, draws ────────────────────────┘
//! ```
//!
//! A model of two players, run twice:
//!
//! ```
//! use jetlag::kernel::*;
//!
//! /// The number of hits that remain.
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
//! assert_ne!(rally(7).1, rally(8).1, "another seed draws other jitter");
//! ```
//!
//! # Ordering
//!
//! Occurrences are delivered by due time; with equal due times, in the order of their creation. Messages
//! of an ordered link never overtake each other. Nothing else is guaranteed.
//!
//! # What is absent
//!
//! Nodes, kinds and entities are numbers to the kernel. It has no platform, domain, wall clock, thread,
//! float or hash-map iteration.

mod backoff;
mod budget;
mod cause;
mod choice;
mod context;
mod delivered;
mod digest;
mod faults;
pub(crate) mod fixed;
mod frequency;
mod hold;
mod link;
mod name;
mod node;
mod outage;
mod queue;
mod scheduler;
mod simulation;
mod time;

pub use backoff::{Backoff, Jitter};
pub use budget::Stop;
pub use choice::Site;
pub use faults::{Fault, Operation, Scope, Unit};
pub(crate) use faults::{Fired, declare_faults};
pub use frequency::Frequency;
pub(crate) use link::LINK_JITTER;
pub use name::{NodeId, Step};
pub use time::{Instant, Span, TimeError};
#[doc(hidden)]
pub use {
    budget::Budget,
    cause::Cause,
    choice::{Branch, ChoiceKey, Choices, Decision, Overrides, Policy, Ratio, Schedule, Space},
    context::Context,
    delivered::Delivered,
    digest::Digest,
    faults::{
        Aim, FaultLedger, FaultPlan, FiredAt, Fuzz, Origin, ScriptedFault, ScriptedRecord, sites,
    },
    hold::{Hold, Holds},
    link::{Link, Links},
    name::{Actor, Entity, Kind, OccurrenceKey},
    node::{
        CLOCK_AHEAD, CLOCK_BEHIND, CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Moment, NODE_FAULTS,
        PAUSE,
    },
    outage::{
        DELAY, DROP, DUPLICATE, KEEP_ALIVE, LINK_FAULTS, ONE_WAY, PARTITION, REORDER, SLOW_PAIR,
    },
    queue::MAX_PENDING,
    simulation::{Awaited, Class, Delivery, Kernel, Model, Payload, Simulation, Unused},
};
