//! The settings of the platform: how large it is, how fast, and how long its nodes wait.
//!
//! The defaults are defined here and nowhere else; `jetlag show FILE` prints the settings that apply to a
//! scenario.

use serde::{Deserialize, Serialize};

use super::broker::{BrokerKind, Producer, RabbitQueues, SqsQueues};
use super::faults::{
    CLAIM_LAPSED, LEASE_LAPSED, ROW_EVICTED, ROWS_LOST, STANDBY_EARLY, STORE_FAILOVER,
};
use crate::kernel::{Fault, Span};
use crate::model::View;

/// Declares groups of settings, each setting with its default.
macro_rules! settings {
    ($(
        $(#[$doc:meta])*
        $group:ident { $($(#[$about:meta])* $field:ident: $type:ty = $default:expr,)+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $group {
            $($(#[$about])* pub $field: $type,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    )+};
}

/// The streams of a command that an append checks and locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppendChecks {
    /// All that were read for the decision.
    Read,
    /// Only those that get an event. Two decisions that each read what the other one writes can both be
    /// stored: write skew.
    Written,
}

/// Whether the replica that takes over when the primary of the event store fails has every commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Replication {
    /// A commit waits for the replica.
    #[default]
    Synchronous,
    /// It does not: the replica is behind, and what it lacks at a failover is lost, acknowledged or not.
    Asynchronous {
        /// How far it is behind.
        lag: Span,
    },
}

/// Which row a cache evicts when it is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Evicts {
    /// The one that was not used for the longest time (`allkeys-lru`).
    #[default]
    LeastRecentlyUsed,
    /// Any (`allkeys-random`).
    AtRandom,
}

/// Where the store is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreReads {
    /// From the primary, which has everything that is committed.
    #[default]
    Primary,
    /// From a replica, which is behind.
    Replica {
        /// How far it is behind.
        lag: Span,
    },
}

impl StoreReads {
    /// How far what is read is behind at most.
    pub(crate) const fn lag(self) -> Span {
        match self {
            Self::Primary => Span::ZERO,
            Self::Replica { lag } => lag,
        }
    }
}

/// How several instances of a projector share the queue of their view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sharing {
    /// One gets all messages; another one takes over when the broker loses it.
    SingleActive,
    /// Streams are divided into segments, each of which one instance holds. Segments move when instances come and
    /// go.
    ByStream {
        /// Their number. With Kafka it is that of the partitions.
        segments: u32,
    },
}

/// What the event store does with a stream that an event of the domain ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndedStreams {
    /// Nothing: what may follow is for the domain to say.
    #[default]
    Kept,
    /// It takes no further event of it, whatever an append expects: a tombstone, or hard delete.
    Refused,
    /// It hides the events up to the end. Those that follow begin the stream again, and its versions continue: a soft
    /// delete, or truncation.
    Continued,
}

/// By what the transaction of a view recognises an event that it has applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Idempotency {
    /// By the last version of each stream, which is never removed.
    #[default]
    Versions,
    /// By the ids of messages, in an inbox. The last version of a stream says only what comes next.
    MessageIds {
        /// How long an id is kept, by the clock of the read store. Without it, for good.
        #[serde(default)]
        kept: Option<Span>,
    },
}

impl Idempotency {
    /// How long the id of a message is kept, if ids are removed.
    pub(crate) const fn kept(self) -> Option<Span> {
        match self {
            Self::Versions => None,
            Self::MessageIds { kept } => kept,
        }
    }
}

settings! {
    /// All settings of the platform.
    Settings {
        /// The number of command API instances.
        command_apis: u16 = 2,
        /// The number of query API instances.
        query_apis: u16 = 1,
        /// How often a command is decided again after a conflict before its outcome is unknown, and how
        /// often the store is asked again when it does not answer or cannot commit.
        retries: u32 = 10,
        /// How long a command API waits before it asks the store again. The wait doubles with each
        /// attempt, up to `reply_timeout`; jitter makes it up to twice as long.
        backoff: Span = Span::from_millis(100),
        /// The number of events of a stream after which a snapshot is saved; 0 for none.
        snapshot_every: u32 = 100,
        /// Whether a snapshot is also saved after each event after which the domain wants one, whatever the
        /// number of events.
        snapshot_on_change: bool = false,
        /// The most streams that a command API keeps folded, so that only new events have to be loaded.
        folds_kept: u32 = 256,
        /// The schema of new events and snapshots.
        schema: SchemaSettings = SchemaSettings::default(),
        /// How long a node waits for the store, the read store, the cache or the key store before it asks
        /// again or goes on without it.
        reply_timeout: Span = Span::from_secs(2),
        /// How often a query API tells each subscriber that the connection is open. Then it also reads the row
        /// again, in case that it was not notified of a change. The default is that of the HTML standard.
        heartbeat: Span = Span::from_secs(15),
        /// The event store.
        store: StoreSettings = StoreSettings::default(),
        /// The outbox relays.
        relay: RelaySettings = RelaySettings::default(),
        /// The broker.
        broker: BrokerSettings = BrokerSettings::default(),
        /// The projectors.
        projectors: ProjectorSettings = ProjectorSettings::default(),
        /// The views that are kept in a search index instead of the database of the read models.
        search_index: SearchIndexSettings = SearchIndexSettings::default(),
        /// The views that are kept in a cache instead of the database of the read models.
        row_cache: RowCacheSettings = RowCacheSettings::default(),
        /// The cache.
        cache: CacheSettings = CacheSettings::default(),
        /// The saga orchestrator.
        saga: SagaSettings = SagaSettings::default(),
        /// What rings the timers of sagas.
        timers: TimerKind = TimerKind::Scheduler,
        /// The clients of the customers.
        clients: ClientSettings = ClientSettings::default(),
        /// How much nodes do at once. By default handling takes no time.
        capacity: CapacitySettings = CapacitySettings::default(),
        /// How much services accept. By default everything.
        services: ServiceSettings = ServiceSettings::default(),
        /// The circuit breakers of the orchestrator and of the query APIs, one for each service. Without it,
        /// there are none.
        breaker: Option<BreakerSettings> = None,
    }

    /// The schema of new events and snapshots.
    SchemaSettings {
        /// When the writers are deployed: before, they write the oldest schema of the domain, afterwards
        /// the newest. Without it, they write the newest from the beginning.
        deploy: Option<Span> = None,
    }

    /// The event store.
    StoreSettings {
        /// From allocating positions to inserting rows.
        insert: Span = Span::from_millis(1),
        /// From inserting rows to the durable commit.
        commit: Span = Span::from_millis(1),
        /// From the durable commit until others see it.
        visible: Span = Span::from_micros(100),
        /// What each row of a synchronous view that a transaction changes adds before the commit.
        row: Span = Span::from_millis(1),
        /// By how much a choice may prolong each of these.
        jitter: Span = Span::from_millis(2),
        /// The streams of a command that an append checks and locks.
        checks: AppendChecks = AppendChecks::Read,
        /// How long the store keeps what is not an event.
        retention: RetentionSettings = RetentionSettings::default(),
        /// What is done with a stream that an event ends.
        ended_streams: EndedStreams = EndedStreams::Kept,
        /// Whether the replica that takes over in a failover has every commit.
        replication: Replication = Replication::Synchronous,
        /// Where command APIs read streams for a first decision. Orchestrators read the primary.
        reads: StoreReads = StoreReads::Primary,
        /// Where the log is read for views on demand, for rebuilds and for rows that a cache has lost, and streams for
        /// queries. Each read is answered by one of several replicas, of which none is behind by more.
        catch_up: StoreReads = StoreReads::Primary,
    }

    /// How long the store keeps what is not an event, by its clock.
    RetentionSettings {
        /// The outcomes of commands, by which copies are recognised. Without it, for good.
        commands: Option<Span> = None,
        /// The rows of the outbox that are marked as sent. Without it, they are removed when they are marked.
        outbox: Option<Span> = None,
        /// Snapshots. Without it, until the next one of the stream.
        snapshots: Option<Span> = None,
    }

    /// The outbox relays.
    RelaySettings {
        /// The number of relays. One of them holds the lease.
        instances: u16 = 1,
        /// The number of rows that are published together.
        batch: u32 = 100,
        /// The time after which an idle relay polls for rows. It doubles with each poll that finds none.
        poll: Span = Span::from_millis(500),
        /// The longest time between two polls.
        poll_max: Span = Span::from_secs(60),
        /// How long a relay waits for the broker's confirm before it publishes again.
        confirm_timeout: Span = Span::from_secs(2),
        /// How long the lease lasts if it is not renewed.
        lease: Span = Span::from_secs(10),
    }

    /// The broker.
    BrokerSettings {
        /// Which broker it behaves like.
        kind: BrokerKind = BrokerKind::Generic,
        /// How often a message is delivered before it is dead-lettered. The default is that of RabbitMQ's
        /// quorum queues.
        delivery_limit: u32 = 20,
        /// The delay before a rejected message is delivered again. It doubles with each rejection.
        retry: Span = Span::from_millis(100),
        /// The longest such delay.
        retry_max: Span = Span::from_secs(10),
        /// The time from a dead letter until the operator retries it and the messages parked behind it.
        redrive: Span = Span::from_secs(600),
    }

    /// RabbitMQ.
    RabbitMqSettings {
        /// 4 stands for 4.0 to 4.2, 3 for 3.10 to 3.13.
        version: u8 = 4,
        /// The type of the queues.
        queues: RabbitQueues = RabbitQueues::Quorum,
    }

    /// Amazon SQS.
    SqsSettings {
        /// The type of the queues.
        queues: SqsQueues = SqsQueues::Standard,
        /// For how long a message that was received is hidden from other receivers.
        visibility: Span = Span::from_secs(30),
    }

    /// Apache Kafka: a topic for each consumer group.
    KafkaSettings {
        /// The number of partitions of each topic. The events of a stream are in one.
        partitions: u32 = 3,
        /// How long a member of a group that is not heard of keeps its partitions (`session.timeout.ms`).
        session: Span = Span::from_secs(45),
        /// How often offsets are committed (`auto.commit.interval.ms`).
        commit: Span = Span::from_secs(5),
        /// For how long a record is kept (`retention.ms`).
        retention: Span = Span::from_secs(7 * 24 * 3600),
        /// How the producers of the relays publish.
        producer: Producer = Producer::Idempotent,
    }

    /// The projectors.
    ProjectorSettings {
        /// The number of instances of each projector.
        instances: u16 = 1,
        /// How several instances share the queue of their view.
        sharing: Sharing = Sharing::SingleActive,
        /// By what a view recognises an event that it has applied.
        idempotency: Idempotency = Idempotency::Versions,
        /// The most unacknowledged messages that a projector holds.
        prefetch: u32 = 10,
        /// The most messages that a projector buffers while they wait for a predecessor. Further messages return to the
        /// queue, unless the predecessor would wait behind them there, as in Kafka and in a FIFO queue of SQS.
        buffer: u32 = 1000,
        /// The number of events that a rebuild or a view on demand reads at a time.
        page: u32 = 100,
    }

    /// The views that are kept in a search index. A query finds what was written before the last refresh; such
    /// views are not cached.
    SearchIndexSettings {
        /// Their names. Only views with a projector can be kept in one.
        views: Vec<String> = Vec::new(),
        /// The time from a write until it is found. The default is that of Elasticsearch and OpenSearch.
        refresh: Span = Span::from_secs(1),
        /// How long a projector waits before it sends a document again that was rejected.
        retry: Span = Span::from_millis(100),
    }

    /// The views that are kept in a cache: their projectors write rows to memory, and readers fold from the log what is
    /// not there. There is no other copy of their rows.
    RowCacheSettings {
        /// Their names. Only views with a projector can be kept in one.
        views: Vec<String> = Vec::new(),
        /// The most rows of each of these views. Without it, as many as there are.
        rows: Option<u32> = None,
        /// Which row makes room for another one.
        evicts: Evicts = Evicts::LeastRecentlyUsed,
    }

    /// The cache.
    CacheSettings {
        /// How long a value is kept.
        ttl: Span = Span::from_secs(30),
        /// How long a loader may take before another one loads.
        lease: Span = Span::from_secs(2),
        /// For how long a value is kept after it has expired, to be shown if no node answers. Without it, until it is
        /// replaced: the cache has an entry for each key that was ever read.
        expired: Option<Span> = None,
    }

    /// The saga orchestrator.
    SagaSettings {
        /// The number of instances. One of them leads, under a lease.
        instances: u16 = 1,
        /// How long the lease of several instances lasts if it is not renewed. It is renewed after a third of it.
        lease: Span = Span::from_secs(15),
        /// The most unacknowledged messages that the orchestrator holds.
        prefetch: u32 = 100,
        /// How long the orchestrator waits for the answer to a command before it sends the command again
        /// under the same id. The wait doubles with each attempt.
        command_timeout: Span = Span::from_secs(2),
        /// The longest wait before any request is sent again.
        backoff_max: Span = Span::from_secs(60),
        /// How often a command is sent again before the saga is told that its outcome is unknown.
        resends: u32 = 8,
    }

    /// The clients of the customers.
    ClientSettings {
        /// How long a client waits before it sends a request again. An instance answers "unknown" or "try
        /// later" when four fifths of it have passed. With several query API instances, a client sends a
        /// query to a second one after half of it.
        patience: Span = Span::from_secs(5),
        /// How often a client sends a request again.
        resends: u32 = 3,
        /// How long after an accepted command a client's queries are answered from the event store, where
        /// possible, instead of from rows that may be behind. Without it, never.
        pin: Option<Span> = None,
        /// How long a client that has subscribed waits for a row or a heartbeat before it subscribes again, at the
        /// next instance.
        resubscribe_after: Span = Span::from_secs(40),
        /// Whether a client whose request was shed waits as long as it was told before it sends the request
        /// again. Otherwise it sends it again at once.
        obey_retry_after: bool = true,
    }

    /// How much each node of a kind does at once. Without it, a node handles everything as it arrives, which
    /// takes no time.
    CapacitySettings {
        /// A command API instance.
        command_apis: Option<ServerSettings> = None,
        /// A query API instance.
        query_apis: Option<ServerSettings> = None,
        /// The event store.
        store: Option<WorkerSettings> = None,
        /// The broker.
        broker: Option<WorkerSettings> = None,
        /// A projector.
        projectors: Option<WorkerSettings> = None,
        /// The database of the read models.
        read_store: Option<WorkerSettings> = None,
        /// The cache.
        cache: Option<WorkerSettings> = None,
        /// The saga orchestrator.
        saga: Option<WorkerSettings> = None,
        /// The key store.
        key_store: Option<WorkerSettings> = None,
    }

    /// The capacity of an instance that clients send requests to. A request keeps its worker until it is
    /// answered, as in a server with a thread for each request.
    ServerSettings {
        /// The number of requests in hand at once. The default is that of Puma's threads.
        workers: u32 = 5,
        /// The time that a request takes, besides the waits for other nodes.
        service_time: Span = Span::from_millis(5),
        /// By how much a choice may prolong it.
        jitter: Span = Span::from_millis(5),
        /// The most requests that wait for a worker. A further one is shed: the client is told to come back.
        queue: u32 = 1024,
        /// After how long a client whose request was shed is told to send it again.
        retry_after: Span = Span::from_secs(1),
    }

    /// The capacity of a node that other nodes send messages to. What it cannot handle at once waits; the senders
    /// have deadlines.
    WorkerSettings {
        /// The number of messages that it handles at once.
        workers: u32 = 1,
        /// The time that a message takes.
        service_time: Span = Span::from_millis(1),
        /// By how much a choice may prolong it.
        jitter: Span = Span::ZERO,
    }

    /// How much each service accepts. It answers what is more at once with a failure (429), and does not execute
    /// it.
    ServiceSettings {
        /// The most requests that it works on at once. Without it, any number.
        concurrency: Option<u32> = None,
        /// The most requests in one second of its clock. Without it, any number.
        per_second: Option<u32> = None,
    }

    /// A circuit breaker. It opens after so many failures in a row; while it is open, the service is not called.
    /// After a while one call probes whether the service answers again.
    BreakerSettings {
        /// The number of calls in a row that fail, or are not answered in time, after which it opens.
        failures: u32 = 5,
        /// How long it is open before a call probes the service.
        open: Span = Span::from_secs(10),
    }
}

impl Settings {
    /// Why a fault cannot happen with these settings, and a hint; nothing if it can.
    pub(crate) fn lacks(&self, fault: &Fault) -> Option<(String, &'static str)> {
        let name = fault.name;
        if !self.broker.kind.has(fault) {
            let message = format!("{name} cannot happen with `kind: {}`", self.broker.kind.name());
            return Some((message, "docs/brokers.md lists the faults of each kind of broker"));
        }
        if fault == &STORE_FAILOVER && self.store.replication == Replication::Synchronous {
            let message = format!("{name} loses nothing with `replication: Synchronous`");
            let hint = "write `platform: (store: (replication: Asynchronous(lag: \"2s\")))`";
            return Some((message, hint));
        }
        if [&ROW_EVICTED, &ROWS_LOST].contains(&fault) && self.row_cache.views.is_empty() {
            let message = format!("{name} cannot happen while no view is kept in a cache");
            let hint = "write `platform: (row_cache: (views: [...]))`; docs/read_models.md says what that means";
            return Some((message, hint));
        }
        let of_instances = [
            (&CLAIM_LAPSED, self.segments().is_some()),
            (&STANDBY_EARLY, self.have_standbys()),
            (&LEASE_LAPSED, self.saga.instances > 1),
        ];
        of_instances.iter().any(|(own, has)| *own == fault && !has).then(|| {
            let message = format!("{name} cannot happen with one instance, or with this `sharing`");
            (message, "docs/consumers.md says which faults several instances have")
        })
    }

    /// Whether a standby waits to take over the queue of a view.
    pub(crate) fn have_standbys(&self) -> bool {
        self.projectors.instances > 1 && self.projectors.sharing == Sharing::SingleActive
    }

    /// The number of segments into which the streams of a queue are divided, if several instances share them.
    pub(crate) const fn segments(&self) -> Option<u32> {
        match (self.projectors.sharing, &self.broker.kind) {
            _ if self.projectors.instances == 1 => None,
            (Sharing::SingleActive, _) => None,
            (Sharing::ByStream { .. }, BrokerKind::Kafka(kafka)) => Some(kafka.partitions),
            (Sharing::ByStream { segments }, _) => Some(segments),
        }
    }
}

impl RowCacheSettings {
    /// Whether a view is kept in a cache.
    pub(crate) fn has(&self, view: &View) -> bool {
        self.views.iter().any(|name| name == view.name)
    }
}

impl SearchIndexSettings {
    /// Whether a view is kept in a search index.
    pub(crate) fn has(&self, view: &View) -> bool {
        self.views.iter().any(|name| name == view.name)
    }
}

/// What rings the timers of sagas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimerKind {
    /// A scheduler that keeps them by their times, as Quartz or a wheel in memory over a table.
    #[default]
    Scheduler,
    /// A table of rows that is polled, as Hangfire, db-scheduler and most of our own do.
    Polled {
        /// The time between two polls: a timer is late by up to as much.
        every: Span,
        /// The most rows that a poll takes. The others wait for the next.
        batch: u32,
    },
    /// Messages that a broker delays. It does not take them back: one of a timer that was cancelled or moved still
    /// arrives.
    Delayed {
        /// The longest delay of a message. One for a later time is delayed again.
        longest: Span,
        /// Whether messages leave the queue in the order in which they entered it, as those with a time to live of
        /// their own do in RabbitMQ: one behind a longer one is late.
        in_order: bool,
    },
}

impl TimerKind {
    /// Whether its messages cannot be taken back.
    pub(crate) const fn is_delayed(self) -> bool {
        matches!(self, Self::Delayed { .. })
    }
}
