//! The context of a node while it handles a message.

use crate::kernel::{Context, Entity, Fault, Instant, NodeId, Site, Space, Span, Step};
use crate::model::{Domain, Fact, Record};
use crate::platform::map::Map;
use crate::platform::message::Message;
use crate::platform::plan::Plan;
use crate::platform::settings::Settings;

/// The context of a node: its clock, its links, the plan, and the records of its facts.
pub(crate) struct Cx<'a, 'k, D: Domain> {
    kernel: &'a mut Context<'k, Message<D>>,
    plan: &'a Plan<D>,
    map: &'a Map,
    cause: Step,
    records: &'a mut Vec<Record<D>>,
}

/// Functions that the kernel provides to nodes unchanged.
macro_rules! kernel {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*),)+) => {
        $($(#[$doc])*
        pub(crate) fn $name(&mut self $(, $arg: $type)*) {
            self.kernel.$name($($arg),*);
        })+
    };
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

    /// A monotonic clock, unaffected by faults of the node's own clock: for measuring durations.
    pub(crate) fn uptime(&self) -> Instant {
        self.kernel.uptime()
    }

    kernel! {
        /// Sends a message.
        send(to: NodeId, message: Message<D>),
        /// Sends a message that is not work: a poll, or the empty answer to a poll.
        send_idly(to: NodeId, message: Message<D>),
        /// Sets a timer of this node.
        timer(delay: Span, message: Message<D>),
        /// Sets a timer of this node for a poll.
        timer_idly(delay: Span, message: Message<D>),
        /// Sends a message in which its receiver observes the effect of a fault of this node.
        send_faulty(fault: &'static Fault, to: NodeId, message: Message<D>),
        /// Notes that `witness` observes the effect of a fault of this node at its next deadline.
        fault_shows_late(fault: &'static Fault, witness: NodeId),
        /// Notes that a deadline of this node has passed.
        waited(),
        /// Closes the connection to `peer`: messages on it are lost until both ends are notified.
        disconnect(peer: NodeId),
    }

    /// The domain. It outlives the borrow of the context, so both can be used together.
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

    /// The layout of the platform.
    pub(crate) fn map(&self) -> &'a Map {
        self.map
    }

    /// Draws whether a fault fires here and now. Returns its size, or 0 if it does not.
    #[inline]
    pub(crate) fn fault(&mut self, fault: &'static Fault, about: impl Into<Entity>) -> u64 {
        let size = self.kernel.fault(fault, about.into());
        if size > 0 {
            self.state_faults();
        }
        size
    }

    /// Notes that a handler of this node observed the effect of a fault of this node.
    pub(crate) fn fault_seen(&mut self, fault: &'static Fault) {
        self.kernel.fault_seen(fault, self.kernel.node());
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

    /// Draws a choice of this node. 0 is benign.
    pub(crate) fn draw(&mut self, site: Site, about: impl Into<Entity>, space: Space) -> u64 {
        self.kernel.draw(site, about.into(), space)
    }

    /// Draws a duration from `base` to `base + jitter`, in whole microseconds.
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
