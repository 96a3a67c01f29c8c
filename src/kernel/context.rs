//! What a node can do while it handles an occurrence.

use super::faults::Mark;
use super::node::{Crash, Skew, WRONG_CLOCK};
use super::{
    Actor, CLOCK_AHEAD, CLOCK_BEHIND, CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Cause, ChoiceKey,
    Class, Digest, Entity, Fault, Fired, Instant, Kernel, Kind, Moment, NodeId, PAUSE, Payload,
    Site, Space, Span, Step, sites,
};

/// The sites of the faults with which a node goes on. Most runs have few kinds of fault.
const STRAINS: u128 = sites(&[&PAUSE, &CLOCK_AHEAD, &CLOCK_BEHIND]);
/// The sites of crashes.
const CRASHES: u128 = sites(&[&CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER]);

/// A node's view of the kernel during one occurrence: its clock, its sends, its timers, its choices.
///
/// A node can reach nothing else: no other node, no queue, no wall clock.
#[derive(Debug)]
pub struct Context<'k, P: Payload> {
    kernel: &'k mut Kernel<P>,
    node: NodeId,
    /// The part of the occurrence that is being handled: the cause of all that the node sends.
    here: Cause,
    /// The kind of the occurrence; `Kind(0)` at start-up.
    kind: Kind,
    /// Whether the node crashes before it sends anything.
    mute: bool,
}

impl<'k, P: Payload> Context<'k, P> {
    pub(super) fn new(kernel: &'k mut Kernel<P>, node: NodeId, step: Step, kind: Kind) -> Self {
        Self { kernel, node, here: step.into(), kind, mute: false }
    }

    /// The time by this node's own clock, which may be wrong: for comparisons with the clocks of other
    /// nodes. To measure durations, use [`uptime`](Self::uptime).
    pub fn now(&self) -> Instant {
        self.kernel.nodes.clock(self.node, self.kernel.now())
    }

    /// The virtual time, which no fault changes: only for measuring durations.
    pub fn uptime(&self) -> Instant {
        self.kernel.now()
    }

    /// This node.
    pub fn node(&self) -> NodeId {
        self.node
    }

    /// The number of the occurrence being handled.
    pub fn step(&self) -> Step {
        self.here.step()
    }

    /// The part of the occurrence that is being handled.
    pub fn here(&self) -> Cause {
        self.here
    }

    /// Goes on with another part of the occurrence.
    pub fn turn_to(&mut self, part: u32) {
        self.here = Cause::new(self.step(), part);
    }

    /// Sends a message over the link to `to`.
    pub fn send(&mut self, to: NodeId, payload: P) {
        self.dispatch(to, Class::Work, Mark::NONE, payload);
    }

    /// Sends a message that is no work, such as a poll or a heartbeat. A run can be at rest while such
    /// messages are pending.
    pub fn send_idly(&mut self, to: NodeId, payload: P) {
        self.dispatch(to, Class::Poll, Mark::NONE, payload);
    }

    /// Sends a message through which a fault of this node affects the receiver.
    pub fn send_faulty(&mut self, fault: &'static Fault, to: NodeId, payload: P) {
        self.dispatch(to, Class::Work, Mark::of(fault, self.node), payload);
    }

    #[inline]
    fn dispatch(&mut self, to: NodeId, class: Class, mark: Mark, payload: P) {
        if !self.mute {
            self.kernel.send(self.node, to, self.here, class, mark, payload);
        }
    }

    /// Gives this node an occurrence of its own after `delay`. A timer is no work by itself: what it
    /// guards must keep the node busy (see [`Model::idle`](super::Model::idle)).
    pub fn timer(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.here, delay, Class::Timer, payload);
    }

    /// Sets a timer that only polls. A run in which nothing else is pending has come to its end.
    pub fn timer_idly(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.here, delay, Class::Poll, payload);
    }

    /// Sets a timer for which the run waits.
    pub fn timer_busily(&mut self, delay: Span, payload: P) {
        self.kernel.timer(self.node, self.here, delay, Class::Work, payload);
    }

    /// Draws a choice of this node about `entity`; 0 is benign.
    pub fn draw(&mut self, site: Site, entity: Entity, space: Space) -> u64 {
        self.kernel.choices_mut().draw(site, Actor::node(self.node), entity, space)
    }

    /// Draws a choice of this node about `entity` for which there may be a value already: a forced value
    /// replaces it.
    pub fn draw_or(&mut self, site: Site, entity: Entity, space: Space, value: Option<u64>) -> u64 {
        let actor = Actor::node(self.node);
        self.kernel.choices_mut().draw_or(site, actor, entity, space, value)
    }

    /// The same with a number that the caller knows: see [`Choices::draw_nth_or`](super::Choices::draw_nth_or).
    pub fn draw_nth_or(
        &mut self,
        site: Site,
        (entity, nth): (Entity, u32),
        space: Space,
        value: Option<u64>,
    ) -> u64 {
        let key = ChoiceKey { site, actor: Actor::node(self.node), entity, nth };
        self.kernel.choices_mut().draw_nth_or(key, space, value)
    }

    /// An entity comes that will also go: see [`Choices::begin`](super::Choices::begin).
    pub fn begin(&mut self, first: Entity, entity: Entity) {
        self.kernel.choices_mut().begin(first, entity);
    }

    /// An entity goes: see [`Choices::end`](super::Choices::end).
    pub fn end(&mut self, entity: Entity) {
        self.kernel.choices_mut().end(entity);
    }

    /// Draws what only steers choices of this node; see [`Choices::steer`](super::Choices::steer).
    pub fn steer(&mut self, site: Site, question: Entity, space: Space) -> u64 {
        self.kernel.choices_mut().steer(site, Actor::node(self.node), question, space)
    }

    /// Whether a fault may still fire in this run. If not, nothing has to be known about its opportunities.
    pub fn may_fire(&self, fault: &Fault) -> bool {
        self.kernel.faults.may(fault)
    }

    /// Draws whether a fault happens at this node, about `entity`; its size, or 0.
    pub fn fault(&mut self, fault: &'static Fault, entity: Entity) -> u64 {
        let actor = Actor { from: self.node, to: self.node, kind: self.kind };
        self.kernel.strike(fault, actor, entity, self.here).0
    }

    /// States that a handler was affected by a fault at `node`.
    pub fn fault_seen(&mut self, fault: &'static Fault, node: NodeId) {
        self.kernel.faults.firings.seen(Mark::of(fault, node));
    }

    /// States that a fault of this node is seen when `witness` or this node times out.
    pub fn fault_shows_late(&mut self, fault: &'static Fault, witness: NodeId) {
        self.kernel.faults.firings.shows_late(fault, self.node, [witness, self.node]);
    }

    /// States that this node has timed out waiting for something.
    pub fn waited(&mut self) {
        self.kernel.faults.firings.waited(self.node);
    }

    /// Closes the connection that this node shares with `peer`. What is sent on it is lost until both
    /// ends detect that.
    pub fn disconnect(&mut self, peer: NodeId) {
        self.kernel.break_connection(self.node, peer, self.here);
    }

    /// Draws the faults of this node in the current occurrence, whose sender is `from` and which is about
    /// `entity`. Pauses and wrong clocks take effect here; the model carries out the crash.
    pub fn fate(&mut self, from: NodeId, entity: Entity) -> Option<Crash> {
        let actor = Actor { from, to: self.node, kind: self.kind };
        let here = self.here;
        let strike = |kernel: &mut Kernel<P>, fault| {
            let (size, until) = kernel.strike(fault, actor, entity, here);
            (size > 0).then_some((Span::from_micros(size), until))
        };
        let (now, recovery) = (self.kernel.now(), self.kernel.faults.recovery_from);
        if self.kernel.faults.any_of(STRAINS) {
            if let Some((how_long, _)) = strike(self.kernel, &PAUSE) {
                self.kernel.nodes.pause(self.node, (now + how_long).min(recovery));
            }
            for fault in [&CLOCK_AHEAD, &CLOCK_BEHIND] {
                if let Some((by, until)) = strike(self.kernel, fault) {
                    let until = until.unwrap_or(now + WRONG_CLOCK).min(recovery);
                    self.kernel.nodes.skew(self.node, Skew { fault, by, until });
                    let fired = self.kernel.faults.firings.news.last_mut();
                    fired.expect("a fault that fired is news").1.until = Some(until);
                }
            }
        }
        if !self.kernel.faults.any_of(CRASHES) {
            return None;
        }
        let moments = [
            (Moment::Before, &CRASH_BEFORE),
            (Moment::Between, &CRASH_BETWEEN),
            (Moment::After, &CRASH_AFTER),
        ];
        let crash = moments.into_iter().find_map(|(moment, fault)| {
            strike(self.kernel, fault).map(|(down, _)| Crash { moment, down, fault })
        })?;
        self.mute = crash.moment == Moment::Between;
        Some(crash)
    }

    /// Crashes this node. It gets `restart` when it restarts.
    pub fn crash(&mut self, crash: Crash, restart: P) {
        self.kernel.crash(self.node, self.here, crash, restart);
    }

    /// Crashes several nodes at once, because of a fault of this node or of nothing. Each gets `restart` when they
    /// restart, after `down`. What is under way from and to them is lost.
    pub fn crash_together(
        &mut self,
        together: &[NodeId],
        fault: Option<&'static Fault>,
        down: Span,
        restart: &P,
    ) {
        self.kernel.crash_together(together, (self.here, fault), down, restart);
    }

    /// Whether any fault fired since [`take_news`](Self::take_news) was last called.
    pub fn has_news(&self) -> bool {
        !self.kernel.faults.firings.news.is_empty()
    }

    /// The faults that fired since this was last called, each with the part of the occurrence it belongs to.
    pub fn take_news(&mut self) -> Vec<(Cause, Fired)> {
        std::mem::take(&mut self.kernel.faults.firings.news)
    }

    /// Whether any fault of nodes can fire.
    pub fn may_disturb_nodes(&self) -> bool {
        self.kernel.may_disturb_nodes()
    }

    /// Whether the occurrence being handled is a poll.
    pub(super) fn is_polling(&self) -> bool {
        self.kernel.is_polling()
    }

    /// The number of decisions that are logged so far.
    pub(super) fn drawn(&self) -> usize {
        self.kernel.choices().decisions().len()
    }

    /// The digest of the run so far.
    pub fn digest(&self) -> Digest {
        self.kernel.digest()
    }

    /// Folds a value into the digest of the run.
    pub fn fold<T: std::hash::Hash>(&mut self, value: &T) {
        self.kernel.fold(value);
    }
}
