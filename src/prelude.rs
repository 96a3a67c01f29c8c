//! What a domain of one's own needs, to be brought in at once: `use jetlag::prelude::*`.

pub use crate::check::{Check, Judge, Law, Lawful, Oracle, Property, Rest, Tally, When};
pub use crate::harness::{AnyScenario, Harness, How};
pub use crate::kernel::{Instant, Span, Step};
pub use crate::platform::{
    Answer, Ask, Category, CustomerId, Decision, Domain, Effect, Fact, Folded, Lookup, Names,
    Never, Noun, RowKey, RowKeys, Service, ServiceId, Stimulus, Stored, Strategy, StreamId,
    StreamRow, Streams, Token, Verdict, Version, View, ViewId,
};
pub use crate::scenario::{Complaints, Place, ScenarioDomain, Told, Wait};
pub use crate::trace::Record;
