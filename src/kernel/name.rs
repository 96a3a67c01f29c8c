//! What things are called: nodes, kinds, entities, and the keys made of them.
//!
//! A key says what a thing is *about* and never where it stood in a stream, so that taking one
//! operation out of a run renames nothing else.

use super::digest::folded_multiply;

/// A party to messages: one process, one server, one service. Dense from 0 within a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

impl NodeId {
    /// The node's place in a dense table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What sort of message or timer a payload is; the model gives the numbers their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// What a payload is about: a booking, a cache key, a customer. Opaque to the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity(pub u64);

/// The number of an occurrence in its run, counted from 1 in order of delivery; 0 is "before all".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(pub u64);

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// Who a choice concerns: a node by itself, or a kind of message on its way from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// The node, or the sender.
    pub from: NodeId,
    /// The same node again, or the receiver.
    pub to: NodeId,
    /// The kind of message; `Kind(0)` for a node's own choices.
    pub kind: Kind,
}

impl Actor {
    /// A node's own choice.
    pub const fn node(node: NodeId) -> Self {
        Self { from: node, to: node, kind: Kind(0) }
    }

    pub(super) const fn bits(self) -> u64 {
        (self.from.0 as u64) << 32 | (self.to.0 as u64) << 16 | self.kind.0 as u64
    }
}

/// Names one delivery: the `nth` of its kind between two nodes about one entity, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccurrenceKey {
    /// Sender, receiver and kind.
    pub actor: Actor,
    /// What it is about.
    pub entity: Entity,
    /// How many of the same came before it.
    pub nth: u32,
}

/// One well-mixed word for (place, entity): the key under which occurrences of it are counted.
pub(super) const fn tally_key(salt: u64, actor: Actor, entity: Entity) -> u64 {
    folded_multiply(
        actor.bits() ^ salt.rotate_left(48) ^ 0x2D35_8DCC_AA6C_78A5,
        entity.0.rotate_left(17) ^ 0x8BB8_4B93_962E_ACC9,
    )
}
