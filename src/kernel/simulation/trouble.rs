//! The effects of faults of links and nodes. Without faults none of this runs, except for the clocks of
//! nodes, which are right.

use super::super::faults::{Fault, Mark};
use super::super::link::Link;
use super::super::name::{Actor, NodeId, Step};
use super::super::node::{Crash, PAUSE, WRONG_CLOCK};
use super::super::outage::{
    Cut, DELAY, DROP, DUPLICATE, KEEP_ALIVE, ONE_WAY, PARTITION, REORDER, SLOW_PAIR, SLOWNESS,
};
use super::super::time::{Instant, Span};
use super::{Class, Kernel, Payload, Pending, Reach, Way};

impl<P: Payload> Kernel<P> {
    /// Sends a message over a link that may have faults.
    #[cold]
    pub(super) fn send_with_faults(&mut self, link: Link, due: Instant, mut pending: Pending<P>) {
        let (from, to) = (pending.from, pending.to);
        let actor = Actor { from, to, kind: pending.payload.kind() };
        let about = pending.payload.entity();
        let mut begun = None;
        for fault in [&PARTITION, &ONE_WAY, &SLOW_PAIR] {
            let (size, scripted) = self.strike(fault, actor, about);
            if size > 0 {
                begun = Some(fault);
                let size = Span::from_micros(size);
                let slow = fault == &SLOW_PAIR;
                let until = match scripted {
                    Some(until) => until,
                    None => self.now + if slow { SLOWNESS } else { size },
                };
                let until = until.min(self.faults.recovery_from);
                let slower = slow.then_some(size);
                self.outages.cut(Cut { fault, from, to, until, slower });
            }
        }
        // A fault that fired for this message counts for its sender, although an older one cuts the pair too.
        let whose = |fault, at| if begun == Some(fault) { from } else { at };
        let mut due = due;
        match self.outages.trouble(from, to, self.now) {
            Some(Cut { fault, slower: None, from: at, .. }) => {
                self.lose(link, &pending, fault, whose(fault, at));
                return;
            }
            Some(Cut { fault, slower: Some(by), from: at, .. }) => {
                due += by;
                pending.mark.add(fault, whose(fault, at));
            }
            None => {}
        }
        let (delay, _) = self.strike(&DELAY, actor, about);
        if delay > 0 {
            due += Span::from_micros(delay);
            pending.mark.add(&DELAY, from);
        }
        if link.ordered {
            if self.outages.is_broken(from, to, self.now) {
                return;
            }
            let due = self.links.arrival(from, to, link.ordered, due);
            self.enqueue(due, pending);
            return;
        }
        let (drop, _) = self.strike(&DROP, actor, about);
        if drop > 0 {
            self.faults.firings.shows_late(&DROP, from, [from, to]);
            return;
        }
        let (overtaken, _) = self.strike(&REORDER, actor, about);
        if overtaken > 0 {
            due += Span::from_micros(overtaken);
            pending.mark.add(&REORDER, from);
        }
        let (twice, _) = self.strike(&DUPLICATE, actor, about);
        if twice > 0 {
            let nth = self.choices.count_delivery(actor, about);
            let copy = Pending { nth, mark: Mark::of(&DUPLICATE, from), ..pending.clone() };
            self.enqueue(due + Span::from_micros(twice), copy);
        }
        self.enqueue(due, pending);
    }

    /// Loses a message, and on a shared connection all messages behind it.
    fn lose(&mut self, link: Link, pending: &Pending<P>, fault: &'static Fault, at: NodeId) {
        let (from, to) = (pending.from, pending.to);
        self.faults.firings.shows_late(fault, at, [from, to]);
        if link.ordered {
            self.break_connection(from, to, pending.cause, KEEP_ALIVE);
        }
    }

    /// Breaks the connection between two nodes, if it is not broken already; both are notified when the
    /// break is detected.
    fn break_connection(&mut self, a: NodeId, b: NodeId, cause: Step, detected: Span) {
        if self.outages.is_broken(a, b, self.now) {
            return;
        }
        let (until, serial) = self.outages.break_connection(a, b, self.now, detected);
        for (to, peer) in [(a, b), (b, a)] {
            if let Some(payload) = P::disconnected(peer) {
                let (class, way) = (Class::Work, Way::Break);
                let (from, nth, mark) = (peer, serial, Mark::NONE);
                self.enqueue(until, Pending { cause, from, to, nth, class, way, mark, payload });
            }
        }
    }

    /// Closes a connection: what is sent on it is lost until both ends are notified.
    pub(in crate::kernel) fn disconnect(&mut self, node: NodeId, peer: NodeId, cause: Step) {
        self.break_connection(node, peer, cause, KEEP_ALIVE);
    }

    /// Crashes a node, which is given `restart` when it is back.
    pub(in crate::kernel) fn crash(&mut self, node: NodeId, cause: Step, crash: Crash, restart: P) {
        self.nodes.crash(node);
        for peer in self.links.connected(node) {
            self.break_connection(node, peer, cause, KEEP_ALIVE);
        }
        let due = (self.now + crash.down).min(self.faults.recovery_from.max(self.now));
        let (from, to, nth) = (node, node, 0);
        let mark = Mark::of(crash.fault, node);
        let (class, way) = (Class::Work, Way::Restart);
        self.enqueue(due, Pending { cause, from, to, nth, class, way, mark, payload: restart });
    }

    /// Restarts a node. It has no connection left, so peers that have not detected a break are notified
    /// at once.
    pub(super) fn restart(&mut self, node: NodeId, cause: Step) {
        self.nodes.restart(node);
        for peer in self.links.connected(node) {
            if self.outages.is_broken(node, peer, self.now) {
                let (_, serial) = self.outages.break_connection(node, peer, self.now, Span::ZERO);
                if let Some(payload) = P::disconnected(node) {
                    let (from, to, nth, mark) = (node, peer, serial, Mark::NONE);
                    let (class, way) = (Class::Work, Way::Break);
                    let news = Pending { cause, from, to, nth, class, way, mark, payload };
                    self.enqueue(self.now, news);
                }
            }
        }
    }

    /// Pauses a node.
    pub(in crate::kernel) fn pause(&mut self, node: NodeId, how_long: Span) {
        let until = (self.now + how_long).min(self.faults.recovery_from);
        self.nodes.pause(node, until);
    }

    /// Makes a node's clock wrong, until the scripted end or for a default time.
    pub(in crate::kernel) fn skew(
        &mut self,
        node: NodeId,
        ahead: Span,
        behind: Span,
        until: Option<Instant>,
    ) {
        let until = until.unwrap_or(self.now + WRONG_CLOCK).min(self.faults.recovery_from);
        self.nodes.skew(node, ahead, behind, until);
    }

    /// What a node's own clock shows.
    #[inline]
    pub(in crate::kernel) fn clock(&self, node: NodeId) -> Instant {
        self.nodes.clock(node, self.now)
    }

    /// Whether an occurrence that is due reaches its node.
    #[cold]
    pub(super) fn reaches(&mut self, pending: &Pending<P>) -> Reach {
        let Pending { to, from, nth, .. } = *pending;
        let lost = match pending.way {
            Way::Sent => self.nodes.is_down(to),
            Way::Set => self.nodes.life(to) != nth,
            Way::Break => self.nodes.is_down(to) || !self.outages.is_current(to, from, nth),
            Way::Restart => false,
        };
        if lost {
            return Reach::Never;
        }
        if let Some(fault) = self.nodes.wrong_clock(to, self.now) {
            self.faults.firings.seen(Mark::of(fault, to));
        }
        self.nodes.paused_until(to, self.now).map_or(Reach::Now, Reach::Later)
    }

    /// Defers an occurrence whose node stands still.
    #[cold]
    pub(super) fn put_off(&mut self, until: Instant, mut pending: Pending<P>) {
        pending.mark.add(&PAUSE, pending.to);
        self.refused |= self.queue.offer(until, pending).is_err();
    }

    /// Drops an occurrence whose node is down or has crashed since.
    #[cold]
    pub(super) fn lost(&mut self, pending: &Pending<P>) {
        let Pending { from, to, cause, .. } = *pending;
        if pending.way == Way::Sent && self.links.get(from, to).ordered {
            self.break_connection(from, to, cause, KEEP_ALIVE);
        }
        self.work_pending -= u64::from(pending.class == Class::Work);
        self.polls_pending -= u64::from(pending.class == Class::Poll);
    }
}
