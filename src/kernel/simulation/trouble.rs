//! The effects of faults of links and nodes; not used in runs without faults.

use super::{Class, Kernel, Payload, Pending, Way};
use crate::kernel::faults::Mark;
use crate::kernel::node::Crash;
use crate::kernel::outage::{Cut, SLOWNESS};
use crate::kernel::queue::Queue;
use crate::kernel::{
    Cause, DELAY, DROP, DUPLICATE, Fault, Instant, KEEP_ALIVE, Link, NodeId, ONE_WAY, PARTITION,
    PAUSE, REORDER, SLOW_PAIR, Span, sites,
};

/// The faults that cut a pair of nodes off or slow it down. Most runs have none of them.
const CUTS: &[&Fault] = &[&PARTITION, &ONE_WAY, &SLOW_PAIR];
const CUT_SITES: u128 = sites(CUTS);

impl<P: Payload> Kernel<P> {
    /// Sends a message over a link that may have faults.
    #[inline(never)]
    pub(super) fn send_with_faults(&mut self, link: Link, due: Instant, mut pending: Pending<P>) {
        let (from, to) = (pending.from, pending.to);
        let (actor, entity) = (pending.actor(), pending.payload.entity());
        // The fault is about what is sent, not about what is handled.
        let operation = pending.payload.operation();
        let here = pending.cause;
        let strike = |kernel: &mut Self, fault| {
            kernel.strike_during(operation, fault, actor, entity, (here, None))
        };
        // The same for a fault that delays the message, which otherwise arrives at `due`; also whether it moves
        // the message to a deadline.
        let strike_late = |kernel: &mut Self, fault, due| {
            let (times, choices) = ((kernel.now, due), &mut kernel.choices);
            let meant = kernel.faults.aimed_at_deadline(fault, actor, entity, times, choices);
            let (size, _) = kernel.strike_during(operation, fault, actor, entity, (here, meant));
            (size, meant == Some(size))
        };
        let mut begun = None;
        let cuts = if self.faults.any_of(CUT_SITES) { CUTS } else { &[] };
        for &fault in cuts {
            let (size, scripted) = strike(self, fault);
            if size > 0 {
                begun = Some(fault);
                let size = Span::from_micros(size);
                let slower = (fault == &SLOW_PAIR).then_some(size);
                let lasts = slower.map_or(size, |_| SLOWNESS);
                let until = scripted.unwrap_or(self.now + lasts).min(self.faults.recovery_from);
                self.outages.cut(Cut { fault, from, to, until, slower });
            }
        }
        let mut due = due;
        if let Some(cut) = self.outages.affecting(from, to, self.now) {
            // A fault that fired for this message counts for its sender, also if an older one cuts the
            // pair.
            let at = if begun == Some(cut.fault) { from } else { cut.from };
            let Some(by) = cut.slower else {
                self.faults.firings.shows_late(cut.fault, at, [from, to]);
                if link.ordered {
                    self.break_connection(from, to, pending.cause);
                }
                return;
            };
            due += by;
            pending.mark.add(cut.fault, at);
        }
        let (delay, is_aimed) = strike_late(self, &DELAY, due);
        if is_aimed {
            // The schedule does not move it away again.
            pending.rank = self.scheduler.bound(pending.rank);
        }
        if delay > 0 {
            due += Span::from_micros(delay);
            pending.mark.add(&DELAY, from);
        }
        if link.ordered {
            if !self.outages.is_broken(from, to, self.now) && !self.outages.is_unaware(from, to) {
                self.travel(link, due, pending);
            }
            return;
        }
        let (drop, _) = strike(self, &DROP);
        if drop > 0 {
            self.faults.firings.shows_late(&DROP, from, [from, to]);
            return;
        }
        let (overtaken, is_aimed) = strike_late(self, &REORDER, due);
        if is_aimed {
            pending.rank = self.scheduler.bound(pending.rank);
        }
        if overtaken > 0 {
            due += Span::from_micros(overtaken);
            pending.mark.add(&REORDER, from);
        }
        let (twice, _) = strike_late(self, &DUPLICATE, due);
        if twice > 0 {
            let nth = self.choices.count_delivery(actor, entity);
            pending.rank = self.scheduler.bound(pending.rank);
            let copy = Pending { nth, mark: Mark::of(&DUPLICATE, from), ..pending.clone() };
            self.enqueue(due + Span::from_micros(twice), copy);
        }
        self.enqueue(due, pending);
    }

    /// Breaks the connection between two nodes if it is not broken already. What is sent on it is lost
    /// until both ends are notified.
    pub(in crate::kernel) fn break_connection(&mut self, a: NodeId, b: NodeId, cause: Cause) {
        if self.outages.is_broken(a, b, self.now) {
            return;
        }
        let until = self.now + KEEP_ALIVE;
        let serial = self.outages.break_connection(a, b, until);
        self.notify(until, cause, b, a, serial);
        self.notify(until, cause, a, b, serial);
    }

    /// Notifies `to` that its connection to `peer` is broken.
    fn notify(&mut self, due: Instant, cause: Cause, peer: NodeId, to: NodeId, nth: u32) {
        if let Some(payload) = P::disconnected(peer) {
            let (class, way, rank, mark) = (Class::Work, Way::Break, 0, Mark::NONE);
            let from = peer;
            self.enqueue(due, Pending { cause, from, to, nth, class, way, rank, mark, payload });
        }
    }

    pub(in crate::kernel) fn crash(
        &mut self,
        node: NodeId,
        cause: Cause,
        crash: Crash,
        restart: P,
    ) {
        self.nodes.crash(node);
        for peer in self.links.connected(node) {
            self.break_connection(node, peer, cause);
        }
        let due = (self.now + crash.down).min(self.faults.recovery_from.max(self.now));
        let (class, way, mark) = (Class::Work, Way::Restart, Mark::of(crash.fault, node));
        let (from, to, nth, rank, payload) = (node, node, 0, 0, restart);
        self.enqueue(due, Pending { cause, from, to, nth, class, way, rank, mark, payload });
    }

    /// Crashes several nodes at once, for `down`. What is under way from and to them is lost.
    pub(in crate::kernel) fn crash_together(
        &mut self,
        together: &[NodeId],
        (cause, fault): (Cause, Option<&'static Fault>),
        down: Span,
        restart: &P,
    ) {
        let is_lost = |pending: &Pending<P>| match pending.way {
            Way::Sent => together.contains(&pending.from) || together.contains(&pending.to),
            Way::Restart => together.contains(&pending.to),
            // Of a node that has crashed since.
            Way::Set | Way::Break => false,
        };
        let mut queue = std::mem::replace(&mut self.queue, Queue::new());
        while let Some((due, pending)) = queue.pop() {
            if is_lost(&pending) {
                *self.pending_of(pending.class) -= 1;
            } else {
                self.refused |= self.queue.offer(due, pending).is_err();
            }
        }
        for pending in self.held.extract_if(.., |pending| is_lost(pending)).collect::<Vec<_>>() {
            *self.pending_of(pending.class) -= 1;
        }
        for &node in together {
            self.nodes.crash(node);
            for peer in self.links.connected(node) {
                self.break_connection(node, peer, cause);
            }
        }
        for &node in together {
            let (class, way) = (Class::Work, Way::Restart);
            let mark = fault.map_or(Mark::NONE, |fault| Mark::of(fault, node));
            let (from, to, nth, rank, payload) = (node, node, 0, 0, restart.clone());
            let pending = Pending { cause, from, to, nth, class, way, rank, mark, payload };
            self.enqueue(self.now + down, pending);
        }
    }

    /// Restarts a node. It has no connection left, so peers that have not detected a break are notified
    /// at once.
    pub(super) fn restart(&mut self, node: NodeId, cause: Cause) {
        self.nodes.restart(node);
        self.outages.restarts(node);
        for peer in self.links.connected(node) {
            if self.outages.is_broken(node, peer, self.now) {
                let serial = self.outages.break_connection(node, peer, self.now);
                self.notify(self.now, cause, node, peer, serial);
            }
        }
    }

    /// Whether an occurrence that is due reaches its node now. Otherwise it is deferred, because the node is
    /// paused, or dropped, because the node is down or has crashed since.
    #[inline(never)]
    pub(super) fn admit(&mut self, pending: &mut Pending<P>) -> Admission {
        let Pending { from, to, nth, cause, class, way, .. } = *pending;
        let lost = match way {
            Way::Sent => self.nodes.is_down(to),
            Way::Set => self.nodes.life(to) != nth,
            Way::Break => self.nodes.is_down(to) || !self.outages.is_current(to, from, nth),
            Way::Restart => false,
        };
        if lost {
            if way == Way::Sent && self.links.get(from, to).ordered {
                self.break_connection(from, to, cause);
            }
            *self.pending_of(class) -= 1;
            return Admission::Never;
        }
        if let Some(skew) = self.nodes.skew_of(to, self.now) {
            self.faults.firings.seen(Mark::of(skew.fault, to));
        }
        let Some(until) = self.nodes.paused_until(to, self.now) else {
            if way == Way::Break {
                self.outages.notices(to, from);
            }
            return Admission::Now;
        };
        if way == Way::Break {
            self.outages.notices_later(to, from);
        }
        pending.mark.add(&PAUSE, to);
        pending.rank = self.scheduler.deferred(pending.rank);
        Admission::At(until)
    }
}

/// When an occurrence that is due reaches its node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Admission {
    Now,
    At(Instant),
    Never,
}
