//! One fact with its place in the run.

use crate::kernel::{Instant, NodeId, Step};
use crate::model::{Domain, Fact};

/// A fact, who stated it, when, in which occurrence, and which occurrence led to that one.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<D: Domain> {
    /// The occurrence in which it was stated.
    pub step: Step,
    /// The occurrence that sent the message, or set the timer, which led to this one; 0 at start-up.
    pub cause: Step,
    /// When.
    pub at: Instant,
    /// Who stated it.
    pub node: NodeId,
    /// What happened.
    pub fact: Fact<D>,
}
