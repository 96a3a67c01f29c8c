//! The kinds of facts, as they are counted in expectations, metrics and reports.

use serde::{Deserialize, Serialize};

use crate::model::{AppendOutcome, BreakerState, CacheAnswer, Domain, Expired, Fact};

/// Declares [`FactKind`], each kind with the pattern of its facts: the fact of the same name unless another
/// one is given, and in braces the fields that decide. The first pattern that matches decides.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $(= $fact:ident)? $({ $($field:tt)+ })?),+ $(,)?) => {
        /// A fact without its fields. A fact that can mean opposite things, such as a hit and a miss of the
        /// cache, has several kinds.
        #[expect(missing_docs, reason = "each is described at the fact of the same name")]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum FactKind {
            $($(#[$doc])* $kind),+
        }

        impl FactKind {
            /// The number of kinds.
            pub const COUNT: usize = [$(Self::$kind),+].len();
        }

        impl<D: Domain> Fact<D> {
            /// The kind of this fact.
            pub const fn kind(&self) -> FactKind {
                match self {
                    $(kinds!(@pattern $kind $($fact)? { $($($field)+ ,)? .. }) => FactKind::$kind,)+
                }
            }
        }
    };
    (@pattern $kind:ident $fields:tt) => { kinds!(@pattern $kind $kind $fields) };
    (@pattern $kind:ident $fact:ident { $($field:tt)+ }) => { Self::$fact { $($field)+ } };
}

kinds! {
    Commanded, Queried, Told, EraseAsked,
    /// Decided in the first attempt.
    Decided { attempt: 0 | 1 },
    /// Decided again after a conflict.
    DecidedAgain = Decided,
    /// Rejected in the first attempt.
    Refused { attempt: 0 | 1 },
    /// Rejected after a conflict.
    RefusedAgain = Refused,
    /// The appender learned that its events are stored.
    Appended = Acknowledged { outcome: AppendOutcome::Appended },
    /// The appender learned that another writer was faster.
    Conflict = Acknowledged { outcome: AppendOutcome::Conflict },
    /// The appender learned that its command was already settled.
    AlreadyDone = Acknowledged { outcome: AppendOutcome::AlreadyDone },
    /// The appender learned that the store could not commit.
    CommitRefused = Acknowledged { outcome: AppendOutcome::CommitRefused },
    /// The appender learned of a serialization failure.
    NotSerializable = Acknowledged { outcome: AppendOutcome::NotSerializable },
    /// The appender got no answer.
    Unanswered = Acknowledged { outcome: AppendOutcome::Unknown },
    Recognised, Answered, Restored, Deployed, Allocated, Inserted, Blocked, Committed, Stored,
    Aborted, Concluded, Snapshotted, Leased, Published, Routed, Marked, Fenced, Subscribed,
    Delivered, Acked, Requeued, Returned, ConnectionClosed, DeadLettered, Parked, Redriven,
    Buffered, Skipped, Failed, Applied, AppliedInline, CaughtUp, RebuildStarted, Replayed, Rebuilt,
    /// The cache had the value.
    CacheHit = CacheGet { answer: CacheAnswer::Hit { .. } },
    /// The cache had no value; the request loads it.
    CacheMiss = CacheGet { answer: CacheAnswer::Lease { .. } },
    /// The cache had no value; another request loads it.
    CacheWait = CacheGet { answer: CacheAnswer::Wait },
    CacheFilled, CacheRefused, CacheRefreshed, CachePinned, CacheLost, Loading, Recalled,
    SagaCommanded, Called, Replied, GaveUp, SagaTold, TimerSet, TimerCancelled, TimerFired, KeyMade,
    Sealed { dropped: false },
    /// Personal data was dropped: the customer was erased.
    SealDropped = Sealed,
    Unsealed { forgotten: false },
    /// Texts could not be decrypted: the customer was erased.
    Forgotten = Unsealed,
    Erased, Opened, Served, Entered, Fault, Restarted, Disconnected, Bypassed, OutOfPatience,
    ServedStale, Left, Queued, Dequeued, Shed, Throttled, NotCalled,
    /// A circuit breaker closed: the service is called again.
    BreakerClosed = Breaker { state: BreakerState::Closed },
    /// A circuit breaker opened: the service is not called.
    BreakerOpen = Breaker { state: BreakerState::Open },
    /// A circuit breaker lets one call probe the service.
    BreakerHalfOpen = Breaker { state: BreakerState::HalfOpen },
    Refreshed,
    Watched { again: false },
    /// A customer subscribed again.
    WatchedAgain = Watched,
    Pushed, Unwatched,
    Deduplicated, ConsumerCancelled, Rebalanced, RetentionOver,
    Cleaned,
    Rewound,
    TakenOver, Assigned, LeaderChosen, SteppedDown, SwitchedBack,
    RowLost,
    /// A row of a view in a cache was read.
    RowKnown = RowRead { known: true },
    /// A row of a view in a cache was to be read and is not held.
    RowMissing = RowRead,
    RowRestored,
    SealedFor { dropped: false },
    /// Personal data of another customer than the sender was dropped: that customer was erased.
    SealForDropped = SealedFor,
    /// Rows of the outbox were removed some time after they were sent.
    OutboxCleaned = Expired { what: Expired::OutboxRows },
    /// A snapshot was removed because of its age.
    SnapshotsCleaned = Expired { what: Expired::Snapshot(..) },
    /// Ids of messages were removed from the inbox of a view.
    InboxCleaned = Expired { what: Expired::MessageIds(_) },
    SentAgain, StreamEnded, ReplicaReads,
}

impl FactKind {
    /// Its place in a table of all kinds.
    pub const fn index(self) -> usize {
        self as usize
    }
}
