//! What a node may do while it handles an occurrence.

use super::choice::{Site, Space};
use super::faults::{Fault, Fired, Mark};
use super::name::{Actor, Entity, Kind, NodeId, Step};
use super::node::{
    CLOCK_AHEAD, CLOCK_BEHIND, CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Crash, Moment, PAUSE,
};
use super::simulation::{Class, Kernel, Payload};
use super::time::{Instant, Span};

/// A node's view of the kernel during one occurrence: its clock, its sends, its timers, its choices.
///
/// There is nothing else a node can reach: no other node, no queue, no wall clock.
#[derive(Debug)]
pub struct Context<'k, P: Payload> {
    kernel: &'k mut Kernel<P>,
    node: NodeId,
    step: Step,
    /// The kind of the occurrence; `Kind(0)` at start-up.
    kind: Kind,
    /// Whether the node dies before anything that it sends leaves it.
    mute: bool,
}

impl<'k, P: Payload> Context<'k, P> {
    pub(super) fn new(kernel: &'k mut Kernel<P>, node: NodeId, step: Step, kind: Kind) -> Self {
        Self { kernel, node, step, kind, mute: false }
    }

    /// The time by this node's own clock, which may be wrong: for what is compared with the clocks of
    /// others. How long something takes is told by [`uptime`](Self::uptime).
    #[inline]
    pub fn now(&self) -> Instant {
        self.kernel.clock(self.node)
    }

    /// The virtual time, which no fault touches: a clock that only goes forward, good for measuring
    /// how long something takes and for nothing else.
    #[inline]
    pub fn uptime(&self) -> Instant {
        self.kernel.now()
    }

    /// Which node this is.
    #[inline]
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The number of the occurrence being handled.
    #[inline]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Sends a message over the link to `to`.
    #[inline]
    pub fn send(&mut self, to: NodeId, payload: P) {
        if !self.mute {
            self.kernel.send(self.node, to, self.step, Class::Work, Mark::NONE, payload);
        }
    }

    /// Sends a message that by itself is no work: a poll, a heartbeat. A run can rest while such
    /// messages are on their way.
    #[inline]
    pub fn send_idly(&mut self, to: NodeId, payload: P) {
        if !self.mute {
            self.kernel.send(self.node, to, self.step, Class::Poll, Mark::NONE, payload);
        }
    }

    /// Sends a message in which its receiver meets with what a fault of this node did.
    pub fn send_faulty(&mut self, fault: &'static Fault, to: NodeId, payload: P) {
        if !self.mute {
            let mark = Mark::of(fault, self.node);
            self.kernel.send(self.node, to, self.step, Class::Work, mark, payload);
        }
    }

    /// Gives this node an occurrence of its own after `delay`. A timer is no work by itself: what it
    /// guards has to keep the node busy (see [`Model::idle`](super::Model::idle)).
    #[inline]
    pub fn timer(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.step, delay, Class::Timer, payload);
    }

    /// Gives this node an occurrence of its own after `delay`, only to look whether there is something
    /// to do. A run in which nothing else is pending has come to its end.
    #[inline]
    pub fn timer_idly(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.step, delay, Class::Poll, payload);
    }

    /// Gives this node an occurrence after `delay` that the run waits for.
    pub fn timer_busily(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.step, delay, Class::Work, payload);
    }

    /// Draws a choice of this node about `entity`; 0 is benign.
    #[inline]
    pub fn draw(&mut self, site: Site, entity: Entity, space: Space) -> u64 {
        self.kernel.choices_mut().draw(site, Actor::node(self.node), entity, space)
    }

    /// Draws whether a fault happens at this node, about `entity`; its size, or 0.
    #[inline]
    pub fn fault(&mut self, fault: &'static Fault, entity: Entity) -> u64 {
        let actor = Actor { from: self.node, to: self.node, kind: self.kind };
        self.kernel.strike(fault, actor, entity).0
    }

    /// Says that a handler met with what a fault at `node` did.
    pub fn fault_seen(&mut self, fault: &'static Fault, node: NodeId) {
        self.kernel.seen(fault, node);
    }

    /// Says that a fault of this node shows when `witness` has waited long enough.
    pub fn fault_shows_late(&mut self, fault: &'static Fault, witness: NodeId) {
        self.kernel.shows_late(fault, self.node, witness);
    }

    /// Says that this node has waited long enough for something.
    #[inline]
    pub fn waited(&mut self) {
        self.kernel.waited(self.node);
    }

    /// Closes the connection that this node shares with `peer`: both are told after a while.
    pub fn disconnect(&mut self, peer: NodeId) {
        self.kernel.disconnect(self.node, peer, self.step);
    }

    /// Draws how this node fares in the present occurrence, whose sender is `from` and which is about
    /// `entity`. Pauses and wrong clocks are taken care of here; a crash is the model's to carry out.
    pub fn fate(&mut self, from: NodeId, entity: Entity) -> Option<Crash> {
        let actor = Actor { from, to: self.node, kind: self.kind };
        let (pause, _) = self.kernel.strike(&PAUSE, actor, entity);
        if pause > 0 {
            self.kernel.pause(self.node, Span::from_micros(pause));
        }
        let (ahead, until) = self.kernel.strike(&CLOCK_AHEAD, actor, entity);
        if ahead > 0 {
            self.kernel.skew(self.node, Span::from_micros(ahead), Span::ZERO, until);
        }
        let (behind, until) = self.kernel.strike(&CLOCK_BEHIND, actor, entity);
        if behind > 0 {
            self.kernel.skew(self.node, Span::ZERO, Span::from_micros(behind), until);
        }
        let points = [
            (Moment::Before, &CRASH_BEFORE),
            (Moment::Between, &CRASH_BETWEEN),
            (Moment::After, &CRASH_AFTER),
        ];
        for (moment, fault) in points {
            let (down, _) = self.kernel.strike(fault, actor, entity);
            if down > 0 {
                self.mute = moment == Moment::Between;
                return Some(Crash { moment, down: Span::from_micros(down), fault });
            }
        }
        None
    }

    /// Kills this node for as long as its fate says; it is given `restart` when it is back.
    pub fn crash(&mut self, crash: Crash, restart: P) {
        self.kernel.crash(self.node, self.step, crash, restart);
    }

    /// Whether any fault fired since somebody last took note.
    #[inline]
    pub fn has_news(&self) -> bool {
        self.kernel.has_news()
    }

    /// Whether any fault of nodes can come.
    #[inline]
    pub fn may_disturb_nodes(&self) -> bool {
        self.kernel.may_disturb_nodes()
    }

    /// The faults that fired since this was last asked.
    pub fn take_news(&mut self) -> Vec<Fired> {
        self.kernel.take_news()
    }

    /// Folds a value into the digest of the run.
    #[inline]
    pub fn fold<T: std::hash::Hash>(&mut self, value: &T) {
        self.kernel.fold(value);
    }
}
