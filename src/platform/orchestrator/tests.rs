//! The orchestrator with an event store; the test plays the broker and the service.

use super::*;
use crate::kernel::Instant;
use crate::model::{AppendOutcome, Expected, ServiceId, Stored};
use crate::platform::event_store::EventStore;
use crate::platform::fold::Fold;
use crate::platform::message::{Append, AppendReply, Health, Loaded, Provenance};
use crate::testing::{Bench, Counting, Event, Please, SCHEMA, added, counter, letter};

/// An orchestrator with its event store; the test plays the broker and the service.
struct Rig {
    bench: Bench,
    orchestrator: Orchestrator<Counting>,
    store: EventStore<Counting>,
    lose_appends: u32,
    /// The number of appends of sagas that the store cannot commit.
    refuse_appends: u32,
    lose_lists: u32,
    /// Whether appends of sagas are delayed.
    slow: bool,
    /// Delayed appends.
    held: Vec<Message<Counting>>,
    calls: Vec<EffectId>,
    acked: Vec<u64>,
    /// Since when the service was asked for reports.
    reports: Vec<Instant>,
    facts: Vec<Fact<Counting>>,
}

const SAGA: StreamId = StreamId { category: crate::model::Category(1), number: 0 };

impl Rig {
    /// Counter 0 has one event.
    fn new() -> Self {
        Self::on(Bench::new())
    }

    fn on(bench: Bench) -> Self {
        let mut rig = Self {
            bench,
            orchestrator: Orchestrator::new(),
            store: EventStore::new(),
            lose_appends: 0,
            refuse_appends: 0,
            lose_lists: 0,
            slow: false,
            held: Vec::new(),
            calls: Vec::new(),
            acked: Vec::new(),
            reports: Vec::new(),
            facts: Vec::new(),
        };
        let first = added(0, 1, 1);
        let append = Append {
            number: 1,
            command: first.metadata.id.command,
            provenance: Provenance {
                correlation: first.metadata.correlation,
                causation: None,
                actor: first.metadata.actor,
            },
            decided_at: Instant::ZERO,
            schema: SCHEMA,
            conditions: Vec::new(),
            expected: [(counter(0), Expected::Exact(Version(0)))].into_iter().collect(),
            events: vec![(counter(0), first.event)],
            progress: None,
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
        self.tell(
            service,
            Message::CallReply(CallId::Effect(effect), Box::new(Please), Health::Good),
        );
        self.settle();
    }

    /// Crashes the orchestrator and lets it recover.
    fn restart(&mut self) {
        let (node, orchestrator) = (self.bench.map.orchestrator(), &mut self.orchestrator);
        orchestrator.crash();
        self.bench.tell(node, |cx| orchestrator.recover(cx));
    }

    fn settle(&mut self) {
        let (here, store) = (self.bench.map.orchestrator(), self.bench.map.store());
        while let Some((to, message)) = self.bench.next() {
            match message {
                Message::Call(CallId::Effect(effect), _) => self.calls.push(effect),
                Message::Ack { tag, .. } => self.acked.push(tag),
                Message::Report { since } => {
                    self.reports.push(since);
                    break;
                }
                Message::AppendReply { command: CommandId::Progress { .. }, .. }
                    if self.lose_appends > 0 =>
                {
                    self.lose_appends -= 1;
                }
                Message::SagasListed { .. } if self.lose_lists > 0 => self.lose_lists -= 1,
                Message::Append(append)
                    if self.refuse_appends > 0
                        && matches!(append.command, CommandId::Progress { .. }) =>
                {
                    self.refuse_appends -= 1;
                    let (command, number) = (append.command, append.number);
                    let reply = Box::new(AppendReply::CommitRefused);
                    self.tell(store, Message::AppendReply { command, number, reply });
                }
                Message::Append(append) if self.slow => {
                    self.held.push(Message::Append(append));
                    break;
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

    /// When the saga's first step became visible.
    fn stored_at(&self) -> Instant {
        let mut own = self.store.events().iter().filter(|event| event.stream == SAGA);
        own.next().expect("a step on record").metadata.recorded_at
    }

    fn recorded(&self) -> Vec<Event> {
        let own = self.store.events().iter().filter(|event| event.stream == SAGA);
        own.map(|event| event.event).collect()
    }
}

#[test]
fn a_step_is_recorded_before_it_has_effects() {
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
fn an_answer_ends_the_saga_and_a_redelivery_does_not_start_it_again() {
    let mut rig = Rig::new();
    rig.deliver(1);
    rig.answer(rig.calls[0]);
    assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped]);
    rig.deliver(2);
    assert_eq!((rig.recorded().len(), rig.calls.len()), (2, 1));
    assert_eq!((rig.acked.clone(), rig.orchestrator.busy()), (vec![1, 2], None));
}

#[test]
fn the_outcome_of_an_unanswered_call_is_unknown() {
    let mut rig = Rig::new();
    rig.deliver(1);
    assert!(rig.facts.iter().any(|fact| matches!(fact, Fact::GaveUp { .. })));
    rig.answer(rig.calls[0]);
    assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped], "late is not never");
}

#[test]
fn an_append_whose_answer_was_lost_is_found_and_has_its_effects_once() {
    let mut rig = Rig::new();
    rig.lose_appends = 1;
    rig.deliver(1);
    assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 1));
    assert_eq!(rig.acked, [1]);
    let unknown = AppendOutcome::Unknown;
    let told =
        |fact: &Fact<_>| matches!(fact, Fact::Acknowledged { outcome, .. } if *outcome == unknown);
    assert!(rig.facts.iter().any(told));
}

#[test]
fn an_append_that_cannot_be_committed_is_sent_again_soon_and_is_never_unknown() {
    let mut rig = Rig::new();
    rig.refuse_appends = 3;
    rig.deliver(1);
    assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 1));
    let outcomes = rig.facts.iter().filter_map(|fact| match fact {
        Fact::Acknowledged { command: CommandId::Progress { .. }, outcome } => Some(*outcome),
        _ => None,
    });
    let refused = AppendOutcome::CommitRefused;
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        [refused, refused, refused, AppendOutcome::Appended],
        "the store has answered every time"
    );
    let waited = rig.stored_at().since(Instant::ZERO);
    assert!(waited < rig.bench.plan.settings.reply_timeout, "{waited}");
}

#[test]
fn an_append_that_is_slower_than_the_deadline_has_its_effects_once() {
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
fn an_answer_to_an_earlier_load_is_ignored() {
    let mut rig = Rig::new();
    rig.deliver(1);
    rig.answer(rig.calls[0]);
    rig.deliver(2);
    let store = rig.bench.map.store();
    // The saga is asleep again, so this wakes it and makes it read.
    rig.tell(rig.bench.map.broker(), Message::Deliver { tag: 3, letter: letter(0, 1, 1) });
    let command = CommandId::Progress { saga: SAGA, after: Version(7) };
    let stale =
        Loaded { command, done: None, fresh: true, slices: Vec::new(), matches: Vec::new() };
    rig.tell(store, Message::Loaded(Box::new(stale)));
    assert!(rig.orchestrator.busy().is_some(), "it still reads");
    rig.settle();
    assert_eq!((rig.acked.clone(), rig.orchestrator.busy()), (vec![1, 2, 3], None));
}

#[test]
fn a_restarted_orchestrator_finds_its_sagas_and_queries() {
    let mut rig = Rig::new();
    rig.deliver(1);
    rig.restart();
    rig.lose_lists = 2;
    rig.settle();
    assert_eq!(rig.recorded(), [Event::StampAsked, Event::StampAsked], "it was resumed");
    let versions: Vec<_> = rig.calls.iter().map(|effect| effect.version.0).collect();
    assert_eq!(versions, [1, 2], "no call is made twice under one name");
    rig.answer(rig.calls[0]);
    assert_eq!(rig.recorded().last(), Some(&Event::Stamped));
    assert_eq!(rig.orchestrator.busy(), None);
    rig.restart();
    rig.settle();
    assert_eq!((rig.recorded().len(), rig.calls.len()), (3, 2), "what is over stays over");
}

#[test]
fn recorded_effects_that_were_never_sent_are_queried() {
    let mut rig = Rig::new();
    rig.lose_appends = 1;
    let broker = rig.bench.map.broker();
    rig.tell(broker, Message::Deliver { tag: 1, letter: letter(0, 1, 1) });
    while rig.lose_appends > 0 {
        let (to, message) = rig.bench.next().expect("an answer that is lost");
        let (here, store) = (rig.bench.map.orchestrator(), rig.bench.map.store());
        match message {
            Message::AppendReply { .. } => rig.lose_appends -= 1,
            message if to == here => rig.tell(store, message),
            message if to == store => rig.tell_store(here, message),
            _ => {}
        }
    }
    assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 0));
    rig.restart();
    rig.settle();
    assert_eq!(rig.calls, [EffectId { saga: SAGA, version: Version(2), nth: 0 }]);
}

#[test]
fn a_late_append_of_a_predecessor_is_fenced_off() {
    let mut rig = Rig::new();
    rig.slow = true;
    rig.deliver(1);
    rig.restart();
    rig.deliver(2);
    rig.slow = false;
    let (here, held) = (rig.bench.map.orchestrator(), std::mem::take(&mut rig.held));
    assert_eq!(held.len(), 2, "one of the predecessor, one of the successor");
    held.into_iter().for_each(|append| rig.tell_store(here, append));
    rig.settle();
    assert_eq!(rig.recorded(), [Event::StampAsked], "by the successor");
    assert_eq!(rig.calls, [EffectId { saga: SAGA, version: Version(1), nth: 0 }]);
    rig.answer(rig.calls[0]);
    assert_eq!((rig.acked.clone(), rig.orchestrator.busy()), (vec![2], None));
}

#[test]
fn messages_that_the_broker_has_taken_back_are_not_acknowledged() {
    let mut rig = Rig::new();
    rig.slow = true;
    rig.deliver(1);
    let (node, orchestrator) = (rig.bench.map.orchestrator(), &mut rig.orchestrator);
    rig.bench.tell(node, |cx| orchestrator.disconnected(cx));
    rig.slow = false;
    let (here, held) = (rig.bench.map.orchestrator(), std::mem::take(&mut rig.held));
    held.into_iter().for_each(|append| rig.tell_store(here, append));
    rig.settle();
    assert_eq!((rig.acked.clone(), rig.calls.len()), (vec![], 1));
    rig.deliver(2);
    assert_eq!((rig.acked.clone(), rig.calls.len()), (vec![2], 1));
}

#[test]
fn each_part_of_a_split_event_has_effects_with_their_own_ids() {
    let plan = crate::testing::plan();
    let metadata = added(0, 1, 1).metadata;
    let metadata = crate::model::Metadata { schema: 2, ..metadata };
    let twice = Stored {
        stream: SAGA,
        metadata,
        event: Event::StampAskedTwice,
        ..(*added(0, 1, 1)).clone()
    };
    let mut fold = Fold::blank(SAGA, &plan.domain);
    let called_for = effects::called_for(&mut fold, &twice, &plan.domain);
    let names: Vec<_> = called_for.iter().map(|(id, _)| (id.version, id.nth)).collect();
    assert_eq!(names, [(Version(1), 0), (Version(1), 1)]);
}

impl Rig {
    fn replicated() -> Self {
        let lag = Span::from_secs(9);
        let replication = crate::platform::settings::Replication::Asynchronous { lag };
        Self::on(Bench::with_settings(|settings| settings.store.replication = replication))
    }

    /// The store goes back to a moment, and the orchestrator restarts.
    fn go_back(&mut self, to: Instant) {
        let operator = self.bench.map.command_api(0);
        self.tell_store(operator, Message::RestoreStore { nth: 1, to });
        self.calls.clear();
        self.restart();
        self.settle();
    }
}

/// Counter 0 has one event and its saga has begun, which is lost.
fn lost() -> (Rig, Instant) {
    let mut rig = Rig::replicated();
    let to = rig.bench.now();
    rig.bench.pass(Span::from_secs(1));
    rig.deliver(1);
    rig.answer(rig.calls[0]);
    rig.go_back(to);
    assert_eq!(rig.recorded(), []);
    (rig, to)
}

#[test]
fn no_saga_goes_on_after_a_loss_before_the_services_have_reported() {
    let (mut rig, to) = lost();
    assert_eq!(rig.reports, [to]);
    rig.deliver(2);
    assert_eq!((rig.recorded(), rig.calls.len()), (vec![], 0));
    assert!(rig.orchestrator.busy().is_some_and(|busy| busy.contains("reports")));
    let service = rig.bench.map.service(ServiceId(0));
    rig.tell(service, Message::Reported { since: to, replies: Vec::new() });
    rig.settle();
    assert_eq!((rig.recorded(), rig.calls.len()), (vec![Event::StampAsked], 1));
    let asked = rig.reports.len();
    rig.restart();
    rig.settle();
    assert_eq!(rig.reports.len(), asked, "the store was told that it is done");
}

#[test]
fn a_service_is_asked_for_its_report_until_it_answers_and_again_after_a_crash() {
    let (mut rig, to) = lost();
    rig.settle();
    assert_eq!(rig.reports, [to, to], "its deadline has passed");
    rig.restart();
    rig.settle();
    assert_eq!(rig.reports, [to, to, to]);
    let service = rig.bench.map.service(ServiceId(0));
    rig.tell(service, Message::Reported { since: to, replies: vec![(SAGA, Please)] });
    let handed = |fact: &Fact<_>| matches!(fact, Fact::Replied { saga: SAGA, .. });
    rig.settle();
    assert!(rig.facts.iter().any(handed));
    assert_eq!(rig.orchestrator.busy(), None);
}

#[test]
fn a_saga_learns_what_services_report_before_it_learns_that_it_was_resumed() {
    let mut rig = Rig::replicated();
    rig.deliver(1);
    let to = rig.bench.now();
    rig.bench.pass(Span::from_secs(1));
    rig.go_back(to);
    assert_eq!((rig.recorded(), rig.reports.len()), (vec![Event::StampAsked], 1));
    let service = rig.bench.map.service(ServiceId(0));
    rig.tell(service, Message::Reported { since: to, replies: vec![(SAGA, Please)] });
    rig.settle();
    assert_eq!(rig.recorded(), [Event::StampAsked, Event::Stamped], "it does not ask again");
}
