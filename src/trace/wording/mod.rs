//! Facts in words: what acts, what it is about, and what happens.
//!
//! One file for the facts of each part of the platform; this one decides which fact belongs to which.

mod broker;
mod cache;
mod capacity;
mod command_api;
mod customers;
mod key_store;
mod node;
mod projector;
mod query_api;
mod relay;
mod saga;
mod services;
mod store;
mod timers;

use super::line::{Entity, EntityKind, Speaker};
use crate::kernel::{Instant, NodeId};
use crate::model::{
    CacheKey, CommandId, CommandOutcome, CustomerId, Domain, Fact, Record, ServiceId, Stored,
    StreamId, Term, Token, Version, ViewId, Vocabulary, counted, counted_or_no,
};
use crate::platform::Role;
use crate::platform::topology::view_of;

/// The names of everything in a run.
#[derive(Debug)]
pub struct Narrator<'a, D: Domain> {
    /// The domain's words.
    pub vocabulary: Vocabulary<'a, D>,
    /// The names of the nodes, by number.
    pub nodes: &'a [String],
    /// The roles of the nodes, by number.
    pub roles: &'a [Role],
}

impl<D: Domain> Clone for Narrator<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Narrator<'_, D> {}

/// A fact in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    pub(super) speaker: Speaker,
    pub(super) about: Vec<Entity>,
    pub(super) text: String,
}

impl Speaker {
    fn says(self, text: impl Into<String>) -> Wording {
        Wording { speaker: self, about: Vec::new(), text: text.into() }
    }
}

impl Wording {
    /// Adds entities that the fact is about. The speaker is not one of them, and each is added once.
    fn about(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        for entity in entities {
            if entity.name != self.speaker.name && !self.about.contains(&entity) {
                self.about.push(entity);
            }
        }
        self
    }
}

impl<D: Domain> Narrator<'_, D> {
    /// A record as a sentence, with its speaker as the subject.
    pub fn sentence(self, record: &Record<D>) -> String {
        let Wording { speaker, about: _, text } = self.tell(record);
        format!("{} {text}", speaker.name)
    }

    /// Puts a record into words.
    pub(super) fn tell(self, record: &Record<D>) -> Wording {
        let Self { vocabulary, nodes, roles } = self;
        Place { vocabulary, nodes, roles, node: record.node, at: record.at }.fact(&record.fact)
    }
}

/// The place of a fact, with the names of everything that the fact can mention.
struct Place<'a, D: Domain> {
    vocabulary: Vocabulary<'a, D>,
    nodes: &'a [String],
    roles: &'a [Role],
    node: NodeId,
    at: Instant,
}

impl<D: Domain> Place<'_, D> {
    /// Puts a fact into words.
    ///
    /// Customers, services, sagas and views speak under their own names wherever they are hosted, all
    /// others under the name of their node.
    fn fact(&self, fact: &Fact<D>) -> Wording {
        match *fact {
            Fact::Fault(ref fired) => self.fault(fired),
            Fact::Restarted => self.here("restarts with its durable state"),
            Fact::Disconnected { peer } => self.disconnected(peer),

            Fact::Commanded { request, ref command, resend } => {
                self.sends(self.customer(request.customer), command, resend)
            }
            Fact::Queried { request, ref query, owed, resend } => {
                self.asks(("asks", "for"), request, query, owed, resend)
            }
            Fact::Told { request, owed, ref answer } => self.told(request, owed, answer),
            Fact::EraseAsked { request, resend } => self.erase_asked(request, resend),

            Fact::Decided { command, ref body, attempt, ref events } => {
                self.decision("decides", command, body, attempt, &self.event_names(events))
            }
            Fact::Refused { command, ref body, attempt, ref rejection } => {
                let why = self.vocabulary.term(Term::Rejection(rejection)).to_string();
                self.decision("rejects", command, body, attempt, &why)
            }
            Fact::Acknowledged { command, outcome } => self.acknowledged(command, outcome),
            Fact::Recognised { command, ref body } => self.recognised(command, body),
            Fact::Answered { command, ref verdict } => {
                self.on_command("answers", command, &format!(": {}", self.outcome("", verdict)))
            }
            Fact::Restored { stream, snapshot, version, state: _ } => {
                self.restored(stream, snapshot, version)
            }
            Fact::Deployed { schema } => self.here(format!("starts to write schema {schema}")),

            Fact::Allocated { command, first, count } => self.allocated(command, first, count),
            Fact::Inserted { command } => {
                self.on_command("inserts the rows of", command, ", not visible yet")
            }
            Fact::Blocked { command, stream, behind } => self.blocked(command, stream, behind),
            Fact::Committed { command, first: _ } => self.on_command("commits", command, ""),
            Fact::Stored(ref event) => self.stored(event),
            Fact::Aborted { command, first: _, why } => self.aborted(command, why),
            Fact::Concluded { command, ref verdict } => self.concluded(command, verdict),
            Fact::Snapshotted { stream, version, schema: _, state: _ } => {
                let version = self.version(stream, version);
                self.here(format!("saves a snapshot of {version}")).about([self.of_stream(stream)])
            }
            Fact::Leased { fence, until } => {
                self.here(format!("grants outbox lease {fence} until {until}"))
            }
            Fact::Marked { upto } => self.here(format!("marks rows up to {upto} as sent")),
            Fact::Cleaned { records } => {
                let records = counted(records.into(), "command record");
                self.here(format!("cleans {records}"))
            }
            Fact::Expired { what, count } => self.expired(what, count),
            Fact::SentAgain { since, rows } => {
                let rows = counted_or_no(rows.into(), "outbox row");
                self.here(format!("has {rows} sent again, of events since {since}"))
            }
            Fact::StreamEnded { stream, version } => {
                let version = self.version(stream, version);
                self.here(format!("ends the stream at {version}")).about([self.of_stream(stream)])
            }
            Fact::ReplicaReads { lag } => {
                self.here(format!("lets replicas answer reads of the log, up to {lag} behind"))
            }
            Fact::Rewound { timeline, to, ref lost, ref events, .. } => {
                let lost = counted_or_no(lost.len() as u64, "transaction");
                let events = counted_or_no(events.len() as u64, "event");
                self.here(format!(
                    "goes back to {to} and begins timeline {timeline}: {lost} with {events} lost"
                ))
            }
            Fact::Fenced { relay, fence } => self.fenced(relay, fence),
            Fact::AppliedInline { view, ref event } => {
                self.applied(view, event, " in its transaction")
            }

            Fact::Published { ref event, again } => self.published(event, again),
            Fact::Routed { position, queues } => self.routed(position, queues),
            Fact::Subscribed { queue, prefetch } => self.subscribed(queue, prefetch),
            Fact::Delivered { queue, ref event, redelivered } => {
                self.delivered(queue, event, redelivered)
            }
            Fact::Acked { queue, position } => {
                self.in_queue(format!("removes {position} from"), queue, ": acknowledged")
            }
            Fact::Requeued { queue, position } => {
                self.in_queue(format!("requeues {position} in"), queue, "")
            }
            Fact::Returned { queue, position } => {
                self.in_queue(format!("returns {position}:"), queue, " is not bound")
            }
            Fact::ConnectionClosed { queue } => {
                self.in_queue("closes the connection of the consumer of", queue, "")
            }
            Fact::DeadLettered { queue, position } => {
                self.in_queue(format!("dead-letters {position} of"), queue, "")
            }
            Fact::Parked { queue, position } => {
                let why = " behind a dead letter of its stream";
                self.in_queue(format!("parks {position} of"), queue, why)
            }
            Fact::Redriven { queue, stream, messages } => self.redriven(queue, stream, messages),
            Fact::Deduplicated { queue, position } => {
                self.in_queue(format!("recognises a copy of {position} in"), queue, "")
            }
            Fact::ConsumerCancelled { queue } => {
                self.in_queue("cancels the consumer of", queue, "")
            }
            Fact::Rebalanced { queue } => {
                let why = " anew: it goes on from the committed offsets";
                self.in_queue("assigns the partitions of", queue, why)
            }
            Fact::LeaderChosen { by } => {
                self.here(format!("gives the lease of the sagas to {}", self.node(by)))
            }
            Fact::SteppedDown => self.here("leads no longer"),
            Fact::TakenOver { queue, by } => {
                self.in_queue("hands over", queue, &format!(" to {}", self.node(by)))
            }
            Fact::Assigned { queue, segments, to } => {
                let what = format!("assigns {} of", counted(u64::from(segments), "segment"));
                self.in_queue(what, queue, &format!(" to {}", self.node(to)))
            }
            Fact::RetentionOver { queue, position } => {
                let why = ": it was kept for as long as the retention time";
                self.in_queue(format!("deletes {position} of"), queue, why)
            }

            Fact::Buffered { view, stream, version } => {
                let why = ": its predecessor is missing";
                self.on_version(view, "holds back", (stream, version), why)
            }
            Fact::Skipped { view, stream, version } => {
                self.on_version(view, "skips", (stream, version), ": already applied")
            }
            Fact::Failed { view, ref event } => {
                let version = (event.stream, event.version);
                self.on_version(view, "cannot handle", version, " and rejects it")
            }
            Fact::Applied { view, ref event, checkpoint: _, upto: _ } => {
                let behind = self.at.since(event.metadata.recorded_at);
                self.applied(view, event, &format!(", {behind} behind"))
            }
            Fact::RebuildStarted { view } => {
                self.view(view).says("starts a rebuild from position 0, beside the live table")
            }
            Fact::Replayed { view, ref event } => {
                self.on_version(view, "replays", (event.stream, event.version), "")
            }
            Fact::Rebuilt { view, events } => self.rebuilt(view, events),
            Fact::SwitchedBack { view, events } => self.switched_back(view, events),

            Fact::CacheGet { key, request, answer } => self.cache_get(key, request, answer),
            Fact::CacheFilled { key, lease: _, revision: _, expires, waiters } => {
                self.cache_filled(key, expires, waiters)
            }
            Fact::CacheRefused { key, lease } => {
                self.on_key("rejects stale fill:", key, format!(" under lease {lease}"))
            }
            Fact::CacheRefreshed { key, revision } => {
                self.on_key("refreshes", key, format!(" to revision {revision}"))
            }
            Fact::CachePinned { key, token } => self.cache_pinned(key, token),
            Fact::CacheLost { key, why } => self.cache_lost(key, why),
            Fact::Loading { key, lease } => {
                self.on_key("loads", key, format!(" under lease {lease}"))
            }
            Fact::CaughtUp { view, after, upto, queries } => {
                self.caught_up(view, upto.0.saturating_sub(after.0), queries)
            }
            Fact::Recalled { request, stream, as_of, version } => {
                self.recalled(request, stream, as_of, version)
            }
            Fact::Bypassed { request, node } => self.bypassed(request, node),
            Fact::ServedStale { request, key, age, .. } => self.served_stale(request, key, age),
            Fact::OutOfPatience { request, ref asked, .. } => self.out_of_patience(request, asked),

            Fact::Left { customer } => self.left(customer),
            Fact::Watched { request, ref query, owed, again, .. } => {
                self.asks(("subscribes", "to"), request, query, owed, again)
            }
            Fact::Pushed { request, nth } => self.pushed(request, nth),
            Fact::Unwatched { request } => self.unwatched(request),

            Fact::Queued { behind } => self.queued(behind),
            Fact::Dequeued { waited } => self.dequeued(waited),
            Fact::Shed { request, retry_after } => self.shed(request, retry_after),
            Fact::Throttled { service, ref request } => self.throttled(service, request),
            Fact::NotCalled { effect, service, ref request } => {
                let why = ", its circuit breaker is open";
                self.on_request(effect.saga, "does not call", service, why, request)
            }
            Fact::Breaker { service, state } => self.breaker(service, state),
            Fact::Refreshed { view, rows } => self.refreshed(view, rows),
            Fact::RowLost { view, row, why } => self.row_lost(view, row, why),
            Fact::RowRead { request, view, row, upto: _, known: true } => {
                self.on_row(view, "reads", row, request, "")
            }
            Fact::RowRead { request, view, row, upto: _, known: false } => {
                let after = ": it is to be folded from the log";
                self.on_row(view, "does not hold", row, request, after)
            }
            Fact::RowRestored { request, view, row, revision: _ } => {
                self.on_row(view, "holds", row, request, " again, folded from the log")
            }

            Fact::SagaCommanded { effect, ref command, again } => {
                self.sends(self.saga(effect.saga), command, again)
            }
            Fact::SagaTold { effect, ref command, ref verdict } => {
                self.command_outcome(self.saga(effect.saga), command, verdict)
            }
            Fact::Called { effect, service, ref request, again } => {
                let again = if again { " again" } else { "" };
                self.on_request(effect.saga, "asks", service, again, request)
            }
            Fact::Replied { saga, service, ref reply, webhook } => {
                self.replied(saga, service, reply, webhook)
            }
            Fact::GaveUp { effect, service, ref request } => {
                let after = ", outcome unknown";
                self.on_request(effect.saga, "times out waiting for", service, after, request)
            }
            Fact::TimerSet { saga, timer, due } => {
                self.timer("sets", saga, &format!(" for {due}"), timer)
            }
            Fact::TimerCancelled { saga, timer } => self.timer("cancels", saga, "", timer),
            Fact::TimerFired { saga, timer, due } => self.timer_fired(saga, timer, due),

            Fact::KeyMade { customer } => self.on_key_of("creates a key for", customer),
            Fact::Sealed { request, dropped } => self.sealed(request, request.customer, dropped),
            Fact::SealedFor { request, whose, dropped } => self.sealed(request, whose, dropped),
            Fact::Unsealed { request, customer, count, forgotten } => {
                self.unsealed(request, customer, count, forgotten)
            }
            Fact::Erased { customer } => self.on_key_of("destroys the key of", customer),

            Fact::Opened { service } => self.opened(service),
            Fact::Served { service, ref request, ref reply } => {
                self.served(service, request, reply)
            }
            Fact::Entered { service, ref entry } => self.entered(service, entry),
        }
    }

    // ---- speakers

    /// What the node of the fact says.
    fn here(&self, text: impl Into<String>) -> Wording {
        let role = self.roles.get(self.node.index()).map_or("node", |role| role.kind());
        Speaker { name: self.node(self.node), role }.says(text)
    }

    fn customer(&self, customer: CustomerId) -> Speaker {
        Speaker { name: self.vocabulary.customer(customer), role: "customer" }
    }

    fn saga(&self, saga: StreamId) -> Speaker {
        Speaker { name: self.vocabulary.stream(saga).to_string(), role: "saga" }
    }

    fn view(&self, view: ViewId) -> Speaker {
        Speaker { name: self.vocabulary.view(view).to_owned(), role: "view" }
    }

    fn service(&self, service: ServiceId) -> Speaker {
        Speaker { name: self.vocabulary.service(service).to_owned(), role: "service" }
    }

    // ---- things that facts are about

    fn of_stream(&self, stream: StreamId) -> Entity {
        Entity { kind: EntityKind::Stream, name: self.vocabulary.stream(stream).to_string() }
    }

    fn of_customer(&self, customer: CustomerId) -> Entity {
        Entity { kind: EntityKind::Customer, name: self.vocabulary.customer(customer) }
    }

    fn of_service(&self, service: ServiceId) -> Entity {
        Entity { kind: EntityKind::Service, name: self.vocabulary.service(service).to_owned() }
    }

    fn of_key(&self, key: CacheKey) -> Entity {
        Entity { kind: EntityKind::CacheKey, name: self.vocabulary.key(key).to_string() }
    }

    fn of_queue(&self, queue: u8) -> Entity {
        Entity { kind: EntityKind::Queue, name: self.consumer(queue) }
    }

    fn of_node(&self, node: NodeId) -> Entity {
        Entity { kind: EntityKind::Node, name: self.node(node) }
    }

    /// The streams that a command is decided on.
    fn of_command(&self, command: &D::Command) -> impl Iterator<Item = Entity> {
        let streams = self.vocabulary.domain.streams(command);
        streams.into_iter().map(|stream| self.of_stream(stream))
    }

    /// What sent a command: a customer or a saga.
    fn of_origin(&self, command: CommandId) -> Entity {
        match command {
            CommandId::Request(request) => self.of_customer(request.customer),
            CommandId::Effect(effect) => self.of_stream(effect.saga),
            CommandId::Progress { saga, after: _ } => self.of_stream(saga),
        }
    }

    // ---- words that several parts of the platform share

    fn node(&self, node: NodeId) -> String {
        self.nodes.get(node.index()).cloned().unwrap_or_else(|| format!("node {}", node.0))
    }

    /// Every view with a projector has a queue; the queue after those belongs to the sagas.
    fn consumer(&self, queue: u8) -> String {
        view_of::<D>(queue).map_or("sagas", |view| self.vocabulary.view(view)).to_owned()
    }

    fn queue(&self, queue: u8) -> String {
        format!("the queue of {}", self.consumer(queue))
    }

    fn command(&self, command: &D::Command) -> String {
        self.vocabulary.term(Term::Command(command)).to_string()
    }

    fn version(&self, stream: StreamId, version: Version) -> String {
        format!("{} {version}", self.vocabulary.stream(stream))
    }

    fn token(&self, token: Token) -> String {
        self.version(token.stream, token.version)
    }

    /// `SeatHeld b-1 v1`.
    fn headline(&self, stored: &Stored<D::Event>) -> String {
        let name = self.vocabulary.domain.event_name(&stored.event);
        format!("{name} {}", self.version(stored.stream, stored.version))
    }

    /// `accepted → b-1 v1`; with `of`, `accepted: HoldSeat b-1 IB6251 → b-1 v1`.
    fn outcome(&self, of: &str, outcome: &CommandOutcome<D>) -> String {
        match outcome {
            CommandOutcome::Accepted(token) => format!("accepted{of} → {}", self.token(*token)),
            CommandOutcome::Refused(why) => {
                format!("rejected{of} → {}", self.vocabulary.term(Term::Rejection(why)))
            }
            CommandOutcome::Unknown => format!("outcome unknown{of}"),
        }
    }

    /// The outcome of a command, as its sender learns it.
    fn command_outcome(
        &self,
        sender: Speaker,
        command: &D::Command,
        outcome: &CommandOutcome<D>,
    ) -> Wording {
        let text = self.outcome(&format!(": {}", self.command(command)), outcome);
        sender.says(text).about(self.of_command(command))
    }

    /// A customer or a saga sends a command.
    fn sends(&self, sender: Speaker, command: &D::Command, again: bool) -> Wording {
        let text = format!("{} {}", once_more(again, "sends"), self.command(command));
        sender.says(text).about(self.of_command(command))
    }
}

/// `sends`, or `resends` the second time.
fn once_more(again: bool, verb: &str) -> String {
    if again { format!("re{verb}") } else { verb.to_owned() }
}
