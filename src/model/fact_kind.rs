//! The kinds of facts, as they are counted in expectations, metrics and reports.

use serde::{Deserialize, Serialize};

use crate::model::{AppendOutcome, CacheAnswer, Domain, Fact};

/// A fact without its fields. Where the same fact can mean opposite things, such as a hit and a miss of
/// the cache, there are several kinds.
#[expect(missing_docs, reason = "each is described at the fact of the same name")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FactKind {
    Commanded,
    Queried,
    Told,
    EraseAsked,
    /// Decided on what was read first.
    Decided,
    /// Decided once more, on what was read after a conflict.
    DecidedAgain,
    /// Rejected on what was read first.
    Refused,
    /// Rejected on what was read after a conflict.
    RefusedAgain,
    /// The appender learned that its events are stored.
    Appended,
    /// The appender learned that another writer was faster.
    Conflict,
    /// The appender learned that its command was already settled.
    AlreadyDone,
    /// The appender learned that the store could not commit.
    CommitRefused,
    /// The appender learned of a serialization failure.
    NotSerializable,
    /// The appender learned nothing.
    Unanswered,
    Recognised,
    Answered,
    Restored,
    Deployed,
    Allocated,
    Inserted,
    Blocked,
    Committed,
    Stored,
    Aborted,
    Concluded,
    Snapshotted,
    Leased,
    Published,
    Routed,
    Marked,
    /// A relay marked rows without a current lease.
    Fenced,
    Subscribed,
    Delivered,
    Acked,
    Requeued,
    Returned,
    ConnectionClosed,
    DeadLettered,
    Parked,
    Redriven,
    Buffered,
    Skipped,
    Failed,
    Applied,
    /// A synchronous view shows an event.
    AppliedInline,
    /// A view on demand was brought up to date.
    CaughtUp,
    RebuildStarted,
    Replayed,
    Rebuilt,
    /// The cache had the value.
    CacheHit,
    /// The cache had no value, and the asker loads it.
    CacheMiss,
    /// The cache had no value, and another request loads it.
    CacheWait,
    CacheFilled,
    CacheRefused,
    CacheRefreshed,
    CachePinned,
    CacheLost,
    Loading,
    Recalled,
    SagaCommanded,
    Called,
    Replied,
    GaveUp,
    SagaTold,
    TimerSet,
    TimerCancelled,
    TimerFired,
    KeyMade,
    Sealed,
    /// Personal data was dropped: the customer was erased.
    SealDropped,
    Unsealed,
    /// Texts could not be decrypted: the customer was erased.
    Forgotten,
    Erased,
    Opened,
    Served,
    Entered,
    /// A fault strikes, scripted or drawn.
    Fault,
    /// A node was down and runs again.
    Restarted,
    /// A node learns that a connection has broken.
    Disconnected,
}

impl FactKind {
    /// How many kinds there are; as a number, each kind is less.
    pub const COUNT: usize = Self::Disconnected as usize + 1;

    /// Its place in a table of all kinds.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl<D: Domain> Fact<D> {
    /// The kind of this fact.
    pub const fn kind(&self) -> FactKind {
        match self {
            Self::Commanded { .. } => FactKind::Commanded,
            Self::Queried { .. } => FactKind::Queried,
            Self::Told { .. } => FactKind::Told,
            Self::EraseAsked { .. } => FactKind::EraseAsked,
            Self::Decided { attempt: 0 | 1, .. } => FactKind::Decided,
            Self::Decided { .. } => FactKind::DecidedAgain,
            Self::Refused { attempt: 0 | 1, .. } => FactKind::Refused,
            Self::Refused { .. } => FactKind::RefusedAgain,
            Self::Acknowledged { outcome, .. } => match outcome {
                AppendOutcome::Appended => FactKind::Appended,
                AppendOutcome::Conflict => FactKind::Conflict,
                AppendOutcome::AlreadyDone => FactKind::AlreadyDone,
                AppendOutcome::CommitRefused => FactKind::CommitRefused,
                AppendOutcome::NotSerializable => FactKind::NotSerializable,
                AppendOutcome::Unknown => FactKind::Unanswered,
            },
            Self::Recognised { .. } => FactKind::Recognised,
            Self::Answered { .. } => FactKind::Answered,
            Self::Restored { .. } => FactKind::Restored,
            Self::Deployed { .. } => FactKind::Deployed,
            Self::Allocated { .. } => FactKind::Allocated,
            Self::Inserted { .. } => FactKind::Inserted,
            Self::Blocked { .. } => FactKind::Blocked,
            Self::Committed { .. } => FactKind::Committed,
            Self::Stored(_) => FactKind::Stored,
            Self::Aborted { .. } => FactKind::Aborted,
            Self::Concluded { .. } => FactKind::Concluded,
            Self::Snapshotted { .. } => FactKind::Snapshotted,
            Self::Leased { .. } => FactKind::Leased,
            Self::Published { .. } => FactKind::Published,
            Self::Routed { .. } => FactKind::Routed,
            Self::Marked { .. } => FactKind::Marked,
            Self::Fenced { .. } => FactKind::Fenced,
            Self::Subscribed { .. } => FactKind::Subscribed,
            Self::Delivered { .. } => FactKind::Delivered,
            Self::Acked { .. } => FactKind::Acked,
            Self::Requeued { .. } => FactKind::Requeued,
            Self::Returned { .. } => FactKind::Returned,
            Self::ConnectionClosed { .. } => FactKind::ConnectionClosed,
            Self::DeadLettered { .. } => FactKind::DeadLettered,
            Self::Parked { .. } => FactKind::Parked,
            Self::Redriven { .. } => FactKind::Redriven,
            Self::Buffered { .. } => FactKind::Buffered,
            Self::Skipped { .. } => FactKind::Skipped,
            Self::Failed { .. } => FactKind::Failed,
            Self::Applied { .. } => FactKind::Applied,
            Self::AppliedInline { .. } => FactKind::AppliedInline,
            Self::CaughtUp { .. } => FactKind::CaughtUp,
            Self::RebuildStarted { .. } => FactKind::RebuildStarted,
            Self::Replayed { .. } => FactKind::Replayed,
            Self::Rebuilt { .. } => FactKind::Rebuilt,
            Self::CacheGet { answer, .. } => match answer {
                CacheAnswer::Hit { .. } => FactKind::CacheHit,
                CacheAnswer::Lease { .. } => FactKind::CacheMiss,
                CacheAnswer::Wait => FactKind::CacheWait,
            },
            Self::CacheFilled { .. } => FactKind::CacheFilled,
            Self::CacheRefused { .. } => FactKind::CacheRefused,
            Self::CacheRefreshed { .. } => FactKind::CacheRefreshed,
            Self::CachePinned { .. } => FactKind::CachePinned,
            Self::CacheLost { .. } => FactKind::CacheLost,
            Self::Loading { .. } => FactKind::Loading,
            Self::Recalled { .. } => FactKind::Recalled,
            Self::SagaCommanded { .. } => FactKind::SagaCommanded,
            Self::Called { .. } => FactKind::Called,
            Self::Replied { .. } => FactKind::Replied,
            Self::GaveUp { .. } => FactKind::GaveUp,
            Self::SagaTold { .. } => FactKind::SagaTold,
            Self::TimerSet { .. } => FactKind::TimerSet,
            Self::TimerCancelled { .. } => FactKind::TimerCancelled,
            Self::TimerFired { .. } => FactKind::TimerFired,
            Self::KeyMade { .. } => FactKind::KeyMade,
            Self::Sealed { dropped: false, .. } => FactKind::Sealed,
            Self::Sealed { dropped: true, .. } => FactKind::SealDropped,
            Self::Unsealed { forgotten: false, .. } => FactKind::Unsealed,
            Self::Unsealed { forgotten: true, .. } => FactKind::Forgotten,
            Self::Erased { .. } => FactKind::Erased,
            Self::Opened { .. } => FactKind::Opened,
            Self::Served { .. } => FactKind::Served,
            Self::Entered { .. } => FactKind::Entered,
            Self::Fault(_) => FactKind::Fault,
            Self::Restarted => FactKind::Restarted,
            Self::Disconnected { .. } => FactKind::Disconnected,
        }
    }
}
