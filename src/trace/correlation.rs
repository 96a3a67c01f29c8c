//! The conversation that each fact belongs to: everything that one request of a customer led to.

use crate::collections::SortedMap;
use crate::kernel::Cause;
use crate::model::{CommandId, Domain, Fact, Record, RequestId};

use super::Causes;

/// The correlation id of each record: of the request or the event that the fact names, otherwise of what led
/// to the fact. `None` for what no request led to.
pub(super) fn correlated<D: Domain>(
    records: &[Record<D>],
    causes: &Causes,
) -> Vec<Option<CommandId>> {
    let mut of_parts: SortedMap<Cause, CommandId> = SortedMap::new();
    let mut pending = causes.iter().peekable();
    // What led to an occurrence comes before it, so each part finds the id of its cause.
    let mut inherit = |of_parts: &mut SortedMap<Cause, CommandId>, upto: Cause| {
        while let Some((what, cause)) = pending.next_if(|(what, _)| *what <= upto) {
            if let Some(id) = of_parts.get(&cause).copied() {
                of_parts.insert(what, id);
            }
        }
    };
    let of_record = |record: &Record<D>| {
        // Parts alternate within an occurrence, so all of them inherit before its first fact.
        inherit(&mut of_parts, Cause::new(record.step, Cause::PARTS_MAX as u32 - 1));
        let part = Cause::new(record.step, record.part);
        let named = named(&record.fact);
        if let Some(id) = named {
            of_parts.insert(part, id);
        }
        named.or_else(|| of_parts.get(&part).copied())
    };
    records.iter().map(of_record).collect()
}

/// The correlation id that a fact names.
fn named<D: Domain>(fact: &Fact<D>) -> Option<CommandId> {
    match fact {
        Fact::Commanded { request, .. }
        | Fact::Queried { request, .. }
        | Fact::Told { request, .. }
        | Fact::EraseAsked { request, .. }
        | Fact::CacheGet { request, .. }
        | Fact::Recalled { request, .. }
        | Fact::RowRead { request, .. }
        | Fact::RowRestored { request, .. }
        | Fact::Bypassed { request, .. }
        | Fact::ServedStale { request, .. }
        | Fact::OutOfPatience { request, .. }
        | Fact::Shed { request, .. }
        | Fact::Watched { request, .. }
        | Fact::Pushed { request, .. }
        | Fact::Unwatched { request }
        | Fact::Sealed { request, .. }
        | Fact::SealedFor { request, .. }
        | Fact::Unsealed { request, .. } => Some(of_request(*request)),
        Fact::Decided { command, .. }
        | Fact::Refused { command, .. }
        | Fact::Acknowledged { command, .. }
        | Fact::Recognised { command, .. }
        | Fact::Answered { command, .. }
        | Fact::Allocated { command, .. }
        | Fact::Inserted { command }
        | Fact::Blocked { command, .. }
        | Fact::Committed { command, .. }
        | Fact::Aborted { command, .. }
        | Fact::Concluded { command, .. } => match command {
            CommandId::Request(request) => Some(of_request(*request)),
            // The event that the saga reacted to has the id.
            CommandId::Effect(_) | CommandId::Progress { .. } => None,
        },
        Fact::Stored(event)
        | Fact::Published { event, .. }
        | Fact::Delivered { event, .. }
        | Fact::Failed { event, .. }
        | Fact::Applied { event, .. }
        | Fact::Replayed { event, .. }
        | Fact::AppliedInline { event, .. } => Some(event.metadata.correlation),
        Fact::Fault(_)
        | Fact::Restarted
        | Fact::Disconnected { .. }
        | Fact::Restored { .. }
        | Fact::Deployed { .. }
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
        | Fact::Erased { .. }
        | Fact::Left { .. }
        | Fact::Queued { .. }
        | Fact::Dequeued { .. }
        | Fact::Throttled { .. }
        | Fact::NotCalled { .. }
        | Fact::Breaker { .. }
        | Fact::Refreshed { .. }
        | Fact::RowLost { .. }
        | Fact::Opened { .. }
        | Fact::Served { .. }
        | Fact::Entered { .. }
        | Fact::Fenced { .. }
        | Fact::CaughtUp { .. } => None,
    }
}

const fn of_request(request: RequestId) -> CommandId {
    CommandId::Request(request)
}
