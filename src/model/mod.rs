//! The terms that all other rooms share: what a domain provides, and what a run leaves behind.
//!
//! ```text
//!   Domain  commands, events, views, sagas, services: types and pure functions
//!   ids     streams, versions, positions, views, customers
//!   Stored  an event with its place in the store
//!   Fact    what a node states; a Record is a fact with its place in the run
//!   Rest    the state at the end of a run
//! ```
//!
//! What is absent: nodes, messages and settings. The platform is built on these types; they do not know it.

mod dated;
mod defect;
mod domain;
mod event;
mod events;
mod expected;
mod fact;
mod fact_kind;
mod filed;
mod hex;
mod ids;
mod names;
mod numbers;
mod packed;
mod personal;
mod printable;
mod quoted;
mod rest;
mod stream_row;
mod tags;
mod vocabulary;

pub use dated::Dated;
pub(crate) use defect::declare_defects;
pub use defect::{Defect, Defects};
pub(crate) use domain::Shows;
pub use domain::{
    Acts, Answer, AsOf, Ask, CommandOutcome, Data, Decision, Domain, Effect, Entry, Folded, Gather,
    Ledger, Lookup, MoneyMove, Movement, Names, Never, NoPersonalData, NoSagas, NoServices,
    OneSchema, OwnWrites, Privacy, Pruning, Reply, Request, RowKeys, RowOfReplies, RowOfState,
    STREAMS_MAX, Sagas, Schemas, Service, ServiceFault, Services, Stimulus, StockItem, Strategy,
    StreamLookup, Streams, Subject, Term, View,
};
pub use event::{Metadata, Principal, Stored};
pub use events::{EventRef, Events, Filing};
pub use expected::Expected;
pub use fact::{
    Abort, AppendOutcome, BreakerState, CacheAnswer, Expired, Fact, Loss, Owed, Record,
};
pub use fact_kind::FactKind;
pub use ids::{
    CacheKey, Category, CommandId, CustomerId, EffectId, EventId, Ordinal, Position, RequestId,
    RowKey, ServiceId, StreamId, Token, Version, ViewId,
};
pub use names::{join, number_in};
pub(crate) use numbers::{counted, counted_or_no, grouped};
pub use personal::{Named, People, Personal, Plain, Sealed};
pub use printable::{is_unprintable, printable, printable_lines};
pub use quoted::quoted;
pub use rest::{DeadLetter, Found, Recalled, Rest, Searched, Snapshot};
pub use stream_row::StreamRow;
pub use tags::{Condition, DecisionModel, TAGS_MAX, Tag, Tags};
pub use vocabulary::Vocabulary;
