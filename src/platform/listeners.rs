//! The instances that a node notifies of changes: `LISTEN` and `NOTIFY` of PostgreSQL.
//!
//! A notification says that something has changed, and not how: the instance reads it again. Who listens is kept in
//! memory, and a notification is sent once. What is lost in a crash or on the way is made up for by those who
//! listen: they read again from time to time, and say again what they listen to.

use crate::collections::{SortedMap, SortedSet};
use crate::kernel::NodeId;
use crate::model::{Domain, Position};
use crate::platform::cx::Cx;
use crate::platform::message::{Channel, Message};

/// Who listens to what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listeners {
    listening: SortedMap<Channel, SortedSet<NodeId>>,
    /// Changes that not every reader can read yet, because an older transaction is open, each with its position.
    withheld: SortedSet<(Position, Channel)>,
}

impl Listeners {
    /// An instance listens to a channel from now on, or no longer.
    pub(crate) fn listen(&mut self, node: NodeId, channel: Channel, on: bool) {
        if on {
            self.listening.entry(channel).or_default().insert(node);
        } else if let Some(nodes) = self.listening.get_mut(&channel) {
            nodes.remove(&node);
            if nodes.first().is_none() {
                self.listening.remove(&channel);
            }
        }
    }

    /// Whether nobody listens to anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.listening.is_empty()
    }

    /// Something has changed.
    pub(crate) fn changed<D: Domain>(&self, channel: Channel, cx: &mut Cx<'_, '_, D>) {
        let nodes = self.listening.get(&channel).into_iter().flat_map(SortedSet::iter);
        for node in nodes {
            cx.send(*node, Message::Changed { channel });
        }
    }

    /// Something has changed, of which readers learn when every transaction before this position has ended.
    pub(crate) fn withhold(&mut self, position: Position, channel: Channel) {
        if self.listening.contains_key(&channel) {
            self.withheld.insert((position, channel));
        }
    }

    /// Notifies of the changes before a position.
    pub(crate) fn release<D: Domain>(&mut self, before: Position, cx: &mut Cx<'_, '_, D>) {
        while let Some(&(position, channel)) = self.withheld.first() {
            if position >= before {
                break;
            }
            self.withheld.remove(&(position, channel));
            self.changed(channel, cx);
        }
    }
}
