//! Links: how long a message takes from one node to another.

use super::{Instant, NodeId, Site, Space, Span};

/// How much later than the base latency a message arrives, in microseconds.
pub(crate) const LINK_JITTER: Site = Site::new(0, "link.jitter");

/// One direction between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The least time a message takes.
    pub base: Span,
    /// The most that a choice adds to it, in steps of a microsecond.
    pub jitter: Span,
    /// Whether messages keep their order, as on one TCP connection. Otherwise each travels by itself, as
    /// over a pool of connections.
    pub ordered: bool,
}

impl Link {
    /// How much later than the base a message can arrive, in microseconds.
    pub(super) const fn window(&self) -> Space {
        Space::up_to(self.jitter.as_micros())
    }

    /// The longest time that a message takes without a fault.
    pub fn slowest(&self) -> Span {
        self.base + self.jitter
    }
}

/// All links of a simulation.
#[derive(Clone, Debug)]
pub struct Links {
    nodes: usize,
    /// The different links.
    specs: Vec<Link>,
    /// Index into `specs` for each (from, to).
    spec_of: Vec<u8>,
    /// On ordered links, when the last message sent will arrive.
    last_due: Vec<Instant>,
}

impl Links {
    /// `nodes` nodes, with the same link between every two.
    pub fn new(nodes: usize, default: Link) -> Self {
        let pairs = nodes * nodes;
        let (spec_of, last_due) = (vec![0; pairs], vec![Instant::ZERO; pairs]);
        Self { nodes, specs: vec![default], spec_of, last_due }
    }

    /// Sets the link of one direction.
    ///
    /// # Panics
    ///
    /// When more than 256 different links are set.
    pub fn set(&mut self, from: NodeId, to: NodeId, link: Link) {
        let spec = self.specs.iter().position(|known| *known == link).unwrap_or_else(|| {
            self.specs.push(link);
            self.specs.len() - 1
        });
        let at = self.at(from, to);
        self.spec_of[at] = u8::try_from(spec).expect("at most 256 different links");
    }

    /// The link from one node to another.
    #[inline]
    pub fn get(&self, from: NodeId, to: NodeId) -> Link {
        self.specs[usize::from(self.spec_of[self.at(from, to)])]
    }

    /// When a message that is due at `due` arrives over this link: on an ordered link, not before the
    /// messages sent earlier.
    #[inline]
    pub(super) fn arrival(
        &mut self,
        link: Link,
        from: NodeId,
        to: NodeId,
        due: Instant,
    ) -> Instant {
        if !link.ordered {
            return due;
        }
        let at = self.at(from, to);
        let last = &mut self.last_due[at];
        *last = due.max(*last);
        *last
    }

    /// The number of nodes.
    pub const fn nodes(&self) -> usize {
        self.nodes
    }

    /// The nodes with which a node shares a connection.
    pub(super) fn connected(&self, node: NodeId) -> Vec<NodeId> {
        let all = (0..self.nodes as u16).map(NodeId);
        all.filter(|peer| *peer != node && self.get(node, *peer).ordered).collect()
    }

    #[inline]
    fn at(&self, from: NodeId, to: NodeId) -> usize {
        from.index() * self.nodes + to.index()
    }
}
