//! Identifiers.

use std::fmt;

use crate::kernel::Entity;

/// A kind of streams with one life cycle, such as bookings or sagas, numbered by the domain from 0. It is
/// also the routing key under which its events are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(pub u8);

/// One stream of events. Numbers are dense within a category, so that tables can be indexed by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Its category.
    pub category: Category,
    /// Its number within the category.
    pub number: u32,
}

/// The number of an event within its stream, from 1; 0 is the version of an empty stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32);

/// The number of an event within the whole store, from 1. Positions are allocated before the commit, so they
/// are unique and increasing, but not contiguous, and not committed in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

/// The rank of a visible event among those of its category, in order of position, from 1. Contiguous, unlike
/// positions, so consumers can detect gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(pub u64);

/// A customer of the script or the workload, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(pub u32);

/// A system outside of the platform, such as a vendor or a payment provider. Dense from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u8);

/// A read model of the domain, dense from 0: an index into [`Domain::VIEWS`](super::Domain::VIEWS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u8);

/// A row's number within its view; dense enough to index by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey(pub u32);

/// A request of a customer. A resend has the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// The customer.
    pub customer: CustomerId,
    /// Its number among the requests of the customer, from 1.
    pub nth: u32,
}

/// An effect of a saga, identified by the recorded event that calls for it. It stays the same after crashes,
/// so a resend is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId {
    /// The saga's stream.
    pub saga: StreamId,
    /// The version of the saga event.
    pub version: Version,
    /// The number of the effect among those of the event, from 0.
    pub nth: u8,
}

/// A command. A resend has the same id and is answered, not executed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandId {
    /// Of a customer.
    Request(RequestId),
    /// Of a saga, to another aggregate.
    Effect(EffectId),
    /// Of a saga, to record its own progress after a version of its stream.
    Progress {
        /// The saga's stream.
        saga: StreamId,
        /// The version after which it appends.
        after: Version,
    },
}

/// An event, identified by its command and its number among the events of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// The command.
    pub command: CommandId,
    /// The number, from 0.
    pub nth: u8,
}

/// The key of a cached value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheKey {
    /// A row of a view.
    Row(ViewId, RowKey),
    /// The gathered replies of services to a question, numbered by the domain.
    Gathered(u32),
}

/// A version of a stream that a query must show: the result of a command, or what was shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token {
    /// The stream.
    pub stream: StreamId,
    /// The version.
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

/// Makes identifiers entities. The first number tells the types apart; it and the second are part of digests.
/// The lower half is the number of a thing: what shares it may belong to one conversation, such as a stream and
/// the saga that follows it.
macro_rules! entities {
    ($($family:literal, $type:ty: |$id:ident| $number:expr;)+) => {$(
        impl From<$type> for Entity {
            fn from($id: $type) -> Self {
                Self($family << 56 | $number)
            }
        }
    )+};
}

entities! {
    1, StreamId: |id| u64::from(id.category.0) << 32 | u64::from(id.number);
    2, CustomerId: |id| u64::from(id.0);
    3, CacheKey: |id| match id {
        CacheKey::Row(view, row) => u64::from(view.0) << 32 | u64::from(row.0),
        CacheKey::Gathered(question) => 0xFF << 32 | u64::from(question),
    };
    4, ServiceId: |id| u64::from(id.0);
    5, ViewId: |id| u64::from(id.0);
}

impl StreamId {
    /// The stream that an entity is, if it is one.
    pub fn of(entity: Entity) -> Option<Self> {
        let [family, .., category, _, _, _, _] = entity.0.to_be_bytes();
        let stream = Self { category: Category(category), number: entity.0 as u32 };
        (family == 1).then_some(stream)
    }
}

impl CommandId {
    /// The customer or the saga of the command.
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
