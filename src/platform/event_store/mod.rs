//! The event store: append-only streams over a transactional database.
//!
//! An append goes through the steps that a real one goes through, each an occurrence of its own:
//!
//! ```text
//! allocate ──insert──▶ insert ──commit──▶ commit ──visible──▶ visible ──▶ reply, notify
//!    positions from a     unique keys: waits for whoever       now others can read it
//!    sequence, for good   writes the same stream, then fails
//! ```
//!
//! Positions are taken before anything else and never given back, so they become visible out of order
//! and with gaps. Nothing reads past the oldest open transaction. There is no clock here that writers
//! share and no way to change or remove an event.

mod agenda;
mod log;
mod outbox;
mod transaction;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use arrayvec::ArrayVec;

use super::cx::Cx;
use super::domain::{Domain, Noun};
use super::event::{Metadata, Stored};
use super::fact::{Abort, Fact};
use super::ids::{CommandId, EventId, Position, StreamId, Token, Version};
use super::message::{Append, AppendReply, Load, Loaded, Message, Slice};
use super::seal;
use super::speech::Speech;
use crate::check::Snapshot;
use crate::kernel::{Instant, NodeId, Site, Span};
use agenda::Agenda;
use log::{Log, Saved};
use outbox::Outbox;
use transaction::{Phase, Transaction};

/// How much longer a step of a transaction takes than it has to, in microseconds.
pub(crate) const STORE_STEP: Site = Site::new(16, "store.step");

/// The event store as a node.
#[derive(Clone, Debug)]
pub(crate) struct EventStore<D: Domain> {
    durable: Durable<D>,
    volatile: Volatile<D>,
}

/// What a crash leaves.
#[derive(Clone, Debug)]
struct Durable<D: Domain> {
    log: Log<D>,
    outbox: Outbox<D>,
    /// The last position that the sequence gave out.
    sequence: Position,
    /// What each command led to.
    processed: BTreeMap<CommandId, Token>,
    /// The sagas that are not over.
    agenda: Agenda,
}

/// What a crash takes: the open transactions, and with them their locks.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    /// By first position, which is unique.
    open: BTreeMap<Position, Transaction<D>>,
    /// Who writes to a stream that is locked, and who waits, in order.
    locks: BTreeMap<StreamId, Lock>,
}

#[derive(Clone, Debug)]
struct Lock {
    holder: Position,
    waiting: VecDeque<Position>,
}

impl<D: Domain> EventStore<D> {
    pub(crate) fn new() -> Self {
        Self {
            durable: Durable {
                log: Log::default(),
                outbox: Outbox::default(),
                sequence: Position(0),
                processed: BTreeMap::new(),
                agenda: Agenda::default(),
            },
            volatile: Volatile { open: BTreeMap::new(), locks: BTreeMap::new() },
        }
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (open, unsent) = (self.volatile.open.len(), self.durable.outbox.len());
        (open + unsent > 0)
            .then(|| format!("{open} open transactions, {unsent} unsent outbox rows"))
    }

    /// Every visible event, by position.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Arc<Stored<D::Event>>> {
        self.durable.log.events()
    }

    /// Every snapshot.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = Snapshot<D::State>> {
        self.durable.log.snapshots().map(|(stream, saved)| {
            let Saved { version, schema, state } = saved.clone();
            Snapshot { stream, version, schema, state }
        })
    }

    /// The newest events, the version of every stream among them, and what is under way.
    pub(crate) fn describe(&self, speech: Speech<'_, D>) -> Vec<String> {
        const NEWEST: usize = 20;
        let count = self.events().count();
        let older = count.saturating_sub(NEWEST);
        let mut lines = vec![format!("{count} events")];
        if older > 0 {
            lines.push(format!("  … {older} older ones"));
        }
        lines.extend(self.events().skip(older).map(|event| {
            let (stream, what) =
                (speech.stream(event.stream), speech.noun(Noun::Event(&event.event)));
            format!("  {} {stream} {} {what}", event.position, event.version)
        }));
        let open = self.volatile.open.values().map(|transaction| {
            let command = speech.command(transaction.append.command);
            format!("open: {command}, {}", transaction.phase)
        });
        lines.extend(open);
        lines
    }

    /// Outbox rows that are not marked as sent.
    pub(crate) fn unsent(&self) -> u64 {
        self.durable.outbox.len() as u64
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile { open: BTreeMap::new(), locks: BTreeMap::new() };
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, _cx: &mut Cx<'_, '_, D>) {}

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Load(load) => self.load(from, &load, cx),
            Message::Append(append) => self.begin(from, append, cx),
            Message::StoreStep(first) => self.step(first, cx),
            Message::SaveSnapshot { stream, version, schema, state } => {
                let saved = Saved { version, schema, state: (*state).clone() };
                if self.durable.log.save_snapshot(stream, saved) {
                    cx.fact(Fact::Snapshotted { stream, version, schema, state });
                }
            }
            Message::ListSagas { round, after } => {
                let (sagas, more) = self.durable.agenda.page(after);
                cx.send(from, Message::SagasListed { round, after, sagas, more });
            }
            Message::Fetch { fence } => {
                let horizon = self.horizon();
                self.durable.outbox.fetch(from, fence, horizon, cx);
            }
            Message::Mark { fence, upto } => self.durable.outbox.mark(from, fence, upto, cx),
            other => unreachable!("the event store does not take {other:?}"),
        }
    }

    /// The oldest position whose fate is open: everything before it is visible or burned for good.
    fn horizon(&self) -> Position {
        let open = self.volatile.open.keys().next().copied();
        open.unwrap_or(Position(self.durable.sequence.0 + 1))
    }

    /// Reads in one statement: all slices agree with each other.
    fn load(&self, from: NodeId, load: &Load, cx: &mut Cx<'_, '_, D>) {
        let slices = load
            .streams
            .iter()
            .map(|&(stream, known)| self.slice(stream, known, load.schema))
            .collect();
        let done = self.durable.processed.get(&load.command).copied();
        let loaded = Loaded { command: load.command, done, slices };
        cx.send(from, Message::Loaded(Box::new(loaded)));
    }

    fn slice(&self, stream: StreamId, known: Version, schema: u16) -> Slice<D> {
        let log = &self.durable.log;
        let snapshot = log.snapshot_after(stream, known, schema);
        let after = snapshot.as_ref().map_or(known, |(version, _)| *version);
        let tail = log.tail(stream, after);
        let version = tail.last().map_or(after, |event| event.version);
        Slice { stream, version, snapshot, tail }
    }

    /// Takes positions from the sequence and begins a transaction.
    fn begin(&mut self, from: NodeId, append: Box<Append<D>>, cx: &mut Cx<'_, '_, D>) {
        assert!(!append.events.is_empty(), "an append has events");
        let first = Position(self.durable.sequence.0 + 1);
        let count = append.events.len() as u32;
        self.durable.sequence = Position(self.durable.sequence.0 + u64::from(count));
        cx.fact(Fact::Allocated { command: append.command, first, count });
        let wait = self.wait(&append, cx.settings().store.insert, cx);
        self.volatile.open.insert(first, Transaction::new(from, append));
        cx.timer(wait, Message::StoreStep(first));
    }

    fn wait(&self, append: &Append<D>, base: Span, cx: &mut Cx<'_, '_, D>) -> Span {
        let jitter = cx.settings().store.jitter;
        cx.drawn_span(STORE_STEP, append.events[0].0, base, jitter)
    }

    /// Takes a transaction one step further.
    fn step(&mut self, first: Position, cx: &mut Cx<'_, '_, D>) {
        let Some(transaction) = self.volatile.open.get(&first) else { return };
        match transaction.phase {
            Phase::Allocated => self.insert(first, cx),
            Phase::Inserted => self.commit(first, cx),
            Phase::Committed => self.reveal(first, cx),
            Phase::Blocked => {}
        }
    }

    /// Inserts the rows, if the unique keys allow it. Locks are taken in the order of stream names,
    /// so that two transactions never wait for each other.
    fn insert(&mut self, first: Position, cx: &mut Cx<'_, '_, D>) {
        let transaction = &self.volatile.open[&first];
        let append = Arc::clone(&transaction.append);
        for stream in transaction.streams.clone() {
            if !self.lock(first, stream) {
                self.set_phase(first, Phase::Blocked);
                cx.fact(Fact::Blocked { command: append.command, stream });
                return;
            }
        }
        if self.durable.processed.contains_key(&append.command) {
            self.abort(first, Abort::AlreadyDone, cx);
            return;
        }
        let stale = append.expected.iter().find_map(|&(stream, expected)| {
            let actual = self.durable.log.version(stream);
            (actual != expected).then_some(Abort::Conflict { stream, expected, actual })
        });
        if let Some(why) = stale {
            self.abort(first, why, cx);
            return;
        }
        cx.fact(Fact::Inserted { command: append.command });
        self.set_phase(first, Phase::Inserted);
        let wait = self.wait(&append, cx.settings().store.commit, cx);
        cx.timer(wait, Message::StoreStep(first));
    }

    /// Whether `first` holds the lock on `stream` now; otherwise it waits for it.
    fn lock(&mut self, first: Position, stream: StreamId) -> bool {
        let fresh = || Lock { holder: first, waiting: VecDeque::new() };
        let lock = self.volatile.locks.entry(stream).or_insert_with(fresh);
        if lock.holder == first {
            return true;
        }
        if !lock.waiting.contains(&first) {
            lock.waiting.push_back(first);
        }
        false
    }

    fn commit(&mut self, first: Position, cx: &mut Cx<'_, '_, D>) {
        let append = Arc::clone(&self.volatile.open[&first].append);
        cx.fact(Fact::Committed { command: append.command });
        self.set_phase(first, Phase::Committed);
        let wait = self.wait(&append, cx.settings().store.visible, cx);
        cx.timer(wait, Message::StoreStep(first));
    }

    /// Events, outbox rows, the processed command and a saga's course become visible together.
    fn reveal(&mut self, first: Position, cx: &mut Cx<'_, '_, D>) {
        let transaction = self.end(first, cx);
        let append = &transaction.append;
        let now = cx.now();
        let mut stored = Vec::with_capacity(append.events.len());
        for ((stream, event), nth) in append.events.iter().zip(0..) {
            let event =
                self.seal(append, *stream, event, nth, Position(first.0 + u64::from(nth)), now);
            self.durable.log.append(&event);
            self.durable.outbox.add(&event);
            cx.fact(Fact::Stored(Arc::clone(&event)));
            stored.push(event);
        }
        let primary = append.expected[0].0;
        if let Some(course) = append.course {
            self.durable.agenda.note(primary, course);
        }
        let token = Token { stream: primary, version: self.durable.log.version(primary) };
        if !matches!(append.command, CommandId::Progress { .. }) {
            self.durable.processed.insert(append.command, token);
        }
        let reply = Box::new(AppendReply::Appended(token, stored));
        cx.send(transaction.writer, Message::AppendReply { command: append.command, reply });
        for relay in cx.map().relays() {
            cx.send(relay, Message::Notify);
        }
    }

    fn seal(
        &self,
        append: &Append<D>,
        stream: StreamId,
        event: &D::Event,
        nth: u8,
        position: Position,
        now: Instant,
    ) -> Arc<Stored<D::Event>> {
        let metadata = Metadata {
            id: EventId { command: append.command, nth },
            schema: append.schema,
            correlation: append.provenance.correlation,
            causation: append.provenance.causation,
            actor: append.provenance.actor,
            occurred_at: append.decided_at,
            recorded_at: now,
        };
        let version = self.durable.log.version(stream).next();
        let previous = self.durable.log.chain(stream);
        Arc::new(seal::seal(&previous, stream, version, position, metadata, event.clone()))
    }

    fn abort(&mut self, first: Position, why: Abort, cx: &mut Cx<'_, '_, D>) {
        let transaction = self.end(first, cx);
        let command = transaction.append.command;
        cx.fact(Fact::Aborted { command, why });
        let reply = Box::new(match why {
            Abort::Conflict { .. } => AppendReply::Conflict,
            Abort::AlreadyDone => AppendReply::AlreadyDone(self.durable.processed[&command]),
        });
        cx.send(transaction.writer, Message::AppendReply { command, reply });
    }

    /// Closes a transaction: its locks pass to whoever waits, who goes on at once.
    fn end(&mut self, first: Position, cx: &mut Cx<'_, '_, D>) -> Transaction<D> {
        let transaction = self.volatile.open.remove(&first).expect("only open transactions end");
        let mut next = ArrayVec::<Position, 8>::new();
        for stream in &transaction.streams {
            let Some(lock) = self.volatile.locks.get_mut(stream) else { continue };
            if lock.holder != first {
                lock.waiting.retain(|waiting| *waiting != first);
                continue;
            }
            match lock.waiting.pop_front() {
                Some(heir) => {
                    lock.holder = heir;
                    if !next.contains(&heir) {
                        next.push(heir);
                    }
                }
                None => {
                    self.volatile.locks.remove(stream);
                }
            }
        }
        for heir in next {
            self.set_phase(heir, Phase::Allocated);
            cx.timer(Span::ZERO, Message::StoreStep(heir));
        }
        transaction
    }

    fn set_phase(&mut self, first: Position, phase: Phase) {
        self.volatile.open.get_mut(&first).expect("an open transaction").phase = phase;
    }
}
