//! The guarantees of the event store.

mod expectations;
mod fencing;
mod loss;
mod recall;
mod replicas;
mod retention;
mod synchronous;
mod trouble;

use super::transaction::Phase;
use super::*;
use crate::kernel::{Fault, Instant, Span};
use crate::model::{
    Category, CommandId, CommandOutcome, CustomerId, Expected, Fact, Ordinal, Principal, RequestId,
    StreamId, Token, Version,
};
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::platform::message::{Append, AppendReply, Conclude, Provenance};
use crate::testing::{Bench, Counting, Event, SCHEMA, State, counter};

struct Rig {
    bench: Bench,
    store: EventStore<Counting>,
    /// The messages to the writer and the relay, in order.
    inbox: Vec<Message<Counting>>,
}

fn request(nth: u32) -> CommandId {
    CommandId::Request(RequestId { customer: CustomerId(0), nth })
}

fn append(nth: u32, writes: &[(u32, u32)]) -> Box<Append<Counting>> {
    let provenance = Provenance {
        correlation: request(nth),
        causation: None,
        actor: Principal::Customer(CustomerId(0)),
    };
    Box::new(Append {
        number: 1,
        command: request(nth),
        provenance,
        decided_at: Instant::ZERO,
        schema: SCHEMA,
        conditions: Vec::new(),
        expected: writes
            .iter()
            .map(|(number, at)| (counter(*number), Expected::Exact(Version(*at))))
            .collect(),
        events: writes.iter().map(|(number, _)| (counter(*number), Event::Added(1))).collect(),
        progress: None,
    })
}

impl Rig {
    fn new() -> Self {
        Self { bench: Bench::new(), store: EventStore::new(), inbox: Vec::new() }
    }

    fn tell(&mut self, from: NodeId, message: Message<Counting>) {
        let (node, store) = (self.bench.map.store(), &mut self.store);
        self.bench.tell(node, |cx| store.handle(from, message, cx));
    }

    fn append(&mut self, nth: u32, writes: &[(u32, u32)]) {
        let writer = self.bench.map.command_api(0);
        self.tell(writer, Message::Append(append(nth, writes)));
    }

    /// Handles one occurrence; returns `false` when nothing is pending.
    fn step(&mut self) -> bool {
        let Some((to, message)) = self.bench.next() else { return false };
        if to == self.bench.map.store() {
            let from = to;
            self.tell(from, message);
        } else {
            self.inbox.push(message);
        }
        true
    }

    fn settle(&mut self) {
        while self.step() {}
    }

    /// The outcome of each append, in the order of the answers.
    fn outcomes(&self) -> Vec<(CommandId, &'static str)> {
        let outcome = |message: &Message<Counting>| match message {
            Message::AppendReply { command, reply, .. } => Some((
                *command,
                match **reply {
                    AppendReply::Appended(..) => "appended",
                    AppendReply::Concluded(_) => "concluded",
                    AppendReply::Conflict => "conflict",
                    AppendReply::CommitRefused => "commit refused",
                    AppendReply::NotSerializable => "not serializable",
                    AppendReply::AlreadyDone(_) => "already done",
                },
            )),
            _ => None,
        };
        self.inbox.iter().filter_map(outcome).collect()
    }

    /// The positions that a relay can fetch now.
    fn fetched(&mut self) -> Vec<u64> {
        let relay = self.bench.map.relays().next().expect("a relay");
        self.inbox.clear();
        self.tell(relay, Message::Fetch { fence: 1 });
        loop {
            if let Some(Message::Batch { letters, .. }) = self.inbox.pop() {
                return letters.iter().map(|letter| letter.event.position.0).collect();
            }
            assert!(self.step(), "a fetch is answered");
        }
    }
}

#[test]
fn the_second_of_two_writers_of_a_stream_waits_and_gets_a_conflict() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(2), "conflict")]);
    let facts = rig.bench.facts();
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Blocked { .. })));
    assert_eq!(rig.store.events().len(), 1);
}

#[test]
fn a_transaction_over_several_streams_is_atomic() {
    let mut rig = Rig::new();
    rig.append(1, &[(1, 0)]);
    rig.settle();
    rig.append(2, &[(0, 0), (1, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes()[1], (request(2), "conflict"));
    assert_eq!(rig.store.events().len(), 1, "stream 0 was at its version, and has no event");
    rig.append(3, &[(0, 0), (1, 1)]);
    rig.settle();
    assert_eq!(rig.store.events().len(), 3);
}

#[test]
fn writers_that_list_their_streams_in_different_orders_do_not_deadlock() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0), (1, 0)]);
    rig.append(2, &[(1, 0), (0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(2), "conflict")]);
    assert_eq!(rig.store.busy(), Some("0 open transactions, 2 unsent outbox rows".into()));
}

#[test]
fn a_repeated_command_is_answered_and_not_executed_again() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.append(1, &[(0, 0)]);
    rig.settle();
    assert_eq!(rig.outcomes(), [(request(1), "appended"), (request(1), "already done")]);
    assert_eq!(rig.store.events().len(), 1);
}

#[test]
fn no_event_is_visible_before_its_commit_and_a_burned_position_is_never_filled() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.append(2, &[(0, 0)]);
    while rig.store.events().is_empty() {
        assert!(rig.outcomes().is_empty());
        assert!(rig.step());
    }
    rig.settle();
    rig.append(3, &[(0, 1)]);
    rig.settle();
    let positions: Vec<_> = rig.store.events().iter().map(|event| event.position.0).collect();
    assert_eq!(positions, [1, 3]);
}

#[test]
fn a_relay_fetches_nothing_beyond_the_oldest_open_transaction() {
    let mut rig = Rig::new();
    // The first transaction gets its position and then stalls.
    rig.append(1, &[(0, 0)]);
    let slow = 1;
    rig.store.transaction(slow).phase = Phase::Blocked;
    rig.append(2, &[(1, 0)]);
    while rig.store.events().is_empty() {
        assert!(rig.step());
    }
    assert_eq!(rig.fetched(), [] as [u64; 0], "position 2 is visible, but 1 may still come");
    rig.store.transaction(slow).phase = Phase::Begun;
    let store = rig.bench.map.store();
    rig.tell(store, Message::StoreStep(slow));
    rig.settle();
    assert_eq!(rig.fetched(), [1, 2]);
}

#[test]
fn only_one_relay_holds_the_lease_and_a_stale_fence_marks_nothing() {
    let mut rig = Rig::new();
    rig.append(1, &[(0, 0)]);
    rig.settle();
    let (first, second) = (rig.bench.map.command_api(0), rig.bench.map.command_api(1));
    rig.tell(first, Message::Fetch { fence: 0 });
    rig.tell(second, Message::Fetch { fence: 0 });
    rig.settle();
    let handed: Vec<_> = rig
        .inbox
        .iter()
        .filter_map(|message| match message {
            Message::Batch { fence, letters } => Some((*fence, letters.len())),
            _ => None,
        })
        .collect();
    assert_eq!(handed, [(1, 1), (0, 0)]);
    rig.tell(second, Message::Mark { fence: 0, upto: Position(1) });
    assert_eq!(rig.store.unsent(), 1);
    rig.tell(first, Message::Mark { fence: 1, upto: Position(1) });
    assert_eq!(rig.store.unsent(), 0);
}

#[test]
fn a_reader_gets_new_events_and_a_snapshot_only_if_it_is_newer() {
    let mut rig = Rig::new();
    for version in 0..5 {
        rig.append(version + 1, &[(0, version)]);
        rig.settle();
    }
    let state = Box::new(State::of(3));
    let store = rig.bench.map.store();
    let save = |version, schema| Message::SaveSnapshot {
        stream: counter(0),
        version: Version(version),
        schema,
        state: state.clone(),
    };
    rig.tell(store, save(3, 1));
    rig.tell(store, save(2, 1));
    let read = |rig: &mut Rig, known, schema| {
        let (store, mut slice) = (&rig.store, None);
        rig.bench.tell(rig.bench.map.store(), |cx| {
            let versions = (Version(known), Version(u32::MAX));
            slice = Some(store.slice(counter(0), versions, schema, cx));
        });
        let slice = slice.expect("just read");
        (slice.snapshot.map(|(version, _)| version.0), slice.tail.len(), slice.version.0)
    };
    assert_eq!(read(&mut rig, 0, 1), (Some(3), 2, 5));
    assert_eq!(read(&mut rig, 3, 1), (None, 2, 5));
    assert_eq!(read(&mut rig, 5, 1), (None, 0, 5));
    assert_eq!(read(&mut rig, 0, 2), (None, 5, 5), "a snapshot of another schema is not used");
    rig.tell(store, save(2, 2));
    rig.tell(store, save(5, 1));
    assert_eq!(read(&mut rig, 0, 2), (Some(2), 3, 5), "the snapshot of the newer schema stays");
}
