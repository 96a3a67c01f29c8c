//! All nodes of a platform and of what is outside of it, as one model under the kernel.
//!
//! This is the only room that knows every node: it starts them, delivers messages, crashes and recovers
//! nodes, asks for their pending work, and collects the final state.

mod describe;
mod nodes;
mod search;
mod simulation;
mod sites;
mod unrest;

pub(crate) use simulation::Listener;
pub use simulation::{World, simulation};
pub(crate) use sites::SITES;
pub use unrest::{AwaitedLock, BusyNode, Pending, PendingMessages, PendingTimer, Recent};
