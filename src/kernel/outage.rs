//! Faults of links: messages that are late, lost, duplicated or reordered, and pairs of nodes that cannot
//! reach each other.
//!
//! Over a pool of connections each message is lost or late by itself. Nodes that share one connection
//! never lose a single message: the connection breaks, everything sent on it is lost until the break is
//! detected, and both ends are then notified ([`Payload::disconnected`](super::Payload::disconnected)).

use super::{Fault, Instant, NodeId, Scope, Span, Unit, declare_faults, sites};
use crate::collections::SortedMap;

/// How long it takes both ends of a broken connection to detect the break.
pub const KEEP_ALIVE: Span = Span::from_secs(5);

/// How long a slow pair stays slow if no script says so.
pub(super) const SLOWNESS: Span = Span::from_secs(10);

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

const LINK: (&str, Scope) = ("Link", Scope::Link);
const PAIR: (&str, Scope) = ("Link", Scope::Pair);
const CUT: (Unit, &[u64]) = (Unit::Lasting, &[5 * SECOND, 500 * MILLI, 30 * SECOND]);

declare_faults! {
    /// The faults of links.
    pub const LINK_FAULTS;

    pub const DELAY = LINK(
        3, "link.delay", "Delay", (Unit::Span, &[200 * MILLI, 20 * MILLI, 2 * SECOND, 10 * SECOND]),
        "a message takes longer; on a shared connection, so do all messages behind it",
        "congestion, retransmission, a garbage collection at either end",
    );

    pub const DROP = LINK(
        4, "link.drop", "Drop", (Unit::Once, &[1]),
        "a message between two nodes that share no connection is lost",
        "a reset connection of a pool, a proxy that gives up, a full accept queue",
    );

    pub const DUPLICATE = LINK(
        5, "link.duplicate", "Duplicate",
        (Unit::Span, &[100 * MILLI, MILLI, 3 * SECOND, 20 * SECOND]),
        "a message arrives again after this time",
        "a proxy or a client library that repeats a request whose answer it did not see",
    );

    pub const REORDER = LINK(
        6, "link.reorder", "Reorder", (Unit::Span, &[10 * MILLI, 2 * MILLI, 40 * MILLI]),
        "a message is delayed just long enough for the next one to overtake it",
        "two connections of one pool, two threads of one server",
    );

    pub const PARTITION = PAIR(
        7, "link.partition", "Partition", CUT,
        "two nodes cannot reach each other",
        "a switch that fails, a security group that changes",
    );

    pub const ONE_WAY = LINK(
        8, "link.one-way", "OneWay", CUT,
        "one node cannot reach another, but the other can reach it",
        "asymmetric routes, a firewall that forgets a connection on one side",
    );

    pub const SLOW_PAIR = PAIR(
        9, "link.slow-pair", "SlowPair", (Unit::Span, &[300 * MILLI, 50 * MILLI, 3 * SECOND]),
        "all messages between two nodes take longer for a while",
        "a saturated link, a route through another region",
    );
}

/// The sites of the faults of links.
pub(super) const LINK_SITES: u128 = sites(LINK_FAULTS);

/// The broken connections, and the pairs of nodes that are cut off or slow.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages {
    cuts: Vec<Cut>,
    broken: SortedMap<(NodeId, NodeId), Break>,
    breaks: u32,
    /// Nodes that are paused, each with a peer to which its connection is broken: they have not noticed yet.
    unaware: Vec<(NodeId, NodeId)>,
}

/// A pair of nodes that is cut off or slow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) fault: &'static Fault,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) until: Instant,
    /// How much longer messages take; `None` if they are lost.
    pub(super) slower: Option<Span>,
}

/// A broken connection.
#[derive(Clone, Copy, Debug)]
struct Break {
    until: Instant,
    serial: u32,
}

impl Outages {
    pub(super) fn is_empty(&self) -> bool {
        self.cuts.is_empty() && self.broken.is_empty()
    }

    pub(super) fn cut(&mut self, cut: Cut) {
        self.cuts.push(cut);
    }

    /// The cut that affects a message sent now, if any.
    pub(super) fn affecting(&mut self, from: NodeId, to: NodeId, now: Instant) -> Option<Cut> {
        self.cuts.retain(|cut| now < cut.until);
        let affects = |cut: &&Cut| {
            let along = (cut.from, cut.to) == (from, to);
            let against = (cut.to, cut.from) == (from, to);
            along || (cut.fault.scope == Scope::Pair && against)
        };
        self.cuts.iter().find(affects).copied()
    }

    pub(super) fn is_broken(&self, a: NodeId, b: NodeId, now: Instant) -> bool {
        self.broken.get(&pair(a, b)).is_some_and(|broken| now < broken.until)
    }

    /// Breaks a connection until the break is detected; the number of the break.
    pub(super) fn break_connection(&mut self, a: NodeId, b: NodeId, until: Instant) -> u32 {
        self.breaks += 1;
        let serial = self.breaks;
        self.broken.insert(pair(a, b), Break { until, serial });
        serial
    }

    /// A node notices later that its connection to `peer` is broken, because it is paused. Until then it sends on
    /// the broken connection, although the peer may have opened another one.
    pub(super) fn notices_later(&mut self, node: NodeId, peer: NodeId) {
        self.notices(node, peer);
        self.unaware.push((node, peer));
    }

    /// A node notices that its connection to `peer` is broken.
    pub(super) fn notices(&mut self, node: NodeId, peer: NodeId) {
        self.unaware.retain(|unaware| *unaware != (node, peer));
    }

    /// A node restarts, and has no connection left.
    pub(super) fn restarts(&mut self, node: NodeId) {
        self.unaware.retain(|(unaware, _)| *unaware != node);
    }

    /// Whether `from` sends to `to` on a connection that is broken without its knowledge.
    pub(super) fn is_unaware(&self, from: NodeId, to: NodeId) -> bool {
        self.unaware.contains(&(from, to))
    }

    /// Whether this is the latest break of the connection between two nodes.
    pub(super) fn is_current(&self, a: NodeId, b: NodeId, serial: u32) -> bool {
        self.broken.get(&pair(a, b)).is_some_and(|broken| broken.serial == serial)
    }
}

fn pair(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_cuts_both_ways_and_a_one_way_cut_does_not() {
        let until = Instant::ZERO + Span::from_secs(1);
        let reaches = |fault, from, to| {
            let mut outages = Outages::default();
            outages.cut(Cut { fault, from: NodeId(1), to: NodeId(2), until, slower: None });
            outages.affecting(NodeId(from), NodeId(to), Instant::ZERO).is_none()
        };
        assert!(
            !reaches(&PARTITION, 1, 2) && !reaches(&PARTITION, 2, 1) && reaches(&PARTITION, 1, 3)
        );
        assert!(!reaches(&ONE_WAY, 1, 2) && reaches(&ONE_WAY, 2, 1));
    }

    #[test]
    fn a_paused_node_sends_on_a_broken_connection_until_it_notices_or_restarts() {
        let (paused, peer, other) = (NodeId(1), NodeId(2), NodeId(3));
        let mut outages = Outages::default();
        for restarts in [false, true] {
            outages.notices_later(paused, peer);
            let unaware = |from, to| outages.is_unaware(from, to);
            assert!(unaware(paused, peer) && !unaware(peer, paused) && !unaware(paused, other));
            if restarts {
                outages.restarts(paused);
            } else {
                outages.notices(paused, peer);
            }
            assert!(!outages.is_unaware(paused, peer));
        }
    }

    #[test]
    fn a_cut_ends_when_its_time_is_over() {
        let mut outages = Outages::default();
        let until = Instant::ZERO + Span::from_secs(1);
        let (from, to) = (NodeId(1), NodeId(2));
        outages.cut(Cut { fault: &PARTITION, from, to, until, slower: None });
        assert!(outages.affecting(from, to, until).is_none());
        assert!(outages.is_empty());
    }
}
