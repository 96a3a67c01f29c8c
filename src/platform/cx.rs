//! The context of a node while it handles a message.
//!
//! A handler that deals with several things at once, such as the rows of an outbox page or the readers who
//! waited for one value, deals with each [`because`](Cx::because) of what led to that thing. So the causes
//! of facts and messages follow the event or request concerned, not the message that woke the node.

use crate::kernel::{Cause, Context, Entity, Fault, Instant, NodeId, Site, Space, Span};
use crate::model::{Defect, Domain, Fact, Record};
use crate::platform::map::Map;
use crate::platform::message::Message;
use crate::platform::plan::Plan;
use crate::platform::settings::Settings;

/// What was stated in one occurrence.
#[derive(Clone, Debug)]
pub(crate) struct Stated<D: Domain> {
    pub(crate) records: Vec<Record<D>>,
    /// The cause of each part of the occurrence. The first is that of the occurrence itself.
    pub(crate) causes: Vec<Cause>,
}

impl<D: Domain> Default for Stated<D> {
    fn default() -> Self {
        Self { records: Vec::new(), causes: Vec::new() }
    }
}

impl<D: Domain> Stated<D> {
    fn cause_of(&self, part: u32) -> Cause {
        self.causes[part as usize]
    }

    /// The number of another part. Parts that are too many to be told apart belong to the occurrence itself.
    fn another_part(&mut self, cause: Cause) -> u32 {
        if self.causes.len() == Cause::PARTS_MAX {
            return 0;
        }
        self.causes.push(cause);
        self.causes.len() as u32 - 1
    }
}

/// The context of a node: its clock, its links, the plan, and the records of its facts.
pub(crate) struct Cx<'a, 'k, D: Domain> {
    kernel: &'a mut Context<'k, Message<D>>,
    plan: &'a Plan<D>,
    map: &'a Map,
    stated: &'a mut Stated<D>,
    /// For how long the message that is handled has waited for a worker, and the worker was busy with it.
    pub(crate) since_arrival: Span,
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
        cause: Cause,
        stated: &'a mut Stated<D>,
    ) -> Self {
        stated.causes.push(cause);
        Self { kernel, plan, map, stated, since_arrival: Span::ZERO }
    }

    /// What the node is doing, as the cause of what follows from it later.
    pub(crate) fn here(&self) -> Cause {
        self.kernel.here()
    }

    /// What led to the occurrence.
    pub(crate) fn cause(&self) -> Cause {
        self.stated.cause_of(0)
    }

    /// Deals with one of several things, to which `cause` led. What is stated and sent meanwhile has this
    /// cause.
    pub(crate) fn because<R>(&mut self, cause: Cause, act: impl FnOnce(&mut Self) -> R) -> R {
        let part = if cause.step() == self.kernel.step() {
            cause.part()
        } else {
            self.stated.another_part(cause)
        };
        self.within(part, act)
    }

    /// Does one of several things that have the same cause, but do not lead to each other.
    pub(crate) fn apart<R>(&mut self, act: impl FnOnce(&mut Self) -> R) -> R {
        let part = self.stated.another_part(self.stated.cause_of(self.kernel.here().part()));
        self.within(part, act)
    }

    fn within<R>(&mut self, part: u32, act: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.kernel.here().part();
        self.kernel.turn_to(part);
        let result = act(self);
        self.kernel.turn_to(before);
        result
    }

    /// This node.
    pub(crate) fn node(&self) -> NodeId {
        self.kernel.node()
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
        /// Sets a timer of this node for which the run waits.
        timer_busily(delay: Span, message: Message<D>),
        /// Sets a timer of this node for a poll.
        timer_idly(delay: Span, message: Message<D>),
        /// Sends a message in which its receiver observes the effect of a fault of this node.
        send_faulty(fault: &'static Fault, to: NodeId, message: Message<D>),
        /// Notes that `witness` observes the effect of a fault of this node at its next deadline.
        fault_shows_late(fault: &'static Fault, witness: NodeId),
        /// Notes that a deadline of this node has passed.
        waited(),
        /// Begins to count what happens about an entity that will come to an end. Those of a series, which is known
        /// by its first one, begin in order of their numbers.
        begin(first: Entity, entity: Entity),
        /// Drops what was counted about such an entity.
        end(entity: Entity),
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

    /// Whether a mistake is put into the platform.
    #[inline]
    pub(crate) fn has(&self, defect: &Defect) -> bool {
        self.plan.defects.has(defect)
    }

    /// The layout of the platform.
    pub(crate) fn map(&self) -> &'a Map {
        self.map
    }

    /// Whether a fault may still fire in this run: asked before what it costs to know whether it has an opportunity.
    pub(crate) fn may_fire(&self, fault: &Fault) -> bool {
        self.kernel.may_fire(fault)
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
        for (here, fired) in self.kernel.take_news() {
            self.within(here.part(), |cx| cx.fact(Fact::Fault(fired)));
        }
    }

    /// States a fact, and folds it into the digest of the run.
    pub(crate) fn fact(&mut self, fact: Fact<D>) {
        let (step, at, node) = (self.kernel.step(), self.kernel.uptime(), self.kernel.node());
        let part = self.kernel.here().part();
        let cause = self.stated.cause_of(part).step();
        self.kernel.fold(&fact);
        self.stated.records.push(Record { step, part, cause, at, node, fact });
    }

    /// Draws a choice of this node. 0 is benign.
    pub(crate) fn draw(&mut self, site: Site, about: impl Into<Entity>, space: Space) -> u64 {
        self.kernel.draw(site, about.into(), space)
    }

    /// Draws a choice of this node for which there may be a value already. 0 is benign.
    pub(crate) fn draw_or(
        &mut self,
        site: Site,
        about: impl Into<Entity>,
        space: Space,
        value: Option<u64>,
    ) -> u64 {
        self.kernel.draw_or(site, about.into(), space, value)
    }

    /// The same with a number that the caller knows: how many such choices about the same thing came before.
    /// Nothing is kept about the thing.
    pub(crate) fn draw_nth_or(
        &mut self,
        site: Site,
        (about, nth): (impl Into<Entity>, u32),
        space: Space,
        value: Option<u64>,
    ) -> u64 {
        self.kernel.draw_nth_or(site, (about.into(), nth), space, value)
    }

    /// Draws what only steers choices of this node.
    pub(crate) fn steer(&mut self, site: Site, question: Entity, space: Space) -> u64 {
        self.kernel.steer(site, question, space)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Step;
    use crate::model::Position;
    use crate::testing::{Bench, Counting};

    fn at(step: u64) -> Cause {
        Cause::from(Step(step))
    }

    fn marked(upto: u64) -> Fact<Counting> {
        Fact::Marked { upto: Position(upto) }
    }

    /// A store that deals with things of which it heard in steps 1 and 2, in step 3.
    fn batch(act: impl FnOnce(&mut Cx<'_, '_, Counting>)) -> Bench {
        let mut bench = Bench::new();
        (0..3).for_each(|_| bench.pass(Span::from_millis(1)));
        let store = bench.map.store();
        bench.tell(store, act);
        bench
    }

    #[test]
    fn facts_have_the_cause_of_the_thing_that_the_node_deals_with() {
        let bench = batch(|cx| {
            cx.fact(marked(0));
            cx.because(at(1), |cx| cx.fact(marked(1)));
            cx.because(at(2), |cx| {
                cx.because(at(1), |cx| cx.fact(marked(2)));
                cx.fact(marked(3));
            });
            cx.fact(marked(4));
        });
        let causes = [(0, 0), (1, 1), (3, 1), (2, 2), (0, 0)];
        assert_eq!(bench.causes(), causes.map(|(part, cause)| (part, Step(cause))));
    }

    #[test]
    fn a_message_is_caused_by_the_part_that_sends_it() {
        let mut bench = batch(|cx| {
            let relay = cx.map().relays().next().expect("a relay");
            cx.because(at(1), |cx| cx.send(relay, Message::Notify));
            cx.because(at(2), |cx| cx.send(relay, Message::Marked));
            cx.send(relay, Message::Notify);
        });
        let causes: Vec<_> = std::iter::from_fn(|| bench.next_cause()).collect();
        assert_eq!(causes, [1, 2, 0].map(|part| Cause::new(Step(3), part)));
    }

    #[test]
    fn what_was_kept_in_the_same_step_goes_on_where_it_was() {
        let bench = batch(|cx| {
            let kept = cx.because(at(1), |cx| cx.here());
            cx.because(kept, |cx| cx.fact(marked(1)));
        });
        assert_eq!(bench.causes(), [(1, Step(1))]);
    }

    #[test]
    fn things_done_apart_share_their_cause_and_nothing_else() {
        let bench = batch(|cx| {
            cx.because(at(2), |cx| {
                cx.apart(|cx| cx.fact(marked(1)));
                cx.apart(|cx| cx.fact(marked(2)));
            });
        });
        assert_eq!(bench.causes(), [(2, Step(2)), (3, Step(2))]);
    }
}
