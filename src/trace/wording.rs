//! Facts in words: who, and what they did.

use crate::kernel::{Fired, Instant, NodeId, Scope, Span, Unit};
use crate::model::Record;
use crate::model::{
    Abort, Answer, AppendOutcome, AsOf, CacheAnswer, CommandId, CommandOutcome, Domain, Fact, Loss,
    Owed, Services, Stored, StreamId, Term, Token, Version, Vocabulary,
};
use crate::platform::message_name;
use crate::platform::topology::view_of;

/// What a node is handed so that something can happen to it although nothing comes for it.
const OCCASION: &str = "Occasion";

/// Everything that it takes to name the things of a run.
#[derive(Debug)]
pub struct Narrator<'a, D: Domain> {
    /// The domain's words.
    pub vocabulary: Vocabulary<'a, D>,
    /// What nodes are called, by number.
    pub nodes: &'a [String],
}

/// A fact in words, before it is placed on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    /// Who stated it, or did it.
    pub(super) who: String,
    /// What happened.
    pub(super) what: String,
}

impl<D: Domain> Clone for Narrator<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for Narrator<'_, D> {}

impl<D: Domain> Narrator<'_, D> {
    /// Puts a record into words.
    pub(super) fn tell(&self, record: &Record<D>) -> Wording {
        Wording { who: self.who(record), what: self.what(record) }
    }

    /// A record as a sentence: who did what.
    pub fn sentence(&self, record: &Record<D>) -> String {
        let Wording { who, what } = self.tell(record);
        format!("{who} {what}")
    }

    /// What a node is called.
    pub fn node(&self, node: NodeId) -> String {
        self.nodes.get(node.index()).cloned().unwrap_or_else(|| format!("node {}", node.0))
    }

    /// Customers, services, sagas and views act under their own names wherever they are hosted, all
    /// others under their node's.
    fn who(&self, record: &Record<D>) -> String {
        match &record.fact {
            Fact::Commanded { request, .. }
            | Fact::Queried { request, .. }
            | Fact::EraseAsked { request, .. }
            | Fact::Told { request, .. } => self.vocabulary.customer(request.customer),
            Fact::Opened { service }
            | Fact::Served { service, .. }
            | Fact::Entered { service, .. } => self.vocabulary.service(*service).to_owned(),
            Fact::SagaCommanded { effect, .. }
            | Fact::OutcomeLabel { effect, .. }
            | Fact::GaveUp { effect, .. }
            | Fact::SagaTold { effect, .. } => self.vocabulary.stream(effect.saga).to_string(),
            Fact::Replied { saga, .. } => self.vocabulary.stream(*saga).to_string(),
            Fact::Subscribed { queue, .. } => self.consumer(*queue),
            Fact::Buffered { view, .. }
            | Fact::Skipped { view, .. }
            | Fact::Failed { view, .. }
            | Fact::RebuildStarted { view }
            | Fact::Replayed { view, .. }
            | Fact::Rebuilt { view, .. }
            | Fact::AppliedInline { view, .. }
            | Fact::Applied { view, .. } => self.vocabulary.view(*view).to_owned(),
            Fact::Decided { .. }
            | Fact::Refused { .. }
            | Fact::Acknowledged { .. }
            | Fact::Recognised { .. }
            | Fact::Answered { .. }
            | Fact::Restored { .. }
            | Fact::Deployed { .. }
            | Fact::Allocated { .. }
            | Fact::Inserted { .. }
            | Fact::Blocked { .. }
            | Fact::Committed { .. }
            | Fact::Stored(_)
            | Fact::Aborted { .. }
            | Fact::Concluded { .. }
            | Fact::Snapshotted { .. }
            | Fact::Leased { .. }
            | Fact::Published { .. }
            | Fact::Routed { .. }
            | Fact::Marked { .. }
            | Fact::CaughtUp { .. }
            | Fact::Fenced { .. }
            | Fact::Delivered { .. }
            | Fact::Acked { .. }
            | Fact::Requeued { .. }
            | Fact::Returned { .. }
            | Fact::ConnectionClosed { .. }
            | Fact::DeadLettered { .. }
            | Fact::Parked { .. }
            | Fact::Redriven { .. }
            | Fact::CacheGet { .. }
            | Fact::CacheFilled { .. }
            | Fact::CacheRefused { .. }
            | Fact::CacheRefreshed { .. }
            | Fact::CachePinned { .. }
            | Fact::CacheLost { .. }
            | Fact::Loading { .. }
            | Fact::Recalled { .. }
            | Fact::TimerSet { .. }
            | Fact::TimerCancelled { .. }
            | Fact::TimerFired { .. }
            | Fact::KeyMade { .. }
            | Fact::Sealed { .. }
            | Fact::Unsealed { .. }
            | Fact::Erased { .. }
            | Fact::Fault(_)
            | Fact::Restarted
            | Fact::Disconnected { .. } => self.node(record.node),
        }
    }

    /// `! Drop: Append to store`, `! CrashBetween at Confirm from broker, 1.000s`, `! Pause, 3.000s`.
    fn fault(&self, fired: &Fired) -> String {
        let Fired { fault, actor, entity: _, size } = fired;
        let message = message_name(actor.kind);
        let place = match fault.scope {
            Scope::Link => format!(": {message} to {}", self.node(actor.to)),
            Scope::Pair => {
                format!(" between {} and {}", self.node(actor.from), self.node(actor.to))
            }
            // It strikes by itself, whatever the node is doing.
            Scope::Node if message.is_empty() || message == OCCASION => String::new(),
            Scope::Node if actor.from == actor.to => format!(" at {message}"),
            Scope::Node => format!(" at {message} from {}", self.node(actor.from)),
        };
        let size = match fault.unit {
            Unit::Once => String::new(),
            // What is counted differs: seats, times, the so-manieth flight.
            Unit::Times => format!(", size {size}"),
            Unit::Span | Unit::Lasting => format!(", {}", Span::from_micros(*size)),
        };
        format!("! {}{place}{size}", fault.name)
    }

    fn what(&self, record: &Record<D>) -> String {
        match &record.fact {
            Fact::Fault(fired) => self.fault(fired),
            Fact::Restarted => "is back, with what it keeps durably".to_owned(),
            Fact::Disconnected { peer } => {
                format!("has lost its connection to {}", self.node(*peer))
            }
            Fact::Commanded { request: _, command, resend } => {
                let again = if *resend { " again" } else { "" };
                format!("sends{again} {}", self.command(command))
            }
            Fact::Queried { request: _, query, owed, resend } => {
                let again = if *resend { " again" } else { "" };
                let query = self.vocabulary.term(Term::Query(query));
                let owed = match *owed {
                    Owed::Nothing => String::new(),
                    Owed::Written(token) => format!(", owed {}", self.token(token)),
                    Owed::Pinned(token) => format!(", owed {} at once", self.token(token)),
                };
                format!("asks{again} for {query}{owed}")
            }
            Fact::Told { request: _, owed, answer } => self.answer(owed.token(), answer),
            Fact::EraseAsked { request: _, resend } => {
                let again = if *resend { " again" } else { "" };
                format!("asks{again} to be forgotten")
            }
            Fact::Decided { command: _, body, attempt, events } => {
                let again = again(*attempt);
                let led_to = self.event_names(events);
                format!("decides{again} {}: {led_to}", self.command(body))
            }
            Fact::Refused { command: _, body, attempt, rejection } => {
                let (body, why) =
                    (self.command(body), self.vocabulary.term(Term::Rejection(rejection)));
                format!("refuses{} {body}: {why}", again(*attempt))
            }
            Fact::Acknowledged { command, outcome } => {
                let command = self.vocabulary.command(*command);
                let learned = match outcome {
                    AppendOutcome::Appended => "is stored",
                    AppendOutcome::Conflict => "met a conflict",
                    AppendOutcome::AlreadyDone => "had been settled before",
                    AppendOutcome::CommitRefused => "is not stored: the store could not commit",
                    AppendOutcome::NotSerializable => "is not stored: it could not be serialised",
                    AppendOutcome::Unknown => "may be stored or not: no answer",
                };
                format!("learns that {command} {learned}")
            }
            Fact::Recognised { command, body } => {
                format!(
                    "recognises {} as {}",
                    self.command(body),
                    self.vocabulary.command(*command)
                )
            }
            Fact::Answered { command, verdict } => {
                let command = self.vocabulary.command(*command);
                match verdict {
                    CommandOutcome::Accepted(token) => {
                        format!("answers {command}: yes, {}", self.token(*token))
                    }
                    CommandOutcome::Refused(why) => {
                        format!(
                            "answers {command}: no, {}",
                            self.vocabulary.term(Term::Rejection(why))
                        )
                    }
                    CommandOutcome::Unknown => format!("answers {command}: nobody knows"),
                }
            }
            Fact::Restored { stream, snapshot, version, state: _ } => {
                let stream = self.vocabulary.stream(*stream);
                match snapshot {
                    Some(saved) => format!("restores {stream} {version} from its snapshot {saved}"),
                    None => format!("restores {stream} {version} from events of an older schema"),
                }
            }
            Fact::Deployed { schema } => format!("writes schema {schema} from here on"),
            Fact::Allocated { command, first, count } => {
                let positions = if *count == 1 { "position" } else { "positions" };
                let command = self.vocabulary.command(*command);
                format!("allocates {count} {positions} from {first} for {command}")
            }
            Fact::Inserted { command } => {
                format!("inserts the rows of {}, unseen", self.vocabulary.command(*command))
            }
            Fact::Blocked { command, stream } => {
                let command = self.vocabulary.command(*command);
                match stream {
                    Some(stream) => {
                        let stream = self.vocabulary.stream(*stream);
                        format!("{command} waits for another writer of {stream}")
                    }
                    None => format!("{command} waits for another transaction of itself"),
                }
            }
            Fact::Committed { command, first: _ } => {
                format!("commits {}", self.vocabulary.command(*command))
            }
            Fact::Stored(event) => format!("stores {}", self.stored(event)),
            Fact::Aborted { command, first: _, why } => self.abort(*command, *why),
            Fact::Concluded { command, verdict } => {
                let command = self.vocabulary.command(*command);
                match verdict {
                    CommandOutcome::Accepted(token) => {
                        format!(
                            "keeps on record: {command} changes nothing, {}",
                            self.token(*token)
                        )
                    }
                    CommandOutcome::Refused(why) => {
                        let why = self.vocabulary.term(Term::Rejection(why));
                        format!("keeps on record: {command} is refused, {why}")
                    }
                    CommandOutcome::Unknown => {
                        format!("keeps on record: nobody knows of {command}")
                    }
                }
            }
            Fact::Snapshotted { stream, version, schema: _, state: _ } => {
                format!("saves a snapshot of {} {version}", self.vocabulary.stream(*stream))
            }
            Fact::Leased { fence, until } => {
                format!("grants the outbox's lease {fence} until {until}")
            }
            Fact::Published { event, again } => {
                let again = if *again { " again" } else { "" };
                format!("publishes{again} {}", self.headline(event))
            }
            Fact::Routed { position, queues } => match queues {
                0 => format!("confirms {position}, which no queue wanted"),
                1 => format!("confirms {position}, routed to 1 queue"),
                _ => format!("confirms {position}, routed to {queues} queues"),
            },
            Fact::Marked { upto } => format!("marks all up to {upto} as sent"),
            Fact::Fenced { relay, fence } => {
                let relay = self.node(*relay);
                format!("lets {relay} mark nothing under lease {fence}: it has passed to another")
            }
            Fact::Subscribed { queue: _, prefetch } => {
                format!("subscribes to its queue, prefetch {prefetch}")
            }
            Fact::Delivered { queue, event, redelivered } => {
                let again = if *redelivered { " again" } else { "" };
                let (event, queue) = (self.headline(event), self.queue(*queue));
                format!("delivers{again} {event} from {queue}")
            }
            Fact::Acked { queue, position } => {
                format!("acknowledges {position} to {}", self.queue(*queue))
            }
            Fact::Requeued { queue, position } => {
                format!("puts {position} back into {}", self.queue(*queue))
            }
            Fact::DeadLettered { queue, position } => {
                let queue = self.queue(*queue);
                format!("gives up on {position} of {queue}: dead letter")
            }
            Fact::Returned { queue, position } => {
                format!("returns {position}: {} is not bound", self.queue(*queue))
            }
            Fact::ConnectionClosed { queue } => {
                format!("closes the connection of the consumer of {}", self.queue(*queue))
            }
            Fact::Parked { queue, position } => {
                let queue = self.queue(*queue);
                format!("parks {position} of {queue} behind a dead letter of its stream")
            }
            Fact::Redriven { queue, stream, messages } => {
                let (queue, stream) = (self.queue(*queue), self.vocabulary.stream(*stream));
                format!("redrives {stream} in {queue}: {messages} messages")
            }
            Fact::Failed { view: _, event } => {
                format!(
                    "cannot handle {} and refuses it",
                    self.version(event.stream, event.version)
                )
            }
            Fact::RebuildStarted { view: _ } => {
                "is being rebuilt from position 0, beside the one that is read".to_owned()
            }
            Fact::Replayed { view: _, event } => {
                format!("replays {}", self.version(event.stream, event.version))
            }
            Fact::Rebuilt { view: _, events } => {
                format!("is swapped for the one rebuilt from {events} events")
            }
            Fact::Buffered { view: _, stream, version } => {
                let event = self.version(*stream, *version);
                format!("holds back {event}: its predecessor is not there yet")
            }
            Fact::Skipped { view: _, stream, version } => {
                format!("skips {}: applied before", self.version(*stream, *version))
            }
            Fact::Applied { view: _, event, checkpoint: _, upto: _ } => {
                let behind = record.at.since(event.metadata.recorded_at);
                format!("shows {}, {behind} behind", self.headline(event))
            }
            Fact::AppliedInline { view: _, event } => {
                format!("shows {}, with its transaction", self.headline(event))
            }
            Fact::CaughtUp { view, after, upto, queries } => {
                let (view, more) = (self.vocabulary.view(*view), upto.0.saturating_sub(after.0));
                let more = match more {
                    0 => "finds nothing new".to_owned(),
                    1 => "reads 1 event".to_owned(),
                    more => format!("reads {more} events"),
                };
                let queries = match queries {
                    1 => "1 query".to_owned(),
                    queries => format!("{queries} queries"),
                };
                format!("{more} for {view}, answers {queries}")
            }
            Fact::CacheGet { key, request, answer } => {
                let (key, customer) =
                    (self.vocabulary.key(*key), self.vocabulary.customer(request.customer));
                match answer {
                    CacheAnswer::Hit { revision: _ } => format!("hit: {key}, for {customer}"),
                    CacheAnswer::Lease { lease, until: _ } => {
                        format!("miss: {key}, {customer} populates under lease {lease}")
                    }
                    CacheAnswer::Wait => format!("wait: {key}, {customer} joins"),
                }
            }
            Fact::CacheFilled { key, lease: _, revision: _, expires, waiters } => {
                let key = self.vocabulary.key(*key);
                let waiting = match waiters {
                    0 => String::new(),
                    1 => ", answers 1 waiter".to_owned(),
                    _ => format!(", answers {waiters} waiters"),
                };
                format!("keeps {key} until {expires}{waiting}")
            }
            Fact::CacheRefused { key, lease } => {
                let key = self.vocabulary.key(*key);
                format!("turns down {key} under lease {lease}: too late or too old")
            }
            Fact::CacheRefreshed { key, revision } => {
                format!("refreshes {} to revision {revision}", self.vocabulary.key(*key))
            }
            Fact::CachePinned { key, token } => {
                format!("pins {} beside {}", self.token(*token), self.vocabulary.key(*key))
            }
            Fact::CacheLost { key, why } => {
                let what = key.map_or_else(
                    || "what it had".to_owned(),
                    |key| self.vocabulary.key(key).to_string(),
                );
                match why {
                    Loss::Lapsed => format!("waits no longer for whoever loads {what}"),
                    Loss::Expired => format!("loses {what} before its time"),
                    Loss::Evicted => format!("makes room: {what} is gone"),
                    Loss::FailedOver => format!("fails over: a replica has not all of {what}"),
                    Loss::Restarted => format!("is back without {what}"),
                }
            }
            Fact::Loading { key, lease } => {
                format!("loads {} under lease {lease}", self.vocabulary.key(*key))
            }
            Fact::Recalled { request: _, stream, as_of, version } => {
                let stream = self.vocabulary.stream(*stream);
                match as_of {
                    AsOf::Now => format!("reads {stream} as of now from the store: {version}"),
                    AsOf::Version(asked) if asked == version => {
                        format!("reads {stream} as of {asked} from the store")
                    }
                    AsOf::Version(asked) => {
                        format!(
                            "reads {stream} as of {asked} from the store: only {version} is there"
                        )
                    }
                    AsOf::Instant(at) => {
                        format!("reads {stream} as of {at} from the store: {version}")
                    }
                }
            }
            Fact::SagaCommanded { effect: _, command, again } => {
                let again = if *again { " again" } else { "" };
                format!("commands{again} {}", self.command(command))
            }
            Fact::OutcomeLabel { effect: _, service, request, again } => {
                let again = if *again { " again" } else { "" };
                let request = self.vocabulary.term(Term::Request(*service, request));
                format!("asks {}{again}: {request}", self.vocabulary.service(*service))
            }
            Fact::Replied { saga: _, service, reply, webhook } => {
                let unasked = if *webhook { ", unasked" } else { "" };
                let reply = self.vocabulary.term(Term::Reply(*service, reply));
                format!("hears from {}{unasked}: {reply}", self.vocabulary.service(*service))
            }
            Fact::GaveUp { effect: _, service, request } => {
                let request = self.vocabulary.term(Term::Request(*service, request));
                let service = self.vocabulary.service(*service);
                format!("waits no longer for {service}: {request} is unknown")
            }
            Fact::SagaTold { effect: _, command, verdict } => self.verdict(command, verdict),
            Fact::TimerSet { saga, timer, due } => {
                format!(
                    "will wake {} at {due}: {}",
                    self.vocabulary.stream(*saga),
                    self.timer(*timer)
                )
            }
            Fact::TimerCancelled { saga, timer } => {
                format!("will not wake {}: {}", self.vocabulary.stream(*saga), self.timer(*timer))
            }
            Fact::TimerFired { saga, timer, due } => {
                let late = late(record.at, *due);
                format!("wakes {}{late}: {}", self.vocabulary.stream(*saga), self.timer(*timer))
            }
            Fact::KeyMade { customer } => {
                format!("makes a key for {}", self.vocabulary.customer(*customer))
            }
            Fact::Sealed { request, dropped } => {
                let request = self.vocabulary.request(*request);
                if *dropped {
                    format!("drops who is named in {request}: forgotten")
                } else {
                    format!("seals who is named in {request}")
                }
            }
            Fact::Unsealed { request, customer, count, forgotten } => {
                let customer = self.vocabulary.customer(*customer);
                let texts = if *count == 1 { "text" } else { "texts" };
                let request = self.vocabulary.request(*request);
                if *forgotten {
                    format!("cannot open {count} {texts} of {customer} for {request}: forgotten")
                } else {
                    format!("opens {count} {texts} of {customer} for {request}")
                }
            }
            Fact::Erased { customer } => {
                format!("destroys the key of {}: forgotten", self.vocabulary.customer(*customer))
            }
            Fact::Opened { service } => {
                let services = D::Services::services(self.vocabulary.domain);
                format!("is open: {}", services[usize::from(service.0)].about)
            }
            Fact::Served { service, request, reply } => {
                let request = self.vocabulary.term(Term::Request(*service, request));
                format!("{request} → {}", self.vocabulary.term(Term::Reply(*service, reply)))
            }
            Fact::Entered { service, entry } => {
                format!("ledger: {}", self.vocabulary.term(Term::Entry(*service, entry)))
            }
        }
    }

    fn answer(&self, token: Option<Token>, answer: &Answer<D>) -> String {
        match answer {
            Answer::Command(command, verdict) => self.verdict(command, verdict),
            Answer::Shown(query, row) => {
                let query = self.vocabulary.term(Term::Query(query));
                match row {
                    Some(row) => format!("sees {query}: {}", self.vocabulary.term(Term::Row(row))),
                    None => format!("sees {query}: nothing"),
                }
            }
            Answer::NotYet(query) => {
                let query = self.vocabulary.term(Term::Query(query));
                let owed = token.map_or_else(String::new, |t| format!(" at {}", self.token(t)));
                format!("is told \"not yet\": {query}{owed}")
            }
            Answer::Erased => "is told that they are forgotten".to_owned(),
            Answer::Silence => "hears nothing and stops waiting".to_owned(),
        }
    }

    fn verdict(&self, command: &D::Command, verdict: &CommandOutcome<D>) -> String {
        let command = self.command(command);
        match verdict {
            CommandOutcome::Accepted(token) => {
                format!("is told yes: {command}, {}", self.token(*token))
            }
            CommandOutcome::Refused(why) => {
                format!("is told no: {command}, {}", self.vocabulary.term(Term::Rejection(why)))
            }
            CommandOutcome::Unknown => format!("is told that nobody knows: {command}"),
        }
    }

    fn abort(&self, command: CommandId, why: Abort) -> String {
        let command = self.vocabulary.command(command);
        match why {
            Abort::Conflict { stream, expected, actual } => {
                let stream = self.vocabulary.stream(stream);
                format!("Conflict: {command} expected {stream} {expected}, found {actual}")
            }
            Abort::AlreadyDone => format!("{command} was settled before, nothing is repeated"),
            Abort::ConnectionCut => {
                format!("rolls back {command}: its writer's connection was cut")
            }
            Abort::CommitRefused => format!("cannot commit {command} and rolls it back"),
            Abort::NotSerializable => {
                format!("rolls back {command}: it cannot be serialised with what others read")
            }
        }
    }

    /// `b-1 v1 @1: SeatHeld IB6251 1A for ana`.
    fn stored(&self, stored: &Stored<D::Event>) -> String {
        let (stream, version) = (self.vocabulary.stream(stored.stream), stored.version);
        let event = self.vocabulary.term(Term::Event(&stored.event));
        let before = Version(version.0 - 1);
        format!("{stream} {before} → {version} {}: {event}", stored.position)
    }

    /// `SeatHeld b-1 v1`.
    fn headline(&self, stored: &Stored<D::Event>) -> String {
        let name = self.vocabulary.domain.event_name(&stored.event);
        format!("{name} {}", self.version(stored.stream, stored.version))
    }

    fn event_names(&self, events: &[(StreamId, D::Event)]) -> String {
        let names: Vec<_> =
            events.iter().map(|(_, event)| self.vocabulary.domain.event_name(event)).collect();
        if names.is_empty() { "nothing changes".to_owned() } else { names.join(", ") }
    }

    /// Every view with a projector has a queue; the one after them is the sagas'.
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

    fn timer(&self, timer: u8) -> String {
        self.vocabulary.term(Term::Timer(timer)).to_string()
    }
}

fn again(attempt: u32) -> String {
    if attempt <= 1 { String::new() } else { format!(" again (attempt {attempt})") }
}

fn late(at: Instant, due: Instant) -> String {
    if at == due { String::new() } else { format!(", due at {due}") }
}
