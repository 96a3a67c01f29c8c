//! The saga orchestrator: each saga takes one step at a time, and every step is recorded before it has any
//! effect.
//!
//! ```text
//! wake ─▶ load new events ─▶ react ─▶ append to the saga's stream ─▶ effects ─▶ acknowledge the wake
//! ```
//!
//! A saga is woken by an event of the stream that it follows, an answer, a timeout or a timer. It decides
//! on its own recorded state and that of its subject, so waking it twice or late does no harm. The ids of
//! effects are derived from the event that calls for them, so a resend is recognised. If a call is not
//! answered, its outcome is unknown; the saga is told so and must query it.
//!
//! A node that does not answer is asked again with back-off. After a restart the sagas are found in the
//! store, and what a predecessor recorded but may not have sent is handled first (`recovery`). Of several instances
//! one leads, under a lease, and the others take over as after a restart (`lease`).

mod effects;
mod lease;
mod reconcile;
mod recovery;
mod saga;
mod store;
#[cfg(test)]
mod tests;

use crate::collections::SortedMap;
use crate::kernel::{Backoff, Entity, Instant, Jitter, NodeId, Site, Span};
use crate::model::{
    CommandId, CommandOutcome, Domain, EffectId, Fact, Reply, Sagas, ServiceId, StreamId, Version,
    Vocabulary, counted,
};
use crate::platform::capacity::Breakers;
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{WAKE_ACKNOWLEDGED_FIRST, WEBHOOK_ACKNOWLEDGED_FIRST};
use crate::platform::map::Role;
use crate::platform::message::{CallId, Message};
use crate::platform::topology::saga_queue;
use effects::Unanswered;
use lease::{Office, is_one_of_several};
use reconcile::Reconciling;
use recovery::Roll;
use saga::{Phase, Saga, Wake, subject_of};

/// The jitter of the back-off, in microseconds.
pub(crate) const SAGA_BACKOFF: Site = Site::new(20, "saga.backoff");

/// The saga orchestrator as a node.
#[derive(Clone, Debug)]
pub(crate) struct Orchestrator<D: Domain> {
    volatile: Volatile<D>,
}

/// Lost in a crash: everything that is not in the streams of sagas.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    /// Boxed: sagas are large, and one that falls asleep moves those behind it.
    awake: SortedMap<StreamId, Box<Saga<D>>>,
    /// The number of wakes in the inboxes of all sagas.
    wakes: u64,
    outstanding: SortedMap<EffectId, Unanswered<D>>,
    deadlines: Deadlines<Patience>,
    /// When this orchestrator was started: the fencing token of what it records.
    round: Instant,
    breakers: Breakers,
    /// The progress of recovery; `None` when all sagas are known.
    roll: Option<Roll>,
    /// What is left to do before sagas go on after the store may have lost commits; `None` if nothing is.
    reconciling: Option<Reconciling<D>>,
    /// What this one of several instances knows of the lease.
    office: Office,
}

/// What has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Patience {
    /// The store's answer to a saga.
    Store(StreamId),
    /// The answer to an effect.
    Effect(EffectId),
    /// The store's list of the sagas that have not ended.
    Roll,
    /// The store's answer about the lease.
    Lease,
    /// The report of a service.
    Report(ServiceId),
}

impl<D: Domain> Orchestrator<D> {
    pub(crate) fn new() -> Self {
        Self {
            volatile: Volatile {
                awake: SortedMap::new(),
                wakes: 0,
                outstanding: SortedMap::new(),
                deadlines: Deadlines::default(),
                breakers: Breakers::default(),
                round: Instant::ZERO,
                roll: None,
                reconciling: None,
                office: Office::default(),
            },
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        if is_one_of_several(cx) {
            self.stand(cx);
        } else {
            self.subscribe(cx);
        }
    }

    fn subscribe(&self, cx: &mut Cx<'_, '_, D>) {
        let (queue, prefetch) = (saga_queue::<D>(), cx.settings().saga.prefetch);
        cx.send(cx.map().broker(), Message::Subscribe { queue, prefetch });
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        let recovering = match (&self.volatile.roll, self.volatile.office) {
            (_, Office::Unsure) => ", asking for the lease",
            (Some(_), _) => ", recovering",
            (None, _) if self.is_held() => ", waiting for reports of services",
            (None, _) => "",
        };
        (!self.is_idle()).then(|| {
            let sagas = counted(self.active().count() as u64, "active saga");
            let effects = counted(self.volatile.outstanding.len() as u64, "effect");
            format!("{sagas}, {effects} unanswered{recovering}")
        })
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        let Volatile { roll, outstanding, wakes, office, reconciling, .. } = &self.volatile;
        // A saga waits for the store for the sake of the first wake in its inbox.
        debug_assert_eq!(*wakes == 0, self.active().next().is_none(), "wakes are counted");
        let is_settled = roll.is_none() && reconciling.is_none() && *office != Office::Unsure;
        is_settled && outstanding.is_empty() && *wakes == 0
    }

    /// The sagas that have something to do.
    fn active(&self) -> impl Iterator<Item = &Saga<D>> {
        let is_active =
            |saga: &&Saga<D>| !matches!(saga.phase, Phase::Resting) || !saga.inbox.is_empty();
        self.volatile.awake.values().map(|saga| &**saga).filter(is_active)
    }

    /// The sagas that have not ended, and what they wait for.
    pub(crate) fn describe(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let saga = |(id, saga): (&StreamId, &Saga<D>)| {
            let (own, subject) = (saga.own.version, saga.subject.version);
            let stream = subject_of::<D>(*id);
            let waiting = counted(saga.inbox.len() as u64, "wake");
            let (id, stream) = (vocabulary.stream(*id), vocabulary.stream(stream));
            format!("{id} at {own}, {stream} at {subject}, {waiting} waiting")
        };
        let awake = self.volatile.awake.iter().map(|(id, saga)| (id, &**saga));
        let mut lines: Vec<_> = awake.map(saga).collect();
        lines.extend(self.volatile.outstanding.iter().map(|(id, outstanding)| {
            let what = outstanding.what.describe(vocabulary);
            format!("  {} unanswered: {what}", vocabulary.effect(*id))
        }));
        lines
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        if is_one_of_several(cx) && !self.may_handle(&message, cx) {
            return;
        }
        match message {
            Message::Deliver { tag, letter } => {
                let (stream, version) = (letter.event.stream, letter.event.version);
                let saga =
                    D::Sagas::saga_of(stream).expect("only followed streams are routed here");
                let tag = if cx.has(&WAKE_ACKNOWLEDGED_FIRST) {
                    cx.send(from, Message::Ack { queue: saga_queue::<D>(), tag, stream });
                    None
                } else {
                    Some(tag)
                };
                self.wake(saga, Wake::Subject { version, tag }, cx);
            }
            Message::Loaded(loaded) => self.loaded(*loaded, cx),
            Message::AppendReply { command, number: _, reply } => {
                self.appended(command, *reply, cx)
            }
            Message::CallReply(CallId::Effect(effect), reply, health) => {
                if let Role::Service(service) = cx.map().role(from) {
                    self.volatile.breakers.called(service, health, cx);
                }
                self.settle(effect);
                self.replied(effect.saga, from, reply, None, cx);
            }
            Message::Webhook { number, saga, reply } => {
                let webhook = if cx.has(&WEBHOOK_ACKNOWLEDGED_FIRST) {
                    cx.send(from, Message::WebhookDone { number, saga });
                    None
                } else {
                    Some((from, number))
                };
                self.replied(saga, from, reply, webhook, cx);
            }
            Message::CommandReply { id: CommandId::Effect(effect), verdict } => {
                self.answered(effect, verdict, cx);
            }
            Message::TimerSetDone { effect } => {
                self.settle(effect);
            }
            Message::SagasListed { round, after, page } => self.listed(round, after, &page, cx),
            Message::Reported { since, replies } => self.reported(from, since, replies, cx),
            Message::TimerDue { effect, timer } => {
                self.wake(effect.saga, Wake::Due { effect, timer }, cx);
            }
            Message::Tick => {
                for (late, cause) in self.volatile.deadlines.take_due(cx) {
                    cx.because(cause, |cx| match late {
                        Patience::Store(saga) => self.store_silent(saga, cx),
                        Patience::Effect(effect) => self.effect_silent(effect, cx),
                        Patience::Roll => self.roll_silent(cx),
                        Patience::Report(service) => self.report_late(service, cx),
                        Patience::Lease => self.ask_for_lease(cx),
                    });
                }
            }
            Message::Disconnected(_) | Message::Cancelled { .. } => self.disconnected(cx),
            other => unreachable!("the orchestrator does not take {other:?}"),
        }
    }

    // ---- waking

    fn wake(&mut self, saga: StreamId, wake: Wake<D>, cx: &mut Cx<'_, '_, D>) {
        let fresh = || Box::new(Saga::asleep(saga, cx.domain()));
        let active = self.volatile.awake.entry(saga).or_insert_with(fresh);
        // The subject shows whether an unanswered command took effect, and why a command was rejected.
        active.read &= match &wake {
            Wake::Answered { verdict, .. } => matches!(verdict, CommandOutcome::Accepted(_)),
            _ => true,
        };
        match wake {
            // It comes before all that was waiting for it, and no step is under way.
            Wake::Reported(_) => active.inbox.push_front((wake, cx.here())),
            _ => active.inbox.push_back((wake, cx.here())),
        }
        self.volatile.wakes += 1;
        if matches!(active.phase, Phase::Resting) && !self.is_held() {
            self.advance(saga, cx);
        }
    }

    fn replied(
        &mut self,
        saga: StreamId,
        from: NodeId,
        reply: Box<Reply<D>>,
        webhook: Option<(NodeId, u64)>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Role::Service(service) = cx.map().role(from) else {
            unreachable!("only services reply and send webhooks")
        };
        let webhooked = webhook.is_some();
        cx.fact(Fact::Replied { saga, service, reply: (*reply).clone(), webhook: webhooked });
        self.wake(saga, Wake::Replied { service, reply, webhook }, cx);
    }

    /// Handles the wakes of a saga until it must wait for the store, or none is left.
    fn advance(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        loop {
            let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
            let Some(&(_, cause)) = active.inbox.front() else { break };
            if cx.because(cause, |cx| self.handle_wake(saga, cx)) {
                return;
            }
        }
        let active = &self.volatile.awake[&saga];
        if active.own.version == Version(0) || D::Sagas::is_over(cx.domain(), &active.own.state) {
            self.volatile.awake.remove(&saga);
        }
    }

    /// Handles the first wake of a saga. Returns whether the saga waits for the store.
    fn handle_wake(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) -> bool {
        let active = &self.volatile.awake[&saga];
        let (wake, _) = active.inbox.front().expect("a wake");
        if active.is_behind(wake, subject_of::<D>(saga)) {
            self.load(saga, None, cx);
            return true;
        }
        if self.react(saga, cx) {
            return true;
        }
        self.done(saga, cx);
        false
    }

    /// Takes the first wake out of the inbox and acknowledges it.
    fn done(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        let (wake, _) = active.inbox.pop_front().expect("a wake");
        self.volatile.wakes -= 1;
        match wake {
            Wake::Subject { tag: Some(tag), .. } => {
                let (queue, stream) = (saga_queue::<D>(), subject_of::<D>(saga));
                cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
            }
            Wake::Replied { webhook: Some((service, number)), .. } => {
                cx.send(service, Message::WebhookDone { number, saga });
            }
            Wake::Due { effect, timer } => {
                cx.send(cx.map().timers(), Message::TimerDone { effect, timer });
            }
            Wake::Subject { tag: None, .. }
            | Wake::Replied { webhook: None, .. }
            | Wake::Silent { .. }
            | Wake::Answered { .. }
            | Wake::Resumed => {}
            Wake::Reported(_) => self.handed_on(cx),
        }
    }

    /// How long to wait for the answer to a request that was sent again `attempt` times. The first wait has
    /// no jitter; later ones have, so that sagas that lost a connection together do not return together.
    fn backoff(base: Span, attempt: u32, about: impl Into<Entity>, cx: &mut Cx<'_, '_, D>) -> Span {
        if attempt == 0 {
            return base;
        }
        let longest = cx.settings().saga.backoff_max;
        let draw = |space| cx.draw(SAGA_BACKOFF, about, space);
        Backoff::capped(base, longest.max(base)).drawn(attempt, Jitter::Half, draw)
    }
}
