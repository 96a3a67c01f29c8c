//! Several instances of the orchestrator: one leads, under a lease that the store grants, and the others stand by.
//!
//! A leader renews its lease after a third of it, and counts its time from when it asked, so that for itself the lease
//! ends before it does at the store. From then on it handles nothing: it forgets its sagas, ends its subscription and
//! asks like the others. Whoever gets the lease continues the sagas as after a restart: it lists them under a new
//! round, and from then on the store takes no append of an earlier one (`recovery`).
//!
//! What others send to an instance that does not lead is not acknowledged: the broker delivers to the leader only,
//! services send webhooks again, to the next instance, and timers ring at all of them.

use super::{Orchestrator, Patience};
use crate::kernel::{Instant, Span};
use crate::model::{Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::STANDBY_ACKNOWLEDGES;
use crate::platform::message::Message;
use crate::platform::topology::saga_queue;

/// What an instance knows of the lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Office {
    /// There is no other instance.
    #[default]
    Alone,
    /// It does not know whether anybody leads.
    Unsure,
    /// Another one leads.
    Standby,
    /// It leads, until then by its uptime.
    Leader(Instant),
}

/// Whether there are several instances.
pub(super) fn is_one_of_several<D: Domain>(cx: &Cx<'_, '_, D>) -> bool {
    cx.settings().saga.instances > 1
}

/// How long after a question about the lease the next one follows.
fn again<D: Domain>(cx: &Cx<'_, '_, D>) -> Span {
    Span::from_nanos(cx.settings().saga.lease.as_nanos() / 3)
}

impl<D: Domain> Orchestrator<D> {
    /// Starts as one of several.
    pub(super) fn stand(&mut self, cx: &mut Cx<'_, '_, D>) {
        self.volatile.office = Office::Unsure;
        self.ask_for_lease(cx);
        cx.timer_idly(again(cx), Message::LeasePoll);
    }

    /// Asks for the lease, or renews it. As long as it is unsure, it asks until it gets an answer.
    pub(super) fn ask_for_lease(&mut self, cx: &mut Cx<'_, '_, D>) {
        if self.volatile.office == Office::Unsure {
            self.volatile.deadlines.set(Patience::Lease, again(cx), cx);
        }
        let afresh = !matches!(self.volatile.office, Office::Leader(_));
        cx.send_idly(cx.map().store(), Message::Lead { asked: cx.uptime(), afresh });
    }

    /// Whether this instance leads, and is to handle a message. What concerns the lease is handled here.
    pub(super) fn may_handle(&mut self, message: &Message<D>, cx: &mut Cx<'_, '_, D>) -> bool {
        let now = cx.uptime();
        if matches!(self.volatile.office, Office::Leader(until) if until <= now) {
            if let Message::Deliver { tag, letter } = message
                && cx.has(&STANDBY_ACKNOWLEDGES)
            {
                let (queue, tag, stream) = (saga_queue::<D>(), *tag, letter.event.stream);
                cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
            }
            self.step_down(Office::Unsure, cx);
        }
        match message {
            Message::LeasePoll => {
                self.ask_for_lease(cx);
                cx.timer_idly(again(cx), Message::LeasePoll);
                false
            }
            Message::Leads { asked, round } => {
                self.told_of_lease(*asked, *round, cx);
                false
            }
            Message::Tick => true,
            _ => matches!(self.volatile.office, Office::Leader(_)),
        }
    }

    fn told_of_lease(&mut self, asked: Instant, round: Option<Instant>, cx: &mut Cx<'_, '_, D>) {
        let until = asked + cx.settings().saga.lease;
        match (self.volatile.office, round) {
            (Office::Leader(before), Some(round)) if round == self.volatile.round => {
                self.volatile.office = Office::Leader(until.max(before));
            }
            (Office::Leader(_), None) => self.step_down(Office::Standby, cx),
            (_, Some(_)) if until <= cx.uptime() => {}
            // A copy of an earlier answer.
            (Office::Leader(_), Some(round)) if round < self.volatile.round => {}
            (office, Some(round)) => {
                if matches!(office, Office::Leader(_)) {
                    // It had lost the lease and did not hear of it: another one may have led in between.
                    cx.fact(Fact::SteppedDown);
                    self.crash();
                }
                self.volatile.deadlines.clear(Patience::Lease);
                self.volatile.office = Office::Leader(until);
                self.subscribe(cx);
                self.begin_round(round, cx);
            }
            (_, None) => {
                self.volatile.deadlines.clear(Patience::Lease);
                self.volatile.office = Office::Standby;
            }
        }
    }

    /// Leads no longer: what it knows of its sagas may be old.
    fn step_down(&mut self, office: Office, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::SteppedDown);
        self.crash();
        self.volatile.office = office;
        cx.send(cx.map().broker(), Message::Unsubscribe { queue: saga_queue::<D>() });
        if office == Office::Unsure {
            self.ask_for_lease(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::NodeId;
    use crate::testing::{Bench, Counting, letter};

    /// The first of two instances; the test plays the store and the broker.
    struct Rig {
        bench: Bench,
        node: NodeId,
        orchestrator: Orchestrator<Counting>,
    }

    impl Rig {
        fn new() -> Self {
            let bench = Bench::with_settings(|settings| settings.saga.instances = 2);
            let node = bench.map.orchestrator();
            let mut rig = Self { bench, node, orchestrator: Orchestrator::new() };
            let orchestrator = &mut rig.orchestrator;
            rig.bench.tell(node, |cx| orchestrator.start(cx));
            rig
        }

        fn tell(&mut self, message: Message<Counting>) {
            let (from, orchestrator) = (self.bench.map.broker(), &mut self.orchestrator);
            self.bench.tell(self.node, |cx| orchestrator.handle(from, message, cx));
        }

        /// The store answers the question about the lease that was asked now.
        fn answer(&mut self, round: Option<u64>) {
            let asked = self.bench.now();
            let round = round.map(|nanos| Instant::ZERO + Span::from_nanos(nanos));
            self.tell(Message::Leads { asked, round });
        }

        /// Handles its own timers for a while; returns what it sends to others.
        fn pass(&mut self, span: Span) -> Vec<Message<Counting>> {
            let customers = self.bench.map.customers();
            self.bench.tell(customers, |cx| cx.timer(span, Message::Opportunity));
            let mut sent = Vec::new();
            loop {
                match self.bench.next().expect("the time passes") {
                    (_, Message::Opportunity) => return sent,
                    (to, message) if to == self.node => self.tell(message),
                    (_, message) => sent.push(message),
                }
            }
        }

        fn deliver(&mut self) {
            self.tell(Message::Deliver { tag: 1, letter: letter(0, 1, 1) });
        }
    }

    #[test]
    fn an_instance_asks_until_it_knows_who_leads_and_handles_nothing_while_another_one_does() {
        let mut rig = Rig::new();
        assert!(!rig.orchestrator.is_idle(), "it does not know whether anybody leads");
        let asked = rig.pass(Span::from_secs(1));
        assert!(matches!(asked[..], [Message::Lead { afresh: true, .. }]), "{asked:?}");
        rig.answer(None);
        assert!(rig.orchestrator.is_idle());
        rig.deliver();
        let sent = rig.pass(Span::from_secs(1));
        assert!(sent.is_empty() && rig.orchestrator.is_idle(), "{sent:?}");
    }

    #[test]
    fn the_one_that_leads_continues_all_sagas_under_the_round_that_it_was_given() {
        let mut rig = Rig::new();
        rig.answer(Some(7));
        let sent = rig.pass(Span::from_secs(1));
        let round = Instant::ZERO + Span::from_nanos(7);
        assert!(sent.iter().any(|message| matches!(message, Message::Subscribe { .. })));
        let lists = |message: &Message<Counting>| matches!(message, Message::ListSagas { round: of, .. } if *of == round);
        assert!(sent.iter().any(lists), "{sent:?}");
        // It renews the lease before that ends.
        let renewed = rig.pass(Span::from_secs(10));
        let renews =
            |message: &Message<Counting>| matches!(message, Message::Lead { afresh: false, .. });
        assert!(renewed.iter().any(renews), "{renewed:?}");
    }

    #[test]
    fn a_leader_whose_lease_has_ended_steps_down_before_it_handles_anything() {
        let mut rig = Rig::new();
        rig.answer(Some(7));
        // It hears nothing for as long as the lease lasts.
        let (customers, lease) = (rig.bench.map.customers(), rig.bench.plan.settings.saga.lease);
        rig.bench.tell(customers, |cx| cx.timer(lease, Message::Opportunity));
        while !matches!(rig.bench.next(), Some((_, Message::Opportunity))) {}
        rig.bench.facts();
        rig.deliver();
        assert!(rig.bench.facts().contains(&Fact::SteppedDown));
        let sent = rig.pass(Span::from_millis(100));
        assert!(sent.iter().any(|message| matches!(message, Message::Unsubscribe { .. })));
        let handles =
            |message: &Message<Counting>| matches!(message, Message::Load(_) | Message::Ack { .. });
        assert!(!sent.iter().any(handles), "{sent:?}");
    }

    #[test]
    fn a_leader_that_is_given_the_lease_anew_begins_a_round_of_its_own() {
        let mut rig = Rig::new();
        rig.answer(Some(7));
        rig.pass(Span::from_secs(1));
        rig.bench.facts();
        rig.answer(Some(7));
        rig.answer(Some(6));
        assert_eq!(rig.bench.facts(), [], "the same round, and a copy of an earlier answer");
        rig.answer(Some(9));
        assert_eq!(rig.bench.facts(), [Fact::SteppedDown]);
        let sent = rig.pass(Span::from_millis(100));
        let round = Instant::ZERO + Span::from_nanos(9);
        let lists = |message: &Message<Counting>| matches!(message, Message::ListSagas { round: of, .. } if *of == round);
        assert!(sent.iter().any(lists), "{sent:?}");
    }

    #[test]
    fn a_leader_that_hears_of_another_one_steps_down() {
        let mut rig = Rig::new();
        rig.answer(Some(7));
        rig.bench.facts();
        rig.answer(None);
        assert_eq!(rig.bench.facts(), [Fact::SteppedDown]);
        assert!(rig.orchestrator.is_idle());
    }
}
