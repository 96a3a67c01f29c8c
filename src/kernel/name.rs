//! Names of nodes, kinds and entities, and the keys made of them.
//!
//! A key says what a thing is *about* and never its place in a stream: removing one operation from a run
//! renames nothing else.

use super::digest::folded_multiply;

/// A node: one process, one server, one service. Dense from 0 within a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

impl NodeId {
    /// The node's place in a dense table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The kind of a message or timer; the model gives the numbers their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u16);

/// What a payload is about, such as a booking, a cache key or a customer. Opaque to the kernel, except that
/// entities with the same lower half may belong to one conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity(pub u64);

impl Entity {
    /// What it shares with all that belongs to one conversation: the lower half, if it is not [the
    /// default](Self::default), which stands for no entity.
    pub(super) const fn number(self) -> Option<u32> {
        if self.0 == 0 { None } else { Some(self.0 as u32) }
    }
}

/// The number of an occurrence in its run, counted from 1 in order of delivery; 0 is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(pub u64);

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0.to_string())
    }
}

/// What a choice concerns: a node, or a kind of message from one node to another.
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

    /// Whether sender and receiver are one node. Nodes send themselves no messages, so an occurrence is then a
    /// timer, or the restart of its node.
    pub const fn is_own(self) -> bool {
        self.from.0 == self.to.0
    }

    pub(super) const fn bits(self) -> u64 {
        (self.from.0 as u64) << 32 | (self.to.0 as u64) << 16 | self.kind.0 as u64
    }
}

/// The name of one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccurrenceKey {
    /// Sender, receiver and kind.
    pub actor: Actor,
    /// What it is about.
    pub entity: Entity,
    /// How many deliveries with the same actor and entity came before it.
    pub nth: u32,
}

/// The key under which choices or deliveries are counted, as one well-mixed word.
pub(super) const fn count_key(salt: u64, actor: Actor, entity: Entity) -> u64 {
    folded_multiply(
        actor.bits() ^ salt.rotate_left(48) ^ 0x2D35_8DCC_AA6C_78A5,
        entity.0.rotate_left(17) ^ 0x8BB8_4B93_962E_ACC9,
    )
}
