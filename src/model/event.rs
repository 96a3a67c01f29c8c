//! A stored event: the event of the domain with its metadata.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::hex::Hex;
use crate::kernel::Instant;
use crate::model::{CommandId, CustomerId, EventId, Position, StreamId, Version};

/// The originator of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// A customer.
    Customer(CustomerId),
    /// The platform itself, through a saga.
    Saga,
}

/// The metadata of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metadata {
    /// The id of the event.
    pub id: EventId,
    /// The version of the event's schema.
    pub schema: u16,
    /// The command of the request that caused the event, directly or through a saga.
    pub correlation: CommandId,
    /// The event that led to the command, if a saga sent it.
    pub causation: Option<EventId>,
    /// The originator.
    pub actor: Principal,
    /// When it was decided, by the clock of the deciding node.
    pub occurred_at: Instant,
    /// When the store recorded it, by the store's clock.
    pub recorded_at: Instant,
}

/// An event in the store: immutable, timestamped, chained and signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored<E> {
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its number in that stream.
    pub version: Version,
    /// Its number in the whole store.
    pub position: Position,
    /// Its metadata.
    pub metadata: Metadata,
    /// The event of the domain.
    pub event: E,
    /// Hash over this event and the one before it in its stream.
    pub chain: [u8; 32],
    /// The store's keyed hash over `chain`, truncated to 128 bits.
    pub signature: [u8; 16],
}

impl<E> Stored<E> {
    /// Its id, its schema, and what the domain says.
    pub(crate) const fn written(&self) -> (EventId, u16, &E) {
        (self.metadata.id, self.metadata.schema, &self.event)
    }
}

impl<E: fmt::Debug> fmt::Debug for Stored<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stream, version, position, metadata, event, chain, signature } = self;
        f.debug_struct("Stored")
            .field("stream", stream)
            .field("version", version)
            .field("position", position)
            .field("metadata", metadata)
            .field("event", event)
            .field("chain", &Hex(chain))
            .field("signature", &Hex(signature))
            .finish()
    }
}

impl<E> Hash for Stored<E> {
    /// The chain covers the content.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.position.hash(state);
        self.chain.hash(state);
    }
}
