//! What a node of the platform can reach while it handles a message.

use crate::kernel::{Context, Entity, Fault, Instant, NodeId, Site, Space, Span, Step};
use crate::model::{Domain, Fact, Record};
use crate::platform::map::Map;
use crate::platform::message::Message;
use crate::platform::plan::Plan;
use crate::platform::settings::Settings;

/// A node's surroundings: its clock, its links, the plan, and somebody who listens to facts.
pub(crate) struct Cx<'a, 'k, D: Domain> {
    kernel: &'a mut Context<'k, Message<D>>,
    plan: &'a Plan<D>,
    map: &'a Map,
    cause: Step,
    records: &'a mut Vec<Record<D>>,
}

impl<'a, 'k, D: Domain> Cx<'a, 'k, D> {
    pub(crate) fn new(
        kernel: &'a mut Context<'k, Message<D>>,
        plan: &'a Plan<D>,
        map: &'a Map,
        cause: Step,
        records: &'a mut Vec<Record<D>>,
    ) -> Self {
        Self { kernel, plan, map, cause, records }
    }

    /// The time by this node's clock.
    pub(crate) fn now(&self) -> Instant {
        self.kernel.now()
    }

    /// A clock that only goes forward, whatever happens to this node's own: for how long things take.
    pub(crate) fn uptime(&self) -> Instant {
        self.kernel.uptime()
    }

    /// The domain. Outlives the borrow of the context, so that both can be used together.
    pub(crate) fn domain(&self) -> &'a D {
        &self.plan.domain
    }

    /// The whole plan.
    pub(crate) fn plan(&self) -> &'a Plan<D> {
        self.plan
    }

    /// The platform's settings.
    pub(crate) fn settings(&self) -> &'a Settings {
        &self.plan.settings
    }

    /// Where everybody else is.
    pub(crate) fn map(&self) -> &'a Map {
        self.map
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, to: NodeId, message: Message<D>) {
        self.kernel.send(to, message);
    }

    /// Sends a message that is no work: a poll, or the empty answer to one.
    pub(crate) fn send_idly(&mut self, to: NodeId, message: Message<D>) {
        self.kernel.send_idly(to, message);
    }

    /// Wakes this node after a while.
    pub(crate) fn timer(&mut self, delay: Span, message: Message<D>) {
        self.kernel.timer(delay, message);
    }

    /// Wakes this node after a while, only to look whether there is something to do.
    pub(crate) fn timer_idly(&mut self, delay: Span, message: Message<D>) {
        self.kernel.timer_idly(delay, message);
    }

    /// Draws whether a fault happens here and now; its size, or 0 if all is well.
    #[inline]
    pub(crate) fn fault(&mut self, fault: &'static Fault, about: impl Into<Entity>) -> u64 {
        let size = self.kernel.fault(fault, about.into());
        if size > 0 {
            self.state_faults();
        }
        size
    }

    /// Says that a handler of this node met with what a fault of its own did.
    pub(crate) fn fault_seen(&mut self, fault: &'static Fault) {
        self.kernel.fault_seen(fault, self.kernel.node());
    }

    /// Sends a message in which its receiver meets with what a fault of this node did.
    pub(crate) fn send_faulty(&mut self, fault: &'static Fault, to: NodeId, message: Message<D>) {
        self.kernel.send_faulty(fault, to, message);
    }

    /// Says that a fault of this node shows when a deadline of `witness` comes.
    pub(crate) fn fault_shows_late(&mut self, fault: &'static Fault, witness: NodeId) {
        self.kernel.fault_shows_late(fault, witness);
    }

    /// Says that this node has waited for something in vain.
    pub(crate) fn waited(&mut self) {
        self.kernel.waited();
    }

    /// Closes the connection to `peer`: whatever is sent on it is lost until both ends are told.
    pub(crate) fn disconnect(&mut self, peer: NodeId) {
        self.kernel.disconnect(peer);
    }

    /// States the faults that have just fired.
    #[inline]
    pub(crate) fn state_faults(&mut self) {
        if self.kernel.has_news() {
            self.state_news();
        }
    }

    #[cold]
    fn state_news(&mut self) {
        for fired in self.kernel.take_news() {
            self.fact(Fact::Fault(fired));
        }
    }

    /// States a fact, and folds it into the digest of the run.
    pub(crate) fn fact(&mut self, fact: Fact<D>) {
        let (step, at, node) = (self.kernel.step(), self.kernel.uptime(), self.kernel.node());
        self.kernel.fold(&fact);
        self.records.push(Record { step, cause: self.cause, at, node, fact });
    }

    /// Draws a choice of this node; 0 is benign.
    pub(crate) fn draw(&mut self, site: Site, about: impl Into<Entity>, space: Space) -> u64 {
        self.kernel.draw(site, about.into(), space)
    }

    /// A duration that by choice is up to `jitter` longer than `base`, in whole microseconds.
    pub(crate) fn drawn_span(
        &mut self,
        site: Site,
        about: impl Into<Entity>,
        base: Span,
        jitter: Span,
    ) -> Span {
        base + Span::from_micros(self.draw(site, about, Space::up_to(jitter.as_micros())))
    }
}
