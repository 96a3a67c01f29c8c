//! The platform: every node between a customer's click and a row that shows it.
//!
//! ```text
//!  customers ─▶ command API ⇄ event store ─▶ outbox relay ─▶ broker ─▶ projectors ⇄ read store
//!      │            ▲   └──────▶ cache ◀──────────────────────┼───────────┘           ▲
//!      └─▶ query API ──────────────┴──────────────────────────┼───────────────────────┘
//!                   └ commands ── saga orchestrator ◀─────────┘
//!                                   ⇅ timers   ⇅ services (outside)
//! ```
//!
//! Nodes exchange messages over links and share nothing else. The state of a node is split by type into
//! `Durable`, which survives a crash, and `Volatile`, which does not. A handler makes at most one durable
//! step, so a crash can fall before, between and after each. The platform knows no domain: it is generic
//! over one ([`Domain`](crate::model::Domain)).

mod ages;
mod broker;
mod cache;
pub(crate) mod capacity;
pub(crate) mod command_api;
mod cx;
pub(crate) mod deadlines;
pub(crate) mod defects;
pub(crate) mod event_store;
pub(crate) mod faults;
mod fold;
pub(crate) mod key_store;
mod listeners;
mod map;
pub(crate) mod message;
pub(crate) mod orchestrator;
mod plan;
mod projector;
mod query_api;
pub(crate) mod read_store;
mod relay;
mod rows;
pub(crate) mod schema;
pub(crate) mod seal;
pub(crate) mod settings;
mod small;
pub(crate) mod stream_table;
mod timers;
pub(crate) mod topology;
mod workload;

pub(crate) use broker::{Broker, BrokerKind};
pub(crate) use cache::Cache;
pub(crate) use command_api::CommandApi;
pub(crate) use cx::{Cx, Stated};
pub use defects::PLATFORM_DEFECTS;
pub(crate) use event_store::{EventStore, LockKey, LockWait};
#[cfg(feature = "cli")]
pub(crate) use faults::common_faults;
pub(crate) use faults::{
    CONFIRM_LOST, LOOKUP_LAGS, POISON, fires_at, happens_at, is_of_one_message, node_kinds,
};
pub use faults::{faults_of, place, sizes};
pub(crate) use key_store::KeyStore;
pub(crate) use map::{Instance, Map, Role};
pub(crate) use message::{MESSAGES, message_name};
pub(crate) use orchestrator::Orchestrator;
pub use plan::{Cue, Plan, Varies};
pub(crate) use plan::{Operate, Operation};
pub(crate) use projector::Projector;
pub(crate) use query_api::QueryApi;
pub(crate) use read_store::ReadStore;
pub(crate) use relay::Relay;
pub(crate) use rows::Rows;
pub(crate) use settings::{
    BrokerSettings, CapacitySettings, EndedStreams, KafkaSettings, RelaySettings, Replication,
    ServerSettings, ServiceSettings, Settings, Sharing, SqsSettings, StoreReads, TimerKind,
    WorkerSettings,
};
pub(crate) use small::SETTING_SMALL;
pub(crate) use timers::Timers;
pub(crate) use topology::saga_queue;
pub(crate) use workload::{Intensity, Loop, Spacing, Turn, Workload};
