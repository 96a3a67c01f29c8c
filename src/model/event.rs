//! A stored event: the domain's fact and what the platform knows about it.

use std::hash::{Hash, Hasher};

use crate::kernel::Instant;
use crate::model::{CommandId, EventId, Position, StreamId, Version};

/// Who stands behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// A customer.
    Customer(super::ids::CustomerId),
    /// The platform itself, through a saga.
    Saga,
}

/// What is known about an event beside its content and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// Its own name.
    pub id: EventId,
    /// The version of the event's schema.
    pub schema: u16,
    /// The command that began the whole conversation.
    pub correlation: CommandId,
    /// The event that its command answered, unless a customer sent it out of the blue.
    pub causation: Option<EventId>,
    /// Who is behind it.
    pub actor: Principal,
    /// When it was decided, by the clock of the one who decided.
    pub occurred_at: Instant,
    /// When the store took it in, by the store's clock.
    pub recorded_at: Instant,
}

/// An event as the store keeps it: immutable, timestamped, chained and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<E> {
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its number in that stream.
    pub version: Version,
    /// Its number in the whole store.
    pub position: Position,
    /// What is known about it.
    pub metadata: Metadata,
    /// What happened.
    pub event: E,
    /// Hash over this event and the one before it in its stream.
    pub chain: [u8; 32],
    /// The store's keyed hash over `chain`, cut to 128 bits.
    pub signature: [u8; 16],
}

impl<E> Hash for Stored<E> {
    /// The chain already covers the content.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.position.hash(state);
        self.chain.hash(state);
    }
}
