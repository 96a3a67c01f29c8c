//! Faults of links: messages that are late, lost, duplicated or reordered, and pairs of nodes that cannot
//! reach each other.
//!
//! Over a pool of connections each message is lost or late by itself. Nodes that share one connection
//! never lose a single message: the connection breaks, everything sent on it is lost until the break is
//! detected, and both ends are then notified ([`Payload::disconnected`](super::Payload::disconnected)).

use crate::collections::SortedMap;

use super::choice::Site;
use super::faults::{Fault, Scope, Unit, declare_faults, sites};
use super::name::NodeId;
use super::time::{Instant, Span};

/// How long it takes until both ends of a broken connection detect the break.
pub const KEEP_ALIVE: Span = Span::from_secs(5);

/// How long a slow pair stays slow, if no script says so.
pub(super) const SLOWNESS: Span = Span::from_secs(10);

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

declare_faults! {
    /// The faults of links.
    pub const LINK_FAULTS;

    /// A message takes longer.
    pub const DELAY = Fault {
        site: Site::new(3, "link.delay"),
        name: "Delay",
        family: "Link",
        scope: Scope::Link,
        unit: Unit::Span,
        sizes: &[200 * MILLI, 20 * MILLI, 2 * SECOND, 10 * SECOND],
        says: "a message takes longer, and so do all behind it on a shared connection",
        stands_for: "congestion, retransmission, a garbage collection at either end",
    };

    /// A message is lost.
    pub const DROP = Fault {
        site: Site::new(4, "link.drop"),
        name: "Drop",
        family: "Link",
        scope: Scope::Link,
        unit: Unit::Once,
        sizes: &[1],
        says: "a message between two nodes that share no connection is lost",
        stands_for: "a reset connection of a pool, a proxy that gives up, a full accept queue",
    };

    /// A message arrives twice.
    pub const DUPLICATE = Fault {
        site: Site::new(5, "link.duplicate"),
        name: "Duplicate",
        family: "Link",
        scope: Scope::Link,
        unit: Unit::Span,
        sizes: &[100 * MILLI, MILLI, 3 * SECOND, 20 * SECOND],
        says: "a message arrives a second time, that much later",
        stands_for: "a proxy or a client library that repeats a request whose answer it did not see",
    };

    /// A message is overtaken.
    pub const REORDER = Fault {
        site: Site::new(6, "link.reorder"),
        name: "Reorder",
        family: "Link",
        scope: Scope::Link,
        unit: Unit::Span,
        sizes: &[10 * MILLI, 2 * MILLI, 40 * MILLI],
        says: "a message is held up just long enough to be overtaken by the next",
        stands_for: "two connections of one pool, two threads of one server",
    };

    /// Two nodes cannot reach each other.
    pub const PARTITION = Fault {
        site: Site::new(7, "link.partition"),
        name: "Partition",
        family: "Link",
        scope: Scope::Pair,
        unit: Unit::Lasting,
        sizes: &[5 * SECOND, 500 * MILLI, 30 * SECOND],
        says: "two nodes cannot reach each other",
        stands_for: "a switch that fails, a security group that changes",
    };

    /// One node cannot reach another, which can still reach it.
    pub const ONE_WAY = Fault {
        site: Site::new(8, "link.one-way"),
        name: "OneWay",
        family: "Link",
        scope: Scope::Link,
        unit: Unit::Lasting,
        sizes: &[5 * SECOND, 500 * MILLI, 30 * SECOND],
        says: "one node cannot reach another, which can still reach it",
        stands_for: "asymmetric routes, a firewall that forgets a connection on one side",
    };

    /// All messages between two nodes take longer.
    pub const SLOW_PAIR = Fault {
        site: Site::new(9, "link.slow-pair"),
        name: "SlowPair",
        family: "Link",
        scope: Scope::Pair,
        unit: Unit::Span,
        sizes: &[300 * MILLI, 50 * MILLI, 3 * SECOND],
        says: "for a while, all messages between two nodes take that much longer",
        stands_for: "a saturated link, a route through another region",
    };
}

/// The sites of the faults of links.
pub(super) const LINK_SITES: u128 = sites(LINK_FAULTS);

/// The connections that are broken, and the pairs that are cut off or slow.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages {
    cuts: Vec<Cut>,
    broken: SortedMap<(NodeId, NodeId), Break>,
    breaks: u32,
}

/// A pair of nodes that is cut off or slow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) fault: &'static Fault,
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) until: Instant,
    /// How much longer messages take; `None` if they do not arrive at all.
    pub(super) slower: Option<Span>,
}

/// A broken connection.
#[derive(Clone, Copy, Debug)]
struct Break {
    until: Instant,
    serial: u32,
}

impl Outages {
    /// Whether there has been no outage so far.
    #[inline]
    pub(super) fn are_none(&self) -> bool {
        self.cuts.is_empty() && self.broken.is_empty()
    }

    pub(super) fn cut(&mut self, cut: Cut) {
        self.cuts.push(cut);
    }

    /// The outage that a message sent now would meet, if any.
    pub(super) fn trouble(&mut self, from: NodeId, to: NodeId, now: Instant) -> Option<Cut> {
        self.cuts.retain(|cut| now < cut.until);
        let meets = |cut: &&Cut| {
            let along = (cut.from, cut.to) == (from, to);
            let against = (cut.to, cut.from) == (from, to);
            along || (cut.fault.scope == Scope::Pair && against)
        };
        self.cuts.iter().find(meets).copied()
    }

    /// Whether the connection between two nodes is broken.
    pub(super) fn is_broken(&self, a: NodeId, b: NodeId, now: Instant) -> bool {
        !self.broken.is_empty()
            && self.broken.get(&pair(a, b)).is_some_and(|broken| now < broken.until)
    }

    /// Breaks a connection until the break is detected; when that is, and the number of the break.
    pub(super) fn break_connection(
        &mut self,
        a: NodeId,
        b: NodeId,
        now: Instant,
        detected: Span,
    ) -> (Instant, u32) {
        self.breaks += 1;
        let (until, serial) = (now + detected, self.breaks);
        self.broken.insert(pair(a, b), Break { until, serial });
        (until, serial)
    }

    /// Whether this is the last break of the connection between two nodes.
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
        let cut = |fault| Cut {
            fault,
            from: NodeId(1),
            to: NodeId(2),
            until: Instant::ZERO + Span::from_secs(1),
            slower: None,
        };
        let reaches = |fault, from, to| {
            let mut outages = Outages::default();
            outages.cut(cut(fault));
            outages.trouble(NodeId(from), NodeId(to), Instant::ZERO).is_none()
        };
        assert!(
            !reaches(&PARTITION, 1, 2) && !reaches(&PARTITION, 2, 1) && reaches(&PARTITION, 1, 3)
        );
        assert!(!reaches(&ONE_WAY, 1, 2) && reaches(&ONE_WAY, 2, 1));
    }

    #[test]
    fn a_cut_ends_when_its_time_is_over() {
        let mut outages = Outages::default();
        let until = Instant::ZERO + Span::from_secs(1);
        let (from, to) = (NodeId(1), NodeId(2));
        outages.cut(Cut { fault: &PARTITION, from, to, until, slower: None });
        assert!(outages.trouble(from, to, until).is_none());
        assert!(outages.are_none());
    }
}
