//! Jetlag is a deterministic simulator and test harness for event-sourced ticketing.
//!
//! It runs a whole CQRS platform (command side, event store, outbox, broker, projectors, cache,
//! queries, sagas, vendors, payments) as state machines under one virtual clock. A scenario says which
//! customer does what; a seed decides every random choice; checkers check every fact of the run. The same
//! scenario with the same seed is the same run, byte for byte, on every machine.
//!
//! The domain is a plug-in. Four ship: [`Flights`](domains::Flights), [`Orders`](domains::Orders),
//! [`Accounts`](domains::Accounts), [`Delivery`](domains::Delivery) and [`BoxOffice`](domains::BoxOffice). This is how to bring your own; below it there is [a tour](#a-tour) of
//! the crate.
//!
#![doc = include_str!("guide.md")]
#![doc = "```rust,ignore"]
#![doc = include_str!("../examples/tables.rs")]
#![doc = "```"]
//!
//! # A tour
//!
//! One scenario of a domain that ships, run twice from Rust:
//!
//! ```
//! use jetlag::session::{Repeat, RunRequest, Verdict};
//!
//! let text = r#"(
//!     name: "last seat",
//!     domain: Flights(vendors: [
//!         (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 1, fare: "420.00 EUR")]),
//!     ]),
//!     script: [
//!         (who: "ana", does: Hold(flight: "IB6251")),
//!         (who: "ben", does: Hold(flight: "IB6251")),
//!     ],
//!     expect: [Count(event: "SeatHeld", is: 1), Replies(include: SoldOut, is: 1)],
//! )"#;
//! let scenario = jetlag::domains::harness().load("last_seat.ron", text.as_bytes()).unwrap();
//! let run = scenario.run(&RunRequest { repeat: true, ..RunRequest::of_seed(7) });
//! assert_eq!(run.verdict(), Verdict::Held, "every property held, and every expectation was met");
//! assert_eq!(run.repeat, Some(Repeat::Same), "the same seed is the same run");
//! ```
//!
//! # How it hangs together
//!
//! ```text
//! scenarios/*.ron ─parse─▶ Scenario ─resolve─▶ Plan ─build─▶ World<D> ◀─draw─ Choices
//!       └─▶ diagnostics (file:line:col)                       │ step    overrides │ policy(seed)
//!                                                             ▼
//! report ◀─ RunOutcome ◀─┬─ checkers ◀─┬───────────────── records ─▶ digest (always)
//!                        └─ metrics ◀──┘                      └─────▶ trace (on demand)
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`prelude`] | everything that a domain needs, in one import |
//! | [`harness`] | a domain with the folder of its scenarios, as tests, campaigns and a command |
//! | [`model`] | what a domain provides and what a run leaves behind; the [`Domain`](model::Domain) trait |
//! | [`saga`] | the life cycle that all sagas share, and a test bench for sagas |
//! | [`scenario`] | the language of scenario files, its diagnostics, expectations |
//! | [`check`] | the general properties, and the [`Checker`](check::Checker) trait |
//! | [`linearizability`] | whether one order of operations explains the answers of an object; sequential objects |
//! | [`session`] | one request, one outcome |
//! | [`capsule`] | recorded runs as files that outlive the build which wrote them |
//! | [`shrink`] | from a failed run to a smallest one that fails in the same way |
//! | [`explore`] | campaigns: many runs with drawn faults, on all cores |
//! | [`enumerate`] | every run with up to so many deviations from the default run |
//! | [`explain`] | why a run fails, told by the nearest run that holds |
//! | [`report`] | an outcome as text, JSON and JUnit |
//! | [`export`] | a run as a test, a plan, a diagram, a timeline or a trace |
//! | [`metrics`] | what is counted and timed in a run |
//! | [`kernel`] | virtual time, faults, back-off |
//! | [`collections`] | maps and sets that are cheap to clone |
//! | [`domains`] | the domains that ship: [`Flights`](domains::Flights), [`Orders`](domains::Orders), [`Accounts`](domains::Accounts), [`Delivery`](domains::Delivery), [`BoxOffice`](domains::BoxOffice) |
//!
//! # Guarantees
//!
//! * **Repeatable.** A run is a function of the plan, the seed, the overrides and the holds. No wall
//!   clock, thread, float or hash-map iteration takes part in it.
//! * **Stable under change.** A choice is drawn under a key made of what it is about, not from a stream
//!   of random numbers: an additional draw changes no other.
//! * **Bounded.** A run that does not come to rest ends with a [`Stop`](kernel::Stop) that says why.
//! * **Independent.** Checkers see facts and the final state, never the nodes.
//! * **No panic on bad input.** A bad scenario file is rejected with diagnostics, whatever its bytes.
//!
//! Digests and the wording of stories may change with any version.
//!
//! # What is not modelled
//!
//! Handling a message takes no virtual time unless a scenario gives nodes a capacity. A store, a broker and a cache
//! are one node each: replication shows only in what they may lose. Messages and files are never corrupted.
//! A campaign draws faults and orders at random and is no proof; an enumeration is one for a small scenario and a
//! few deviations. `docs/limits.md` has the whole list.

pub mod collections;

pub mod kernel;

pub mod linearizability;

pub mod model;

#[doc(hidden)]
pub mod platform;

pub mod saga;

mod outside;

#[doc(hidden)]
pub mod world;

#[cfg(feature = "domains")]
pub mod domains;

pub mod check;

#[doc(hidden)]
pub mod trace;

#[doc(hidden)]
pub mod picture;

pub mod metrics;

pub mod scenario;

pub mod session;

pub mod capsule;

pub mod shrink;

pub mod explore;

pub mod enumerate;

pub mod measure;

pub mod explain;

pub mod report;

#[cfg(feature = "cli")]
pub mod export;

#[cfg(feature = "cli")]
pub mod page;

pub mod harness;

#[cfg(feature = "serve")]
#[doc(hidden)]
pub mod live;

pub mod prelude;

#[cfg(test)]
mod testing;

#[cfg(feature = "cli")]
mod cli;

/// The internal interface: what the tests and benches of this crate reach into. It can change with any
/// version.
#[doc(hidden)]
pub mod internals {
    pub use crate::{kernel, platform, trace, world};
}
