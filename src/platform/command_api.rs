//! The command API: load, decide, append; and decide again when somebody else was faster.
//!
//! An instance owns nothing that a crash could take: a command is safe in the store or it is not. A
//! resend is recognised by the store, which knows how every command was settled: a refusal is put on
//! record before anybody is told, so that another instance that has the same command from the same
//! client does not say something else. When the store does not answer, nobody knows whether anything
//! took effect, so it is asked for the command before anything else is tried.
//!
//! What a customer says of themselves is sealed by the vault before a command is even looked up, and put
//! into its events when they are decided. A wish to be forgotten is passed on to the vault until the
//! vault has answered.

use crate::collections::SortedMap;

use arrayvec::ArrayVec;

use crate::kernel::{Backoff, Jitter, NodeId, Site};
use crate::model::{
    AppendOutcome, CacheKey, CommandId, CommandOutcome, Domain, Fact, Folded, Personal, Plain,
    Principal, Privacy, RequestId, STREAMS_MAX, Schemas, Stored, StreamId, Token, Version, ViewId,
};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::fold::Folds;
use crate::platform::message::{
    Append, AppendReply, Conclude, Load, Loaded, Message, Provenance, Slice,
};
use crate::platform::schema;

/// How much longer than it has to an instance pauses before it asks again, in microseconds.
pub(crate) const API_BACKOFF: Site = Site::new(21, "api.backoff");

/// A command API instance.
#[derive(Clone, Debug)]
pub(crate) struct CommandApi<D: Domain> {
    volatile: Volatile<D>,
}

/// What a crash takes: everything.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    pending: SortedMap<CommandId, Pending<D>>,
    deadlines: Deadlines<CommandId>,
    folds: Folds<D>,
    /// The schema that is written; none before the first command.
    schema: Option<u16>,
    /// Who waits to hear that they are forgotten.
    erasures: SortedMap<RequestId, NodeId>,
}

impl<D: Domain> Default for Volatile<D> {
    fn default() -> Self {
        Self {
            pending: SortedMap::new(),
            deadlines: Deadlines::default(),
            folds: Folds::default(),
            schema: None,
            erasures: SortedMap::new(),
        }
    }
}

/// A command being worked on.
#[derive(Clone, Debug)]
struct Pending<D: Domain> {
    reply_to: NodeId,
    provenance: Provenance,
    body: Box<D::Command>,
    said: Said,
    /// How often it was decided.
    attempt: u32,
    /// How often the store was of no help: it was silent, or could not commit.
    setbacks: u32,
    doing: Doing,
}

/// What an instance waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    /// What the store has read.
    Loading,
    /// What became of a transaction; silence means unknown.
    Appending,
    /// Time to pass before the store is asked again.
    Pausing,
}

/// What a customer says of themselves along with a command.
#[derive(Clone, Debug)]
enum Said {
    Nothing,
    /// To be sealed before anything else.
    Plain(RequestId, Plain),
    /// What may be kept of it.
    Kept(Personal),
}

impl<D: Domain> CommandApi<D> {
    pub(crate) fn new() -> Self {
        Self { volatile: Volatile::default() }
    }

    /// The process dies. Clients send again what is not answered.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::default();
    }

    /// There is nothing to do: nobody is remembered.
    #[expect(clippy::unused_self, reason = "every node that crashes recovers")]
    pub(crate) fn recover(&mut self, _: &mut Cx<'_, '_, D>) {}

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let (count, erasures) = (self.volatile.pending.len(), self.volatile.erasures.len());
        let forgetting = match erasures {
            0 => String::new(),
            _ => format!(", {erasures} to be forgotten"),
        };
        (count + erasures > 0).then(|| format!("{count} commands under way{forgetting}"))
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        self.deploy(cx);
        match message {
            Message::Command { id, provenance, body } => {
                self.begin(id, from, provenance, body, Said::Nothing, cx);
            }
            Message::PersonalCommand { request, body, plain } => {
                let id = CommandId::Request(request);
                let actor = Principal::Customer(request.customer);
                let provenance = Provenance { correlation: id, causation: None, actor };
                self.begin(id, from, provenance, body, Said::Plain(request, plain), cx);
            }
            Message::Sealed { request, personal } => self.sealed(request, personal, cx),
            Message::Erase { request } => {
                self.volatile.erasures.insert(request, from);
                self.erase(request, cx);
            }
            Message::Destroyed { request } => {
                if let Some(customers) = self.volatile.erasures.remove(&request) {
                    self.volatile.deadlines.clear(CommandId::Request(request));
                    cx.send(customers, Message::EraseReply { request });
                }
            }
            Message::Loaded(loaded) => self.loaded(*loaded, cx),
            Message::AppendReply { command, attempt, reply } => {
                self.appended(command, attempt, *reply, cx);
            }
            Message::Tick => {
                for command in self.volatile.deadlines.take_due(cx) {
                    self.overdue(command, cx);
                }
            }
            other => unreachable!("a command API does not take {other:?}"),
        }
    }

    /// A deploy is a restart: what was known of streams is forgotten.
    fn deploy(&mut self, cx: &mut Cx<'_, '_, D>) {
        if cx.settings().schema.deploy.is_none() {
            return;
        }
        let schema = schema::written(cx);
        if self.volatile.schema != Some(schema) {
            self.volatile.schema = Some(schema);
            self.volatile.folds = Folds::default();
            cx.fact(Fact::Deployed { schema });
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
        // A resend of what is under way is answered when that is done.
        if !self.volatile.pending.contains_key(&id) {
            let (attempt, setbacks, doing) = (0, 0, Doing::Loading);
            let fresh = Pending { reply_to, provenance, body, said, attempt, setbacks, doing };
            self.volatile.pending.insert(id, fresh);
            self.load(id, cx);
        }
    }

    /// Has what the customer says of themselves sealed, if that is still to be done; then loads.
    fn load(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        pending.doing = Doing::Loading;
        if let Said::Plain(request, plain) = &pending.said {
            let seal = Message::Seal { request: *request, plain: plain.clone() };
            self.volatile.deadlines.set(command, cx.settings().reply_timeout, cx);
            cx.send(cx.map().key_store(), seal);
            return;
        }
        let streams = cx.domain().streams(&pending.body);
        let known = |stream| (stream, self.volatile.folds.version(stream));
        let streams = streams.into_iter().map(known).collect();
        let load = Load { command, schema: D::Schemas::SCHEMA, streams };
        self.volatile.deadlines.set(command, cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Load(Box::new(load)));
    }

    fn sealed(&mut self, request: RequestId, personal: Personal, cx: &mut Cx<'_, '_, D>) {
        let command = CommandId::Request(request);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        if let Said::Plain(..) = pending.said {
            pending.said = Said::Kept(personal);
            self.load(command, cx);
        }
    }

    /// Asks the vault to destroy a customer's key.
    fn erase(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        self.volatile.deadlines.set(CommandId::Request(request), cx.settings().reply_timeout, cx);
        cx.send(cx.map().key_store(), Message::Destroy { request });
    }

    /// The store or the vault is silent, or a pause is over: whether anything took effect has to be
    /// looked up.
    fn overdue(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        if let CommandId::Request(request) = command
            && self.volatile.erasures.contains_key(&request)
        {
            self.erase(request, cx);
            return;
        }
        let Some(pending) = self.volatile.pending.get(&command) else { return };
        match pending.doing {
            Doing::Loading => self.pause(command, cx),
            Doing::Appending => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Unknown });
                self.pause(command, cx);
            }
            Doing::Pausing => self.load(command, cx),
        }
    }

    /// Gives the store time, twice as long as before, unless it had enough. Chance keeps those who met
    /// the same trouble from coming back all at once.
    fn pause(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        let settings = cx.settings();
        if pending.setbacks >= settings.retries {
            self.reply(command, CommandOutcome::Unknown, cx);
            return;
        }
        let setbacks = pending.setbacks;
        pending.setbacks += 1;
        pending.doing = Doing::Pausing;
        let backoff = Backoff::capped(settings.backoff, settings.reply_timeout);
        let draw = |space| cx.draw(API_BACKOFF, command.entity(), space);
        let pause = backoff.drawn(setbacks, Jitter::Full, draw);
        self.volatile.deadlines.set(command, pause, cx);
    }

    /// Loads and decides again, unless it was tried too often.
    fn again(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        if self.volatile.pending[&command].attempt > cx.settings().retries {
            self.reply(command, CommandOutcome::Unknown, cx);
        } else {
            self.load(command, cx);
        }
    }

    /// Takes in what was loaded. A stream that had to be read from further back than a snapshot should
    /// be gets a new one: the old one was lost, or is of an older schema.
    ///
    /// Whether all of it could be taken in: what a slice follows may have been forgotten meanwhile, and
    /// then nothing can be decided on it.
    fn take_in(&mut self, slices: Vec<Slice<D>>, cx: &mut Cx<'_, '_, D>) -> bool {
        let every = cx.settings().snapshot_every as usize;
        let is_long = |slice: &&Slice<D>| every > 0 && slice.tail.len() >= every;
        let restoring: ArrayVec<_, STREAMS_MAX> =
            slices.iter().filter_map(Slice::restoring).collect();
        let long: ArrayVec<StreamId, STREAMS_MAX> =
            slices.iter().filter(is_long).map(|slice| slice.stream).collect();
        let ends: ArrayVec<(StreamId, Version), STREAMS_MAX> =
            slices.iter().map(|slice| (slice.stream, slice.version)).collect();
        self.volatile.folds.take_in(slices, cx.domain());
        let folds = &self.volatile.folds;
        if ends.iter().any(|&(stream, end)| folds.version(stream) < end) {
            return false;
        }
        for fact in restoring.iter().filter_map(|from| self.volatile.folds.restored(from)) {
            cx.fact(fact);
        }
        for stream in long {
            let (_, version, state) = self.volatile.folds.get(stream, cx.domain());
            self.save_snapshot(stream, version, &state, cx);
        }
        true
    }

    fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let command = loaded.command;
        let whole = self.take_in(loaded.slices, cx);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        match pending.doing {
            Doing::Loading => {}
            Doing::Appending | Doing::Pausing => return, // an answer to an earlier question
        }
        if let Said::Plain(..) = pending.said {
            return;
        }
        if let Some(verdict) = loaded.done {
            cx.fact(Fact::Recognised { command, body: (*pending.body).clone() });
            self.reply(command, verdict, cx);
            return;
        }
        if !whole {
            self.load(command, cx);
            return;
        }
        pending.attempt += 1;
        let attempt = pending.attempt;
        let streams: ArrayVec<_, STREAMS_MAX> = cx
            .domain()
            .streams(&pending.body)
            .into_iter()
            .map(|stream| self.volatile.folds.get(stream, cx.domain()))
            .collect();
        let body = (*pending.body).clone();
        let now = cx.now();
        let decision = cx.domain().decide(&Folded { streams: &streams }, &body, now);
        let message = match decision {
            Err(rejection) => {
                let verdict = CommandOutcome::Refused(rejection.clone());
                cx.fact(Fact::Refused { command, body, attempt, rejection });
                Message::Conclude(Box::new(Conclude { command, attempt, verdict }))
            }
            Ok(events) if events.is_empty() => {
                cx.fact(Fact::Decided { command, body, attempt, events });
                let (stream, version, _) = streams[0];
                let verdict = CommandOutcome::Accepted(Token { stream, version });
                Message::Conclude(Box::new(Conclude { command, attempt, verdict }))
            }
            Ok(mut events) => {
                if let Said::Kept(personal) = &pending.said {
                    events
                        .iter_mut()
                        .for_each(|(_, event)| D::Privacy::keep(cx.domain(), event, personal));
                }
                let schema = schema::written(cx);
                let append = Append {
                    command,
                    attempt,
                    provenance: pending.provenance,
                    decided_at: now,
                    schema,
                    expected: streams
                        .iter()
                        .map(|(stream, version, _)| (*stream, *version))
                        .collect(),
                    events: schema::downcast(cx.domain(), schema, events.clone()),
                    course: None,
                };
                cx.fact(Fact::Decided { command, body, attempt, events });
                Message::Append(Box::new(append))
            }
        };
        pending.doing = Doing::Appending;
        self.volatile.deadlines.set(command, cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), message);
    }

    /// How a command was settled is true whenever it is heard. That an attempt came to nothing is of
    /// interest only to who still waits for that attempt.
    fn appended(
        &mut self,
        command: CommandId,
        attempt: u32,
        reply: AppendReply<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get(&command) else { return };
        let awaited = pending.doing == Doing::Appending && pending.attempt == attempt;
        match reply {
            AppendReply::Appended(token, events) => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Appended });
                self.pin(&events, cx);
                let slices = in_slices(events);
                let saved = self.volatile.folds.take_in(slices, cx.domain());
                self.save_snapshots(&saved, cx);
                self.reply(command, CommandOutcome::Accepted(token), cx);
            }
            AppendReply::Concluded(verdict) => self.reply(command, verdict, cx),
            AppendReply::AlreadyDone(verdict) => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::AlreadyDone });
                self.reply(command, verdict, cx);
            }
            AppendReply::Conflict if awaited => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Conflict });
                self.again(command, cx);
            }
            AppendReply::NotSerializable if awaited => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::NotSerializable });
                self.again(command, cx);
            }
            AppendReply::CommitRefused if awaited => {
                cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::CommitRefused });
                self.pause(command, cx);
            }
            AppendReply::Conflict | AppendReply::NotSerializable | AppendReply::CommitRefused => {}
        }
    }

    /// Hands new events to the cache, beside the rows in which their customers will look for them.
    fn pin(&self, events: &[std::sync::Arc<Stored<D::Event>>], cx: &mut Cx<'_, '_, D>) {
        for (view, nth) in D::VIEWS.iter().zip(0..) {
            if !view.pinned || !view.has_projector() {
                continue;
            }
            for event in events.iter().filter(|event| event.stream.category == view.category) {
                for row in schema::rows(cx.domain(), ViewId(nth), event) {
                    let key = CacheKey::Row(ViewId(nth), row);
                    cx.send(cx.map().cache(), Message::CachePin { key, event: event.clone() });
                }
            }
        }
    }

    /// Saves a snapshot of every stream that has just passed a multiple of the interval.
    fn save_snapshots(&self, grown: &[(StreamId, Version, Version)], cx: &mut Cx<'_, '_, D>) {
        let every = cx.settings().snapshot_every;
        for &(stream, before, after) in grown {
            if every == 0 || before.0 / every == after.0 / every {
                continue;
            }
            let (_, version, state) = self.volatile.folds.get(stream, cx.domain());
            self.save_snapshot(stream, version, &state, cx);
        }
    }

    fn save_snapshot(
        &self,
        stream: StreamId,
        version: Version,
        state: &D::State,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let schema = schema::written(cx);
        let state = Box::new(match schema {
            newest if newest == D::Schemas::SCHEMA => state.clone(),
            older => D::Schemas::downcast_state(cx.domain(), older, state),
        });
        cx.send(cx.map().store(), Message::SaveSnapshot { stream, version, schema, state });
    }

    fn reply(&mut self, id: CommandId, verdict: CommandOutcome<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(pending) = self.volatile.pending.remove(&id) {
            self.volatile.deadlines.clear(id);
            cx.fact(Fact::Answered { command: id, verdict: verdict.clone() });
            cx.send(pending.reply_to, Message::CommandReply { id, verdict });
        }
    }
}

/// The events of one append as slices, one for each run of events of the same stream.
fn in_slices<D: Domain>(events: Vec<std::sync::Arc<Stored<D::Event>>>) -> Vec<Slice<D>> {
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

#[cfg(test)]
mod personal_tests;
#[cfg(test)]
mod tests;
