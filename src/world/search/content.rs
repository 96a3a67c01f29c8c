//! What a fact holds and its hash leaves out.

use std::hash::{Hash, Hasher};

use crate::model::{Domain, Fact, Stored};

/// Hashes what the hash of a stored event leaves out.
pub(super) fn hash<E: Hash>(stored: &Stored<E>, state: &mut impl Hasher) {
    let Stored { stream, version, position: _, metadata, event, chain: _, signature } = stored;
    (stream, version, metadata, event, signature).hash(state);
}

/// The stored event of a fact. The hash of a stored event is that of its chain, which covers the content but
/// does not show it.
pub(super) fn stored<D: Domain>(fact: &Fact<D>) -> Option<&Stored<D::Event>> {
    match fact {
        Fact::Stored(event)
        | Fact::Published { event, .. }
        | Fact::Delivered { event, .. }
        | Fact::Failed { event, .. }
        | Fact::Applied { event, .. }
        | Fact::AppliedInline { event, .. }
        | Fact::Replayed { event, .. } => Some(event),
        Fact::Fault { .. }
        | Fact::Restarted
        | Fact::Disconnected { .. }
        | Fact::Commanded { .. }
        | Fact::Queried { .. }
        | Fact::Told { .. }
        | Fact::EraseAsked { .. }
        | Fact::Decided { .. }
        | Fact::Refused { .. }
        | Fact::Acknowledged { .. }
        | Fact::Restored { .. }
        | Fact::Deployed { .. }
        | Fact::Recognised { .. }
        | Fact::Answered { .. }
        | Fact::Allocated { .. }
        | Fact::Inserted { .. }
        | Fact::Blocked { .. }
        | Fact::Committed { .. }
        | Fact::Aborted { .. }
        | Fact::Concluded { .. }
        | Fact::Snapshotted { .. }
        | Fact::Leased { .. }
        | Fact::Routed { .. }
        | Fact::Marked { .. }
        | Fact::Cleaned { .. }
        | Fact::Rewound { .. }
        | Fact::Subscribed { .. }
        | Fact::Acked { .. }
        | Fact::Requeued { .. }
        | Fact::Returned { .. }
        | Fact::ConnectionClosed { .. }
        | Fact::DeadLettered { .. }
        | Fact::Parked { .. }
        | Fact::Redriven { .. }
        | Fact::Deduplicated { .. }
        | Fact::ConsumerCancelled { .. }
        | Fact::Rebalanced { .. }
        | Fact::RetentionOver { .. }
        | Fact::TakenOver { .. }
        | Fact::Assigned { .. }
        | Fact::LeaderChosen { .. }
        | Fact::SwitchedBack { .. }
        | Fact::Expired { .. }
        | Fact::SentAgain { .. }
        | Fact::StreamEnded { .. }
        | Fact::ReplicaReads { .. }
        | Fact::SteppedDown
        | Fact::Buffered { .. }
        | Fact::Skipped { .. }
        | Fact::RebuildStarted { .. }
        | Fact::Rebuilt { .. }
        | Fact::CacheGet { .. }
        | Fact::CacheFilled { .. }
        | Fact::CacheRefused { .. }
        | Fact::CacheRefreshed { .. }
        | Fact::CachePinned { .. }
        | Fact::CacheLost { .. }
        | Fact::Loading { .. }
        | Fact::SagaCommanded { .. }
        | Fact::Called { .. }
        | Fact::Replied { .. }
        | Fact::GaveUp { .. }
        | Fact::SagaTold { .. }
        | Fact::TimerSet { .. }
        | Fact::TimerCancelled { .. }
        | Fact::TimerFired { .. }
        | Fact::KeyMade { .. }
        | Fact::Sealed { .. }
        | Fact::Unsealed { .. }
        | Fact::Erased { .. }
        | Fact::Opened { .. }
        | Fact::Served { .. }
        | Fact::Entered { .. }
        | Fact::Fenced { .. }
        | Fact::CaughtUp { .. }
        | Fact::Recalled { .. }
        | Fact::Bypassed { .. }
        | Fact::ServedStale { .. }
        | Fact::OutOfPatience { .. }
        | Fact::Left { .. }
        | Fact::Queued { .. }
        | Fact::Dequeued { .. }
        | Fact::Shed { .. }
        | Fact::Throttled { .. }
        | Fact::NotCalled { .. }
        | Fact::Breaker { .. }
        | Fact::Refreshed { .. }
        | Fact::RowLost { .. }
        | Fact::RowRead { .. }
        | Fact::RowRestored { .. }
        | Fact::SealedFor { .. }
        | Fact::Watched { .. }
        | Fact::Pushed { .. }
        | Fact::Unwatched { .. } => None,
    }
}
