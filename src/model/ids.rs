//! What the platform's things are called.

use std::fmt;

use crate::kernel::Entity;

/// A family of streams that share a life cycle, such as bookings or sagas. The domain numbers them
/// from 0; a category is also the routing key under which its events are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(pub u8);

/// One stream of events. Numbers are dense within a category, so that tables can be indexed by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Its family.
    pub category: Category,
    /// Its number within the family.
    pub number: u32,
}

/// The number of an event within its stream, from 1; 0 is the version of an empty stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

/// The number of an event within the whole store, from 1. Numbers are allocated before commit, so
/// they are unique and increasing but neither contiguous nor committed in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// The rank of a visible event among those of its category, in order of position, from 1.
/// Contiguous, unlike positions: what consumers count with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(pub u64);

/// A customer of the workload or the script, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub u32);

/// A party outside of the platform: a vendor, a payment provider. Dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u8);

/// A read model of the domain, dense from 0: an index into [`Domain::VIEWS`](super::Domain::VIEWS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u8);

/// A row's number within its view; dense enough to index by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(pub u32);

/// What a customer sent: the how-manieth request of whom. The same for every resend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// Whose.
    pub customer: CustomerId,
    /// Counted from 1 for each customer.
    pub nth: u32,
}

/// Names one effect of a saga, by the recorded saga event that calls for it. Deterministic: the same
/// after any number of crashes, so that a resend is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId {
    /// The saga's stream.
    pub saga: StreamId,
    /// The version of the saga event.
    pub version: Version,
    /// Which of that event's effects, from 0.
    pub nth: u8,
}

/// Names a command; a resend carries the same one and is answered instead of repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandId {
    /// A customer's.
    Request(RequestId),
    /// A saga's, to another aggregate.
    Effect(EffectId),
    /// A saga's record of its own progress: the append that follows this version of its stream.
    Progress {
        /// The saga's stream.
        saga: StreamId,
        /// The version it appends after.
        after: Version,
    },
}

/// Names an event: the command it came from and its place among that command's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The command that was decided.
    pub command: CommandId,
    /// From 0.
    pub nth: u8,
}

/// What a cached value is a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheKey {
    /// A row of a view.
    Row(ViewId, RowKey),
    /// The gathered answers of several services to one question, numbered by the domain.
    Gathered(u32),
}

/// Proof that a customer's command took effect: reads that carry it must show at least this much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// The stream the command wrote to.
    pub stream: StreamId,
    /// Its version afterwards.
    pub version: Version,
}

impl Version {
    /// The version after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Ordinal {
    /// The ordinal after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

const STREAM: u64 = 1 << 56;
const CUSTOMER: u64 = 2 << 56;
const CACHE: u64 = 3 << 56;
const SERVICE: u64 = 4 << 56;
const VIEW: u64 = 5 << 56;

impl From<StreamId> for Entity {
    fn from(stream: StreamId) -> Self {
        Self(STREAM | u64::from(stream.category.0) << 32 | u64::from(stream.number))
    }
}

impl From<CustomerId> for Entity {
    fn from(customer: CustomerId) -> Self {
        Self(CUSTOMER | u64::from(customer.0))
    }
}

impl From<CacheKey> for Entity {
    fn from(key: CacheKey) -> Self {
        match key {
            CacheKey::Row(view, row) => Self(CACHE | u64::from(view.0) << 32 | u64::from(row.0)),
            CacheKey::Gathered(number) => Self(CACHE | 0xFF << 32 | u64::from(number)),
        }
    }
}

impl From<ServiceId> for Entity {
    fn from(service: ServiceId) -> Self {
        Self(SERVICE | u64::from(service.0))
    }
}

impl From<ViewId> for Entity {
    fn from(view: ViewId) -> Self {
        Self(VIEW | u64::from(view.0))
    }
}

impl CommandId {
    /// Who or what the command came from.
    pub fn entity(&self) -> Entity {
        match self {
            Self::Request(request) => request.customer.into(),
            Self::Effect(effect) => effect.saga.into(),
            Self::Progress { saga, .. } => (*saga).into(),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}
