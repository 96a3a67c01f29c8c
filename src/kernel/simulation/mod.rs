//! The kernel: what is pending, and what happens next.

mod happens_before;
mod idle;
mod lateness;
mod model;
mod pending;
mod recent;
mod run;
mod trouble;
mod unused;

use happens_before::HappensBefore;
pub use model::{Delivery, Model, Payload};
pub use pending::{Awaited, Class};
use recent::Recent;
pub use run::Simulation;
use trouble::Admission;
pub use unused::Unused;

use super::faults::{FaultInjector, Mark};
use super::link::LINK_JITTER;
use super::node::{NODE_SITES, Nodes};
use super::outage::{LINK_SITES, Outages};
use super::queue::Queue;
use super::scheduler::{Rank, Scheduler};
use super::{
    Actor, Cause, ChoiceKey, Choices, Context, Digest, Entity, Fault, FaultLedger, FaultPlan,
    Holds, Instant, Kind, Link, Links, NodeId, OccurrenceKey, Operation, Span, Step,
};

/// An occurrence in the queue.
#[derive(Clone, Debug)]
struct Pending<P> {
    cause: Cause,
    from: NodeId,
    to: NodeId,
    /// Of a message: how many of the same came before it. Of a timer: how often its node had crashed when
    /// it was set. Of a notification of a break: the number of the break.
    nth: u32,
    class: Class,
    way: Way,
    rank: Rank,
    mark: Mark,
    payload: P,
}

/// The origin of an occurrence, which decides what a fault of its node does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A message from a node: lost if the receiver is down.
    Sent,
    /// A timer of the node itself: lost if the node has crashed since.
    Set,
    /// The restart of the node.
    Restart,
    /// The notification of a broken connection.
    Break,
}

/// Everything that decides what happens next.
///
/// It can be used without a model: occurrences are taken one at a time.
#[derive(Clone, Debug)]
pub struct Kernel<P> {
    now: Instant,
    step: Step,
    queue: Queue<Pending<P>>,
    /// The pending occurrences by [`Class`].
    pending_by_class: [u64; 3],
    links: Links,
    choices: Choices,
    scheduler: Scheduler,
    holds: Holds,
    held: Vec<Pending<P>>,
    digest: Digest,
    pub(super) faults: FaultInjector,
    outages: Outages,
    /// The operation of the occurrence that is handled, if a scripted fault is aimed at one.
    operation: Operation,
    pub(super) nodes: Nodes,
    /// Whether the queue was too full for an occurrence.
    refused: bool,
    /// What was delivered last.
    recent: Recent,
    /// Whether the occurrence that is handled is a poll.
    is_polling: bool,
    /// How many occurrences in a row were delivered while no work was pending.
    idle_for: u64,
    /// When the first of them was.
    idle_since: Instant,
    /// The order at each node, if somebody asked for it.
    happens_before: Option<HappensBefore>,
    /// The step in which the run departs from its seed next.
    branches_at: Step,
}

impl<P: Payload> Kernel<P> {
    /// A kernel at the beginning of time.
    pub fn new(links: Links, choices: Choices, holds: Holds) -> Self {
        Self {
            now: Instant::ZERO,
            step: Step(0),
            queue: Queue::new(),
            pending_by_class: [0; 3],
            faults: FaultInjector::new(&FaultPlan::default(), &mut Choices::default()),
            outages: Outages::default(),
            operation: Operation::default(),
            nodes: Nodes::new(links.nodes()),
            scheduler: Scheduler::of(&choices, links.nodes()),
            links,
            branches_at: choices.next_branch(),
            choices,
            holds,
            held: Vec::new(),
            digest: Digest::default(),
            refused: false,
            recent: Recent::default(),
            is_polling: false,
            idle_for: 0,
            idle_since: Instant::ZERO,
            happens_before: None,
        }
    }

    /// The same kernel, with faults.
    #[must_use]
    pub fn with_faults(mut self, faults: &FaultPlan) -> Self {
        self.faults = FaultInjector::new(faults, &mut self.choices);
        self
    }

    /// The virtual time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The ledger of the faults of the run.
    pub fn ledger(&self) -> FaultLedger {
        self.faults.ledger()
    }

    /// Whether any fault of nodes can fire.
    #[inline]
    pub fn may_disturb_nodes(&self) -> bool {
        self.faults.any_of(NODE_SITES)
    }

    /// The number of delivered occurrences.
    pub fn steps(&self) -> u64 {
        self.step.0
    }

    /// The number of pending occurrences.
    pub fn pending(&self) -> u64 {
        self.queue.len() as u64 + self.held.len() as u64
    }

    /// Whether the last delivery was a poll.
    pub(super) const fn is_polling(&self) -> bool {
        self.is_polling
    }

    /// The digest of the run so far.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Notes from now on in which order each node handles what it receives.
    pub fn watch_order(&mut self) {
        self.happens_before = Some(HappensBefore::new(self.links.nodes()));
    }

    /// The hash of the order in which each node handled what it received; 0 if it was not watched.
    pub fn order(&self) -> u64 {
        self.happens_before.as_ref().map_or(0, HappensBefore::value)
    }

    /// The choices of this run.
    pub fn choices(&self) -> &Choices {
        &self.choices
    }

    /// The choices of this run, for logging and drawing.
    pub fn choices_mut(&mut self) -> &mut Choices {
        &mut self.choices
    }

    /// Forces one choice more, which was not drawn yet, in a run that [counts](super::Overrides::counting) the choices
    /// at its site.
    /// From now on no fault can fire but those that are scripted or forced by key.
    pub fn depart(&mut self, key: ChoiceKey, value: u64) {
        self.choices.overrides = self.choices.overrides.and(key, value);
        self.faults.narrow(&self.choices);
    }

    /// Folds a value into the digest.
    #[inline]
    pub fn fold<T: std::hash::Hash>(&mut self, value: &T) {
        self.digest.fold(value);
    }

    /// A context in which a node acts outside of an occurrence, as at start-up.
    pub fn context(&mut self, node: NodeId) -> Context<'_, P> {
        let step = self.step;
        Context::new(self, node, step, Kind(0))
    }

    #[inline]
    pub(super) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        cause: Cause,
        class: Class,
        mark: Mark,
        payload: P,
    ) {
        let actor = Actor { from, to, kind: payload.kind() };
        let entity = payload.entity();
        let nth = self.choices.count_delivery(actor, entity);
        let link = self.links.get(from, to);
        let key = ChoiceKey { site: LINK_JITTER, actor, entity, nth };
        let (late, rank) = self.scheduler.send(key, link.window(), &mut self.choices);
        let due = self.now + link.base + Span::from_micros(late);
        let pending = Pending { cause, from, to, nth, class, way: Way::Sent, rank, mark, payload };
        if self.faults.any_of(LINK_SITES) || !self.outages.is_empty() {
            return self.send_with_faults(link, due, pending);
        }
        self.travel(link, due, pending);
    }

    /// Sends a message on its way, on an ordered link behind those before it.
    #[inline]
    fn travel(&mut self, link: Link, due: Instant, mut pending: Pending<P>) {
        let arrives = self.links.arrival(link, pending.from, pending.to, due);
        if arrives != due {
            pending.rank = self.scheduler.bound(pending.rank);
        }
        self.enqueue(arrives, pending);
    }

    /// Draws whether a fault of the node that handles an occurrence fires: its size, or 0, and when its
    /// effect ends if that is scripted. `here` is the part of the occurrence in which it would fire.
    #[inline]
    pub(super) fn strike(
        &mut self,
        fault: &'static Fault,
        actor: Actor,
        entity: Entity,
        here: Cause,
    ) -> (u64, Option<Instant>) {
        self.strike_during(self.operation, fault, actor, entity, (here, None))
    }

    /// The same for a fault of something else that happens during `operation`, with the size that it is meant
    /// to have if it is aimed.
    #[inline]
    fn strike_during(
        &mut self,
        operation: Operation,
        fault: &'static Fault,
        actor: Actor,
        entity: Entity,
        (here, meant): (Cause, Option<u64>),
    ) -> (u64, Option<Instant>) {
        if !self.faults.may(fault) {
            return (0, None);
        }
        let (about, at) = ((entity, operation), (here, self.now));
        self.faults.strike(fault, actor, about, at, meant, &mut self.choices)
    }

    #[inline]
    pub(super) fn timer(
        &mut self,
        node: NodeId,
        cause: Cause,
        delay: Span,
        class: Class,
        payload: P,
    ) {
        let (way, nth, mark) = (Way::Set, self.nodes.life(node), Mark::NONE);
        let (from, to, rank) = (node, node, self.scheduler.timer());
        let pending = Pending { cause, from, to, nth, class, way, rank, mark, payload };
        if class != Class::Poll {
            self.faults.focus.note_timer(node, self.now, delay);
        }
        self.enqueue(self.now + delay, pending);
    }

    /// How many occurrences of a class are pending.
    const fn pending_of(&mut self, class: Class) -> &mut u64 {
        &mut self.pending_by_class[class as usize]
    }

    /// A full queue stops the run before the next occurrence, so the one that did not fit is never due.
    #[inline]
    fn enqueue(&mut self, due: Instant, pending: Pending<P>) {
        *self.pending_of(pending.class) += 1;
        self.refused |= self.queue.offer(due, pending).is_err();
    }

    /// The next occurrence in order, with the clock moved to it.
    #[inline]
    #[expect(
        clippy::should_implement_trait,
        reason = "the next occurrence depends on what is sent now"
    )]
    pub fn next(&mut self) -> Option<Delivery<P>> {
        self.put_back();
        self.next_in_place()
    }

    /// The same, if the next pending occurrence is known to stay in its place.
    #[inline]
    fn next_in_place(&mut self) -> Option<Delivery<P>> {
        let pending = loop {
            let Some((at, mut pending)) = self.queue.pop() else {
                // Only held occurrences are left, so their anchors will never happen.
                if self.held.is_empty() {
                    return None;
                }
                break self.held.remove(0);
            };
            self.now = self.now.max(at);
            if self.nodes.disturbed || pending.way == Way::Break {
                match self.admit(&mut pending) {
                    Admission::Now => {}
                    Admission::At(until) => {
                        self.refused |= self.queue.offer_again(until, pending).is_err();
                        self.put_back();
                        continue;
                    }
                    Admission::Never => {
                        self.put_back();
                        continue;
                    }
                }
            }
            if self.holds.is_empty() || !self.holds.is_waiting(&pending.key()) {
                break pending;
            }
            pending.rank = self.scheduler.deferred(pending.rank);
            self.held.push(pending);
            self.put_back();
        };
        *self.pending_of(pending.class) -= 1;
        if !self.holds.is_empty() {
            self.release_after(pending.key(), pending.way == Way::Sent);
        }
        self.step = Step(self.step.0 + 1);
        if self.step >= self.branches_at {
            self.branch();
        }
        if !self.scheduler.is_plain() {
            self.scheduler.delivered(pending.to, pending.rank, self.now);
        }
        if pending.mark != Mark::NONE {
            self.faults.firings.seen(pending.mark);
        }
        if self.faults.needs_operations {
            self.operation = pending.payload.operation();
        }
        let OccurrenceKey { actor, entity, nth } = pending.key();
        if self.faults.focus.follows_deliveries() {
            let is_turn = pending.payload.is_turning_point();
            self.faults.focus.pass(actor.kind, entity, is_turn);
        }
        if pending.way == Way::Restart {
            self.restart(pending.to, self.step.into());
        }
        if let Some(order) = &mut self.happens_before {
            order.note(pending.to, pending.class, OccurrenceKey { actor, entity, nth });
        }
        self.recent.note(actor);
        self.is_polling = pending.class == Class::Poll;
        self.digest.word(self.now.as_nanos());
        self.digest.word(actor.bits() << 16 ^ u64::from(nth));
        self.digest.word(entity.0);
        let Pending { cause, from, to, payload, .. } = pending;
        Some(Delivery { step: self.step, cause, from, to, nth, payload })
    }

    /// Releases the occurrences that waited for `anchor`; they are due at once.
    fn release_after(&mut self, anchor: OccurrenceKey, is_message: bool) {
        if self.holds.happened(anchor, is_message) {
            let free = |pending: &mut Pending<P>| !self.holds.is_waiting(&pending.key());
            for pending in self.held.extract_if(.., free) {
                self.refused |= self.queue.offer(self.now, pending).is_err();
            }
        }
    }
}

impl<P: Payload> Pending<P> {
    fn actor(&self) -> Actor {
        Actor { from: self.from, to: self.to, kind: self.payload.kind() }
    }

    fn key(&self) -> OccurrenceKey {
        OccurrenceKey { actor: self.actor(), entity: self.payload.entity(), nth: self.nth }
    }
}
