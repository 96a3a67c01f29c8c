//! The command API: load, decide, append; and decide again when somebody else was faster.
//!
//! An instance owns nothing that a crash could take: a command is safe in the store or it is not. A
//! resend is recognised by the store, which knows what every command led to. When an append is not
//! answered nobody knows whether it took effect, so the store is asked for the command before
//! anything else is tried.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use arrayvec::ArrayVec;

use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::{Domain, Folded, STREAMS_MAX, Verdict};
use super::fact::{AppendOutcome, Fact};
use super::fold::Folds;
use super::ids::{CacheKey, CommandId, StreamId, Token, Version, ViewId};
use super::message::{Append, AppendReply, Load, Loaded, Message, Provenance, Slice};
use super::schema;
use crate::kernel::NodeId;

/// A command API instance.
#[derive(Clone, Debug)]
pub(crate) struct CommandApi<D: Domain> {
    volatile: Volatile<D>,
}

/// What a crash takes: everything.
#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    pending: BTreeMap<CommandId, Pending<D>>,
    deadlines: Deadlines<CommandId>,
    folds: Folds<D>,
    /// The schema that is written; none before the first command.
    schema: Option<u16>,
}

/// A command being worked on.
#[derive(Clone, Debug)]
struct Pending<D: Domain> {
    reply_to: NodeId,
    provenance: Provenance,
    body: Box<D::Command>,
    /// How often it was decided.
    attempt: u32,
    /// Whether an append of it is under way, so that silence means unknown.
    appending: bool,
}

impl<D: Domain> CommandApi<D> {
    pub(crate) fn new() -> Self {
        Self {
            volatile: Volatile {
                pending: BTreeMap::new(),
                deadlines: Deadlines::default(),
                folds: Folds::default(),
                schema: None,
            },
        }
    }

    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let count = self.volatile.pending.len();
        (count > 0).then(|| format!("{count} commands under way"))
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, _cx: &mut Cx<'_, '_, D>) {}

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        self.deploy(cx);
        match message {
            Message::Command { id, provenance, body } => {
                let fresh =
                    Pending { reply_to: from, provenance, body, attempt: 0, appending: false };
                // A resend of what is under way is answered when that is done.
                if let Entry::Vacant(vacant) = self.volatile.pending.entry(id) {
                    vacant.insert(fresh);
                    self.load(id, cx);
                }
            }
            Message::Loaded(loaded) => self.loaded(*loaded, cx),
            Message::AppendReply { command, reply } => self.appended(command, *reply, cx),
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

    fn load(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&command) else { return };
        let streams = cx.domain().streams(&pending.body);
        let known = |stream| (stream, self.volatile.folds.version(stream));
        let streams = streams.into_iter().map(known).collect();
        let load = Load { command, schema: D::SCHEMA, streams };
        self.volatile.deadlines.set(command, cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::Load(Box::new(load)));
    }

    /// The store is silent: what is not known to have taken effect has to be looked up.
    fn overdue(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        if std::mem::take(&mut pending.appending) {
            cx.fact(Fact::Acknowledged { command, outcome: AppendOutcome::Unknown });
        }
        self.again(command, cx);
    }

    /// Loads and decides again, unless it was tried too often.
    fn again(&mut self, command: CommandId, cx: &mut Cx<'_, '_, D>) {
        if self.volatile.pending[&command].attempt > cx.settings().retries {
            self.reply(command, Verdict::Unknown, cx);
        } else {
            self.load(command, cx);
        }
    }

    /// Takes in what was loaded. A stream that had to be read from further back than a snapshot should
    /// be gets a new one: the old one was lost, or is of an older schema.
    fn take_in(&mut self, slices: Vec<Slice<D>>, cx: &mut Cx<'_, '_, D>) {
        let every = cx.settings().snapshot_every as usize;
        let is_long = |slice: &&Slice<D>| every > 0 && slice.tail.len() >= every;
        let restoring: ArrayVec<_, STREAMS_MAX> =
            slices.iter().filter_map(Slice::restoring).collect();
        let long: ArrayVec<StreamId, STREAMS_MAX> =
            slices.iter().filter(is_long).map(|slice| slice.stream).collect();
        self.volatile.folds.take_in(slices, cx.domain());
        for fact in restoring.iter().filter_map(|from| self.volatile.folds.restored(from)) {
            cx.fact(fact);
        }
        for stream in long {
            let (_, version, state) = self.volatile.folds.get(stream, cx.domain());
            self.save_snapshot(stream, version, &state, cx);
        }
    }

    fn loaded(&mut self, loaded: Loaded<D>, cx: &mut Cx<'_, '_, D>) {
        let command = loaded.command;
        self.take_in(loaded.slices, cx);
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        if pending.appending {
            return; // an answer to an earlier question
        }
        if let Some(token) = loaded.done {
            cx.fact(Fact::Recognised { command, body: (*pending.body).clone() });
            self.reply(command, Verdict::Accepted(token), cx);
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
        match cx.domain().decide(&Folded { streams: &streams }, &body, now) {
            Err(rejection) => {
                let told = rejection.clone();
                cx.fact(Fact::Refused { command, body, attempt, rejection });
                self.reply(command, Verdict::Refused(told), cx);
            }
            Ok(events) if events.is_empty() => {
                cx.fact(Fact::Decided { command, body, attempt, events });
                let (stream, version, _) = streams[0];
                self.reply(command, Verdict::Accepted(Token { stream, version }), cx);
            }
            Ok(events) => {
                pending.appending = true;
                let schema = schema::written(cx);
                let append = Append {
                    command,
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
                self.volatile.deadlines.set(command, cx.settings().reply_timeout, cx);
                cx.send(cx.map().store(), Message::Append(Box::new(append)));
            }
        }
    }

    fn appended(&mut self, command: CommandId, reply: AppendReply<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&command) else { return };
        pending.appending = false;
        let outcome = match reply {
            AppendReply::Appended(..) => AppendOutcome::Appended,
            AppendReply::Conflict => AppendOutcome::Conflict,
            AppendReply::AlreadyDone(_) => AppendOutcome::AlreadyDone,
        };
        cx.fact(Fact::Acknowledged { command, outcome });
        match reply {
            AppendReply::Appended(token, events) => {
                self.pin(&events, cx);
                let slices = in_slices(events);
                let saved = self.volatile.folds.take_in(slices, cx.domain());
                self.save_snapshots(&saved, cx);
                self.reply(command, Verdict::Accepted(token), cx);
            }
            AppendReply::AlreadyDone(token) => self.reply(command, Verdict::Accepted(token), cx),
            AppendReply::Conflict => self.again(command, cx),
        }
    }

    /// Hands new events to the cache, beside the rows in which their customers will look for them.
    fn pin(
        &self,
        events: &[std::sync::Arc<super::event::Stored<D::Event>>],
        cx: &mut Cx<'_, '_, D>,
    ) {
        for (view, nth) in D::VIEWS.iter().zip(0..) {
            if !view.pinned {
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
            newest if newest == D::SCHEMA => state.clone(),
            older => cx.domain().downcast_state(older, state),
        });
        cx.send(cx.map().store(), Message::SaveSnapshot { stream, version, schema, state });
    }

    fn reply(&mut self, id: CommandId, verdict: Verdict<D>, cx: &mut Cx<'_, '_, D>) {
        if let Some(pending) = self.volatile.pending.remove(&id) {
            self.volatile.deadlines.clear(id);
            cx.send(pending.reply_to, Message::CommandReply { id, verdict });
        }
    }
}

/// The events of one append as slices, one for each run of events of the same stream.
fn in_slices<D: Domain>(
    events: Vec<std::sync::Arc<super::event::Stored<D::Event>>>,
) -> Vec<Slice<D>> {
    let mut slices: Vec<Slice<D>> = Vec::new();
    for event in events {
        match slices.iter_mut().find(|slice| slice.stream == event.stream) {
            Some(slice) => {
                slice.version = event.version;
                slice.tail.push(event);
            }
            None => slices.push(Slice {
                stream: event.stream,
                version: event.version,
                snapshot: None,
                tail: vec![event],
            }),
        }
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::event_store::EventStore;
    use crate::platform::ids::{CustomerId, RequestId};
    use crate::platform::testing::{Add, BelowZero, Bench, Counting, counter};
    use crate::platform::{Abort, Principal};

    /// A command API with its event store; the customer is the test.
    struct Rig {
        bench: Bench,
        api: CommandApi<Counting>,
        store: EventStore<Counting>,
        /// How many answers of the store to appends are lost from here on.
        lose: u32,
        verdicts: Vec<Verdict<Counting>>,
        facts: Vec<Fact<Counting>>,
    }

    fn id(nth: u32) -> CommandId {
        CommandId::Request(RequestId { customer: CustomerId(0), nth })
    }

    impl Rig {
        fn new() -> Self {
            Self {
                bench: Bench::new(),
                api: CommandApi::new(),
                store: EventStore::new(),
                lose: 0,
                verdicts: Vec::new(),
                facts: Vec::new(),
            }
        }

        fn send(&mut self, nth: u32, amount: i64) {
            let (node, customers) = (self.bench.map.command_api(0), self.bench.map.customers());
            let provenance = Provenance {
                correlation: id(nth),
                causation: None,
                actor: Principal::Customer(CustomerId(0)),
            };
            let body = Box::new(Add { counter: 0, amount });
            let (api, command) =
                (&mut self.api, Message::Command { id: id(nth), provenance, body });
            self.bench.tell(node, |cx| api.handle(customers, command, cx));
        }

        fn settle(&mut self) {
            let (here, there) = (self.bench.map.command_api(0), self.bench.map.store());
            while let Some((to, message)) = self.bench.next() {
                match message {
                    Message::AppendReply { .. } if self.lose > 0 => self.lose -= 1,
                    Message::CommandReply { verdict, .. } => self.verdicts.push(verdict),
                    message if to == there => {
                        let store = &mut self.store;
                        self.bench.tell(there, |cx| store.handle(here, message, cx));
                    }
                    message if to == here => {
                        let api = &mut self.api;
                        self.bench.tell(here, |cx| api.handle(there, message, cx));
                    }
                    _ => {}
                }
            }
            self.facts.extend(self.bench.facts());
        }

        fn accepted(version: u32) -> Verdict<Counting> {
            Verdict::Accepted(Token { stream: counter(0), version: Version(version) })
        }
    }

    #[test]
    fn of_two_commands_that_race_the_loser_decides_again_on_what_is_there_now() {
        let mut rig = Rig::new();
        rig.send(1, 5);
        rig.settle();
        rig.send(2, -4);
        rig.send(3, -4);
        rig.settle();
        assert_eq!(rig.verdicts[1..], [Rig::accepted(2), Verdict::Refused(BelowZero)]);
        let conflicts =
            |fact: &&Fact<_>| matches!(fact, Fact::Aborted { why: Abort::Conflict { .. }, .. });
        assert_eq!(rig.facts.iter().filter(conflicts).count(), 1);
        let second = |fact: &&Fact<_>| matches!(fact, Fact::Refused { attempt: 2, .. });
        assert_eq!(rig.facts.iter().filter(second).count(), 1);
    }

    #[test]
    fn an_append_that_is_not_answered_is_looked_up_and_not_repeated() {
        let mut rig = Rig::new();
        rig.lose = 1;
        rig.send(1, 5);
        rig.settle();
        assert_eq!(rig.verdicts, [Rig::accepted(1)]);
        assert_eq!(rig.store.events().count(), 1);
        assert!(
            rig.facts
                .contains(&Fact::Acknowledged { command: id(1), outcome: AppendOutcome::Unknown })
        );
        assert!(rig.facts.iter().any(|fact| matches!(fact, Fact::Recognised { .. })));
    }

    #[test]
    fn a_resend_is_answered_with_what_the_first_had_led_to() {
        let mut rig = Rig::new();
        rig.send(1, 5);
        rig.settle();
        rig.send(1, 5);
        rig.settle();
        assert_eq!(rig.verdicts, [Rig::accepted(1), Rig::accepted(1)]);
        assert_eq!(rig.store.events().count(), 1);
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
}
