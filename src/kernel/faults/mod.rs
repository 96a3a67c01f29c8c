//! The faults of a run: which can happen, when, where and how often.
//!
//! ```text
//!   FaultPlan: what is scripted ─┐
//!              what may be drawn ┼─▶ FaultInjector ──▶ the size of a fault at its site; 0 is no fault
//!   what a capsule forces ───────┘         └─────────▶ FaultLedger: asked, opportunities, fired, seen
//! ```
//!
//! A fault is a choice like any other: it is drawn at a site of its own, about an entity, and 0 means no
//! fault. For each run the seed decides which of the allowed faults can happen, how often, and how many
//! there may be. In many runs it also decides where they are concentrated (`focus`). In the recovery phase no fault
//! fires.

mod aim;
mod fault;
mod focus;
mod injector;
mod ledger;
mod plan;
mod rates;

pub use aim::{Aim, Operation};
pub(crate) use fault::declare_faults;
pub use fault::{Fault, Scope, Unit, sites};
pub(super) use injector::FaultInjector;
pub(crate) use ledger::Fired;
pub(super) use ledger::Mark;
pub use ledger::{FaultLedger, FiredAt, ScriptedRecord};
pub use plan::{FaultPlan, Fuzz, Origin, ScriptedFault};
