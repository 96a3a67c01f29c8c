//! Facts in words: what acts, what it is about, and what happens.
//!
//! One file for the facts of each part of the platform; this one decides which fact belongs to which.

mod broker;
mod cache;
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
use crate::kernel::NodeId;
use crate::model::{
    CacheKey, CommandId, CommandOutcome, CustomerId, Domain, Fact, Record, ServiceId, Stored,
    StreamId, Term, Token, Version, ViewId, Vocabulary,
};
use crate::platform::Role;
use crate::platform::topology::view_of;

/// Everything that it takes to name the things of a run.
#[derive(Debug)]
pub struct Narrator<'a, D: Domain> {
    /// The domain's words.
    pub vocabulary: Vocabulary<'a, D>,
    /// The names of the nodes, by number.
    pub nodes: &'a [String],
    /// What the nodes are, by number.
    pub roles: &'a [Role],
}

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
    /// Adds things that the fact is about. The speaker is not one of them, and each is added once.
    fn about(mut self, entities: impl IntoIterator<Item = Entity>) -> Self {
        for entity in entities {
            if entity.name != self.speaker.name && !self.about.contains(&entity) {
                self.about.push(entity);
            }
        }
        self
    }
}

impl<D: Domain> Clone for Narrator<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Narrator<'_, D> {}

impl<D: Domain> Narrator<'_, D> {
    /// A record as a sentence, with its speaker as the subject.
    pub fn sentence(&self, record: &Record<D>) -> String {
        let Wording { speaker, about: _, text } = self.tell(record);
        format!("{} {text}", speaker.name)
    }

    /// Puts a record into words.
    ///
    /// Customers, services, sagas and views speak under their own names wherever they are hosted, all
    /// others under the name of their node.
    pub(super) fn tell(&self, record: &Record<D>) -> Wording {
        let at = record.at;
        let here = self.speaker(record.node);
        match &record.fact {
            Fact::Fault(fired) => self.fault(here, fired),
            Fact::Restarted => here.says("restarts with its durable state"),
            Fact::Disconnected { peer } => self.disconnected(here, *peer),

            Fact::Commanded { request, command, resend } => {
                self.commanded(*request, command, *resend)
            }
            Fact::Queried { request, query, owed, resend } => {
                self.queried(*request, query, *owed, *resend)
            }
            Fact::Told { request, owed, answer } => self.told(*request, owed.token(), answer),
            Fact::EraseAsked { request, resend } => self.erase_asked(*request, *resend),

            Fact::Decided { command, body, attempt, events } => {
                self.decided(here, *command, body, *attempt, events)
            }
            Fact::Refused { command, body, attempt, rejection } => {
                self.refused(here, *command, body, *attempt, rejection)
            }
            Fact::Acknowledged { command, outcome } => self.acknowledged(here, *command, *outcome),
            Fact::Recognised { command, body } => self.recognised(here, *command, body),
            Fact::Answered { command, verdict } => self.answered(here, *command, verdict),
            Fact::Restored { stream, snapshot, version, state: _ } => {
                self.restored(here, *stream, *snapshot, *version)
            }
            Fact::Deployed { schema } => here.says(format!("starts to write schema {schema}")),

            Fact::Allocated { command, first, count } => {
                self.allocated(here, *command, *first, *count)
            }
            Fact::Inserted { command } => self.inserted(here, *command),
            Fact::Blocked { command, stream } => self.blocked(here, *command, *stream),
            Fact::Committed { command, first: _ } => self.committed(here, *command),
            Fact::Stored(event) => self.stored(here, event),
            Fact::Aborted { command, first: _, why } => self.aborted(here, *command, *why),
            Fact::Concluded { command, verdict } => self.concluded(here, *command, verdict),
            Fact::Snapshotted { stream, version, schema: _, state: _ } => {
                self.snapshotted(here, *stream, *version)
            }
            Fact::Leased { fence, until } => {
                here.says(format!("grants outbox lease {fence} until {until}"))
            }
            Fact::Marked { upto } => here.says(format!("marks rows up to {upto} as sent")),
            Fact::Fenced { relay, fence } => self.fenced(here, *relay, *fence),
            Fact::AppliedInline { view, event } => self.applied_inline(*view, event),

            Fact::Published { event, again } => self.published(here, event, *again),
            Fact::Routed { position, queues } => self.routed(here, *position, *queues),
            Fact::Subscribed { queue, prefetch } => self.subscribed(*queue, *prefetch),
            Fact::Delivered { queue, event, redelivered } => {
                self.delivered(here, *queue, event, *redelivered)
            }
            Fact::Acked { queue, position } => self.acked(here, *queue, *position),
            Fact::Requeued { queue, position } => self.requeued(here, *queue, *position),
            Fact::Returned { queue, position } => self.returned(here, *queue, *position),
            Fact::ConnectionClosed { queue } => self.connection_closed(here, *queue),
            Fact::DeadLettered { queue, position } => self.dead_lettered(here, *queue, *position),
            Fact::Parked { queue, position } => self.parked(here, *queue, *position),
            Fact::Redriven { queue, stream, messages } => {
                self.redriven(here, *queue, *stream, *messages)
            }

            Fact::Buffered { view, stream, version } => self.buffered(*view, *stream, *version),
            Fact::Skipped { view, stream, version } => self.skipped(*view, *stream, *version),
            Fact::Failed { view, event } => self.failed(*view, event),
            Fact::Applied { view, event, checkpoint: _, upto: _ } => self.applied(*view, event, at),
            Fact::RebuildStarted { view } => self.rebuild_started(*view),
            Fact::Replayed { view, event } => self.replayed(*view, event),
            Fact::Rebuilt { view, events } => self.rebuilt(*view, *events),

            Fact::CacheGet { key, request, answer } => {
                self.cache_get(here, *key, *request, *answer)
            }
            Fact::CacheFilled { key, lease: _, revision: _, expires, waiters } => {
                self.cache_filled(here, *key, *expires, *waiters)
            }
            Fact::CacheRefused { key, lease } => self.cache_refused(here, *key, *lease),
            Fact::CacheRefreshed { key, revision } => self.cache_refreshed(here, *key, *revision),
            Fact::CachePinned { key, token } => self.cache_pinned(here, *key, *token),
            Fact::CacheLost { key, why } => self.cache_lost(here, *key, *why),
            Fact::Loading { key, lease } => self.loading(here, *key, *lease),
            Fact::CaughtUp { view, after, upto, queries } => {
                self.caught_up(here, *view, upto.0.saturating_sub(after.0), *queries)
            }
            Fact::Recalled { request, stream, as_of, version } => {
                self.recalled(here, *request, *stream, *as_of, *version)
            }

            Fact::SagaCommanded { effect, command, again } => {
                self.saga_commanded(effect.saga, command, *again)
            }
            Fact::SagaTold { effect, command, verdict } => {
                self.command_outcome(self.saga(effect.saga), command, verdict)
            }
            Fact::Called { effect, service, request, again } => {
                self.called(effect.saga, *service, request, *again)
            }
            Fact::Replied { saga, service, reply, webhook } => {
                self.replied(*saga, *service, reply, *webhook)
            }
            Fact::GaveUp { effect, service, request } => {
                self.gave_up(effect.saga, *service, request)
            }
            Fact::TimerSet { saga, timer, due } => self.timer_set(here, *saga, *timer, *due),
            Fact::TimerCancelled { saga, timer } => self.timer_cancelled(here, *saga, *timer),
            Fact::TimerFired { saga, timer, due } => {
                self.timer_fired(here, *saga, *timer, *due, at)
            }

            Fact::KeyMade { customer } => self.key_made(here, *customer),
            Fact::Sealed { request, dropped } => self.sealed(here, *request, *dropped),
            Fact::Unsealed { request, customer, count, forgotten } => {
                self.unsealed(here, *request, *customer, *count, *forgotten)
            }
            Fact::Erased { customer } => self.erased(here, *customer),

            Fact::Opened { service } => self.opened(*service),
            Fact::Served { service, request, reply } => self.served(*service, request, reply),
            Fact::Entered { service, entry } => self.entered(*service, entry),
        }
    }

    // ---- speakers

    fn speaker(&self, node: NodeId) -> Speaker {
        let role = self.roles.get(node.index()).map_or("node", |role| role.kind());
        Speaker { name: self.node(node), role }
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

    /// `accepted, b-1 v1`, `rejected, SoldOut: IB6251 has no seat left`.
    fn outcome(&self, outcome: &CommandOutcome<D>) -> String {
        match outcome {
            CommandOutcome::Accepted(token) => format!("accepted, {}", self.token(*token)),
            CommandOutcome::Refused(why) => {
                format!("rejected, {}", self.vocabulary.term(Term::Rejection(why)))
            }
            CommandOutcome::Unknown => "outcome unknown".to_owned(),
        }
    }

    /// How a command ended, as its sender learns it: `accepted: HoldSeat b-1 IB6251, b-1 v1`.
    fn command_outcome(
        &self,
        sender: Speaker,
        command: &D::Command,
        outcome: &CommandOutcome<D>,
    ) -> Wording {
        let about = self.of_command(command);
        let body = self.command(command);
        let text = match outcome {
            CommandOutcome::Accepted(token) => format!("accepted: {body}, {}", self.token(*token)),
            CommandOutcome::Refused(why) => {
                format!("rejected: {body}, {}", self.vocabulary.term(Term::Rejection(why)))
            }
            CommandOutcome::Unknown => format!("outcome unknown: {body}"),
        };
        sender.says(text).about(about)
    }
}

/// `sends`, or `resends` the second time.
fn once_more(again: bool, verb: &str) -> String {
    if again { format!("re{verb}") } else { verb.to_owned() }
}
