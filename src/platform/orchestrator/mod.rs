//! The saga orchestrator: one saga at a time takes one step at a time, and every step is on record
//! before anything is done about it.
//!
//! ```text
//! wake ─▶ load what is new ─▶ react ─▶ append to the saga's stream ─▶ effects ─▶ acknowledge the wake
//! ```
//!
//! A saga is woken by an event of the stream it follows, by an answer, by silence, by a timer. It looks
//! at its own recorded state and its subject's, so that waking it twice or late does no harm. Effects
//! carry names made from the record that calls for them, so that sending them again is recognised. A
//! call that is not answered is unknown, never failed: the saga is told so and has to ask.

mod outstanding;
#[cfg(test)]
mod tests;
mod wake;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::broker::saga_queue;
use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::{Domain, Effect, Verdict};
use super::event::{Principal, Stored};
use super::fact::{AppendOutcome, Fact};
use super::fold::Fold;
use super::ids::{CommandId, EffectId, EventId, ServiceId, StreamId, Version};
use super::map::Role;
use super::message::{
    Append, AppendReply, CallId, Course, Load, Loaded, Message, Provenance, Slice,
};
use super::speech::Speech;
use crate::kernel::NodeId;
use outstanding::Outstanding;
use wake::Wake;

/// The saga orchestrator as a node.
#[derive(Clone, Debug)]
pub(crate) struct Orchestrator<D: Domain> {
    volatile: Volatile<D>,
}

/// What a crash takes: everything that is not in the sagas' streams.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    awake: BTreeMap<StreamId, Saga<D>>,
    outstanding: BTreeMap<EffectId, Outstanding<D>>,
    deadlines: Deadlines<Patience>,
}

/// What can take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Patience {
    /// The store's answer to a saga.
    Store(StreamId),
    /// The answer to an effect.
    Effect(EffectId),
}

/// A saga that is not over.
#[derive(Clone, Debug)]
struct Saga<D: Domain> {
    own: Fold<D>,
    subject: Fold<D>,
    /// Whether its streams were read since it woke.
    read: bool,
    /// Where its subject's last known event came from.
    origin: Option<(CommandId, EventId)>,
    inbox: VecDeque<Wake<D>>,
    phase: Phase<D>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    Resting,
    /// Reading what is new; `outrun` if the store has said that the saga's own stream has moved on.
    Loading {
        outrun: bool,
    },
    /// Until the store has said what became of this, nothing else is decided: it may be there already,
    /// and what it calls for is still to be done.
    Appending(Box<Append<D>>),
}

impl<D: Domain> Orchestrator<D> {
    pub(crate) fn new() -> Self {
        Self {
            volatile: Volatile {
                awake: BTreeMap::new(),
                outstanding: BTreeMap::new(),
                deadlines: Deadlines::default(),
            },
        }
    }

    pub(crate) fn start(&mut self, cx: &mut Cx<'_, '_, D>) {
        let (queue, prefetch) = (saga_queue::<D>(), cx.settings().saga.prefetch);
        cx.send(cx.map().broker(), Message::Subscribe { queue, prefetch });
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let at_work =
            |saga: &&Saga<D>| !matches!(saga.phase, Phase::Resting) || !saga.inbox.is_empty();
        let sagas = self.volatile.awake.values().filter(at_work).count();
        let effects = self.volatile.outstanding.len();
        (sagas + effects > 0)
            .then(|| format!("{sagas} sagas at work, {effects} effects unanswered"))
    }

    /// The sagas that are not over, and what they wait for.
    pub(crate) fn describe(&self, speech: Speech<'_, D>) -> Vec<String> {
        let saga = |(id, saga): (&StreamId, &Saga<D>)| {
            let (own, subject) = (saga.own.version, saga.subject.version);
            let stream = speech.domain.subject_of(*id);
            let waiting = saga.inbox.len();
            let (id, stream) = (speech.stream(*id), speech.stream(stream));
            format!("{id} at {own}, {stream} at {subject}, {waiting} wakes waiting")
        };
        let mut lines: Vec<_> = self.volatile.awake.iter().map(saga).collect();
        lines.extend(self.volatile.outstanding.iter().map(|(id, outstanding)| {
            let what = outstanding.describe(speech);
            format!("  {} unanswered: {what}", speech.effect(*id))
        }));
        lines
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Deliver { tag, letter } => {
                let (stream, version) = (letter.event.stream, letter.event.version);
                let saga =
                    cx.domain().saga_of(stream).expect("only followed streams are routed here");
                self.wake(saga, Wake::Subject { version, tag }, cx);
            }
            Message::Loaded(loaded) => self.loaded(*loaded, cx),
            Message::AppendReply { command, reply } => self.appended(command, *reply, cx),
            Message::CallReply(CallId::Effect(effect), reply) => {
                let Role::Service(service) = cx.map().role(from) else {
                    unreachable!("only services answer calls")
                };
                self.settle(effect);
                self.replied(effect.saga, service, reply, None, cx);
            }
            Message::Webhook { number, saga, reply } => {
                let Role::Service(service) = cx.map().role(from) else {
                    unreachable!("only services send webhooks")
                };
                self.replied(saga, service, reply, Some((from, number)), cx);
            }
            Message::CommandReply { id: CommandId::Effect(effect), verdict } => {
                self.answered(effect, verdict, cx);
            }
            Message::TimerSetDone { effect } => {
                self.settle(effect);
            }
            Message::TimerDue { saga, timer, due } => {
                self.wake(saga, Wake::Due { timer, due }, cx);
            }
            Message::Tick => {
                for late in self.volatile.deadlines.take_due(cx) {
                    match late {
                        Patience::Store(saga) => self.store_silent(saga, cx),
                        Patience::Effect(effect) => self.effect_silent(effect, cx),
                    }
                }
            }
            other => unreachable!("the orchestrator does not take {other:?}"),
        }
    }

    // ---- waking

    fn wake(&mut self, saga: StreamId, wake: Wake<D>, cx: &mut Cx<'_, '_, D>) {
        let fresh = || Saga {
            own: Fold::blank(saga, cx.domain()),
            subject: Fold::blank(cx.domain().subject_of(saga), cx.domain()),
            read: false,
            origin: None,
            inbox: VecDeque::new(),
            phase: Phase::Resting,
        };
        let active = self.volatile.awake.entry(saga).or_insert_with(fresh);
        active.inbox.push_back(wake);
        if matches!(active.phase, Phase::Resting) {
            self.advance(saga, cx);
        }
    }

    fn replied(
        &mut self,
        saga: StreamId,
        service: ServiceId,
        reply: Box<D::Reply>,
        webhook: Option<(NodeId, u64)>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let webhooked = webhook.is_some();
        cx.fact(Fact::Replied { saga, service, reply: (*reply).clone(), webhook: webhooked });
        self.wake(saga, Wake::Replied { service, reply, webhook }, cx);
    }

    fn answered(&mut self, effect: EffectId, verdict: Verdict<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(Outstanding::Command(..)) = self.volatile.outstanding.get(&effect) else { return };
        if verdict == Verdict::Unknown {
            return; // sent again under the same name when its patience ends
        }
        if let Some(Outstanding::Command(command, _)) = self.settle(effect) {
            let body = (*command).clone();
            cx.fact(Fact::SagaTold { effect, command: body, verdict: verdict.clone() });
            self.wake(effect.saga, Wake::Answered { command, verdict }, cx);
        }
    }

    /// Works through a saga's inbox until it has to wait for the store, or has nothing left.
    fn advance(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        loop {
            let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
            let Some(wake) = active.inbox.front() else { break };
            if active.is_behind(wake, cx.domain().subject_of(saga)) {
                self.load(saga, false, cx);
                return;
            }
            if self.react(saga, cx) {
                return;
            }
            self.done(saga, cx);
        }
        let active = &self.volatile.awake[&saga];
        if active.own.version == Version(0) || cx.domain().is_over(&active.own.state) {
            self.volatile.awake.remove(&saga);
        }
    }

    /// Lets the saga react to the first wake of its inbox; whether it records anything.
    fn react(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) -> bool {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        let stimulus = active.inbox.front().expect("a wake").stimulus();
        let now = cx.now();
        let events = cx.domain().react(&active.own.state, &active.subject.state, &stimulus, now);
        if events.is_empty() {
            return false;
        }
        let command = CommandId::Progress { saga, after: active.own.version };
        let provenance = Provenance {
            correlation: active.origin.map_or(command, |(correlation, _)| correlation),
            causation: active.origin.map(|(_, event)| event),
            actor: Principal::Saga,
        };
        let mut after = active.own.state.clone();
        events.iter().for_each(|event| cx.domain().evolve(&mut after, event));
        let course = if cx.domain().is_over(&after) { Course::Over } else { Course::Open };
        let append = Append {
            command,
            provenance,
            decided_at: now,
            expected: [(saga, active.own.version)].into_iter().collect(),
            events: events.into_iter().map(|event| (saga, event)).collect(),
            course: Some(course),
        };
        active.phase = Phase::Appending(Box::new(append));
        self.append(saga, cx);
        true
    }

    /// Sends what is to be appended to the store, for the first time or once more.
    fn append(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(active) = self.volatile.awake.get(&saga) else { return };
        let Phase::Appending(append) = &active.phase else { return };
        self.volatile.deadlines.set(Patience::Store(saga), cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Append(append.clone()));
    }

    /// Takes the first wake out of the inbox and tells whoever waits to hear that it was heard.
    fn done(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        match active.inbox.pop_front().expect("a wake") {
            Wake::Subject { tag, .. } => {
                let (queue, stream) = (saga_queue::<D>(), cx.domain().subject_of(saga));
                cx.send(cx.map().broker(), Message::Ack { queue, tag, stream });
            }
            Wake::Replied { webhook: Some((service, number)), .. } => {
                cx.send(service, Message::WebhookDone { number, saga });
            }
            Wake::Due { timer, due } => {
                cx.send(cx.map().timers(), Message::TimerDone { saga, timer, due });
            }
            Wake::Replied { webhook: None, .. } | Wake::Silent { .. } | Wake::Answered { .. } => {}
        }
    }

    // ---- the store

    fn load(&mut self, saga: StreamId, outrun: bool, cx: &mut Cx<'_, '_, D>) {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        active.phase = Phase::Loading { outrun };
        let subject = cx.domain().subject_of(saga);
        let streams =
            [(saga, active.own.version), (subject, active.subject.version)].into_iter().collect();
        let command = CommandId::Progress { saga, after: active.own.version };
        self.volatile.deadlines.set(Patience::Store(saga), cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Load(Box::new(Load { command, streams })));
    }

    fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let CommandId::Progress { saga, after } = loaded.command else { return };
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        let Phase::Loading { outrun } = active.phase else { return };
        // The answer to an earlier question says nothing about what has been recorded since.
        let moved = |slice: &Slice<D>| slice.stream == saga && slice.version > after;
        if after != active.own.version || (outrun && !loaded.slices.iter().any(moved)) {
            return;
        }
        active.phase = Phase::Resting;
        active.read = true;
        self.volatile.deadlines.clear(Patience::Store(saga));
        let mut own_work = Vec::new();
        for slice in loaded.slices {
            if slice.stream == saga {
                own_work = slice.tail.clone();
                active.own.take_in(slice, cx.domain());
            } else {
                if let Some(event) = slice.tail.last() {
                    active.origin = Some((event.metadata.correlation, event.metadata.id));
                }
                active.subject.take_in(slice, cx.domain());
            }
        }
        // A record whose answer was lost, but which is there: its effects are still to come.
        let mine = CommandId::Progress { saga, after };
        own_work.retain(|event| event.metadata.id.command == mine);
        if outrun && !own_work.is_empty() {
            self.perform_recorded(saga, after, &own_work, cx);
            self.done(saga, cx);
        }
        self.advance(saga, cx);
    }

    fn appended(&mut self, command: CommandId, reply: AppendReply<D>, cx: &mut Cx<'_, '_, D>) {
        let CommandId::Progress { saga, after } = command else { return };
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        if !matches!(active.phase, Phase::Appending(_)) || active.own.version != after {
            return;
        }
        self.volatile.deadlines.clear(Patience::Store(saga));
        match reply {
            AppendReply::Appended(_, events) => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Appended });
                active.phase = Phase::Resting;
                self.perform_recorded(saga, after, &events, cx);
                self.done(saga, cx);
                self.advance(saga, cx);
            }
            AppendReply::Conflict | AppendReply::AlreadyDone(_) => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Conflict });
                self.load(saga, true, cx);
            }
        }
    }

    fn store_silent(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) {
        let Some(active) = self.volatile.awake.get(&saga) else { return };
        match active.phase {
            Phase::Resting => {}
            Phase::Loading { outrun } => self.load(saga, outrun, cx),
            Phase::Appending(_) => {
                let command = CommandId::Progress { saga, after: active.own.version };
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Unknown });
                self.append(saga, cx);
            }
        }
    }

    // ---- effects

    /// Folds recorded events in and does what each calls for, from the version `after` on.
    fn perform_recorded(
        &mut self,
        saga: StreamId,
        after: Version,
        events: &[Arc<Stored<D::Event>>],
        cx: &mut Cx<'_, '_, D>,
    ) {
        for event in events.iter().filter(|event| event.version > after) {
            let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
            active.own.add(event.version, &event.event, cx.domain());
            let effects = cx.domain().effects(&active.own.state, &event.event);
            let provenance = Provenance {
                correlation: event.metadata.correlation,
                causation: Some(event.metadata.id),
                actor: Principal::Saga,
            };
            for (effect, nth) in effects.into_iter().zip(0..) {
                let id = EffectId { saga, version: event.version, nth };
                self.perform(id, effect, provenance, cx);
            }
        }
    }

    fn perform(
        &mut self,
        id: EffectId,
        effect: Effect<D>,
        provenance: Provenance,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let (outstanding, patience) = match effect {
            Effect::Command(command) => (
                Outstanding::Command(Box::new(command), provenance),
                cx.settings().saga.command_timeout,
            ),
            Effect::Call { service, request, patience } => {
                (Outstanding::Call(service, Box::new(request)), patience)
            }
            Effect::SetTimer(timer, due) => {
                (Outstanding::Timer(timer, due), cx.settings().reply_timeout)
            }
            Effect::CancelTimer(timer) => {
                // Not answered: a timer that fires after all finds a saga that has moved on.
                cx.send(cx.map().timers(), Message::TimerCancel { effect: id, timer });
                return;
            }
        };
        outstanding.send(id, false, cx);
        self.volatile.outstanding.insert(id, outstanding);
        self.volatile.deadlines.set(Patience::Effect(id), patience, cx);
    }

    /// An effect was answered.
    fn settle(&mut self, effect: EffectId) -> Option<Outstanding<D>> {
        self.volatile.deadlines.clear(Patience::Effect(effect));
        self.volatile.outstanding.remove(&effect)
    }

    fn effect_silent(&mut self, effect: EffectId, cx: &mut Cx<'_, '_, D>) {
        match self.volatile.outstanding.get(&effect) {
            None => {}
            Some(Outstanding::Call(..)) => {
                let Some(Outstanding::Call(service, request)) = self.settle(effect) else { return };
                cx.fact(Fact::GaveUp { effect, service, request: (*request).clone() });
                self.wake(effect.saga, Wake::Silent { service, request }, cx);
            }
            Some(again @ (Outstanding::Command(..) | Outstanding::Timer(..))) => {
                again.send(effect, true, cx);
                let patience = cx.settings().saga.command_timeout;
                self.volatile.deadlines.set(Patience::Effect(effect), patience, cx);
            }
        }
    }
}

impl<D: Domain> Saga<D> {
    /// Whether a wake speaks of something that the saga has not read yet.
    fn is_behind(&self, wake: &Wake<D>, subject: StreamId) -> bool {
        if !self.read {
            return true;
        }
        match wake {
            Wake::Subject { version, .. } => *version > self.subject.version,
            Wake::Answered { verdict: Verdict::Accepted(token), .. } => {
                token.stream == subject && token.version > self.subject.version
            }
            Wake::Replied { .. }
            | Wake::Silent { .. }
            | Wake::Answered { .. }
            | Wake::Due { .. } => false,
        }
    }
}
