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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RowKey, ViewId};
    use crate::testing::{Bench, counter};

    const ROW: Channel = Channel::Row(ViewId(0), RowKey(7));

    fn notified(listeners: &mut Listeners, before: u64) -> Vec<(NodeId, Channel)> {
        let mut bench = Bench::new();
        let store = bench.map.store();
        bench.tell(store, |cx| listeners.release(Position(before), cx));
        let mut notified = Vec::new();
        while let Some((to, message)) = bench.next() {
            let Message::Changed { channel } = message else { panic!("{message:?}") };
            notified.push((to, channel));
        }
        notified
    }

    #[test]
    fn those_who_listen_are_notified_once_and_when_the_change_can_be_read() {
        let (one, two) = (NodeId(1), NodeId(2));
        let mut listeners = Listeners::default();
        listeners.listen(one, ROW, true);
        listeners.listen(two, ROW, true);
        listeners.listen(two, Channel::Stream(counter(0)), true);
        listeners.withhold(Position(5), ROW);
        listeners.withhold(Position(6), Channel::Stream(counter(1)));
        assert_eq!(notified(&mut listeners, 5), [], "an older transaction is open");
        assert_eq!(notified(&mut listeners, 9), [(one, ROW), (two, ROW)]);
        assert_eq!(notified(&mut listeners, 9), []);
        listeners.listen(one, ROW, false);
        listeners.withhold(Position(9), ROW);
        assert_eq!(notified(&mut listeners, 10), [(two, ROW)]);
        listeners.listen(two, ROW, false);
        listeners.listen(two, Channel::Stream(counter(0)), false);
        assert!(listeners.is_empty());
    }
}
