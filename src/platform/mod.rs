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
//! Nodes talk by messages over links and in no other way. What a node keeps is split by type into what
//! a crash leaves (`Durable`) and what it takes (`Volatile`), and a handler makes at most one durable
//! step, so that a crash can fall before, between and after each. The platform knows no domain: it is
//! given one ([`Domain`]), and no word of it appears here.

mod broker;
mod cache;
mod command_api;
mod cx;
pub(crate) mod deadlines;
mod describe;
mod domain;
mod event;
mod event_store;
mod exposure;
mod fact;
mod fact_kind;
pub(crate) mod faults;
mod fold;
mod ids;
mod map;
pub(crate) mod message;
mod nodes;
mod orchestrator;
mod personal;
mod plan;
mod projector;
mod query_api;
mod read_store;
mod relay;
mod rows;
pub(crate) mod schema;
pub(crate) mod seal;
mod search;
mod settings;
#[cfg(test)]
mod sites;
mod speech;
mod stream_row;
mod stream_table;
#[cfg(test)]
pub(crate) mod testing;
mod timers;
pub(crate) mod topology;
mod vault;
mod world;

pub(crate) use cx::Cx;
pub use domain::{
    Answer, AsOf, Ask, Data, Decision, Domain, Effect, Folded, Lookup, Names, Never, Noun, RowKeys,
    STREAMS_MAX, Service, Stimulus, Strategy, Streams, Verdict, View,
};
pub use event::{Metadata, Principal, Stored};
pub(crate) use exposure::befalls;
#[doc(hidden)]
pub use exposure::{faults_of, place, sizes};
pub use fact::{Abort, AppendOutcome, CacheAnswer, Fact, Loss, Owed};
#[doc(hidden)]
pub use fact_kind::FactKind;
#[cfg(feature = "cli")]
pub(crate) use faults::FAULTS;
pub use ids::{
    CacheKey, Category, CommandId, CustomerId, EffectId, EventId, Ordinal, Position, RequestId,
    RowKey, ServiceId, StreamId, Token, Version, ViewId,
};
pub(crate) use map::{Map, Role};
pub(crate) use message::{MESSAGES, message_name};
pub use personal::{Personal, Plain, Sealed};
#[doc(hidden)]
pub use plan::{Cue, Plan};
pub(crate) use plan::{Operation, Workload};
pub(crate) use settings::Settings;
#[doc(hidden)]
pub use speech::Speech;
pub use stream_row::StreamRow;
pub(crate) use world::Listener;
#[doc(hidden)]
pub use world::{World, simulation};
