//! Faults of nodes: a node crashes and restarts, pauses, or has a wrong clock.

use super::{Fault, Instant, NodeId, Scope, Span, Unit, declare_faults, sites};

/// How long a clock stays wrong if no script says so.
pub(super) const WRONG_CLOCK: Span = Span::from_secs(60);

const MILLI: u64 = 1_000;
const SECOND: u64 = 1_000_000;

const NODE: (&str, Scope) = ("Node", Scope::AnyNode);
const DOWN: (Unit, &[u64]) = (Unit::Span, &[SECOND, 50 * MILLI, 20 * SECOND]);
const WRONG: (Unit, &[u64]) = (Unit::Span, &[2 * SECOND, 100 * MILLI, 30 * SECOND]);

declare_faults! {
    /// The faults of nodes.
    pub const NODE_FAULTS;

    pub const CRASH_BEFORE = NODE(
        10, "node.crash-before", "CrashBefore", DOWN,
        "a node crashes before it handles a message and restarts after this time",
        "a killed process, a failed machine",
    );

    pub const CRASH_BETWEEN = NODE(
        11, "node.crash-between", "CrashBetween", DOWN,
        "a node crashes after its durable step; none of its outgoing messages is sent",
        "a process killed between its commit and its answer",
    );

    pub const CRASH_AFTER = NODE(
        12, "node.crash-after", "CrashAfter", DOWN,
        "a node crashes after it has handled a message and sent its replies",
        "a deployment, an eviction, a crash between two requests",
    );

    pub const PAUSE = NODE(
        13, "node.pause", "Pause", (Unit::Lasting, &[2 * SECOND, 100 * MILLI, 15 * SECOND]),
        "a node stops for a while: messages and timers wait, and it does not notice",
        "a long garbage collection, a VM migration, a hanging disk",
    );

    pub const CLOCK_AHEAD = NODE(
        14, "node.clock-ahead", "ClockAhead", WRONG,
        "the clock of a node is ahead by this much for a while, then jumps back",
        "a time server that is lost and found again",
    );

    pub const CLOCK_BEHIND = NODE(
        15, "node.clock-behind", "ClockBehind", WRONG,
        "the clock of a node is behind by this much for a while, then jumps forward",
        "a virtual machine that was suspended",
    );
}

/// The sites of the faults of nodes.
pub(super) const NODE_SITES: u128 = sites(NODE_FAULTS);

/// A crash of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    /// The moment of the occurrence at which it happens.
    pub moment: Moment,
    pub(super) down: Span,
    pub(super) fault: &'static Fault,
}

/// A moment at which a node can crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before it handles the occurrence.
    Before,
    /// After its durable step, before it sends anything.
    Between,
    /// After it has sent its messages.
    After,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    states: Vec<State>,
    /// Whether any node was ever down, paused or given a wrong clock.
    pub(super) disturbed: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// How often the node has crashed: a timer that was set before a crash does not fire after it.
    life: u32,
    down: bool,
    paused_until: Instant,
    skew: Option<Skew>,
}

/// How wrong a clock is: ahead or behind, which the fault says, by this much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skew {
    pub(super) fault: &'static Fault,
    pub(super) by: Span,
    pub(super) until: Instant,
}

impl Nodes {
    pub(super) fn new(count: usize) -> Self {
        Self { states: vec![State::default(); count], disturbed: false }
    }

    fn state(&mut self, node: NodeId) -> &mut State {
        self.disturbed = true;
        &mut self.states[node.index()]
    }

    pub(super) fn crash(&mut self, node: NodeId) {
        let state = self.state(node);
        state.life += 1;
        state.down = true;
        state.paused_until = Instant::ZERO;
    }

    pub(super) fn restart(&mut self, node: NodeId) {
        self.state(node).down = false;
    }

    pub(super) fn pause(&mut self, node: NodeId, until: Instant) {
        let state = self.state(node);
        state.paused_until = until.max(state.paused_until);
    }

    pub(super) fn skew(&mut self, node: NodeId, skew: Skew) {
        self.state(node).skew = Some(skew);
    }

    #[inline]
    pub(super) fn life(&self, node: NodeId) -> u32 {
        if self.disturbed { self.states[node.index()].life } else { 0 }
    }

    pub(super) fn is_down(&self, node: NodeId) -> bool {
        self.states[node.index()].down
    }

    /// Until when a node is paused, if it is now.
    pub(super) fn paused_until(&self, node: NodeId, now: Instant) -> Option<Instant> {
        let until = self.states[node.index()].paused_until;
        (now < until).then_some(until)
    }

    /// The time by a node's own clock.
    #[inline]
    pub(super) fn clock(&self, node: NodeId, now: Instant) -> Instant {
        match if self.disturbed { self.skew_of(node, now) } else { None } {
            None => now,
            Some(Skew { fault, by, .. }) if fault == &CLOCK_AHEAD => now + by,
            Some(Skew { by, .. }) => Instant::ZERO + now.since(Instant::ZERO + by),
        }
    }

    /// How wrong a node's clock is now, if it is wrong.
    pub(super) fn skew_of(&self, node: NodeId, now: Instant) -> Option<Skew> {
        self.states[node.index()].skew.filter(|skew| now < skew.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_for_a_while_and_then_right() {
        let mut nodes = Nodes::new(1);
        let second = Span::from_secs(1);
        let at = |seconds| Instant::ZERO + Span::from_secs(seconds);
        let behind = Skew { fault: &CLOCK_BEHIND, by: second.times(3), until: at(10) };
        nodes.skew(NodeId(0), behind);
        assert_eq!(nodes.clock(NodeId(0), at(9)), at(6));
        assert_eq!(nodes.clock(NodeId(0), at(2)), at(0), "no clock shows a time before the start");
        assert_eq!(nodes.clock(NodeId(0), at(10)), at(10));
        nodes.skew(NodeId(0), Skew { fault: &CLOCK_AHEAD, by: second, until: at(20) });
        assert_eq!(nodes.clock(NodeId(0), at(11)), at(12));
    }
}
