//! Everything that a domain needs: `use jetlag::prelude::*`.

pub use crate::check::{Check, Checker, Checks, Invariant, Invariants, Property, When};
pub use crate::harness::{AnyScenario, Harness};
pub use crate::kernel::{Instant, Span, Step};
pub use crate::model::{
    Answer, AsOf, Ask, Category, CommandOutcome, CustomerId, Decision, DecisionModel, Domain,
    Effect, Expected, Fact, Folded, Gather, Lookup, Names, NoPersonalData, NoSagas, NoServices,
    OneSchema, OwnWrites, People, Personal, Plain, Privacy, Pruning, Record, Rest, RowKey, RowKeys,
    Sagas, Schemas, Service, ServiceFault, ServiceId, Services, Stimulus, StockItem, Stored,
    Strategy, StreamId, StreamLookup, StreamRow, Streams, Tag, Tags, Term, Token, Version, View,
    ViewId,
};
pub use crate::scenario::{Complaints, Ids, LongWait, Outcome, Place, ScenarioDomain, Wait};
pub use crate::session::{RunRequest, Verdict};
pub use crate::{checkers, event_names, names};
