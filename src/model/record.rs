//! One fact with its place in the run.

use crate::kernel::{Instant, NodeId, Step};
use crate::model::{Domain, Fact};

/// A fact with its node, its time, its occurrence and the cause of that.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<D: Domain> {
    /// The occurrence in which it was stated.
    pub step: Step,
    /// The occurrence that sent the message or set the timer; 0 for start-up.
    pub cause: Step,
    /// The virtual time.
    pub at: Instant,
    /// The node that stated it.
    pub node: NodeId,
    /// The fact.
    pub fact: Fact<D>,
}
