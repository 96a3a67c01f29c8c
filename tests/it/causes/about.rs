//! What a fact is about, as far as facts say it themselves: written apart from the engine and from the words
//! of stories, so that one can be held against the other.

use std::collections::{BTreeMap, BTreeSet};

use jetlag::internals::kernel::{Entity, NodeId};
use jetlag::model::{
    CacheAnswer, CacheKey, CommandId, Domain, EffectId, Fact, Lookup, Owed, Position, Record,
    RequestId, Sagas, Schemas, ServiceId, Services, Stored, Strategy, StreamId, Version, ViewId,
};

/// Something that a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// A stream, a customer, a cache key, a service or a view. A saga is the stream that it follows.
    Entity(Entity),
    Event(Position),
    Command(CommandId),
    Node(NodeId),
    Queue(u8),
}

/// What one fact is about.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) things: BTreeSet<Thing>,
    /// The command or the query that the fact names.
    pub(super) command: Option<CommandId>,
    /// The event that the fact names as a message or as the change of a view.
    pub(super) event: Option<Position>,
}

impl About {
    fn add(&mut self, entity: impl Into<Entity>) -> &mut Self {
        self.things.insert(Thing::Entity(entity.into()));
        self
    }

    fn node(&mut self, node: NodeId) -> &mut Self {
        self.things.insert(Thing::Node(node));
        self
    }

    fn stream<D: Domain>(&mut self, stream: StreamId) -> &mut Self {
        self.add(stream);
        // A saga and the stream that it follows are one thing.
        if let Some(subject) = D::Sagas::subject_of(stream) {
            self.add(subject);
        }
        self
    }
}

/// What the facts of a whole run say about commands, queries and events.
#[derive(Debug)]
pub(super) struct Run<'a, D: Domain> {
    domain: &'a D,
    /// The streams and positions of the events of each command.
    commands: BTreeMap<CommandId, Vec<(StreamId, Position)>>,
    /// The streams on which each command was decided, stored or not.
    decided: BTreeMap<CommandId, BTreeSet<StreamId>>,
    /// What each query looks up.
    queries: BTreeMap<RequestId, BTreeSet<Thing>>,
    /// What each customer is subscribed to.
    watched: BTreeMap<Thing, BTreeSet<Thing>>,
    positions: BTreeMap<(StreamId, Version), Position>,
    /// The stream of the event at each position; several if positions were taken again after a loss.
    streams: BTreeMap<Position, BTreeSet<StreamId>>,
    /// The stream that each saga follows.
    subjects: BTreeMap<Entity, StreamId>,
    /// The services that each question is put to.
    questions: BTreeMap<u32, BTreeSet<ServiceId>>,
    /// The query that loads under each lease.
    loaders: BTreeMap<u64, RequestId>,
}

impl<'a, D: Domain> Run<'a, D> {
    pub(super) fn new(domain: &'a D, records: &[Record<D>]) -> Self {
        let (commands, decided, queries) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (positions, streams) = (BTreeMap::new(), BTreeMap::new());
        let (subjects, questions, loaders) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let watched = BTreeMap::new();
        let mut run = Self {
            domain,
            commands,
            decided,
            queries,
            watched,
            positions,
            streams,
            subjects,
            questions,
            loaders,
        };
        for record in records {
            match &record.fact {
                Fact::Stored(event) => {
                    let Stored { stream, version, position, .. } = **event;
                    let command = run.commands.entry(event.metadata.id.command).or_default();
                    command.push((stream, position));
                    run.positions.insert((stream, version), position);
                    run.streams.entry(position).or_default().insert(stream);
                    if let Some(subject) = D::Sagas::subject_of(stream) {
                        run.subjects.insert(stream.into(), subject);
                    }
                }
                Fact::Decided { command, body, .. } => {
                    let streams = domain.streams(body);
                    run.decided.entry(*command).or_default().extend(streams);
                }
                Fact::Queried { request, query, owed, resend: _ } => {
                    let things = run.looked_up(*request, query, *owed).things;
                    run.queries.insert(*request, things);
                }
                Fact::Watched { request, query, owed, .. } => {
                    let things = run.looked_up(*request, query, *owed).things;
                    let customer = Thing::Entity(request.customer.into());
                    run.watched.entry(customer).or_default().extend(&things);
                    run.queries.insert(*request, things);
                }
                Fact::CacheGet { request, answer: CacheAnswer::Lease { lease, .. }, .. } => {
                    run.loaders.insert(*lease, *request);
                }
                _ => {}
            }
        }
        run
    }

    fn looked_up(&mut self, request: RequestId, query: &D::Query, owed: Owed) -> About {
        let mut about = About::default();
        match owed.lookup(self.domain, request.customer, query) {
            Lookup::Row(view, row) => {
                about.add(CacheKey::Row(view, row));
                if D::VIEWS[usize::from(view.0)].strategy == Strategy::OnDemand {
                    about.add(view);
                }
            }
            Lookup::Gather(gather) => {
                let services = self.questions.entry(gather.question).or_default();
                services.extend(gather.requests.iter().map(|(service, _)| *service));
                self.key(&mut about, CacheKey::Gathered(gather.question));
            }
            Lookup::Stream(from, _) => _ = about.stream::<D>(from.stream),
        }
        about
    }

    /// What a record is about.
    pub(super) fn about(&self, record: &Record<D>) -> About {
        let mut about = About::default();
        match &record.fact {
            Fact::Fault(fired) => {
                about.add(fired.entity).node(record.node);
                if let Some(subject) = self.subjects.get(&fired.entity) {
                    about.add(*subject);
                }
                about.node(fired.actor.from).node(fired.actor.to);
            }
            Fact::Restarted | Fact::Subscribed { .. } | Fact::Leased { .. } => {
                about.node(record.node);
            }
            Fact::Disconnected { peer } => _ = about.node(record.node).node(*peer),
            Fact::Fenced { relay, .. } => _ = about.node(*relay),
            // Any message can wait for a worker, and a breaker counts all calls of a service.
            Fact::Deployed { .. }
            | Fact::ReplicaReads { .. }
            | Fact::Cleaned { .. }
            | Fact::Expired { .. }
            | Fact::SentAgain { .. }
            | Fact::Rewound { .. }
            | Fact::Marked { .. }
            | Fact::Queued { .. }
            | Fact::Dequeued { .. }
            | Fact::Breaker { .. } => {}
            Fact::ConnectionClosed { queue } => {
                about.node(record.node).things.insert(Thing::Queue(*queue));
            }
            Fact::LeaderChosen { by } => _ = about.node(*by),
            Fact::SteppedDown => _ = about.node(record.node),
            Fact::ConsumerCancelled { queue }
            | Fact::Rebalanced { queue }
            | Fact::TakenOver { queue, .. }
            | Fact::Assigned { queue, .. } => {
                about.things.insert(Thing::Queue(*queue));
            }

            Fact::Commanded { request, command, .. } => {
                self.command(&mut about, CommandId::Request(*request));
                self.body(&mut about, command);
            }
            Fact::Queried { request, .. }
            | Fact::Told { request, .. }
            | Fact::EraseAsked { request, .. }
            | Fact::Sealed { request, .. }
            | Fact::SealedFor { request, .. } => self.request(&mut about, *request),
            Fact::Unsealed { request, customer, .. } => {
                about.add(*customer);
                self.request(&mut about, *request);
            }
            Fact::KeyMade { customer } | Fact::Erased { customer } | Fact::Left { customer } => {
                about.add(*customer);
            }

            Fact::Decided { command, body, .. }
            | Fact::Refused { command, body, .. }
            | Fact::Recognised { command, body } => {
                self.command(&mut about, *command);
                self.body(&mut about, body);
            }
            Fact::Acknowledged { command, .. }
            | Fact::Answered { command, .. }
            | Fact::Allocated { command, .. }
            | Fact::Inserted { command }
            | Fact::Blocked { command, .. }
            | Fact::Committed { command, .. }
            | Fact::Aborted { command, .. }
            | Fact::Concluded { command, .. } => self.command(&mut about, *command),
            Fact::Restored { stream, .. }
            | Fact::Snapshotted { stream, .. }
            | Fact::StreamEnded { stream, .. }
            | Fact::Redriven { stream, .. } => _ = about.stream::<D>(*stream),
            Fact::ServedStale { request, key, .. } => {
                self.key(&mut about, *key);
                self.request(&mut about, *request);
            }
            Fact::Bypassed { request, .. }
            | Fact::OutOfPatience { request, .. }
            | Fact::Shed { request, .. }
            | Fact::Watched { request, .. }
            | Fact::Pushed { request, .. }
            | Fact::Unwatched { request } => {
                self.request(&mut about, *request);
            }
            Fact::Recalled { request, stream, .. } => {
                about.stream::<D>(*stream);
                self.request(&mut about, *request);
            }

            Fact::Stored(event) => {
                self.event(&mut about, event.position);
                self.command(&mut about, event.metadata.id.command);
                // It changes several things, and has an id of its own.
                (about.command, about.event) = (None, None);
            }
            Fact::Delivered { queue, event, .. } => {
                about.things.insert(Thing::Queue(*queue));
                self.event(&mut about, event.position);
            }
            Fact::Published { event, .. }
            | Fact::Failed { event, .. }
            | Fact::Applied { event, .. }
            | Fact::Replayed { event, .. }
            | Fact::AppliedInline { event, .. } => self.event(&mut about, event.position),
            Fact::Routed { position, .. }
            | Fact::Acked { position, .. }
            | Fact::Requeued { position, .. }
            | Fact::Returned { position, .. }
            | Fact::DeadLettered { position, .. }
            | Fact::Parked { position, .. }
            | Fact::Deduplicated { position, .. }
            | Fact::RetentionOver { position, .. } => self.event(&mut about, *position),
            Fact::Buffered { stream, version, .. } | Fact::Skipped { stream, version, .. } => {
                self.event(&mut about, self.positions[&(*stream, *version)]);
            }

            Fact::RebuildStarted { view }
            | Fact::Rebuilt { view, .. }
            | Fact::SwitchedBack { view, .. }
            | Fact::Refreshed { view, .. }
            | Fact::RowLost { view, row: None, .. }
            | Fact::CaughtUp { view, .. } => _ = about.add(*view),

            Fact::CacheGet { key, request, .. } => {
                self.key(&mut about, *key);
                self.request(&mut about, *request);
            }
            Fact::CacheFilled { key, lease, .. }
            | Fact::CacheRefused { key, lease }
            | Fact::Loading { key, lease } => {
                self.key(&mut about, *key);
                self.request(&mut about, self.loaders[lease]);
            }
            Fact::CacheRefreshed { key, .. } | Fact::CacheLost { key: Some(key), .. } => {
                self.key(&mut about, *key);
            }
            Fact::RowLost { view, row: Some(row), .. } => {
                self.key(&mut about, CacheKey::Row(*view, *row));
            }
            Fact::RowRead { request, view, row, .. }
            | Fact::RowRestored { request, view, row, .. } => {
                self.key(&mut about, CacheKey::Row(*view, *row));
                self.request(&mut about, *request);
            }
            Fact::CachePinned { key, token } => _ = about.add(*key).stream::<D>(token.stream),
            Fact::CacheLost { key: None, .. } => _ = about.node(record.node),

            Fact::SagaCommanded { effect, command, .. }
            | Fact::SagaTold { effect, command, .. } => {
                self.effect(&mut about, *effect);
                self.body(&mut about, command);
            }
            Fact::Called { effect, .. }
            | Fact::GaveUp { effect, .. }
            | Fact::NotCalled { effect, .. } => {
                self.effect(&mut about, *effect);
            }
            Fact::Replied { saga, .. }
            | Fact::TimerSet { saga, .. }
            | Fact::TimerCancelled { saga, .. }
            | Fact::TimerFired { saga, .. } => _ = about.stream::<D>(*saga),

            Fact::Opened { service } => _ = about.add(*service),
            Fact::Served { service, request, .. } => {
                self.outside(&mut about, *service, D::Services::about(request));
            }
            Fact::Throttled { service, request } => {
                self.outside(&mut about, *service, D::Services::about(request));
            }
            Fact::Entered { service, entry } => {
                self.outside(&mut about, *service, D::Services::entry_about(entry));
            }
        }
        about
    }

    fn key(&self, about: &mut About, key: CacheKey) {
        about.add(key);
        if let CacheKey::Gathered(question) = key {
            for service in self.questions.get(&question).into_iter().flatten() {
                about.add(*service);
            }
        }
    }

    fn request(&self, about: &mut About, request: RequestId) {
        about.add(request.customer);
        about.things.extend(self.queries.get(&request).into_iter().flatten());
        self.command(about, CommandId::Request(request));
    }

    fn effect(&self, about: &mut About, effect: EffectId) {
        about.stream::<D>(effect.saga);
        self.command(about, CommandId::Effect(effect));
    }

    fn command(&self, about: &mut About, command: CommandId) {
        match command {
            CommandId::Request(request) => _ = about.add(request.customer),
            CommandId::Effect(EffectId { saga, .. }) | CommandId::Progress { saga, .. } => {
                about.stream::<D>(saga);
            }
        }
        for (stream, position) in self.commands.get(&command).into_iter().flatten() {
            about.stream::<D>(*stream);
            about.things.insert(Thing::Event(*position));
        }
        for stream in self.decided.get(&command).into_iter().flatten() {
            about.stream::<D>(*stream);
        }
        about.things.insert(Thing::Command(command));
        about.command = match command {
            CommandId::Request(_) | CommandId::Effect(_) => Some(command),
            // The progress of a saga is one thing with the saga.
            CommandId::Progress { .. } => None,
        };
    }

    fn body(&self, about: &mut About, command: &D::Command) {
        for stream in self.domain.streams(command) {
            about.stream::<D>(stream);
        }
    }

    fn event(&self, about: &mut About, position: Position) {
        about.things.insert(Thing::Event(position));
        about.event = Some(position);
        for stream in &self.streams[&position] {
            about.stream::<D>(*stream);
        }
    }

    /// What a service does for a stream; or without one, for whoever asked it.
    fn outside(&self, about: &mut About, service: ServiceId, stream: Option<StreamId>) {
        match stream {
            Some(stream) => about.stream::<D>(stream),
            None => about.add(service),
        };
    }

    /// Whether an event changes what something is about, or what a subscriber looks at. Never without subscribers.
    pub(super) fn changes(&self, event: &Stored<D::Event>, about: &About) -> bool {
        if self.watched.is_empty() {
            return false;
        }
        let views = (0..).map(ViewId).take(D::VIEWS.len());
        let changed = views.filter_map(|view| Some((view, self.keys(view, event)?)));
        let changed: BTreeSet<Thing> = changed
            .filter(|(_, keys)| !keys.is_empty())
            .flat_map(|(view, keys)| keys.into_iter().chain([Thing::Entity(view.into())]))
            .collect();
        let watched = about.things.iter().filter_map(|thing| self.watched.get(thing)).flatten();
        about.things.iter().chain(watched).any(|thing| changed.contains(thing))
    }

    /// The cache keys of the rows that an event changes; `None` if it is of an older schema.
    pub(super) fn keys(&self, view: ViewId, event: &Stored<D::Event>) -> Option<BTreeSet<Thing>> {
        let key = |row| Thing::Entity(CacheKey::Row(view, row).into());
        let newest = event.metadata.schema == D::Schemas::SCHEMA;
        newest.then(|| self.domain.rows(view, event).into_iter().map(key).collect())
    }
}
