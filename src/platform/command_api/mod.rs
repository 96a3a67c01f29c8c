//! The command API: loads streams, decides a command on them and appends its events; after a conflict it
//! decides again.
//!
//! An instance is volatile as a whole: a command is either in the store or it is not. The store recognises
//! a resend because it records how every command was settled. A rejection is recorded before it is
//! reported; otherwise another instance could settle a second copy of the command differently. When the
//! store does not answer, it is unknown whether the command took effect, so the instance looks the command
//! up before it does anything else. A customer is answered before their client loses patience: if the command
//! is not settled by then, its outcome is unknown, and the client may send it again.

mod decide;
mod personal;
#[cfg(test)]
mod personal_tests;
mod snapshots;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::collections::SortedMap;
use crate::kernel::{Backoff, Cause, Instant, Jitter, NodeId, Site, Span};
use crate::model::{
    AppendOutcome, CacheKey, CommandId, CommandOutcome, Domain, Fact, Principal, RequestId,
    STREAMS_MAX, Schemas, Stored, ViewId, counted,
};
use crate::platform::capacity::is_overloaded;
use crate::platform::cx::Cx;
use crate::platform::deadlines::{self, Deadlines};
use crate::platform::defects::{
    LATE_ATTEMPT_COUNTS, REFUSED_FROM_MEMORY, STATE_CACHE_KEEPS_UNCOMMITTED,
};
use crate::platform::faults::OVERLOADED;
use crate::platform::fold::Folds;
use crate::platform::message::{AppendReply, Load, Loaded, Message, Provenance, Slice};
use crate::platform::schema;
use crate::platform::settings::StoreReads;
use personal::{Erasure, Said};
use snapshots::changed;

/// The jitter of the back-off, in microseconds.
pub(crate) const API_BACKOFF: Site = Site::new(21, "api.backoff");

/// A command API instance.
#[derive(Clone, Debug)]
pub(crate) struct CommandApi<D: Domain> {
    volatile: Volatile<D>,
}

/// Lost in a crash.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    pending: SortedMap<CommandId, Pending<D>>,
    deadlines: Deadlines<CommandId>,
    /// How many transactions it has sent.
    transactions: u32,
    folds: Folds<D>,
    /// The schema of new events, once a command has come.
    schema: Option<u16>,
    /// Requests for erasure.
    erasures: SortedMap<RequestId, Erasure>,
}

/// A pending command.
#[derive(Clone, Debug)]
struct Pending<D: Domain> {
    reply_to: NodeId,
    provenance: Provenance,
    body: Box<D::Command>,
    said: Said,
    /// Whether streams have to be read from the primary, because a decision on what a replica showed does not count.
    fresh: bool,
    /// How often it was decided.
    attempt: u32,
    /// The number of its last transaction. It is of no other: an answered command that is sent again begins anew,
    /// and late answers to its earlier transactions may still come.
    transaction: u32,
    /// How often the store did not answer or could not commit.
    setbacks: u32,
    doing: Doing,
    /// When a customer must have an answer, by this node's uptime. Sagas wait.
    until: Option<Instant>,
}

/// What a command waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// The streams, or the sealed personal data.
    Loading,
    /// The outcome of a transaction; without an answer it is unknown.
    Appending,
    /// The end of a back-off.
    Pausing,
}

impl<D: Domain> CommandApi<D> {
    pub(crate) fn new() -> Self {
        Self {
            volatile: Volatile {
                pending: SortedMap::new(),
                deadlines: Deadlines::default(),
                transactions: 0,
                folds: Folds::default(),
                schema: None,
                erasures: SortedMap::new(),
            },
        }
    }

    /// Loses all state. Clients send unanswered requests again.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        if self.is_idle() {
            return None;
        }
        let commands = counted(self.volatile.pending.len() as u64, "command");
        match self.volatile.erasures.len() as u64 {
            0 => Some(format!("{commands} pending")),
            erasures => Some(format!("{commands} and {} pending", counted(erasures, "erasure"))),
        }
    }

    /// The number of requests that are not answered yet.
    pub(crate) fn in_hand(&self) -> usize {
        self.volatile.pending.len() + self.volatile.erasures.len()
    }

    /// Whether no work is pending.
    pub(crate) fn is_idle(&self) -> bool {
        self.volatile.pending.is_empty() && self.volatile.erasures.is_empty()
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        self.deploy(cx);
        match message {
            Message::Command { id, provenance, body } => {
                self.begin(id, from, provenance, body, Said::Nothing, cx);
            }
            Message::PersonalCommand { request, body, said } => {
                let id = CommandId::Request(request);
                let actor = Principal::Customer(request.customer);
                let provenance = Provenance { correlation: id, causation: None, actor };
                self.begin(id, from, provenance, body, Said::Plain(request, said), cx);
            }
            Message::Sealed { request, personal } => self.sealed(request, personal, cx),
            Message::Erase { request } => self.begin_erasure(request, from, cx),
            Message::Destroyed { request } => self.erased(request, cx),
            Message::Loaded(loaded) => self.loaded(*loaded, cx),
            Message::AppendReply { command, number, reply } => {
                self.appended(command, number, *reply, cx);
            }
            Message::Tick => {
                for (command, cause) in self.volatile.deadlines.take_due(cx) {
                    cx.because(cause, |cx| self.overdue(command, cx));
                }
            }
            other => unreachable!("a command API does not take {other:?}"),
        }
    }

    /// Notices a deploy. A deploy is a restart, so folded streams are dropped.
    fn deploy(&mut self, cx: &mut Cx<'_, '_, D>) {
        if cx.settings().schema.deploy.is_none() {
            return;
        }
        let schema = schema::written(cx);
        if self.volatile.schema != Some(schema) {
            self.volatile.schema = Some(schema);
            self.volatile.folds = Folds::default();
            // Nothing that was sent here led to it.
            cx.because(Cause::START, |cx| cx.fact(Fact::Deployed { schema }));
        }
    }

    fn begin(
        &mut self,
        id: CommandId,
        reply_to: NodeId,
        provenance: Provenance,
        body: Box<D::Command>,
        said: Said,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if let CommandId::Request(request) = id
            && is_overloaded(&OVERLOADED, request, reply_to, cx)
        {
            return;
        }
        // The answer to a pending command also answers its resend.
        if !self.volatile.pending.contains_key(&id) {
            let (attempt, transaction, setbacks, doing) = (0, 0, 0, Doing::Loading);
            let within = deadlines::left(cx.settings().clients.patience, cx);
            let until = matches!(id, CommandId::Request(_)).then(|| cx.uptime() + within);
            let new = Pending {
                reply_to,
                provenance,
                body,
                said,
                fresh: cx.settings().store.reads == StoreReads::Primary,
                attempt,
                transaction,
                setbacks,
                doing,
                until,
            };
            self.volatile.pending.insert(id, new);
            self.load(id, cx);
        }
    }

    /// Loads the streams of a command, after its personal data is sealed.
    fn load(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        pending.doing = Doing::Loading;
        if let Said::Plain(request, said) = &pending.said {
            let (request, said) = (*request, said.clone());
            return self.seal(request, said, cx);
        }
        if cx.has(&REFUSED_FROM_MEMORY) && self.refuses_from_memory(command, cx) {
            return self.decide(command, &[], cx);
        }
        let streams = cx.domain().streams(&self.volatile.pending[&command].body);
        let known = |stream| (stream, self.volatile.folds.version(stream));
        let streams = streams.into_iter().map(known).collect();
        let queries = cx
            .domain()
            .models(&self.volatile.pending[&command].body)
            .iter()
            .map(|model| model.query)
            .collect();
        let fresh = self.volatile.pending[&command].fresh;
        let load = Load { command, schema: D::Schemas::SCHEMA, streams, queries, fresh };
        self.await_answer(command, cx);
        cx.send(cx.map().store(), Message::Load(Box::new(load)));
    }

    /// Sets the deadline for the answer of the node that is asked.
    fn await_answer(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        self.wait(command, cx.settings().reply_timeout, cx);
    }

    /// Waits for this long, but not longer than the customer.
    fn wait(&mut self, command: CommandId, span: Span, cx: &mut Cx<'_, '_, D>) {
        let until = self.volatile.pending.get(&command).and_then(|pending| pending.until);
        let span = until.map_or(span, |until| span.min(until.since(cx.uptime())));
        self.volatile.deadlines.set(command, span, cx);
    }

    /// The store or the key store did not answer, or a back-off has ended.
    fn overdue(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        if let CommandId::Request(request) = command
            && self.volatile.erasures.contains_key(&request)
        {
            return self.erasure_overdue(request, cx);
        }
        let Some(pending) = self.volatile.pending.get(&command) else { return };
        let doing = pending.doing;
        let late = pending.until.is_some_and(|until| until <= cx.uptime());
        if doing == Doing::Appending {
            cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Unknown });
        }
        match doing {
            _ if late => self.reply(command, CommandOutcome::Unknown, cx),
            Doing::Loading | Doing::Appending => self.pause(command, cx),
            Doing::Pausing => self.load(command, cx),
        }
    }

    /// Backs off before the command is looked up again, or gives up. Jitter keeps commands that failed
    /// together from coming back together.
    fn pause(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        let settings = cx.settings();
        if pending.setbacks >= settings.retries {
            return self.reply(command, CommandOutcome::Unknown, cx);
        }
        let setbacks = pending.setbacks;
        pending.setbacks += 1;
        pending.doing = Doing::Pausing;
        let backoff = Backoff::capped(settings.backoff, settings.reply_timeout);
        let draw = |space| cx.draw(API_BACKOFF, command.entity(), space);
        let pause = backoff.drawn(setbacks, Jitter::Full, draw);
        self.wait(command, pause, cx);
    }

    /// Loads and decides again, up to the limit.
    fn again(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        pending.fresh = true;
        if pending.attempt > cx.settings().retries {
            self.reply(command, CommandOutcome::Unknown, cx);
        } else {
            self.load(command, cx);
        }
    }

    /// Folds the slices that were read. A stream whose tail is as long as the snapshot interval gets a new
    /// snapshot: the old one was lost, or is of an older schema.
    ///
    /// Returns whether all streams are folded up to the end of their slices. If a fold on which a slice
    /// builds was dropped meanwhile, the stream must be loaded again.
    fn take_in(&mut self, slices: Vec<Slice<D>>, cx: &mut Cx<'_, '_, D>) -> bool {
        let every = cx.settings().snapshot_every as usize;
        type Few<T> = ArrayVec<T, STREAMS_MAX>;
        let restoring: Few<_> = slices.iter().filter_map(Slice::restoring).collect();
        let is_long = |slice: &&Slice<D>| every > 0 && slice.tail.len() >= every;
        let long: Few<_> = slices.iter().filter(is_long).map(|slice| slice.stream).collect();
        let ends: Few<_> = slices.iter().map(|slice| (slice.stream, slice.version)).collect();
        let folds = &mut self.volatile.folds;
        folds.take_in(slices, cx.domain(), cx.settings().folds_kept);
        if ends.iter().any(|&(stream, end)| folds.version(stream) < end) {
            return false;
        }
        for fact in restoring.iter().filter_map(|from| folds.restored(from)) {
            cx.fact(fact);
        }
        for stream in long {
            self.save_snapshot(stream, cx);
        }
        true
    }

    fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let command = loaded.command;
        let whole = self.take_in(loaded.slices, cx);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        let is_older = pending.fresh && !loaded.fresh;
        if pending.doing != Doing::Loading || matches!(pending.said, Said::Plain(..)) || is_older {
            return; // an answer to an earlier request
        }
        if let Some(verdict) = loaded.done {
            cx.fact(Fact::Recognised { command, body: (*pending.body).clone() });
            return self.reply(command, verdict, cx);
        }
        if !whole {
            return self.load(command, cx);
        }
        self.decide(command, &loaded.matches, cx);
    }

    /// Handles the outcome of a transaction. How the command was settled holds whenever the answer
    /// arrives. That one failed matters only while the command still waits for it.
    fn appended(
        &mut self,
        command: CommandId,
        number: u32,
        reply: AppendReply<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get(&command) else { return };
        let awaited = pending.doing == Doing::Appending && pending.transaction == number;
        let outcome = match reply {
            AppendReply::Concluded(_) => None,
            AppendReply::Appended(..) => Some(AppendOutcome::Appended),
            AppendReply::AlreadyDone(_) => Some(AppendOutcome::AlreadyDone),
            _ if !awaited && !cx.has(&LATE_ATTEMPT_COUNTS) => return,
            AppendReply::Conflict => Some(AppendOutcome::Conflict),
            AppendReply::NotSerializable => Some(AppendOutcome::NotSerializable),
            AppendReply::CommitRefused => Some(AppendOutcome::CommitRefused),
        };
        if let Some(outcome) = outcome {
            cx.fact(Fact::Acknowledged { command, outcome });
        }
        let has_failed = matches!(
            reply,
            AppendReply::Conflict | AppendReply::NotSerializable | AppendReply::CommitRefused
        );
        if has_failed && cx.has(&STATE_CACHE_KEEPS_UNCOMMITTED) {
            self.keep_uncommitted(command, cx);
        }
        match reply {
            AppendReply::Appended(token, events) => {
                self.pin(&events, cx);
                let changed = changed(&events, cx);
                let (slices, most) = (in_slices(events), cx.settings().folds_kept);
                let grown = self.volatile.folds.take_in(slices, cx.domain(), most);
                self.save_snapshots(&grown, &changed, cx);
                self.reply(command, CommandOutcome::Accepted(token), cx);
            }
            AppendReply::Concluded(verdict) | AppendReply::AlreadyDone(verdict) => {
                self.reply(command, verdict, cx);
            }
            AppendReply::Conflict | AppendReply::NotSerializable => self.again(command, cx),
            AppendReply::CommitRefused => self.pause(command, cx),
        }
    }

    /// Sends new events to the cache, which puts them beside the rows in which their customers look for
    /// them.
    fn pin(&self, events: &[Arc<Stored<D::Event>>], cx: &mut Cx<'_, '_, D>) {
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
            if !view.is_pinned() {
                continue;
            }
            for event in events.iter().filter(|event| event.stream.category == view.category) {
                for row in schema::rows(cx.domain(), id, event) {
                    let key = CacheKey::Row(id, row);
                    cx.send(cx.map().cache(), Message::CachePin { key, event: event.clone() });
                }
            }
        }
    }

    fn reply(&mut self, id: CommandId, verdict: CommandOutcome<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(pending) = self.volatile.pending.remove(&id) {
            self.volatile.deadlines.clear(id);
            cx.fact(Fact::Answered { command: id, verdict: verdict.clone() });
            cx.send(pending.reply_to, Message::CommandReply { id, verdict });
        }
    }
}

/// The events of one append as slices, one for each stream.
fn in_slices<D: Domain>(events: Vec<Arc<Stored<D::Event>>>) -> Vec<Slice<D>> {
    let mut slices: Vec<Slice<D>> = Vec::new();
    for event in events {
        match slices.iter_mut().find(|slice| slice.stream == event.stream) {
            Some(slice) => {
                slice.version = event.version;
                slice.origin = Some((event.metadata.correlation, event.metadata.id));
                slice.tail.push(event);
            }
            None => slices.push(Slice {
                stream: event.stream,
                version: event.version,
                snapshot: None,
                origin: Some((event.metadata.correlation, event.metadata.id)),
                tail: vec![event],
            }),
        }
    }
    slices
}
