//! What a model gives to the kernel: messages and timers, and the state machines that handle them.

use crate::kernel::{Cause, Context, Entity, Kind, NodeId, Operation, Span, Step, Stop};

/// A message or a timer of the model. It can be cloned because a message can arrive twice.
pub trait Payload: Clone {
    /// The kind of message or timer.
    fn kind(&self) -> Kind;
    /// The entity that it is about.
    fn entity(&self) -> Entity;
    /// The operation that it asks for. Called only if a scripted fault is aimed at an operation.
    fn operation(&self) -> Operation {
        Operation::default()
    }
    /// Whether much depends on what happens right after it, such as a restart or the answer of a service: a
    /// moment at which faults are worth trying.
    fn is_turning_point(&self) -> bool {
        false
    }
    /// The notification that the shared connection to `peer` has broken; `None` if nodes get none.
    fn disconnected(_peer: NodeId) -> Option<Self> {
        None
    }
}

/// The state machines of a simulation.
pub trait Model {
    /// Its messages and timers.
    type Payload: Payload;

    /// Handles `delivery` at its receiver.
    fn handle(
        &mut self,
        delivery: Delivery<Self::Payload>,
        context: &mut Context<'_, Self::Payload>,
    );

    /// Whether no node has work left. Called only when no work is pending.
    fn idle(&self) -> bool;

    /// Whether a poll can still find something to do, after polls have found nothing for a time. Called only when
    /// nothing but polls is pending.
    fn found_by_polls(&self, _in_vain: Span) -> bool {
        false
    }

    /// How much it keeps: a count of things that grow with the run, for the budget.
    fn kept(&self) -> u64 {
        0
    }

    /// The reason to stop the run now, if there is one.
    fn stopped(&self) -> Option<Stop> {
        None
    }
}

/// An occurrence for its handler.
#[derive(Clone, Debug)]
pub struct Delivery<P> {
    /// Its number in the run.
    pub step: Step,
    /// The occurrence that sent it, or the part of one.
    pub cause: Cause,
    /// The sender; for a timer, the node itself.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// How many of the same kind between the same nodes about the same entity came before it.
    pub nth: u32,
    /// The message or timer.
    pub payload: P,
}
