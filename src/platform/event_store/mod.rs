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
mod ends;
mod lock_waits;
mod locks;
mod log;
mod notices;
mod outbox;
mod reads;
mod records;
mod replica;
mod retention;
mod sent;
mod standby;
mod synchronous;
mod tags;
mod transaction;
mod writes;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::collections::SortedMap;
use crate::kernel::{Cause, Entity, Instant, NodeId, Site};
use crate::model::{Domain, Events, Fact, Filing, Position, Snapshot, ViewId, counted};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    MARK_CROSSES_IN_FLIGHT, OLDER_SNAPSHOT_WINS, PUBLISH_WITHOUT_OUTBOX, TAKEOVER_NOT_FENCED,
};
use crate::platform::faults::LEASE_LAPSED;
use crate::platform::listeners::Listeners;
use crate::platform::message::{Message, SagaPage};
use crate::platform::rows::Rows;
use agenda::Agenda;
pub(crate) use describe::{Reader, Surroundings};
pub(crate) use lock_waits::LockWait;
use locks::{Locks, Xid};
use log::Log;
use outbox::Outbox;
use records::Records;
use replica::Recent;
pub(crate) use replica::STORE_REPLICA;
use standby::Standby;
use tags::TagIndex;
pub(crate) use transaction::Key as LockKey;
use transaction::{Transaction, Work};

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
    /// What it can go back to; none unless a run can need it.
    standby: Option<Box<Standby<D>>>,
    /// Pages of the log that were filed, and that others may share.
    filings: Vec<Filing<D::Event>>,
}

/// What survives a crash.
#[derive(Clone, Debug)]
struct Durable<D: Domain> {
    log: Log<D>,
    outbox: Outbox<D>,
    /// The last position that was taken from the sequence.
    sequence: Position,
    agenda: Agenda,
    tags: TagIndex,
    last_xid: Xid,
    /// The rows of each view; empty for views that are kept elsewhere.
    tables: Vec<Rows<D>>,
    /// The outcome of each command.
    processed: Records<D>,
    /// What is committed and not yet visible, in order of the commits.
    ahead: VecDeque<(Xid, Cause, Arc<Work<D>>)>,
    /// What the replicas that readers are answered from may lack.
    recent: Recent,
    /// How often the store has gone back to an earlier state.
    timeline: u32,
    /// The moment to which it went back, until the sagas are reconciled with what services have done since.
    lost_since: Option<Instant>,
}

/// What a crash loses: the open transactions and their locks, and who listens.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    open: SortedMap<Xid, Transaction<D>>,
    locks: Locks,
    listeners: Listeners,
}

impl<D: Domain> EventStore<D> {
    pub(crate) fn new() -> Self {
        Self {
            durable: Durable {
                log: Log::new(),
                outbox: Outbox::new(),
                sequence: Position(0),
                agenda: Agenda::default(),
                tags: TagIndex::default(),
                last_xid: 0,
                tables: D::VIEWS.iter().map(|_| Rows::default()).collect(),
                processed: Records::default(),
                ahead: VecDeque::new(),
                recent: Recent::default(),
                timeline: 0,
                lost_since: None,
            },
            volatile: Volatile {
                open: SortedMap::new(),
                locks: Locks::default(),
                listeners: Listeners::default(),
            },
            standby: None,
            filings: Vec::new(),
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
    pub(crate) const fn events(&self) -> &Events<D::Event> {
        self.durable.log.events()
    }

    /// The pages of old events that were filed since the last time.
    pub(crate) fn filings(&mut self) -> impl Iterator<Item = Filing<D::Event>> {
        self.filings.drain(..)
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

    /// Gives the lease of the sagas to an orchestrator that asks for it, unless another one has it.
    fn lead(&mut self, from: NodeId, asked: Instant, afresh: bool, cx: &mut Cx<'_, '_, D>) {
        let lasts = (cx.uptime(), cx.uptime() + cx.settings().saga.lease);
        let agenda = &mut self.durable.agenda;
        let mut round = agenda.lead(from, afresh, lasts);
        if round.is_none() && cx.fault(&LEASE_LAPSED, Entity::default()) > 0 {
            agenda.end_lease();
            round = agenda.lead(from, afresh, lasts);
            cx.fault_seen(&LEASE_LAPSED);
        }
        if round.is_some_and(|round| round >= lasts.0) {
            cx.fact(Fact::LeaderChosen { by: from });
        }
        cx.send(from, Message::Leads { asked, round });
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        self.clean(cx);
        match message {
            Message::Load(load) => self.load(from, &load, cx),
            Message::Append(append) => self.append(from, append, cx),
            Message::Recall { request, stream, as_of, schema, fresh } => {
                self.recall(from, (request, fresh), (stream, as_of, schema), cx);
            }
            Message::Conclude(conclude) => self.begin(from, Work::Conclude(conclude), cx),
            Message::StoreStep(xid) => self.step(xid, cx),
            Message::SaveSnapshot { stream, version, schema, state } => {
                let snapshot = Snapshot { stream, version, schema, state: (*state).clone() };
                let ages = cx.settings().store.retention.snapshots.map(|_| cx.now());
                if self.durable.log.save_snapshot(snapshot, ages, cx.has(&OLDER_SNAPSHOT_WINS)) {
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
                let loss = self.loss();
                let page = Box::new(SagaPage { sagas, more, loss });
                cx.send(from, Message::SagasListed { round, after, page });
            }
            Message::Lead { asked, afresh } => self.lead(from, asked, afresh, cx),
            Message::Fetch { fence } => {
                let horizon = self.horizon(cx);
                self.durable.outbox.fetch(from, fence, horizon, cx);
            }
            Message::ReadLog { category, after, upto } => {
                self.read_log(from, category, (after, upto), cx);
            }
            Message::ReadTail { nth, fresh, view, after } => {
                self.read_tail(from, (nth, fresh), (view, after), cx);
            }
            Message::Read { request, nth, view, key } => {
                let copy = self.durable.tables[usize::from(view.0)].copy(key);
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::Listen { channel, on } => self.volatile.listeners.listen(from, channel, on),
            Message::RestoreStore { nth, to } => self.restore(from, nth, to, cx),
            Message::Reconciled { timeline } => self.reconciled(timeline),
            Message::SendAgain { nth, since } => {
                if let Some(rows) = self.durable.outbox.send_again(nth, since, cx.here()) {
                    cx.fact(Fact::SentAgain { since, rows });
                    self.notify_relays(cx);
                }
                cx.send(from, Message::SentAgain { nth });
            }
            Message::Mark { fence, mut upto } => {
                if cx.has(&MARK_CROSSES_IN_FLIGHT) {
                    upto = upto.max(Position(self.horizon(cx).0 - 1));
                }
                self.durable.outbox.mark(from, fence, upto, cx);
            }
            other => unreachable!("the event store does not take {other:?}"),
        }
    }
}
