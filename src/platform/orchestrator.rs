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

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::broker::saga_queue;
use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::{Domain, Effect, Noun, Stimulus, Verdict};
use super::event::{Principal, Stored};
use super::fact::{AppendOutcome, Fact};
use super::ids::{CommandId, EffectId, EventId, ServiceId, StreamId, Version};
use super::map::Role;
use super::message::{Append, AppendReply, CallId, Load, Loaded, Message, Provenance, Slice};
use super::speech::Speech;
use crate::kernel::{Instant, NodeId};

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
    own: (Version, D::State),
    subject: (Version, D::State),
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

/// Why a saga has to look, and who is to be told when it has.
#[derive(Clone, Debug)]
enum Wake<D: Domain> {
    Subject { version: Version, tag: u64 },
    Replied { service: ServiceId, reply: Box<D::Reply>, webhook: Option<(NodeId, u64)> },
    Silent { service: ServiceId, request: Box<D::Request> },
    Answered { command: Box<D::Command>, verdict: Verdict<D> },
    Due { timer: u8, due: Instant },
}

/// An effect that has not been answered.
#[derive(Clone, Debug)]
enum Outstanding<D: Domain> {
    Command(Box<D::Command>, Provenance),
    Call(ServiceId, Box<D::Request>),
    Timer(u8, Instant),
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
            let (own, subject) = (saga.own.0, saga.subject.0);
            let stream = speech.domain.subject_of(*id);
            let waiting = saga.inbox.len();
            let (id, stream) = (speech.stream(*id), speech.stream(stream));
            format!("{id} at {own}, {stream} at {subject}, {waiting} wakes waiting")
        };
        let mut lines: Vec<_> = self.volatile.awake.iter().map(saga).collect();
        lines.extend(self.volatile.outstanding.iter().map(|(id, outstanding)| {
            let what = match outstanding {
                Outstanding::Command(command, _) => {
                    speech.noun(Noun::Command(&**command)).to_string()
                }
                Outstanding::Call(service, request) => {
                    let request = speech.noun(Noun::Request(*service, &**request));
                    format!("{} of {}", request, speech.service(*service))
                }
                Outstanding::Timer(timer, due) => {
                    format!("timer for {} at {due}", speech.noun(Noun::Timer(*timer)))
                }
            };
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
            own: (Version(0), cx.domain().blank(saga)),
            subject: (Version(0), cx.domain().blank(cx.domain().subject_of(saga))),
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
        if active.own.0 == Version(0) || cx.domain().is_over(&active.own.1) {
            self.volatile.awake.remove(&saga);
        }
    }

    /// Lets the saga react to the first wake of its inbox; whether it records anything.
    fn react(&mut self, saga: StreamId, cx: &mut Cx<'_, '_, D>) -> bool {
        let active = self.volatile.awake.get_mut(&saga).expect("an awake saga");
        let stimulus = active.inbox.front().expect("a wake").stimulus();
        let now = cx.now();
        let events = cx.domain().react(&active.own.1, &active.subject.1, &stimulus, now);
        if events.is_empty() {
            return false;
        }
        let command = CommandId::Progress { saga, after: active.own.0 };
        let provenance = Provenance {
            correlation: active.origin.map_or(command, |(correlation, _)| correlation),
            causation: active.origin.map(|(_, event)| event),
            actor: Principal::Saga,
        };
        let append = Append {
            command,
            provenance,
            decided_at: now,
            expected: [(saga, active.own.0)].into_iter().collect(),
            events: events.iter().map(|event| (saga, event.clone())).collect(),
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
        let streams = [(saga, active.own.0), (subject, active.subject.0)].into_iter().collect();
        let command = CommandId::Progress { saga, after: active.own.0 };
        self.volatile.deadlines.set(Patience::Store(saga), cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Load(Box::new(Load { command, streams })));
    }

    fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let CommandId::Progress { saga, after } = loaded.command else { return };
        let Some(active) = self.volatile.awake.get_mut(&saga) else { return };
        let Phase::Loading { outrun } = active.phase else { return };
        // The answer to an earlier question says nothing about what has been recorded since.
        let moved = |slice: &Slice<D>| slice.stream == saga && slice.version > after;
        if after != active.own.0 || (outrun && !loaded.slices.iter().any(moved)) {
            return;
        }
        active.phase = Phase::Resting;
        active.read = true;
        self.volatile.deadlines.clear(Patience::Store(saga));
        let mut own_work = Vec::new();
        for slice in loaded.slices {
            if slice.stream == saga {
                own_work = slice.tail.clone();
                fold(&mut active.own, slice, cx.domain());
            } else {
                if let Some(event) = slice.tail.last() {
                    active.origin = Some((event.metadata.correlation, event.metadata.id));
                }
                fold(&mut active.subject, slice, cx.domain());
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
        if !matches!(active.phase, Phase::Appending(_)) || active.own.0 != after {
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
                let command = CommandId::Progress { saga, after: active.own.0 };
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
            if event.version == active.own.0.next() {
                cx.domain().evolve(&mut active.own.1, &event.event);
                active.own.0 = event.version;
            }
            let effects = cx.domain().effects(&active.own.1, &event.event);
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
                let saga = id.saga;
                cx.send(cx.map().timers(), Message::TimerCancel { saga, timer });
                return;
            }
        };
        send(id, &outstanding, false, cx);
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
                send(effect, again, true, cx);
                let patience = cx.settings().saga.command_timeout;
                self.volatile.deadlines.set(Patience::Effect(effect), patience, cx);
            }
        }
    }
}

/// Sends an effect on its way, under its own name.
fn send<D: Domain>(
    effect: EffectId,
    outstanding: &Outstanding<D>,
    again: bool,
    cx: &mut Cx<'_, '_, D>,
) {
    match outstanding {
        Outstanding::Command(command, provenance) => {
            cx.fact(Fact::SagaCommanded { effect, command: (**command).clone(), again });
            let (id, body) = (CommandId::Effect(effect), command.clone());
            let api = cx.map().command_api(effect.saga.number);
            cx.send(api, Message::Command { id, provenance: *provenance, body });
        }
        Outstanding::Call(service, request) => {
            let (service, body) = (*service, (**request).clone());
            cx.fact(Fact::Called { effect, service, request: body, again });
            let node = cx.map().service(service);
            cx.send(node, Message::Call(CallId::Effect(effect), request.clone()));
        }
        Outstanding::Timer(timer, due) => {
            let (timer, due) = (*timer, *due);
            cx.send(cx.map().timers(), Message::TimerSet { effect, timer, due });
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
            Wake::Subject { version, .. } => *version > self.subject.0,
            Wake::Answered { verdict: Verdict::Accepted(token), .. } => {
                token.stream == subject && token.version > self.subject.0
            }
            Wake::Replied { .. }
            | Wake::Silent { .. }
            | Wake::Answered { .. }
            | Wake::Due { .. } => false,
        }
    }
}

impl<D: Domain> Wake<D> {
    fn stimulus(&self) -> Stimulus<'_, D> {
        match self {
            Self::Subject { .. } => Stimulus::Subject,
            Self::Replied { service, reply, .. } => Stimulus::Replied(*service, &**reply),
            Self::Silent { service, request } => Stimulus::Silent(*service, &**request),
            Self::Answered { command, verdict } => Stimulus::Answered(&**command, verdict),
            Self::Due { timer, .. } => Stimulus::Due(*timer),
        }
    }
}

fn fold<D: Domain>(known: &mut (Version, D::State), slice: Slice<D>, domain: &D) {
    if let Some((version, state)) = slice.snapshot.filter(|(version, _)| *version > known.0) {
        *known = (version, state);
    }
    for event in slice.tail {
        if event.version == known.0.next() {
            domain.evolve(&mut known.1, &event.event);
            known.0 = event.version;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::event_store::EventStore;
    use crate::platform::testing::{Bench, Counting, Event, Please, added, counter, letter};

    /// An orchestrator with its event store; broker and service are the test.
    struct Rig {
        bench: Bench,
        orchestrator: Orchestrator<Counting>,
        store: EventStore<Counting>,
        lose_appends: u32,
        calls: Vec<EffectId>,
        acked: Vec<u64>,
        facts: Vec<Fact<Counting>>,
    }

    const SAGA: StreamId = StreamId { category: crate::platform::Category(1), number: 0 };

    impl Rig {
        /// Counter 0 has one event.
        fn new() -> Self {
            let mut rig = Self {
                bench: Bench::new(),
                orchestrator: Orchestrator::new(),
                store: EventStore::new(),
                lose_appends: 0,
                calls: Vec::new(),
                acked: Vec::new(),
                facts: Vec::new(),
            };
            let first = added(0, 1, 1);
            let append = Append {
                command: first.metadata.id.command,
                provenance: Provenance {
                    correlation: first.metadata.correlation,
                    causation: None,
                    actor: first.metadata.actor,
                },
                decided_at: Instant::ZERO,
                expected: [(counter(0), Version(0))].into_iter().collect(),
                events: vec![(counter(0), first.event)],
            };
            let api = rig.bench.map.command_api(0);
            rig.tell_store(api, Message::Append(Box::new(append)));
            rig.settle();
            rig
        }

        fn tell(&mut self, from: NodeId, message: Message<Counting>) {
            let (node, orchestrator) = (self.bench.map.orchestrator(), &mut self.orchestrator);
            self.bench.tell(node, |cx| orchestrator.handle(from, message, cx));
        }

        fn tell_store(&mut self, from: NodeId, message: Message<Counting>) {
            let (node, store) = (self.bench.map.store(), &mut self.store);
            self.bench.tell(node, |cx| store.handle(from, message, cx));
        }

        fn deliver(&mut self, tag: u64) {
            let broker = self.bench.map.broker();
            self.tell(broker, Message::Deliver { tag, letter: letter(0, 1, 1) });
            self.settle();
        }

        fn answer(&mut self, effect: EffectId) {
            let service = self.bench.map.service(ServiceId(0));
            self.tell(service, Message::CallReply(CallId::Effect(effect), Box::new(Please)));
            self.settle();
        }

        fn settle(&mut self) {
            let (here, store) = (self.bench.map.orchestrator(), self.bench.map.store());
            while let Some((to, message)) = self.bench.next() {
                match message {
                    Message::Call(CallId::Effect(effect), _) => self.calls.push(effect),
                    Message::Ack { tag, .. } => self.acked.push(tag),
                    Message::AppendReply { command: CommandId::Progress { .. }, .. }
                        if self.lose_appends > 0 =>
                    {
                        self.lose_appends -= 1;
                    }
                    message if to == here => self.tell(store, message),
                    message if to == store => self.tell_store(here, message),
                    _ => {}
                }
                if self.calls.len() > 3 {
                    break;
                }
            }
            self.facts.extend(self.bench.facts());
        }

        fn recorded(&self) -> Vec<Event> {
            let own = self.store.events().filter(|event| event.stream == SAGA);
            own.map(|event| event.event).collect()
        }
    }

    #[test]
    fn a_step_is_on_record_before_anything_is_done_about_it() {
        let mut rig = Rig::new();
        rig.deliver(1);
        let effect = EffectId { saga: SAGA, version: Version(1), nth: 0 };
        assert_eq!((rig.recorded(), rig.calls.clone()), (vec![Event::StampAsked], vec![effect]));
        assert_eq!(rig.acked, [1]);
        let place = |wanted: fn(&Fact<Counting>) -> bool| rig.facts.iter().position(wanted);
        let stored = place(|fact| matches!(fact, Fact::Stored(e) if e.stream == SAGA));
        assert!(stored < place(|fact| matches!(fact, Fact::Called { .. })));
    }

    #[test]
    fn an_answer_ends_the_saga_and_a_redelivery_does_not_begin_it_again() {
        let mut rig = Rig::new();
        rig.deliver(1);
        rig.answer(rig.calls[0]);
        assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped]);
        rig.deliver(2);
        assert_eq!((rig.recorded().len(), rig.calls.len()), (2, 1));
        assert_eq!((rig.acked.clone(), rig.orchestrator.busy()), (vec![1, 2], None));
    }

    #[test]
    fn a_call_that_is_not_answered_is_given_up_as_unknown() {
        let mut rig = Rig::new();
        rig.deliver(1);
        assert!(rig.facts.iter().any(|fact| matches!(fact, Fact::GaveUp { .. })));
        rig.answer(rig.calls[0]);
        assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped], "late is not never");
    }

    #[test]
    fn a_record_whose_answer_was_lost_is_found_and_acted_on_once() {
        let mut rig = Rig::new();
        rig.lose_appends = 1;
        rig.deliver(1);
        assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 1));
        assert_eq!(rig.acked, [1]);
        let unknown = AppendOutcome::Unknown;
        let told = |fact: &Fact<_>| matches!(fact, Fact::Acknowledged { outcome, .. } if *outcome == unknown);
        assert!(rig.facts.iter().any(told));
    }

    #[test]
    fn a_record_that_takes_longer_than_the_saga_s_patience_is_acted_on_once() {
        let mut rig = Rig::new();
        let mut plan = (*rig.bench.plan).clone();
        plan.settings.store.insert = plan.settings.reply_timeout.times(2);
        rig.bench.plan = std::sync::Arc::new(plan);
        rig.deliver(1);
        assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 1));
        assert_eq!(rig.acked, [1]);
        rig.answer(rig.calls[0]);
        assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped]);
        assert_eq!((rig.calls.len(), rig.orchestrator.busy()), (1, None));
    }

    #[test]
    fn an_answer_to_an_earlier_question_is_not_taken_for_the_newest() {
        let mut rig = Rig::new();
        rig.deliver(1);
        rig.answer(rig.calls[0]);
        rig.deliver(2);
        let store = rig.bench.map.store();
        // The saga is asleep again, so this wakes it and makes it read.
        rig.tell(rig.bench.map.broker(), Message::Deliver { tag: 3, letter: letter(0, 1, 1) });
        let command = CommandId::Progress { saga: SAGA, after: Version(7) };
        let stale = Loaded { command, done: None, slices: Vec::new() };
        rig.tell(store, Message::Loaded(Box::new(stale)));
        assert!(rig.orchestrator.busy().is_some(), "it still reads");
        rig.settle();
        assert_eq!((rig.acked.clone(), rig.orchestrator.busy()), (vec![1, 2, 3], None));
    }
}
