//! What a domain of one's own needs, to be brought in at once: `use jetlag::prelude::*`.

pub use crate::check::{Check, Invariant, Invariants, Judge, Oracle, Property, Tally, When};
pub use crate::harness::{AnyScenario, Harness};
pub use crate::kernel::{Instant, Span, Step};
pub use crate::model::{
    Answer, Ask, Category, CommandOutcome, CustomerId, Decision, Domain, Effect, Fact, Folded,
    Lookup, Names, Never, Record, Rest, RowKey, RowKeys, Service, ServiceId, Stimulus, Stored,
    Strategy, StreamId, StreamRow, Streams, Term, Token, Version, View, ViewId,
};
pub use crate::scenario::{Complaints, Ids, Outcome, Place, ScenarioDomain, Wait};
pub use crate::session::{RunRequest, Verdict};
pub use crate::{event_names, names};
