//! The event store, whose transactions take their steps when they are told to.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{Fault, Instant, NodeId, Span};
use crate::model::{
    CommandId, Condition, CustomerId, Expected, Fact, Principal, RequestId, Tag, Tags, Version,
};
use crate::platform::EventStore;
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE,
};
use crate::platform::message::{Append, AppendReply, Load, Loaded, Message, Provenance};
use crate::platform::settings::{AppendChecks, EndedStreams};
use crate::testing::{Bench, Counting, ENDS, Event, SCHEMA, counter};

/// An append: a command, what it expects of the streams that it read, and the streams that get an event each.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// The number of the command.
    pub command: u32,
    /// Each stream with what is expected of it.
    pub expected: Vec<(u32, Expects)>,
    /// How many events with a tag the command has found.
    pub found: Option<(u32, u32)>,
    /// The streams of the events, in order.
    pub events: Vec<u32>,
    /// What the events are.
    pub kind: Kind,
}

/// What an append expects of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expects {
    /// This version; 0 without an event.
    Version(u32),
    /// Nothing.
    Any,
    /// That it has no event.
    NoStream,
    /// That it has an event.
    StreamExists,
}

/// What the events of an append are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// They say nothing that a store looks at.
    #[default]
    Plain,
    /// They have a tag.
    Tagged(u32),
    /// Each ends its stream.
    Ending,
}

/// How a store differs from one that checks and keeps everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// An append checks and locks only the streams that get an event.
    pub checks_written: bool,
    /// How long outcomes of commands, and rows of the outbox that were sent, are kept, in milliseconds.
    pub keeps_ms: Option<u64>,
    /// What an event that ends its stream does.
    pub ends: Ends,
}

/// What becomes of a stream that is ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// Nothing.
    #[default]
    Kept,
    /// It takes no further event.
    Refused,
    /// The next event begins it again.
    Continued,
}

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for another transaction.
    Waiting,
    /// Its rows are inserted, and only it can see them.
    Inserted,
    /// Its writer has this answer.
    Ended(Answer),
}

/// The answer to a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The events are stored.
    Appended,
    /// A stream is not at its expected version.
    Conflict,
    /// The command was settled before.
    AlreadyDone,
    /// The transaction failed at its commit.
    CommitRefused,
    /// The transaction failed with a serialization failure.
    NotSerializable,
    /// There is no answer.
    Unknown,
}

/// An event store under test.
pub struct StoreNode {
    bench: Bench,
    store: EventStore<Counting>,
    /// The number of each transaction at its writer, which the answer repeats.
    numbers: BTreeMap<u64, u32>,
    /// Transactions whose next step is due.
    due: BTreeSet<u64>,
    waiting: BTreeSet<u64>,
    answers: BTreeMap<u32, Answer>,
    loaded: Vec<Loaded<Counting>>,
    batches: Vec<(u64, Vec<u64>)>,
    notified: u64,
}

impl Default for StoreNode {
    fn default() -> Self {
        Self {
            bench: Bench::new(),
            store: EventStore::new(),
            numbers: BTreeMap::new(),
            due: BTreeSet::new(),
            waiting: BTreeSet::new(),
            answers: BTreeMap::new(),
            loaded: Vec::new(),
            batches: Vec::new(),
            notified: 0,
        }
    }
}

impl StoreNode {
    /// An empty store with these rules.
    pub fn with(rules: Rules) -> Self {
        let bench = Bench::with_settings(|settings| {
            let store = &mut settings.store;
            if rules.checks_written {
                store.checks = AppendChecks::Written;
            }
            let keeps = rules.keeps_ms.map(Span::from_millis);
            (store.retention.commands, store.retention.outbox) = (keeps, keeps);
            store.ended_streams = match rules.ends {
                Ends::Kept => EndedStreams::Kept,
                Ends::Refused => EndedStreams::Refused,
                Ends::Continued => EndedStreams::Continued,
            };
        });
        Self { bench, ..Self::default() }
    }

    /// Begins a transaction, and has it insert its rows or wait.
    pub fn begin(&mut self, write: &Write) -> u64 {
        let command = request(write.command);
        let number = self.numbers.len() as u32 + 1;
        let expected = |&(stream, expects): &(u32, Expects)| (counter(stream), expected(expects));
        let condition = |(tag, matches): (u32, u32)| Condition { query: tags(tag), matches };
        let event = match write.kind {
            Kind::Plain => Event::Added(1),
            Kind::Tagged(tag) => Event::Noted(tag),
            Kind::Ending => Event::Noted(ENDS),
        };
        let append = Append {
            number,
            command,
            provenance: Provenance {
                correlation: command,
                causation: None,
                actor: Principal::Customer(CustomerId(0)),
            },
            decided_at: Instant::ZERO,
            schema: SCHEMA,
            expected: write.expected.iter().map(expected).collect(),
            conditions: write.found.map(condition).into_iter().collect(),
            events: write.events.iter().map(|it| (counter(*it), event)).collect(),
            progress: None,
        };
        let before = self.due.clone();
        self.tell(self.writer(), Message::Append(Box::new(append)));
        self.pump();
        let begun = self.due.difference(&before).next();
        let transaction = *begun.expect("a transaction has begun");
        self.numbers.insert(transaction, number);
        self.step(transaction);
        transaction
    }

    /// How far a transaction has come.
    pub fn state(&self, transaction: u64) -> State {
        match self.answers.get(&self.numbers[&transaction]) {
            Some(answer) => State::Ended(*answer),
            None if self.waiting.contains(&transaction) => State::Waiting,
            None if self.due.contains(&transaction) => State::Inserted,
            None => State::Ended(Answer::Unknown),
        }
    }

    /// Commits a transaction that has inserted its rows, and waits for the answer.
    pub fn commit(&mut self, transaction: u64) -> Answer {
        self.step(transaction);
        self.step(transaction);
        self.answer(transaction)
    }

    /// Commits a transaction whose answer is lost.
    pub fn commit_unanswered(&mut self, transaction: u64) -> Answer {
        self.step(transaction);
        self.arm(&COMMIT_REPLY_LOST);
        self.step(transaction);
        self.answer(transaction)
    }

    /// Cuts the connection of a transaction before its commit arrives.
    pub fn cut(&mut self, transaction: u64) -> Answer {
        self.arm(&CONNECTION_CUT);
        self.step(transaction);
        self.answer(transaction)
    }

    /// Commits a transaction that the database refuses.
    pub fn commit_refused(&mut self, transaction: u64) -> Answer {
        self.arm(&COMMIT_REFUSED);
        self.step(transaction);
        self.answer(transaction)
    }

    /// Commits a transaction that fails with a serialization failure.
    pub fn commit_not_serializable(&mut self, transaction: u64) -> Answer {
        self.arm(&SERIALIZATION_FAILURE);
        self.step(transaction);
        self.answer(transaction)
    }

    /// Commits a transaction; the store crashes before it can tell anyone.
    pub fn commit_and_crash(&mut self, transaction: u64) {
        self.step(transaction);
        self.store.crash();
        self.due.clear();
        self.act(EventStore::recover);
        self.pump();
    }

    /// Whether a command is settled, and the versions and positions of the events of a stream.
    pub fn read(&mut self, command: u32, stream: u32) -> (bool, Vec<(u32, u64)>) {
        let streams = [(counter(stream), Version(0))].into_iter().collect();
        let load = Load {
            command: request(command),
            schema: SCHEMA,
            streams,
            queries: Vec::new(),
            fresh: true,
        };
        self.tell(self.writer(), Message::Load(Box::new(load)));
        self.pump();
        let loaded = self.loaded.pop().expect("a load is answered");
        let events = loaded.slices[0].tail.iter();
        let events = events.map(|event| (event.version.0, event.position.0)).collect();
        (loaded.done.is_some(), events)
    }

    /// Lets a relay fetch rows of the outbox, up to the high-water mark; `fence` is its token, 0 if it has none.
    /// Returns the token and the positions, or nothing if another relay holds the lease.
    pub fn fetch(&mut self, relay: u16, fence: u64) -> Option<(u64, Vec<u64>)> {
        self.tell(self.relay(relay), Message::Fetch { fence });
        self.pump();
        self.batches.pop().filter(|(fence, _)| *fence > 0)
    }

    /// Marks rows as sent, and returns whether the store took that.
    pub fn mark(&mut self, relay: u16, fence: u64, upto: u64) -> bool {
        self.bench.facts();
        self.tell(self.relay(relay), Message::Mark { fence, upto: crate::model::Position(upto) });
        self.pump();
        self.bench.facts().iter().any(|fact| matches!(fact, Fact::Marked { .. }))
    }

    /// Has all rows of the outbox sent again that were sent and are kept. `nth`: which operation it is.
    pub fn send_again(&mut self, nth: u32) {
        self.tell(self.writer(), Message::SendAgain { nth, since: Instant::ZERO });
        self.pump();
    }

    /// Lets the lease of the relays end.
    pub fn let_lease_end(&mut self) {
        let lease = self.bench.plan.settings.relay.lease;
        self.bench.pass(lease + Span::from_millis(1));
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: u64) {
        self.bench.pass(Span::from_millis(ms));
    }

    /// How often relays were notified since the last time that this was asked.
    pub fn notified(&mut self) -> u64 {
        std::mem::take(&mut self.notified)
    }

    fn writer(&self) -> NodeId {
        self.bench.map.command_api(0)
    }

    /// The relay of the plan, or a node that stands for another one.
    fn relay(&self, nth: u16) -> NodeId {
        let relay = self.bench.map.relays().next().expect("a relay");
        if nth == 0 { relay } else { self.bench.map.customers() }
    }

    fn arm(&mut self, fault: &'static Fault) {
        self.bench.arm(fault, None);
    }

    fn answer(&self, transaction: u64) -> Answer {
        match self.state(transaction) {
            State::Ended(answer) => answer,
            State::Waiting | State::Inserted => Answer::Unknown,
        }
    }

    fn tell(&mut self, from: NodeId, message: Message<Counting>) {
        self.act(|store, cx| store.handle(from, message, cx));
    }

    fn act(
        &mut self,
        act: impl FnOnce(&mut EventStore<Counting>, &mut crate::platform::Cx<'_, '_, Counting>),
    ) {
        let (node, store) = (self.bench.map.store(), &mut self.store);
        self.bench.tell(node, |cx| act(store, cx));
    }

    /// Takes the next step of a transaction.
    fn step(&mut self, transaction: u64) {
        if self.due.remove(&transaction) {
            self.bench.facts();
            self.tell(self.bench.map.store(), Message::StoreStep(transaction));
            let blocked = |fact: &Fact<Counting>| matches!(fact, Fact::Blocked { .. });
            if self.bench.facts().iter().any(blocked) {
                self.waiting.insert(transaction);
            }
            self.pump();
        }
    }

    /// Delivers what is under way. Steps of transactions are kept, except of those that waited: the store wakes these.
    fn pump(&mut self) {
        while let Some((_, message)) = self.bench.next() {
            match message {
                Message::StoreStep(transaction) => {
                    self.due.insert(transaction);
                    if self.waiting.remove(&transaction) {
                        self.step(transaction);
                    }
                }
                Message::AppendReply { number, reply, .. } => {
                    self.answers.insert(number, answered(&reply));
                }
                Message::Loaded(loaded) => self.loaded.push(*loaded),
                Message::Batch { fence, letters } => {
                    let positions = letters.iter().map(|letter| letter.event.position.0);
                    self.batches.push((fence, positions.collect()));
                }
                Message::Notify => self.notified += 1,
                _ => {}
            }
        }
    }
}

fn answered(reply: &AppendReply<Counting>) -> Answer {
    match reply {
        AppendReply::Appended(..) | AppendReply::Concluded(_) => Answer::Appended,
        AppendReply::Conflict => Answer::Conflict,
        AppendReply::AlreadyDone(_) => Answer::AlreadyDone,
        AppendReply::CommitRefused => Answer::CommitRefused,
        AppendReply::NotSerializable => Answer::NotSerializable,
    }
}

fn expected(expects: Expects) -> Expected {
    match expects {
        Expects::Version(version) => Expected::Exact(Version(version)),
        Expects::Any => Expected::Any,
        Expects::NoStream => Expected::NoStream,
        Expects::StreamExists => Expected::StreamExists,
    }
}

/// The tag of a note.
fn tags(number: u32) -> Tags {
    [Tag { kind: 0, number }].into_iter().collect()
}

fn request(nth: u32) -> CommandId {
    CommandId::Request(RequestId { customer: CustomerId(0), nth })
}
