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
//!
//! How a command was settled is kept under its id, refusals too, and that row is unique: of two copies
//! of a command that are decided differently one waits for the other and is then told what holds.

mod agenda;
mod locks;
mod log;
mod outbox;
mod recall;
mod synchronous;
mod transaction;

#[cfg(test)]
mod tests;

use crate::collections::{SortedMap, Table};
use std::collections::VecDeque;
use std::sync::Arc;

use crate::kernel::{Fault, Instant, NodeId, Site, Span};
use crate::model::{
    Abort, Category, CommandId, CommandOutcome, Domain, Fact, Ordinal, Position, Snapshot, Stored,
    StreamId, Term, Token, Version, ViewId, Vocabulary, counted,
};
use crate::platform::cx::Cx;
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::platform::message::{
    Append, AppendReply, Conclude, Letter, Load, Loaded, Message, Slice,
};
use crate::platform::seal;
use agenda::Agenda;
use locks::{Locks, Xid};
use log::{Log, Saved};
use outbox::Outbox;
use synchronous::Tables;
use transaction::{Key, Phase, Transaction, Work};

/// How much longer a step of a transaction takes than it has to, in microseconds.
pub(crate) const STORE_STEP: Site = Site::new(16, "store.step");

/// How far the database writes its sequence ahead of itself: a crash burns what is left of that many
/// values. PostgreSQL's `SEQ_LOG_VALS`.
const SEQUENCE_AHEAD: u64 = 32;

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
    /// The sagas that are not over.
    agenda: Agenda,
    last_xid: Xid,
    /// The rows of synchronous views.
    tables: Tables<D>,
    /// How each command was settled.
    processed: Table<CommandId, CommandOutcome<D>>,
    /// What is committed and cannot be read yet, in order of the commits.
    ahead: VecDeque<(Xid, Arc<Work<D>>)>,
}

/// What a crash takes: the open transactions, and with them their locks.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    open: SortedMap<Xid, Transaction<D>>,
    locks: Locks,
}

impl<D: Domain> Default for Volatile<D> {
    fn default() -> Self {
        Self { open: SortedMap::new(), locks: Locks::default() }
    }
}

impl<D: Domain> EventStore<D> {
    pub(crate) fn new() -> Self {
        Self {
            durable: Durable {
                log: Log::default(),
                outbox: Outbox::default(),
                tables: Tables::default(),
                sequence: Position(0),
                last_xid: 0,
                processed: Table::default(),
                agenda: Agenda::default(),
                ahead: VecDeque::new(),
            },
            volatile: Volatile::default(),
        }
    }

    /// The process dies: open transactions are rolled back, and nobody is told.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::default();
    }

    /// What was committed becomes visible before anybody can ask. Nobody waits for an answer to it any
    /// more, and relays are not told: they have to look.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        let ahead = self.durable.sequence.0.next_multiple_of(SEQUENCE_AHEAD);
        self.durable.sequence = Position(ahead);
        while let Some((_, work)) = self.durable.ahead.pop_front() {
            self.reveal(&work, cx);
        }
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        let open = self.volatile.open.len().max(self.durable.ahead.len()) as u64;
        let unsent = self.durable.outbox.len() as u64;
        (open + unsent > 0).then(|| {
            let open = counted(open, "open transaction");
            format!("{open}, {}", counted(unsent, "unsent outbox row"))
        })
    }

    /// Every visible event, by position.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Arc<Stored<D::Event>>> {
        self.durable.log.events()
    }

    /// The rows of a view that is kept here.
    pub(crate) fn rows(&self, view: ViewId) -> Vec<Option<Arc<D::Row>>> {
        self.durable.tables.all(view)
    }

    /// Every snapshot.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = Snapshot<D::State>> {
        self.durable.log.snapshots().map(|(stream, saved)| {
            let Saved { version, schema, state } = saved.clone();
            Snapshot { stream, version, schema, state }
        })
    }

    /// The newest events, the version of every stream among them, and what is under way.
    pub(crate) fn describe(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        const NEWEST: usize = 20;
        let count = self.events().count();
        let older = count.saturating_sub(NEWEST);
        let mut lines = vec![format!("{count} events")];
        if older > 0 {
            lines.push(format!("  … {older} older ones"));
        }
        lines.extend(self.events().skip(older).map(|event| {
            let (stream, what) =
                (vocabulary.stream(event.stream), vocabulary.term(Term::Event(&event.event)));
            format!("  {} {stream} {} {what}", event.position, event.version)
        }));
        let open = self.volatile.open.values().map(|transaction| {
            let command = vocabulary.command(transaction.work.command());
            format!("open: {command}, {}", transaction.phase)
        });
        lines.extend(open);
        lines
    }

    /// Outbox rows that are not marked as sent.
    pub(crate) fn unsent(&self) -> u64 {
        self.durable.outbox.len() as u64
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Load(load) => self.load(from, &load, cx),
            Message::Append(append) => self.append(from, append, cx),
            Message::Recall { request, stream, as_of, schema } => {
                let slice = Box::new(self.durable.log.as_of(stream, as_of, schema));
                cx.send(from, Message::Recalled { request, slice });
            }
            Message::Conclude(conclude) => self.begin(from, Work::Conclude(conclude), cx),
            Message::StoreStep(xid) => self.step(xid, cx),
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
            Message::ReadLog { category, after, upto } => {
                self.read_log(from, category, (after, upto), cx);
            }
            Message::ReadTail { nth, view, after } => self.read_tail(from, nth, (view, after), cx),
            Message::Read { request, nth, view, key } => {
                let copy = self.durable.tables.copy(view, key);
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::Mark { fence, upto } => self.durable.outbox.mark(from, fence, upto, cx),
            other => unreachable!("the event store does not take {other:?}"),
        }
    }

    /// The oldest position whose fate is open: everything before it is visible or burned for good.
    fn horizon(&self) -> Position {
        let open = self.volatile.open.values().find_map(|transaction| transaction.work.first());
        open.unwrap_or(Position(self.durable.sequence.0 + 1))
    }

    /// Reads a page of a category, by rank.
    fn read_log(
        &self,
        from: NodeId,
        category: Category,
        (after, upto): (Ordinal, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Durable { log, outbox, .. } = &self.durable;
        let letter =
            |(ordinal, at)| log.at(at).map(|event| Letter { event: Arc::clone(event), ordinal });
        let limit = cx.settings().projectors.page;
        let page = outbox.ranked(category, after, upto, limit).filter_map(letter).collect();
        cx.send(from, Message::LogPage { after, page });
    }

    /// Reads a page of what feeds a view, up to the end of what is decided.
    fn read_tail(
        &mut self,
        from: NodeId,
        nth: u64,
        (view, after): (ViewId, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let horizon = self.horizon();
        let Durable { log, outbox, .. } = &mut self.durable;
        let category = D::VIEWS[usize::from(view.0)].category;
        let end = outbox.rank(category, horizon);
        let limit = cx.settings().projectors.page;
        let ranked = outbox.ranked(category, after, end, limit);
        let page = ranked.filter_map(|(_, at)| log.at(at).cloned()).collect();
        cx.send(from, Message::TailPage { nth, view, after, page, end });
    }

    /// Reads in one statement: all slices agree with each other.
    fn load(&self, from: NodeId, load: &Load, cx: &mut Cx<'_, '_, D>) {
        let slices = load
            .streams
            .iter()
            .map(|&(stream, known)| self.slice(stream, known, load.schema))
            .collect();
        let done = self.durable.processed.get(&load.command).cloned();
        let loaded = Loaded { command: load.command, done, slices };
        cx.send(from, Message::Loaded(Box::new(loaded)));
    }

    fn slice(&self, stream: StreamId, known: Version, schema: u16) -> Slice<D> {
        let log = &self.durable.log;
        let snapshot = log.snapshot_after(stream, known, schema);
        let after = snapshot.as_ref().map_or(known, |(version, _)| *version);
        let tail = log.tail(stream, after);
        let version = tail.last().map_or(after, |event| event.version);
        Slice { stream, version, snapshot, tail, origin: log.origin(stream) }
    }

    /// Takes positions from the sequence and begins a transaction.
    fn append(&mut self, from: NodeId, append: Box<Append<D>>, cx: &mut Cx<'_, '_, D>) {
        assert!(!append.events.is_empty(), "an append has events");
        let first = Position(self.durable.sequence.0 + 1);
        let count = append.events.len() as u32;
        self.durable.sequence = Position(self.durable.sequence.0 + u64::from(count));
        cx.fact(Fact::Allocated { command: append.command, first, count });
        self.begin(from, Work::Append(append, first), cx);
    }

    fn begin(&mut self, from: NodeId, work: Work<D>, cx: &mut Cx<'_, '_, D>) {
        self.durable.last_xid += 1;
        let xid = self.durable.last_xid;
        let wait = wait(&work, cx.settings().store.insert, cx);
        self.volatile.open.insert(xid, Transaction::new(from, work));
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Takes a transaction one step further.
    fn step(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let Some(transaction) = self.volatile.open.get(&xid) else { return };
        match transaction.phase {
            Phase::Begun => self.insert(xid, cx),
            Phase::Inserted => self.commit(xid, cx),
            Phase::Committed => self.answer(xid, cx),
            Phase::Blocked => {}
        }
    }

    /// Inserts the rows, if the unique keys allow it.
    fn insert(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        if self.cut(xid, cx) {
            return;
        }
        let transaction = &self.volatile.open[&xid];
        let work = Arc::clone(&transaction.work);
        let command = work.command();
        for key in transaction.keys.clone() {
            if let Err(holder) = self.volatile.locks.take(key, xid) {
                if self.volatile.open[&holder].slow {
                    cx.fault_seen(&SLOW_COMMIT);
                }
                self.set_phase(xid, Phase::Blocked);
                let stream = match key {
                    Key::Command(_) => None,
                    Key::Stream(stream) => Some(stream),
                };
                cx.fact(Fact::Blocked { command, stream });
                return;
            }
            // The first key of all: whoever comes second need not wait for the others.
            if matches!(key, Key::Command(_)) && self.durable.processed.contains_key(&command) {
                self.refuse(xid, Abort::AlreadyDone, None, cx);
                return;
            }
        }
        if let Work::Append(append, _) = &*work {
            if let Some(why) = self.stale(append) {
                self.refuse(xid, why, None, cx);
                return;
            }
            cx.fact(Fact::Inserted { command });
        }
        let longer = cx.fault(&SLOW_COMMIT, work.entity());
        let rows = synchronous::extra(&work, cx);
        let base = cx.settings().store.commit + rows + Span::from_micros(longer);
        let wait = wait(&work, base, cx);
        let transaction = self.volatile.open.get_mut(&xid).expect("an open transaction");
        transaction.phase = Phase::Inserted;
        transaction.slow = longer > 0;
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Which stream is not at the version that the decision was made on, if any.
    fn stale(&self, append: &Append<D>) -> Option<Abort> {
        append.expected.iter().find_map(|&(stream, expected)| {
            let actual = self.durable.log.version(stream);
            (actual != expected).then_some(Abort::Conflict { stream, expected, actual })
        })
    }

    fn commit(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        if self.cut(xid, cx) {
            return;
        }
        let work = Arc::clone(&self.volatile.open[&xid].work);
        for (fault, why) in [
            (&COMMIT_REFUSED, Abort::CommitRefused),
            (&SERIALIZATION_FAILURE, Abort::NotSerializable),
        ] {
            if cx.fault(fault, work.entity()) > 0 {
                self.refuse(xid, why, Some(fault), cx);
                return;
            }
        }
        if let Work::Append(append, first) = &*work {
            cx.fact(Fact::Committed { command: append.command, first: *first });
        }
        self.set_phase(xid, Phase::Committed);
        let wait = wait(&work, cx.settings().store.visible, cx);
        self.durable.ahead.push_back((xid, work));
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// The writer's connection may be cut at any time before the commit: the transaction is rolled
    /// back, and there is nobody to tell.
    fn cut(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) -> bool {
        let entity = self.volatile.open[&xid].work.entity();
        if cx.fault(&CONNECTION_CUT, entity) == 0 {
            return false;
        }
        let Transaction { writer, .. } = self.roll_back(xid, Abort::ConnectionCut, cx);
        cx.fault_shows_late(&CONNECTION_CUT, writer);
        true
    }

    /// What was committed becomes visible, and its writer and the relays are told.
    fn answer(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let Transaction { writer, work, slow, .. } = self.end(xid, cx);
        self.durable.ahead.retain(|(committed, _)| *committed != xid);
        let reply = Box::new(self.reveal(&work, cx));
        let (command, attempt) = (work.command(), work.attempt());
        let answer = Message::AppendReply { command, attempt, reply };
        if cx.fault(&COMMIT_REPLY_LOST, work.entity()) > 0 {
            cx.fault_shows_late(&COMMIT_REPLY_LOST, writer);
        } else if slow {
            cx.send_faulty(&SLOW_COMMIT, writer, answer);
        } else {
            cx.send(writer, answer);
        }
        if work.first().is_some() {
            for relay in cx.map().relays() {
                cx.send(relay, Message::Notify);
            }
        }
    }

    /// Events, outbox rows, the rows of synchronous views, the settled command and a saga's course
    /// become visible together.
    fn reveal(&mut self, work: &Work<D>, cx: &mut Cx<'_, '_, D>) -> AppendReply<D> {
        let (append, first) = match work {
            Work::Append(append, first) => (append, *first),
            Work::Conclude(conclude) => {
                let Conclude { command, verdict, .. } = &**conclude;
                self.durable.processed.insert(*command, verdict.clone());
                cx.fact(Fact::Concluded { command: *command, verdict: verdict.clone() });
                return AppendReply::Concluded(verdict.clone());
            }
        };
        let now = cx.now();
        let mut stored = Vec::with_capacity(append.events.len());
        for ((stream, event), nth) in append.events.iter().zip(0..) {
            let event =
                self.seal(append, *stream, event, nth, Position(first.0 + u64::from(nth)), now);
            self.durable.log.append(&event);
            self.durable.outbox.add(&event);
            cx.fact(Fact::Stored(Arc::clone(&event)));
            self.durable.tables.follow(&event, cx);
            stored.push(event);
        }
        let primary = append.expected[0].0;
        if let Some(course) = append.course {
            self.durable.agenda.note(primary, course);
        }
        let token = Token { stream: primary, version: self.durable.log.version(primary) };
        match append.command {
            CommandId::Request(_) | CommandId::Effect(_) => {
                self.durable.processed.insert(append.command, CommandOutcome::Accepted(token));
            }
            CommandId::Progress { .. } => {}
        }
        AppendReply::Appended(token, stored)
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
        let metadata = append.metadata(nth, now);
        let version = self.durable.log.version(stream).next();
        let previous = self.durable.log.chain(stream);
        Arc::new(seal::seal(&previous, stream, version, position, metadata, event.clone()))
    }

    /// Rolls a transaction back and tells its writer why; it may be a fault that the writer meets with.
    fn refuse(
        &mut self,
        xid: Xid,
        why: Abort,
        fault: Option<&'static Fault>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Transaction { writer, work, .. } = self.roll_back(xid, why, cx);
        let (command, attempt) = (work.command(), work.attempt());
        let reply = match why {
            Abort::Conflict { .. } => AppendReply::Conflict,
            Abort::AlreadyDone => AppendReply::AlreadyDone(
                self.durable.processed.get(&command).expect("it is there").clone(),
            ),
            Abort::CommitRefused => AppendReply::CommitRefused,
            Abort::NotSerializable => AppendReply::NotSerializable,
            Abort::ConnectionCut => return, // there is nobody to tell
        };
        let answer = Message::AppendReply { command, attempt, reply: Box::new(reply) };
        match fault {
            Some(fault) => cx.send_faulty(fault, writer, answer),
            None => cx.send(writer, answer),
        }
    }

    fn roll_back(&mut self, xid: Xid, why: Abort, cx: &mut Cx<'_, '_, D>) -> Transaction<D> {
        let transaction = self.end(xid, cx);
        let (command, first) = (transaction.work.command(), transaction.work.first());
        cx.fact(Fact::Aborted { command, first, why });
        transaction
    }

    /// Closes a transaction: its keys pass to whoever waits, who goes on at once.
    fn end(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) -> Transaction<D> {
        let transaction = self.volatile.open.remove(&xid).expect("only open transactions end");
        for heir in self.volatile.locks.free(&transaction.keys, xid) {
            self.set_phase(heir, Phase::Begun);
            cx.timer(Span::ZERO, Message::StoreStep(heir));
        }
        transaction
    }

    fn set_phase(&mut self, xid: Xid, phase: Phase) {
        self.volatile.open.get_mut(&xid).expect("an open transaction").phase = phase;
    }
}

/// How long a step takes that takes at least `base`.
fn wait<D: Domain>(work: &Work<D>, base: Span, cx: &mut Cx<'_, '_, D>) -> Span {
    let jitter = cx.settings().store.jitter;
    cx.drawn_span(STORE_STEP, work.entity(), base, jitter)
}
