//! Jetlag is a deterministic simulator and test harness for event-sourced ticketing.
//!
//! It runs a whole CQRS platform (command side, event store, outbox, broker, projectors, cache,
//! queries, sagas, vendors, payments) as state machines under one virtual clock. A scenario says who
//! wants what; a seed decides whatever is left to chance; checkers judge every fact of the run. The
//! same scenario with the same seed is the same run, to the last bit, on every machine.
//!
//! The domain is a plug-in. Three ship: [`Flights`](domains::Flights), [`Orders`](domains::Orders) and
//! [`Accounts`](domains::Accounts). This is how to bring your own; below it there is [a tour](#a-tour) of
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
//! report ◀─ session ◀─┬─ Violations ◀─ checkers ┬────────── records ─▶ digest (always)
//!                     └─ Observed ◀─ metrics ◀┘               └──────▶ trace (on demand)
//! ```
//!
//! In the order in which a reader wants them:
//!
//! | module | what is there |
//! |---|---|
//! | [`kernel`] | virtual time, the queue, choices, links, faults, holds, budgets, the digest, the loop |
//! | [`model`] | what a domain provides, and what a run leaves behind; the [`Domain`](model::Domain) trait |
//! | [`platform`] | every node between a click and a row that shows it |
//! | [`saga`] | the life cycle that all sagas share |
//! | [`domains`] | what ships: [`Flights`](domains::Flights), [`Orders`](domains::Orders), [`Accounts`](domains::Accounts) |
//! | [`check`] | what must hold of any domain, and the [`Checker`](check::Checker) trait |
//! | [`trace`] | records of a run, and the story they tell |
//! | [`scenario`] | the language of scenario files, its diagnostics, what is expected and observed |
//! | [`session`] | one run, many seeds, many scenarios with whatever goes wrong, a run told |
//! | [`report`] | what came of it, as text, JSON and JUnit |
//! | [`harness`] | the front door: a domain with the folder of its scenarios, as tests, campaigns and a command |
//! | [`prelude`] | what a domain of one's own needs, to be brought in at once |
//!
//! # What is promised
//!
//! * **Repeatable.** A run is a function of the plan, the seed, the overrides and the holds. No wall
//!   clock, thread, float or hash map takes part in it.
//! * **Stable under change.** A choice is drawn under the name of what it is about, not from a stream
//!   of random numbers: one more draw somewhere disturbs no other.
//! * **Bounded.** A run that does not come to rest ends with a [`Stop`](kernel::Stop) that says why.
//! * **Independent.** Checkers see facts and the final state, never the nodes.
//! * **No panic on bad input.** A scenario file is refused with diagnostics, whatever its bytes.
//!
//! Digests and the wording of stories may change with any version.
//!
//! # What is not modelled
//!
//! Handling a message takes no virtual time, so no node is ever saturated. A store, a broker and a cache
//! are one node each: how they replicate shows only in what they may lose. Bytes are neither torn nor
//! flipped. A campaign draws faults and stops at the first run that does not hold: runs are not
//! enumerated, and failures are not shrunk. `README.md` has the whole list.

pub mod collections;

pub mod kernel;

pub mod model;

pub mod platform;

pub mod saga;

mod outside;

#[doc(hidden)]
pub mod world;

#[cfg(feature = "domains")]
pub mod domains;

pub mod check;

pub mod trace;

pub mod metrics;

pub mod scenario;

pub mod session;

pub mod report;

pub mod harness;

pub mod prelude;

#[cfg(test)]
mod testing;

#[cfg(feature = "cli")]
mod cli;

/// What the README shows runs, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
