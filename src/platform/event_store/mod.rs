//! The event store: append-only streams over a transactional database.
//!
//! An append takes the steps that it takes in a real database, each an occurrence of its own:
//!
//! ```text
//! allocate ──insert──▶ insert ──commit──▶ commit ──visible──▶ visible ──▶ reply, notify
//!    positions from a     unique keys: waits for an            others can read the events
//!    sequence, for good   earlier writer, then fails
//! ```
//!
//! Positions are taken first and never returned, so events become visible out of order and with
//! gaps. Nothing reads past the oldest open transaction. Writers share no clock, and no event can
//! be changed or removed.
//!
//! The outcome of a command, rejected or not, is stored under the command's id, which is unique: if
//! two copies of a command are decided differently, one waits and returns the other's outcome.

mod agenda;
mod describe;
mod lock_waits;
mod locks;
mod log;
mod outbox;
mod synchronous;
mod transaction;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::collections::{SortedMap, Table};
use crate::kernel::{Cause, Fault, NodeId, Site, Span};
use crate::model::{
    Abort, Category, CommandId, CommandOutcome, Defects, Domain, Fact, Ordinal, Position, Snapshot,
    Stored, StreamId, Token, Version, ViewId, counted,
};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    AS_OF_NEWEST_SNAPSHOT, CHAIN_NOT_CONTINUED, CHECK_THEN_INSERT, COMMAND_NOT_RECORDED,
    CONDITION_TOO_NARROW, CONFLICT_SWALLOWED, DEAD_GAP_STALLS, INLINE_FIRST_ONLY, LOCKS_UNSORTED,
    OLD_SNAPSHOT_LOADED, OLDER_SNAPSHOT_WINS, OPEN_SAGA_NOT_LISTED, POLL_SKIPS_GAP,
    PUBLISH_WITHOUT_OUTBOX, RETRY_WITHOUT_REDECIDE, SNAPSHOT_OFF_BY_ONE, TAKEOVER_NOT_FENCED,
    UPCASTER_SKIPPED, ZERO_MEANS_ANY,
};
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::platform::message::{
    Append, AppendReply, Conclude, Course, Letter, Load, Loaded, Message, Progress, Slice,
};
use crate::platform::rows::Rows;
use crate::platform::seal;
use agenda::Agenda;
pub(crate) use describe::{Reader, Surroundings};
pub(crate) use lock_waits::LockWait;
use locks::{Locks, Xid};
use log::Log;
use outbox::Outbox;
use transaction::{Key, Phase, Transaction, Versions, Work, drafts};

/// How much longer than its minimum a step of a transaction takes, in microseconds.
pub(crate) const STORE_STEP: Site = Site::new(16, "store.step");

/// How many values of its sequence the database writes ahead: a crash burns those that are left.
/// PostgreSQL's `SEQ_LOG_VALS`.
const SEQUENCE_AHEAD: u64 = 32;

/// The event store as a node.
#[derive(Clone, Debug)]
pub(crate) struct EventStore<D: Domain> {
    durable: Durable<D>,
    volatile: Volatile<D>,
}

/// What survives a crash.
#[derive(Clone, Debug)]
struct Durable<D: Domain> {
    log: Log<D>,
    outbox: Outbox<D>,
    /// The last position that was taken from the sequence.
    sequence: Position,
    agenda: Agenda,
    last_xid: Xid,
    /// The rows of each view; empty for views that are kept elsewhere.
    tables: Vec<Rows<D>>,
    /// The outcome of each command.
    processed: Table<CommandId, CommandOutcome<D>>,
    /// What is committed and not yet visible, in order of the commits.
    ahead: VecDeque<(Xid, Cause, Arc<Work<D>>)>,
}

/// What a crash loses: the open transactions and their locks.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    open: SortedMap<Xid, Transaction<D>>,
    locks: Locks,
}

impl<D: Domain> EventStore<D> {
    pub(crate) fn new() -> Self {
        Self {
            durable: Durable {
                log: Log::new(),
                outbox: Outbox::new(),
                sequence: Position(0),
                agenda: Agenda::default(),
                last_xid: 0,
                tables: D::VIEWS.iter().map(|_| Rows::default()).collect(),
                processed: Table::default(),
                ahead: VecDeque::new(),
            },
            volatile: Volatile { open: SortedMap::new(), locks: Locks::default() },
        }
    }

    /// Rolls open transactions back without a reply.
    pub(crate) fn crash(&mut self) {
        self.volatile = Self::new().volatile;
    }

    /// Makes visible what is committed before the first request is served. No reply is sent, and
    /// relays are not notified: they find the rows when they poll.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        let ahead = self.durable.sequence.0.next_multiple_of(SEQUENCE_AHEAD);
        self.durable.sequence = Position(ahead);
        while let Some((_, cause, work)) = self.durable.ahead.pop_front() {
            cx.because(cause, |cx| self.reveal(&work, !cx.has(&PUBLISH_WITHOUT_OUTBOX), cx));
        }
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.open() + self.unsent() == 0
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| {
            let open = counted(self.open(), "open transaction");
            format!("{open}, {}", counted(self.unsent(), "unsent outbox row"))
        })
    }

    fn open(&self) -> u64 {
        self.volatile.open.len().max(self.durable.ahead.len()) as u64
    }

    /// The number of transactions, and of positions that they took.
    pub(crate) fn kept(&self) -> u64 {
        self.durable.last_xid + self.durable.sequence.0
    }

    /// Every visible event, by position.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Arc<Stored<D::Event>>> {
        self.durable.log.events()
    }

    /// The rows of a synchronous view.
    pub(crate) fn rows(&self, view: ViewId) -> Vec<Option<Arc<D::Row>>> {
        self.durable.tables[usize::from(view.0)].all()
    }

    /// Every snapshot.
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = Snapshot<D::State>> {
        self.durable.log.snapshots().cloned()
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
                let newest = cx.has(&AS_OF_NEWEST_SNAPSHOT);
                let slice = Box::new(self.durable.log.as_of(stream, as_of, schema, newest));
                cx.send(from, Message::Recalled { request, slice });
            }
            Message::Conclude(conclude) => self.begin(from, Work::Conclude(conclude), cx),
            Message::StoreStep(xid) => self.step(xid, cx),
            Message::SaveSnapshot { stream, version, schema, state } => {
                let snapshot = Snapshot { stream, version, schema, state: (*state).clone() };
                if self.durable.log.save_snapshot(snapshot, cx.has(&OLDER_SNAPSHOT_WINS)) {
                    cx.fact(Fact::Snapshotted { stream, version, schema, state });
                }
            }
            Message::ListSagas { round, after } => {
                if !cx.has(&TAKEOVER_NOT_FENCED) {
                    self.durable.agenda.fence(round);
                }
                // What is committed and not yet visible cannot be fenced off any more. The list is asked for
                // again.
                if self.durable.ahead.iter().any(|(.., work)| self.is_superseded(work)) {
                    return;
                }
                let (sagas, more) = self.durable.agenda.page(after);
                cx.send(from, Message::SagasListed { round, after, sagas, more });
            }
            Message::Fetch { fence } => {
                let horizon = self.horizon(cx);
                self.durable.outbox.fetch(from, fence, horizon, cx);
            }
            Message::ReadLog { category, after, upto } => {
                self.read_log(from, category, (after, upto), cx);
            }
            Message::ReadTail { nth, view, after } => self.read_tail(from, nth, (view, after), cx),
            Message::Read { request, nth, view, key } => {
                let copy = self.durable.tables[usize::from(view.0)].copy(key);
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::Mark { fence, upto } => self.durable.outbox.mark(from, fence, upto, cx),
            other => unreachable!("the event store does not take {other:?}"),
        }
    }

    /// The oldest position whose outcome is unknown: each one before it is visible or burned.
    fn horizon(&self, cx: &Cx<'_, '_, D>) -> Position {
        if cx.has(&POLL_SKIPS_GAP) {
            return Position(self.durable.sequence.0 + 1);
        }
        if cx.has(&DEAD_GAP_STALLS) {
            return self.durable.log.first_gap();
        }
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
        let letter = |(ordinal, at)| {
            let (event, cause) = (Arc::clone(log.at(at)?), log.cause(at));
            Some(Letter { event, ordinal, cause })
        };
        let limit = cx.settings().projectors.page;
        let page = outbox.ranked(category, after, upto, limit).filter_map(letter).collect();
        cx.send(from, Message::LogPage { after, page });
    }

    /// Reads a page of the events that feed a view, up to the horizon. A page does not end within a
    /// transaction: its reader may show what it has so far.
    fn read_tail(
        &mut self,
        from: NodeId,
        nth: u64,
        (view, after): (ViewId, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let horizon = self.horizon(cx);
        let Durable { log, outbox, .. } = &mut self.durable;
        let category = D::VIEWS[usize::from(view.0)].category;
        let end = outbox.rank(category, horizon);
        let limit = cx.settings().projectors.page as usize;
        let mut page: Vec<Arc<Stored<D::Event>>> = Vec::new();
        for (_, at) in outbox.ranked(category, after, end, u32::MAX) {
            let Some(event) = log.at(at) else { continue };
            let command = event.metadata.id.command;
            let within = page.last().is_some_and(|last| last.metadata.id.command == command);
            if page.len() >= limit && !within {
                break;
            }
            page.push(Arc::clone(event));
        }
        cx.send(from, Message::TailPage { nth, view, after, page, end });
    }

    /// Reads in one statement, so that all slices are consistent with each other.
    fn load(&self, from: NodeId, load: &Load, cx: &mut Cx<'_, '_, D>) {
        let defects = cx.plan().defects;
        let slice = |&(stream, known): &_| self.slice(stream, known, load.schema, defects);
        let slices = load.streams.iter().map(slice).collect();
        let done = self.durable.processed.get(&load.command).cloned();
        let loaded = Loaded { command: load.command, done, slices };
        cx.send(from, Message::Loaded(Box::new(loaded)));
    }

    fn slice(&self, stream: StreamId, known: Version, schema: u16, defects: Defects) -> Slice<D> {
        let log = &self.durable.log;
        let wanted = (!defects.has(&OLD_SNAPSHOT_LOADED)).then_some(schema);
        let mut snapshot = log.snapshot_after(stream, known, wanted);
        if defects.has(&SNAPSHOT_OFF_BY_ONE)
            && let Some((version, _)) = &mut snapshot
        {
            *version = Version(version.0 - 1);
        }
        let after = snapshot.as_ref().map_or(known, |(version, _)| *version);
        let mut tail = log.tail(stream, after);
        if defects.has(&UPCASTER_SKIPPED) {
            tail.iter_mut().for_each(|event| Arc::make_mut(event).metadata.schema = schema);
        }
        let version = tail.last().map_or(after, |event| event.version);
        Slice { stream, version, snapshot, tail, origin: log.origin(stream) }
    }

    /// Takes positions from the sequence and begins a transaction.
    fn append(&mut self, from: NodeId, append: Box<Append<D>>, cx: &mut Cx<'_, '_, D>) {
        assert!(!append.events.is_empty(), "an append has events");
        let first = Position(self.durable.sequence.0 + 1);
        let count = append.events.len() as u32;
        self.durable.sequence.0 += u64::from(count);
        cx.fact(Fact::Allocated { command: append.command, first, count });
        self.begin(from, Work::Append(append, first), cx);
    }

    fn begin(&mut self, from: NodeId, work: Work<D>, cx: &mut Cx<'_, '_, D>) {
        self.durable.last_xid += 1;
        let xid = self.durable.last_xid;
        let wait = wait(&work, cx.settings().store.insert, cx);
        let is_sorted = !cx.has(&LOCKS_UNSORTED);
        let transaction = Transaction::new(from, work, is_sorted, cx.here());
        self.volatile.open.insert(xid, transaction);
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Takes the next step of a transaction.
    fn step(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let Some(transaction) = self.volatile.open.get(&xid) else { return };
        match transaction.phase {
            Phase::Begun => self.insert(xid, cx),
            Phase::Inserted => self.commit(xid, cx),
            Phase::Committed => self.answer(xid, cx),
            Phase::Blocked => {}
        }
    }

    /// Inserts the rows, if the unique keys are free.
    fn insert(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        if self.fails(xid, &CONNECTION_CUT, Abort::ConnectionCut, cx) {
            return;
        }
        let Transaction { work, keys, .. } = &self.volatile.open[&xid];
        let (work, keys) = (Arc::clone(work), keys.clone());
        let command = work.command();
        for key in keys {
            if matches!(key, Key::Stream(_)) && cx.has(&CHECK_THEN_INSERT) {
                continue;
            }
            if let Err(holder) = self.volatile.locks.take(key, xid) {
                if self.volatile.open[&holder].slow {
                    cx.fault_seen(&SLOW_COMMIT);
                }
                let transaction = self.transaction(xid);
                (transaction.phase, transaction.cause) = (Phase::Blocked, cx.here());
                let stream = if let Key::Stream(stream) = key { Some(stream) } else { None };
                let behind = self.volatile.open[&holder].work.command();
                return cx.fact(Fact::Blocked { command, stream, behind });
            }
            // The command's key comes first: a second copy does not wait for streams.
            if matches!(key, Key::Command(_)) && self.durable.processed.contains_key(&command) {
                return self.abort(xid, Abort::AlreadyDone, cx);
            }
        }
        if let Work::Append(append, _) = &*work {
            if let Some(why) = self.stale(append, cx) {
                return self.abort(xid, why, cx);
            }
            cx.fact(Fact::Inserted { command });
        }
        let longer = cx.fault(&SLOW_COMMIT, work.entity());
        let rows = synchronous::extra(&work, cx);
        let base = cx.settings().store.commit + rows + Span::from_micros(longer);
        let wait = wait(&work, base, cx);
        let transaction = self.transaction(xid);
        transaction.phase = Phase::Inserted;
        transaction.slow = longer > 0;
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// The conflict with a stream that is not at the version of the decision, if any.
    fn stale(&self, append: &Append<D>, cx: &Cx<'_, '_, D>) -> Option<Abort> {
        append.expected.iter().enumerate().find_map(|(nth, &(stream, expected))| {
            let is_unchecked = cx.has(&RETRY_WITHOUT_REDECIDE)
                || expected == Version(0) && cx.has(&ZERO_MEANS_ANY)
                || nth > 0 && cx.has(&CONDITION_TOO_NARROW);
            let actual = self.durable.log.version(stream);
            let conflict = Abort::Conflict { stream, expected, actual };
            (actual != expected && !is_unchecked).then_some(conflict)
        })
    }

    /// The versions that the events of an append follow. One that was not checked may be another
    /// than the append expects.
    fn versions(&self, append: &Append<D>) -> Versions {
        append
            .expected
            .iter()
            .map(|&(stream, _)| (stream, self.durable.log.version(stream)))
            .collect()
    }

    fn commit(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        if self.fails(xid, &CONNECTION_CUT, Abort::ConnectionCut, cx)
            || self.fails(xid, &COMMIT_REFUSED, Abort::CommitRefused, cx)
            || self.fails(xid, &SERIALIZATION_FAILURE, Abort::NotSerializable, cx)
        {
            return;
        }
        if self.is_superseded(&self.volatile.open[&xid].work) {
            return self.abort(xid, Abort::Superseded, cx);
        }
        let transaction = self.transaction(xid);
        transaction.phase = Phase::Committed;
        let work = Arc::clone(&transaction.work);
        if let Work::Append(append, first) = &*work {
            cx.fact(Fact::Committed { command: append.command, first: *first });
        }
        let wait = wait(&work, cx.settings().store.visible, cx);
        self.durable.ahead.push_back((xid, cx.here(), work));
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Whether this is of an orchestrator that was restarted since.
    fn is_superseded(&self, work: &Work<D>) -> bool {
        let Work::Append(append, _) = work else { return false };
        self.durable.agenda.is_superseded(append.progress)
    }

    /// Draws a fault that aborts a transaction, and returns whether it did.
    fn fails(
        &mut self,
        xid: Xid,
        fault: &'static Fault,
        why: Abort,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        let fails = cx.fault(fault, self.volatile.open[&xid].work.entity()) > 0;
        if fails {
            self.abort(xid, why, cx);
        }
        fails
    }

    /// Makes visible what was committed, and tells the writer and the relays.
    fn answer(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let Transaction { writer, work, slow, .. } = self.end(xid, cx);
        self.durable.ahead.retain(|(committed, ..)| *committed != xid);
        let answer = work.answer(self.reveal(&work, true, cx));
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

    /// Makes events, outbox rows, the rows of synchronous views, the outcome of the command and the
    /// course of a saga visible together.
    fn reveal(
        &mut self,
        work: &Work<D>,
        with_outbox: bool,
        cx: &mut Cx<'_, '_, D>,
    ) -> AppendReply<D> {
        let (append, first) = match work {
            Work::Append(append, first) => (append, *first),
            Work::Conclude(conclude) => {
                let Conclude { command, verdict, .. } = &**conclude;
                self.durable.processed.insert(*command, verdict.clone());
                cx.fact(Fact::Concluded { command: *command, verdict: verdict.clone() });
                return AppendReply::Concluded(verdict.clone());
            }
        };
        let mut stored = Vec::with_capacity(append.events.len());
        for draft in drafts(append, self.versions(append), first, cx.now()) {
            let mut chain = self.durable.log.chain(draft.stream);
            if cx.has(&CHAIN_NOT_CONTINUED) {
                chain = seal::ORIGIN;
            }
            let event = Arc::new(seal::seal(&chain, draft));
            self.durable.log.append(&event, cx.here());
            if with_outbox {
                self.durable.outbox.add(&event, cx.here());
            }
            cx.fact(Fact::Stored(Arc::clone(&event)));
            if stored.is_empty() || !cx.has(&INLINE_FIRST_ONLY) {
                synchronous::follow(&mut self.durable.tables, &event, cx);
            }
            stored.push(event);
        }
        let primary = append.expected[0].0;
        if let Some(Progress { course, .. }) = append.progress {
            let is_first = stored.iter().any(|event| event.version == Version(1));
            if is_first || course == Course::Over || !cx.has(&OPEN_SAGA_NOT_LISTED) {
                self.durable.agenda.note(primary, course);
            }
        }
        let token = Token { stream: primary, version: self.durable.log.version(primary) };
        match append.command {
            CommandId::Request(_) | CommandId::Effect(_) if !cx.has(&COMMAND_NOT_RECORDED) => {
                self.durable.processed.insert(append.command, CommandOutcome::Accepted(token));
            }
            CommandId::Request(_) | CommandId::Effect(_) | CommandId::Progress { .. } => {}
        }
        AppendReply::Appended(token, stored)
    }

    /// Rolls a transaction back, and tells its writer why unless the connection is cut.
    fn abort(&mut self, xid: Xid, why: Abort, cx: &mut Cx<'_, '_, D>) {
        let Transaction { writer, work, .. } = self.end(xid, cx);
        let (command, first) = (work.command(), work.first());
        cx.fact(Fact::Aborted { command, first, why });
        let (reply, fault) = match why {
            Abort::Conflict { stream, .. } if cx.has(&CONFLICT_SWALLOWED) => {
                let token = Token { stream, version: self.durable.log.version(stream) };
                (AppendReply::Appended(token, Vec::new()), None)
            }
            Abort::Conflict { .. } => (AppendReply::Conflict, None),
            Abort::AlreadyDone => {
                let outcome = self.durable.processed.get(&command).expect("it is recorded");
                (AppendReply::AlreadyDone(outcome.clone()), None)
            }
            Abort::CommitRefused => (AppendReply::CommitRefused, Some(&COMMIT_REFUSED)),
            Abort::NotSerializable => (AppendReply::NotSerializable, Some(&SERIALIZATION_FAILURE)),
            Abort::ConnectionCut => return cx.fault_shows_late(&CONNECTION_CUT, writer),
            // The writer is no more.
            Abort::Superseded => return,
        };
        match fault {
            Some(fault) => cx.send_faulty(fault, writer, work.answer(reply)),
            None => cx.send(writer, work.answer(reply)),
        }
    }

    /// Closes a transaction. The next transactions that wait for its keys continue at once.
    fn end(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) -> Transaction<D> {
        let transaction = self.volatile.open.remove(&xid).expect("only open transactions end");
        for next in self.volatile.locks.free(&transaction.keys, xid) {
            let next_holder = self.transaction(next);
            next_holder.phase = Phase::Begun;
            cx.because(next_holder.cause, |cx| cx.timer(Span::ZERO, Message::StoreStep(next)));
        }
        transaction
    }

    fn transaction(&mut self, xid: Xid) -> &mut Transaction<D> {
        self.volatile.open.get_mut(&xid).expect("an open transaction")
    }
}

/// The time that a step takes: `base` and a drawn extra.
fn wait<D: Domain>(work: &Work<D>, base: Span, cx: &mut Cx<'_, '_, D>) -> Span {
    cx.drawn_span(STORE_STEP, work.entity(), base, cx.settings().store.jitter)
}
