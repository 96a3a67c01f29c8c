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
use crate::kernel::{Instant, NodeId, Span};
use crate::model::{Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::{LEASE_NOT_WATCHED, STANDBY_ACKNOWLEDGES};
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
    pub(super) fn may_handle(
        &mut self,
        from: NodeId,
        message: &Message<D>,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        let now = cx.uptime();
        if matches!(self.volatile.office, Office::Leader(until) if until <= now)
            && !cx.has(&LEASE_NOT_WATCHED)
        {
            self.step_down(Office::Unsure, cx);
        }
        match *message {
            Message::LeasePoll => {
                self.ask_for_lease(cx);
                cx.timer_idly(again(cx), Message::LeasePoll);
                false
            }
            Message::Leads { asked, round } => {
                self.told_of_lease(asked, round, cx);
                false
            }
            Message::Tick => true,
            Message::Webhook { number, saga, .. } if cx.has(&STANDBY_ACKNOWLEDGES) => {
                let leads = matches!(self.volatile.office, Office::Leader(_));
                if !leads {
                    cx.send(from, Message::WebhookDone { number, saga });
                }
                leads
            }
            _ => matches!(self.volatile.office, Office::Leader(_)),
        }
    }

    fn told_of_lease(&mut self, asked: Instant, round: Option<Instant>, cx: &mut Cx<'_, '_, D>) {
        let until = asked + cx.settings().saga.lease;
        match (self.volatile.office, round) {
            (Office::Leader(before), Some(_)) => {
                self.volatile.office = Office::Leader(until.max(before));
            }
            (Office::Leader(_), None) => self.step_down(Office::Standby, cx),
            (_, Some(_)) if until <= cx.uptime() => {}
            (_, Some(round)) => {
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
