//! A command API with its event store; the test plays the customer.

use super::*;
use crate::model::{
    Abort, Category, CustomerId, EffectId, Principal, RequestId, StreamId, Token, Version,
};
use crate::platform::event_store::EventStore;
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::testing::{Add, BelowZero, Bench, Counting, NOTEWORTHY, counter};

/// Two instances of the command API with their event store; the test plays the customer.
struct Rig {
    bench: Bench,
    apis: [CommandApi<Counting>; 2],
    store: EventStore<Counting>,
    /// The number of answers of the store that are lost from now on.
    lose: u32,
    /// Whether the store is unreachable.
    cut_off: bool,
    /// The number of loads.
    loads: u32,
    verdicts: Vec<CommandOutcome<Counting>>,
    facts: Vec<Fact<Counting>>,
}

fn id(nth: u32) -> CommandId {
    CommandId::Request(RequestId { customer: CustomerId(0), nth })
}

impl Rig {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            apis: [CommandApi::new(), CommandApi::new()],
            store: EventStore::new(),
            lose: 0,
            cut_off: false,
            loads: 0,
            verdicts: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn send(&mut self, nth: u32, amount: i64) {
        self.send_to(0, nth, amount);
    }

    fn send_to(&mut self, instance: u32, nth: u32, amount: i64) {
        let provenance = Provenance {
            correlation: id(nth),
            causation: None,
            actor: Principal::Customer(CustomerId(0)),
        };
        let body = Box::new(Add { counter: 0, amount });
        let (from, to) = (self.bench.map.customers(), self.bench.map.command_api(instance));
        self.handle(from, to, Message::Command { id: id(nth), provenance, body });
    }

    fn handle(&mut self, from: NodeId, to: NodeId, message: Message<Counting>) {
        if to == self.bench.map.store() {
            let store = &mut self.store;
            self.bench.tell(to, |cx| store.handle(from, message, cx));
        } else {
            let second = to == self.bench.map.command_api(1);
            let api = &mut self.apis[usize::from(second)];
            self.bench.tell(to, |cx| api.handle(from, message, cx));
        }
    }

    fn settle(&mut self) {
        let (store, customers) = (self.bench.map.store(), self.bench.map.customers());
        let nodes = [self.bench.map.command_api(0), self.bench.map.command_api(1), store];
        while let Some((from, to, message)) = self.bench.deliver() {
            self.loads += u32::from(matches!(message, Message::Load(_)));
            match message {
                Message::AppendReply { .. } if self.lose > 0 => self.lose -= 1,
                Message::CommandReply { verdict, .. } => self.verdicts.push(verdict),
                _ if self.cut_off && to == store => {}
                message if nodes.contains(&to) => self.handle(from, to, message),
                _ => assert_ne!(to, customers, "customers get no other answers"),
            }
        }
        self.facts.extend(self.bench.facts());
    }

    fn stated(&self, wanted: fn(&Fact<Counting>) -> bool) -> usize {
        self.facts.iter().filter(|fact| wanted(fact)).count()
    }

    fn accepted(version: u32) -> CommandOutcome<Counting> {
        CommandOutcome::Accepted(Token { stream: counter(0), version: Version(version) })
    }
}

const REFUSED: CommandOutcome<Counting> = CommandOutcome::Refused(BelowZero);

#[test]
fn after_a_conflict_a_command_is_decided_again_on_the_new_state() {
    let mut rig = Rig::new();
    rig.send(1, 5);
    rig.settle();
    rig.send(2, -4);
    rig.send(3, -4);
    rig.settle();
    assert_eq!(rig.verdicts[1..], [Rig::accepted(2), REFUSED]);
    let conflicts =
        |fact: &&Fact<_>| matches!(fact, Fact::Aborted { why: Abort::Conflict { .. }, .. });
    assert_eq!(rig.facts.iter().filter(conflicts).count(), 1);
    let second = |fact: &&Fact<_>| matches!(fact, Fact::Refused { attempt: 2, .. });
    assert_eq!(rig.facts.iter().filter(second).count(), 1);
}

#[test]
fn an_unanswered_append_is_looked_up_and_not_repeated() {
    let mut rig = Rig::new();
    rig.lose = 1;
    rig.send(1, 5);
    rig.settle();
    assert_eq!(rig.verdicts, [Rig::accepted(1)]);
    assert_eq!(rig.store.events().len(), 1);
    assert!(
        rig.facts.contains(&Fact::Acknowledged { command: id(1), outcome: AppendOutcome::Unknown })
    );
    assert!(rig.facts.iter().any(|fact| matches!(fact, Fact::Recognised { .. })));
}

#[test]
fn a_resend_is_answered_with_the_recorded_outcome() {
    let mut rig = Rig::new();
    rig.send(1, 5);
    rig.settle();
    rig.send(1, 5);
    rig.settle();
    assert_eq!(rig.verdicts, [Rig::accepted(1), Rig::accepted(1)]);
    assert_eq!(rig.store.events().len(), 1);
}

#[test]
fn a_snapshot_is_saved_whenever_a_stream_passes_the_interval() {
    let mut rig = Rig::new();
    let every = rig.bench.plan.settings.snapshot_every;
    for nth in 1..=every * 2 + 1 {
        rig.send(nth, 1);
        rig.settle();
    }
    let saved: Vec<_> = rig
        .facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::Snapshotted { version, state, .. } => Some((version.0, state.total)),
            _ => None,
        })
        .collect();
    let at = |version: u32| (version, i64::from(version));
    assert_eq!(saved, [at(every), at(every * 2)]);
}

#[test]
fn a_snapshot_is_saved_after_each_change_of_state_if_that_is_wanted() {
    for (wanted, saved) in [(false, vec![]), (true, vec![(3, 8), (6, 16)])] {
        let mut rig = Rig::new();
        Arc::make_mut(&mut rig.bench.plan).settings.snapshot_on_change = wanted;
        for (nth, amount) in [1, NOTEWORTHY, 1, NOTEWORTHY, 1].into_iter().enumerate() {
            rig.send(nth as u32 + 1, amount);
            rig.settle();
        }
        let snapshots = rig.facts.iter().filter_map(|fact| match fact {
            Fact::Snapshotted { version, state, .. } => Some((version.0, state.total)),
            _ => None,
        });
        assert_eq!(snapshots.collect::<Vec<_>>(), saved, "an addition that is noted is two events");
    }
}

#[test]
fn a_rejection_is_recorded_first_and_repeated_for_a_resend_after_changes() {
    let mut rig = Rig::new();
    rig.send(1, -4);
    rig.settle();
    rig.send(2, 5);
    rig.settle();
    rig.send_to(1, 1, -4);
    rig.settle();
    assert_eq!(rig.verdicts, [REFUSED, Rig::accepted(1), REFUSED]);
    let concluded = |fact: &Fact<_>| matches!(fact, Fact::Concluded { .. });
    assert_eq!(rig.stated(concluded), 1);
}

#[test]
fn a_late_rejection_yields_to_the_recorded_acceptance_of_another_instance() {
    let mut rig = Rig::new();
    rig.send_to(1, 1, -4);
    for _ in 0..2 {
        let (from, to, message) = rig.bench.deliver().expect("a load and its answer");
        rig.handle(from, to, message);
    }
    rig.send(2, 5);
    let (from, to, message) = rig.bench.deliver().expect("a rejection on its way to the store");
    assert!(matches!(message, Message::Conclude(_)));
    let refusal = (from, to, message);
    rig.settle();
    rig.send(1, -4);
    rig.settle();
    let (from, to, message) = refusal;
    rig.handle(from, to, message);
    rig.settle();
    assert_eq!(rig.verdicts, [Rig::accepted(1), Rig::accepted(2), Rig::accepted(2)]);
    assert_eq!(rig.stated(|fact| matches!(fact, Fact::Concluded { .. })), 0);
}

#[test]
fn an_unanswered_rejection_is_looked_up() {
    let mut rig = Rig::new();
    rig.lose = 1;
    rig.send(1, -4);
    rig.settle();
    assert_eq!(rig.verdicts, [REFUSED]);
    assert_eq!(rig.stated(|fact| matches!(fact, Fact::Concluded { .. })), 1);
    assert_eq!(rig.stated(|fact| matches!(fact, Fact::Recognised { .. })), 1);
}

#[test]
fn a_saga_waits_until_the_store_has_been_asked_often_enough() {
    let mut rig = Rig::new();
    rig.cut_off = true;
    let id = CommandId::Effect(EffectId {
        saga: StreamId { category: Category(1), number: 0 },
        version: Version(1),
        nth: 0,
    });
    let provenance = Provenance { correlation: id, causation: None, actor: Principal::Saga };
    let body = Box::new(Add { counter: 0, amount: 5 });
    let (from, to) = (rig.bench.map.orchestrator(), rig.bench.map.command_api(0));
    rig.handle(from, to, Message::Command { id, provenance, body });
    rig.settle();
    assert_eq!(rig.verdicts, [CommandOutcome::Unknown]);
    assert_eq!(rig.loads, rig.bench.plan.settings.retries + 1);
    assert_eq!(rig.apis[0].busy(), None);
}

#[test]
fn without_an_answer_of_the_store_the_outcome_is_unknown_before_the_customer_loses_patience() {
    let mut rig = Rig::new();
    rig.cut_off = true;
    rig.send(1, 5);
    rig.settle();
    assert_eq!(rig.verdicts, [CommandOutcome::Unknown]);
    assert_eq!(rig.loads, 2, "the reply timeout fits twice");
    assert!(rig.bench.now() < Instant::ZERO + rig.bench.plan.settings.clients.patience);
    assert_eq!(rig.apis[0].busy(), None);
    rig.cut_off = false;
    rig.send_to(1, 1, 5);
    rig.settle();
    assert_eq!(rig.verdicts[1..], [Rig::accepted(1)]);
}

#[test]
fn a_command_is_settled_once_and_answered_under_every_store_fault() {
    let faults = [
        &COMMIT_REPLY_LOST,
        &CONNECTION_CUT,
        &COMMIT_REFUSED,
        &SLOW_COMMIT,
        &SERIALIZATION_FAILURE,
    ];
    for fault in faults {
        for (amount, verdict) in [(5, Rig::accepted(1)), (-5, REFUSED)] {
            let mut rig = Rig { bench: Bench::with_fault(fault, 0), ..Rig::new() };
            rig.send(1, amount);
            rig.settle();
            assert_eq!(rig.verdicts, [verdict], "{}", fault.name);
            assert_eq!(rig.store.events().len(), usize::from(amount > 0), "{}", fault.name);
            assert_eq!(rig.bench.faults(), (1, 1), "{} is seen", fault.name);
        }
    }
}

#[test]
fn an_answer_to_an_earlier_attempt_is_ignored() {
    let mut rig = Rig::new();
    rig.send(1, 5);
    for _ in 0..2 {
        let (from, to, message) = rig.bench.deliver().expect("a load and its answer");
        rig.handle(from, to, message);
    }
    let (store, api) = (rig.bench.map.store(), rig.bench.map.command_api(0));
    for reply in [AppendReply::Conflict, AppendReply::CommitRefused, AppendReply::NotSerializable] {
        let reply = Box::new(reply);
        rig.handle(store, api, Message::AppendReply { command: id(1), number: 0, reply });
    }
    rig.settle();
    assert_eq!(rig.verdicts, [Rig::accepted(1)]);
    assert_eq!(rig.loads, 0, "the one load was delivered before");
    assert_eq!(rig.stated(|fact| matches!(fact, Fact::Acknowledged { .. })), 1);
}

#[test]
fn after_a_crash_a_resend_finds_the_recorded_outcome() {
    let mut rig = Rig::new();
    rig.send(1, 5);
    for _ in 0..3 {
        let (from, to, message) = rig.bench.deliver().expect("a load, its answer, an append");
        rig.handle(from, to, message);
    }
    rig.apis[0].crash();
    rig.settle();
    assert_eq!((rig.verdicts.len(), rig.store.events().len()), (0, 1));
    rig.send(1, 5);
    rig.settle();
    assert_eq!(rig.verdicts, [Rig::accepted(1)]);
    assert_eq!(rig.store.events().len(), 1);
}

#[test]
fn a_fold_that_was_dropped_during_a_load_is_loaded_again() {
    let mut rig = Rig::new();
    rig.send(1, 5);
    rig.settle();
    rig.send(2, -4);
    rig.apis.iter_mut().for_each(|api| api.volatile.folds = Folds::default());
    rig.settle();
    assert_eq!(rig.verdicts[1], Rig::accepted(2), "it is not decided on an empty stream");
}
