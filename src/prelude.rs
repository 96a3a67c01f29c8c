//! What a domain of one's own needs, to be brought in at once: `use jetlag::prelude::*`.

pub use crate::check::{Check, Checker, Invariant, Invariants, Property, Tally, Violations, When};
pub use crate::harness::{AnyScenario, Harness, How};
pub use crate::kernel::{Instant, Span, Step};
pub use crate::model::{
    Answer, Ask, Category, CommandOutcome, CustomerId, Decision, Domain, Effect, Fact, Folded,
    Lookup, Names, Never, Record, Rest, RowKey, RowKeys, Service, ServiceId, Stimulus, Stored,
    Strategy, StreamId, StreamRow, Streams, Term, Token, Version, View, ViewId,
};
pub use crate::scenario::{Complaints, Outcome, Place, ScenarioDomain, Wait};
