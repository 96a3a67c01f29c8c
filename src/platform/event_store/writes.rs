//! The life of a transaction: inserted, committed, visible, or rolled back.

use std::sync::Arc;

use super::locks::Xid;
use super::tags::tags_of;
use super::transaction::{Key, Phase, Transaction, Versions, Work, drafts};
use super::{EventStore, STORE_STEP, synchronous};
use crate::kernel::{Fault, Instant, NodeId, Span};
use crate::model::{
    Abort, CommandId, CommandOutcome, Domain, Expected, Fact, Position, Token, Version,
};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    ANY_NOT_RECORDED, CHAIN_NOT_CONTINUED, CHECK_THEN_INSERT, COMMAND_NOT_RECORDED,
    CONDITION_TOO_NARROW, CONFLICT_SWALLOWED, INLINE_FIRST_ONLY, LOCKS_UNSORTED,
    OPEN_SAGA_NOT_LISTED, RETRY_WITHOUT_REDECIDE, SUBSCRIBER_INSIDE_APPEND, ZERO_MEANS_ANY,
};
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::platform::message::{Append, AppendReply, Conclude, Course, Message, Progress};
use crate::platform::seal;

impl<D: Domain> EventStore<D> {
    /// Takes positions from the sequence and begins a transaction.
    pub(super) fn append(&mut self, from: NodeId, append: Box<Append<D>>, cx: &mut Cx<'_, '_, D>) {
        assert!(!append.events.is_empty(), "an append has events");
        let first = self.take_positions(&append, cx);
        self.begin(from, Work::Append(append, first), cx);
    }

    fn take_positions(&mut self, append: &Append<D>, cx: &mut Cx<'_, '_, D>) -> Position {
        let first = Position(self.durable.sequence.0 + 1);
        let count = append.events.len() as u32;
        self.durable.sequence.0 += u64::from(count);
        cx.fact(Fact::Allocated { command: append.command, first, count });
        first
    }

    pub(super) fn begin(&mut self, from: NodeId, work: Work<D>, cx: &mut Cx<'_, '_, D>) {
        self.durable.last_xid += 1;
        let xid = self.durable.last_xid;
        let wait = wait(&work, cx.settings().store.insert, cx);
        let is_sorted = !cx.has(&LOCKS_UNSORTED);
        let tags = self.tags_needed(&work, cx);
        let checks = cx.settings().store.checks;
        let begun = (cx.uptime(), cx.here());
        let transaction = Transaction::new(from, work, tags, checks, is_sorted, begun);
        self.volatile.open.insert(xid, transaction);
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Takes the next step of a transaction.
    pub(super) fn step(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
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
        let Transaction { work, keys, tags, .. } = &self.volatile.open[&xid];
        let (work, keys) = (Arc::clone(work), keys.clone().into_iter().chain(tags.clone()));
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
            if matches!(key, Key::Command(_)) && self.durable.processed.has(&command) {
                return self.abort(xid, Abort::AlreadyDone, cx);
            }
        }
        if let Work::Append(append, _) = &*work {
            // An orchestrator that leads no longer is told nothing: it could take the records of the one that leads
            // now for its own, if both were woken by the same timer at the same moment.
            if cx.settings().saga.instances > 1 && self.is_superseded(&work) {
                return self.abort(xid, Abort::Superseded, cx);
            }
            if let Some(why) = self.stale(append, cx).or_else(|| self.unmet(append, cx)) {
                return self.abort(xid, why, cx);
            }
            self.keep_order(xid, cx);
            cx.fact(Fact::Inserted { command });
        }
        let longer = cx.fault(&SLOW_COMMIT, work.entity());
        let rows = self.extra(&work, cx);
        let base = cx.settings().store.commit + rows + Span::from_micros(longer);
        let wait = wait(&work, base, cx);
        let transaction = self.transaction(xid);
        transaction.phase = Phase::Inserted;
        transaction.slow = longer > 0;
        cx.timer(wait, Message::StoreStep(xid));
    }

    /// Takes other positions if an event of a stream has a later one: a transaction that expects no exact version can
    /// have waited for another that took its positions afterwards. The rows of a stream are numbered in the order in
    /// which its lock was held.
    fn keep_order(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let work = Arc::clone(&self.volatile.open[&xid].work);
        let Work::Append(append, first) = &*work else { return };
        let is_later = |&(stream, expected): &_| {
            !matches!(expected, Expected::Exact(_)) && self.durable.log.last(stream) > *first
        };
        if append.expected.iter().any(is_later) {
            let first = self.take_positions(append, cx);
            self.transaction(xid).work = Arc::new(Work::Append(append.clone(), first));
        }
    }

    /// The conflict with a stream that is not as the decision expects it, if any.
    fn stale(&self, append: &Append<D>, cx: &Cx<'_, '_, D>) -> Option<Abort> {
        append.checked(cx.settings().store.checks).find_map(|(nth, (stream, expected))| {
            let is_unchecked = cx.has(&RETRY_WITHOUT_REDECIDE)
                || expected == Expected::Exact(Version(0)) && cx.has(&ZERO_MEANS_ANY)
                || nth > 0 && cx.has(&CONDITION_TOO_NARROW);
            let actual = self.durable.log.version(stream);
            let conflict = Abort::Conflict { stream, expected, actual };
            (!self.is_met((stream, expected), append, cx) && !is_unchecked).then_some(conflict)
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

    /// The tags that a transaction locks.
    fn tags_needed(&self, work: &Work<D>, cx: &Cx<'_, '_, D>) -> Vec<Key> {
        let Work::Append(append, first) = work else { return Vec::new() };
        if D::TAGS.is_empty() {
            return Vec::new();
        }
        let drafts = drafts(append, self.versions(append), *first, Instant::ZERO);
        Self::tag_keys(append, drafts, cx)
    }

    /// How much longer a transaction takes because of the rows of synchronous views that it changes.
    fn extra(&self, work: &Work<D>, cx: &Cx<'_, '_, D>) -> Span {
        match work {
            Work::Append(append, first) => {
                synchronous::extra(append, || self.versions(append), *first, cx)
            }
            Work::Conclude(_) => Span::ZERO,
        }
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
    pub(super) fn is_superseded(&self, work: &Work<D>) -> bool {
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
    pub(super) fn answer(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) {
        let Transaction { writer, work, slow, .. } = self.end(xid, cx);
        self.durable.ahead.retain(|(committed, ..)| *committed != xid);
        let reply = self.reveal(&work, true, cx);
        if let AppendReply::Appended(_, events) = &reply {
            self.note_changes(events, cx);
        }
        let mut answer = work.answer(reply);
        if cx.has(&SUBSCRIBER_INSIDE_APPEND)
            && self.durable.outbox.is_stuck(cx.now(), cx.settings().reply_timeout)
        {
            answer = work.answer(AppendReply::CommitRefused);
        }
        if cx.fault(&COMMIT_REPLY_LOST, work.entity()) > 0 {
            cx.fault_shows_late(&COMMIT_REPLY_LOST, writer);
        } else if slow {
            cx.send_faulty(&SLOW_COMMIT, writer, answer);
        } else {
            cx.send(writer, answer);
        }
        if work.first().is_some() {
            self.notify_relays(cx);
        }
        self.notify(cx);
        self.may_fail_over(work.entity(), cx);
    }

    /// Tells the relays that there are rows to be sent.
    pub(super) fn notify_relays(&self, cx: &mut Cx<'_, '_, D>) {
        for relay in cx.map().relays() {
            cx.send(relay, Message::Notify);
        }
    }

    /// Makes events, outbox rows, the rows of synchronous views, the outcome of the command and the
    /// course of a saga visible together.
    pub(super) fn reveal(
        &mut self,
        work: &Work<D>,
        with_outbox: bool,
        cx: &mut Cx<'_, '_, D>,
    ) -> AppendReply<D> {
        let (append, first) = match work {
            Work::Append(append, first) => (append, *first),
            Work::Conclude(conclude) => {
                let Conclude { command, verdict, .. } = &**conclude;
                self.durable.processed.add(*command, verdict.clone(), cx);
                cx.fact(Fact::Concluded { command: *command, verdict: verdict.clone() });
                self.replicate(*command, cx);
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
            self.filings.extend(self.durable.log.file());
            self.durable.tags.add(event.position, tags_of(&event, cx.domain()));
            if with_outbox {
                self.durable.outbox.add(&event, cx.here());
            }
            cx.fact(Fact::Stored(Arc::clone(&event)));
            self.end_stream(&event, cx);
            self.note_recent(&event, cx);
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
        let last = stored.iter().rfind(|event| event.stream == primary);
        let version = last.map_or_else(|| self.durable.log.version(primary), |last| last.version);
        let token = Token { stream: primary, version };
        match append.command {
            CommandId::Request(_) | CommandId::Effect(_) if !Self::goes_unrecorded(append, cx) => {
                self.durable.processed.add(append.command, CommandOutcome::Accepted(token), cx);
            }
            CommandId::Request(_) | CommandId::Effect(_) | CommandId::Progress { .. } => {}
        }
        self.replicate(append.command, cx);
        AppendReply::Appended(token, stored)
    }

    /// Whether a defect leaves the outcome of a command out.
    fn goes_unrecorded(append: &Append<D>, cx: &Cx<'_, '_, D>) -> bool {
        let is_exact = |(_, expected): &_| matches!(expected, Expected::Exact(_));
        cx.has(&COMMAND_NOT_RECORDED)
            || cx.has(&ANY_NOT_RECORDED) && !append.expected.iter().all(is_exact)
    }

    /// Rolls a transaction back, and tells its writer why unless the connection is cut.
    pub(super) fn abort(&mut self, xid: Xid, why: Abort, cx: &mut Cx<'_, '_, D>) {
        let Transaction { writer, work, .. } = self.end(xid, cx);
        let (command, first) = (work.command(), work.first());
        cx.fact(Fact::Aborted { command, first, why });
        self.notify(cx);
        let (reply, fault) = match why {
            Abort::Conflict { stream, .. } if cx.has(&CONFLICT_SWALLOWED) => {
                let token = Token { stream, version: self.durable.log.version(stream) };
                (AppendReply::Appended(token, Vec::new()), None)
            }
            Abort::Conflict { .. } | Abort::Matched { .. } => (AppendReply::Conflict, None),
            Abort::AlreadyDone => {
                let outcome = self.durable.processed.answer(&command, cx).expect("it is recorded");
                (AppendReply::AlreadyDone(outcome), None)
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
    pub(super) fn end(&mut self, xid: Xid, cx: &mut Cx<'_, '_, D>) -> Transaction<D> {
        let transaction = self.volatile.open.remove(&xid).expect("only open transactions end");
        for next in self.volatile.locks.free(transaction.keys(), xid) {
            let next_holder = self.transaction(next);
            next_holder.phase = Phase::Begun;
            cx.because(next_holder.cause, |cx| cx.timer(Span::ZERO, Message::StoreStep(next)));
        }
        transaction
    }

    pub(super) fn transaction(&mut self, xid: Xid) -> &mut Transaction<D> {
        self.volatile.open.get_mut(&xid).expect("an open transaction")
    }
}

/// The time that a step takes: `base` and a drawn extra.
fn wait<D: Domain>(work: &Work<D>, base: Span, cx: &mut Cx<'_, '_, D>) -> Span {
    cx.drawn_span(STORE_STEP, work.entity(), base, cx.settings().store.jitter)
}
