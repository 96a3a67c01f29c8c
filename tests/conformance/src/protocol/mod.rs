//! The platform's protocol on a real PostgreSQL, under load.
//!
//! ```text
//!  writers ─append─▶ events, commands, outbox ─fetch─▶ relays ─publish─▶ bus ─deliver─▶ projectors
//!                          └──────────────read the log──────────────▶ followers
//! ```
//!
//! Writers sell seats of shows. Relays publish the outbox to a bus that duplicates and reorders; projectors apply what
//! the bus delivers, followers what they read of the log. Every worker's connection goes through a proxy, and a killer
//! cuts one after the other. Workers crash between their steps, which is to forget everything that is not stored.
//!
//! What clients do and hear is recorded while it happens; events, inbox and checkpoints are exported from the database.
//! Together they are a history that `jetlag check` judges. [`Mistake`] has what developers do wrong: each is found.

mod bus;
mod chaos;
mod follower;
mod history;
mod judge;
mod load;
mod mistake;
mod projector;
mod relay;
mod session;
mod writer;

pub use history::History;
pub use judge::{Judgement, check, command};
pub use load::{Figures, Plan, run};
pub use mistake::{MISTAKES, Mistake};
