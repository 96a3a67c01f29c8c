//! All nodes of a platform, and everything outside of it, as one model under the kernel.
//!
//! The only room that knows every node: it starts them, hands each what came for it, takes from them
//! what a crash takes, asks who is busy, and collects what is left at the end.

mod describe;
mod nodes;
mod search;
mod simulation;
#[cfg(test)]
mod sites;

pub(crate) use simulation::Listener;
#[doc(hidden)]
pub use simulation::{World, simulation};
