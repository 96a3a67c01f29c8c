//! Reconciling with services after the event store has lost commits.
//!
//! A service keeps what it did for a saga whose events are lost. The store says that it has gone back, and since when
//! commits are missing. The orchestrator then asks every service for a report of what has changed since, and no saga
//! takes a step before all reports are there: a saga that does not know that it has asked would ask again. Then each
//! saga that a report names is woken with what is said about it, also one that the log knows nothing of.
//!
//! When all of them have recorded their next steps, the store is told, so that it is not done again. If the orchestrator
//! crashes before that, its successor does it again: a saga ignores what it already knows.

use super::saga::Wake;
use super::{Orchestrator, Patience, Phase};
use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Entity, Instant, NodeId};
use crate::model::{Domain, Fact, Reply, ServiceId, Services, StreamId};
use crate::platform::cx::Cx;
use crate::platform::defects::NOT_RECONCILED;
use crate::platform::map::Role;
use crate::platform::message::Message;

/// The progress of a reconciliation.
#[derive(Clone, Debug)]
pub(super) enum Reconciling<D: Domain> {
    /// The store has not said yet whether commits are lost.
    Unsure,
    /// Services are asked.
    Asking {
        timeline: u32,
        since: Instant,
        /// Those that have not answered, and how often each was asked.
        open: SortedMap<ServiceId, u32>,
        /// What was reported about each saga.
        found: SortedMap<StreamId, Vec<(ServiceId, Reply<D>)>>,
    },
    /// So many sagas have not recorded yet what was reported.
    Handing { timeline: u32, left: u64 },
}

impl<D: Domain> Orchestrator<D> {
    /// Whether sagas have to wait: what services did for them may be missing in the log.
    pub(super) const fn is_held(&self) -> bool {
        matches!(self.volatile.reconciling, Some(Reconciling::Unsure | Reconciling::Asking { .. }))
    }

    /// A new orchestrator does not know whether commits are lost.
    pub(super) fn hold(&mut self, cx: &Cx<'_, '_, D>) {
        let may_be_needed = D::Services::PRESENT && cx.plan().may_lose_commits();
        self.volatile.reconciling = may_be_needed.then_some(Reconciling::Unsure);
    }

    /// The store has said whether commits are lost that nobody has asked services about.
    pub(super) fn told_of_loss(&mut self, loss: Option<(u32, Instant)>, cx: &mut Cx<'_, '_, D>) {
        if !matches!(self.volatile.reconciling, Some(Reconciling::Unsure)) {
            return;
        }
        match loss {
            Some((timeline, since)) if !cx.has(&NOT_RECONCILED) => {
                let services = D::Services::services(cx.domain()).len();
                let open = (0..).map(ServiceId).take(services).map(|service| (service, 0));
                let (open, found) = (open.collect(), SortedMap::new());
                self.volatile.reconciling =
                    Some(Reconciling::Asking { timeline, since, open, found });
                (0..).map(ServiceId).take(services).for_each(|service| self.ask(service, cx));
            }
            Some(_) | None => {
                self.volatile.reconciling = None;
                self.go_on(cx);
            }
        }
    }

    /// Asks a service for its report, for the first time or again.
    fn ask(&mut self, service: ServiceId, cx: &mut Cx<'_, '_, D>) {
        let Some(Reconciling::Asking { since, open, .. }) = &self.volatile.reconciling else {
            return;
        };
        let (since, Some(&asked)) = (*since, open.get(&service)) else { return };
        let node = cx.map().service(service);
        let patience = Self::backoff(cx.settings().reply_timeout, asked, Entity::default(), cx);
        self.volatile.deadlines.set(Patience::Report(service), patience, cx);
        cx.send(node, Message::Report { since });
    }

    /// A service has not sent its report in time.
    pub(super) fn report_late(&mut self, service: ServiceId, cx: &mut Cx<'_, '_, D>) {
        if let Some(Reconciling::Asking { open, .. }) = &mut self.volatile.reconciling
            && let Some(asked) = open.get_mut(&service)
        {
            *asked = asked.saturating_add(1);
            self.ask(service, cx);
        }
    }

    /// The report of a service. When all are there, the sagas are told, and all go on.
    pub(super) fn reported(
        &mut self,
        from: NodeId,
        of: Instant,
        replies: Vec<(StreamId, Reply<D>)>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Role::Service(service) = cx.map().role(from) else {
            unreachable!("only services report")
        };
        let Some(Reconciling::Asking { timeline, since, open, found }) =
            &mut self.volatile.reconciling
        else {
            return;
        };
        if *since != of || open.remove(&service).is_none() {
            return;
        }
        self.volatile.deadlines.clear(Patience::Report(service));
        for (saga, reply) in replies {
            let (body, webhook) = (reply.clone(), false);
            cx.fact(Fact::Replied { saga, service, reply: body, webhook });
            found.entry(saga).or_default().push((service, reply));
        }
        if !open.is_empty() {
            return;
        }
        let (timeline, found) = (*timeline, std::mem::take(found));
        self.volatile.reconciling =
            Some(Reconciling::Handing { timeline, left: found.len() as u64 });
        let none = found.is_empty();
        for (saga, replies) in found {
            self.wake(saga, Wake::Reported(replies.into()), cx);
        }
        if none {
            self.reconciled(timeline, cx);
        }
        self.go_on(cx);
    }

    /// A saga has recorded what was reported about it.
    pub(super) fn handed_on(&mut self, cx: &mut Cx<'_, '_, D>) {
        if let Some(Reconciling::Handing { timeline, left }) = &mut self.volatile.reconciling {
            *left -= 1;
            if *left == 0 {
                let timeline = *timeline;
                self.reconciled(timeline, cx);
            }
        }
    }

    fn reconciled(&mut self, timeline: u32, cx: &mut Cx<'_, '_, D>) {
        self.volatile.reconciling = None;
        cx.send(cx.map().store(), Message::Reconciled { timeline });
    }

    /// Sagas that were woken meanwhile take their steps.
    fn go_on(&mut self, cx: &mut Cx<'_, '_, D>) {
        let awake = self.volatile.awake.iter();
        let resting = awake.filter(|(_, saga)| matches!(saga.phase, Phase::Resting));
        let resting: SortedSet<StreamId> = resting.map(|(id, _)| *id).collect();
        resting.iter().for_each(|saga| self.advance(*saga, cx));
    }
}
