//! The platform: every node between a customer's click and a row that shows it. Knows no domain.

mod domain;
mod event;
mod fact;
mod fact_kind;
mod ids;
mod plan;
mod settings;

pub use domain::{
    Answer, Ask, Data, Domain, Effect, Folded, Lookup, Names, Noun, STREAMS_MAX, Service, Stimulus,
    Streams, Verdict, View,
};
pub use event::{Metadata, Principal, Stored};
pub use fact::{Abort, AppendOutcome, CacheAnswer, Fact};
pub use fact_kind::FactKind;
pub use ids::{
    CacheKey, Category, CommandId, CustomerId, EffectId, EventId, Ordinal, Position, RequestId,
    RowKey, ServiceId, StreamId, Token, Version, ViewId,
};
pub use plan::{Cue, Plan, Workload};
pub use settings::{
    BrokerSettings, CacheSettings, ClientSettings, ProjectorSettings, RelaySettings, SagaSettings,
    Settings, StoreSettings,
};
