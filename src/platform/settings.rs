//! How large the platform is, how fast, and how patient.
//!
//! This is the one place where the platform's defaults are written down; `jetlag show FILE` prints
//! them as they apply to a scenario.

use serde::{Deserialize, Serialize};

use crate::kernel::Span;

/// All settings of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many command API instances there are.
    pub command_apis: u16,
    /// How many query API instances there are.
    pub query_apis: u16,
    /// How often a command that lost a race is decided again before it is given up as unknown, and how
    /// often the store is asked again when it does not answer or cannot commit.
    pub retries: u32,
    /// How long a command API pauses before it asks the store again. The pause doubles every time, up
    /// to `reply_timeout`, and chance makes it up to twice as long.
    pub backoff: Span,
    /// After how many events of a stream a snapshot of it is saved.
    pub snapshot_every: u32,
    /// The schema of what is written.
    pub schema: SchemaSettings,
    /// How long a node waits for the store, the read store or the cache before it asks again.
    pub reply_timeout: Span,
    /// The event store.
    pub store: StoreSettings,
    /// The outbox relays.
    pub relay: RelaySettings,
    /// The broker.
    pub broker: BrokerSettings,
    /// The projectors.
    pub projectors: ProjectorSettings,
    /// The cache.
    pub cache: CacheSettings,
    /// The saga orchestrator.
    pub saga: SagaSettings,
    /// The customers' clients.
    pub clients: ClientSettings,
}

/// The schema of what is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchemaSettings {
    /// When those who write are deployed anew: until then they write the oldest schema of the domain,
    /// from then on the newest. Without it, they write the newest from the beginning.
    pub deploy: Option<Span>,
}

/// The event store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// From allocating positions to inserting rows.
    pub insert: Span,
    /// From inserting rows to the durable commit.
    pub commit: Span,
    /// From the durable commit to others seeing it.
    pub visible: Span,
    /// What each row of a synchronous view that a transaction changes adds to it, before its commit.
    pub row: Span,
    /// What each of these can take longer, by choice.
    pub jitter: Span,
}

/// The outbox relays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelaySettings {
    /// How many relays there are; one at a time holds the lease.
    pub instances: u16,
    /// How many rows are published at a time.
    pub batch: u32,
    /// How soon an idle relay looks for rows nobody told it about; it doubles with every empty look.
    pub poll: Span,
    /// The longest pause between two looks.
    pub poll_max: Span,
    /// How long it waits for the broker's confirm before it publishes again.
    pub confirm_timeout: Span,
    /// How long the lease lasts without being renewed.
    pub lease: Span,
}

/// The broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrokerSettings {
    /// How often a message is delivered before it is dead-lettered. RabbitMQ's quorum queues say 20.
    pub delivery_limit: u32,
    /// How long a message that was refused rests before it is delivered again; twice as long each time.
    pub retry: Span,
    /// The longest such rest.
    pub retry_max: Span,
    /// How long after a dead letter an operator has another try at what is parked behind it, and at it.
    pub redrive: Span,
}

/// The projectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectorSettings {
    /// How many unacknowledged messages a projector holds at most.
    pub prefetch: u32,
    /// How many messages it holds back at most while they wait for a predecessor; beyond that they
    /// go back to the queue.
    pub buffer: u32,
    /// How many events a rebuild reads and applies at a time, and a view on demand reads at a time.
    pub page: u32,
}

/// The cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// How long a value stays.
    pub ttl: Span,
    /// How long a loader may take before somebody else loads.
    pub lease: Span,
}

/// The saga orchestrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SagaSettings {
    /// How many unacknowledged messages it holds at most.
    pub prefetch: u32,
    /// How long it waits for its commands before it sends them again under the same id; each time
    /// twice as long.
    pub command_timeout: Span,
    /// The longest pause before it asks again, whomever it asks.
    pub backoff_max: Span,
    /// How often it sends a command again before it tells the saga that nobody knows.
    pub resends: u32,
}

/// The customers' clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// How long a client waits before it sends the same request again.
    pub patience: Span,
    /// How often it does.
    pub resends: u32,
    /// For how long after an accepted command a client asks to be answered from the event store itself,
    /// where it can be, instead of from rows that may be behind. Without it, never.
    pub pin: Option<Span>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            command_apis: 2,
            query_apis: 1,
            retries: 10,
            backoff: Span::from_millis(100),
            snapshot_every: 100,
            schema: SchemaSettings::default(),
            reply_timeout: Span::from_secs(2),
            store: StoreSettings::default(),
            relay: RelaySettings::default(),
            broker: BrokerSettings::default(),
            projectors: ProjectorSettings::default(),
            cache: CacheSettings::default(),
            saga: SagaSettings::default(),
            clients: ClientSettings::default(),
        }
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            insert: Span::from_millis(1),
            commit: Span::from_millis(1),
            visible: Span::from_micros(100),
            row: Span::from_millis(1),
            jitter: Span::from_millis(2),
        }
    }
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            instances: 1,
            batch: 100,
            poll: Span::from_millis(500),
            poll_max: Span::from_secs(60),
            confirm_timeout: Span::from_secs(2),
            lease: Span::from_secs(10),
        }
    }
}

impl Default for BrokerSettings {
    fn default() -> Self {
        Self {
            delivery_limit: 20,
            retry: Span::from_millis(100),
            retry_max: Span::from_secs(10),
            redrive: Span::from_secs(600),
        }
    }
}

impl Default for ProjectorSettings {
    fn default() -> Self {
        Self { prefetch: 10, buffer: 1000, page: 100 }
    }
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { ttl: Span::from_secs(30), lease: Span::from_secs(2) }
    }
}

impl Default for SagaSettings {
    fn default() -> Self {
        Self {
            prefetch: 100,
            command_timeout: Span::from_secs(2),
            backoff_max: Span::from_secs(60),
            resends: 8,
        }
    }
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { patience: Span::from_secs(5), resends: 3, pin: None }
    }
}
