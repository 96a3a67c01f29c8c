//! Which facts a reader wants to see: the one place where that is decided.

use crate::model::{AppendOutcome, CacheAnswer, CommandOutcome, Domain, Fact};

/// How closely a run is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What someone who knows the domain would tell, and whatever went differently than usual.
    #[default]
    Story,
    /// Every fact.
    Everything,
}

impl Detail {
    /// From which level on a fact is shown.
    ///
    /// Machinery that did its ordinary duty is left out of the story, and so is whatever the line
    /// before or after says anyway: the store's commit before the event that becomes visible, the
    /// acknowledgement of an append before its command is answered.
    pub(super) fn of<D: Domain>(fact: &Fact<D>) -> Self {
        let in_story = match fact {
            Fact::Fault(_) | Fact::Restarted | Fact::Disconnected { .. } => true,
            Fact::Commanded { .. } | Fact::Queried { .. } | Fact::Told { .. } => true,
            Fact::Decided { .. } | Fact::Refused { .. } | Fact::Recognised { .. } => true,
            Fact::Acknowledged { outcome, .. } => match outcome {
                AppendOutcome::Appended | AppendOutcome::Conflict | AppendOutcome::AlreadyDone => {
                    false
                }
                // The store's own line says that it rolled back.
                AppendOutcome::CommitRefused | AppendOutcome::NotSerializable => false,
                AppendOutcome::Unknown => true,
            },
            // The customer or the saga says what it is told.
            Fact::Answered { verdict, .. } => match verdict {
                CommandOutcome::Accepted(_) | CommandOutcome::Refused(_) => false,
                CommandOutcome::Unknown => true,
            },
            Fact::Concluded { .. } => false,
            Fact::Allocated { .. } | Fact::Inserted { .. } | Fact::Committed { .. } => false,
            Fact::Blocked { .. } | Fact::Stored(_) | Fact::Aborted { .. } => true,
            Fact::Snapshotted { .. } | Fact::Restored { .. } | Fact::Deployed { .. } => true,
            // The first relay takes the lease as a matter of course; the next one takes it over.
            Fact::Leased { fence, .. } => *fence > 1,
            Fact::Subscribed { .. } | Fact::Fenced { .. } => true,
            Fact::Published { again, .. } => *again,
            Fact::Routed { queues, .. } => *queues == 0,
            Fact::Marked { .. } | Fact::Acked { .. } => false,
            Fact::Delivered { redelivered, .. } => *redelivered,
            Fact::Requeued { .. } | Fact::DeadLettered { .. } => true,
            Fact::Returned { .. } | Fact::ConnectionClosed { .. } => true,
            Fact::Parked { .. } | Fact::Redriven { .. } | Fact::Failed { .. } => true,
            Fact::RebuildStarted { .. } | Fact::Rebuilt { .. } => true,
            Fact::Replayed { .. } => false,
            Fact::Buffered { .. } | Fact::Skipped { .. } | Fact::Applied { .. } => true,
            Fact::AppliedInline { .. } => true,
            // That nothing is new is as usual.
            Fact::CaughtUp { after, upto, .. } => after < upto,
            Fact::CacheGet { answer, .. } => match answer {
                CacheAnswer::Hit { .. } | CacheAnswer::Lease { .. } | CacheAnswer::Wait => true,
            },
            Fact::CacheFilled { .. } | Fact::CacheRefused { .. } | Fact::CachePinned { .. } => true,
            Fact::CacheLost { .. } => true,
            Fact::CacheRefreshed { .. } | Fact::Loading { .. } => false,
            Fact::Recalled { .. } => true,
            Fact::SagaCommanded { .. } | Fact::OutcomeLabel { .. } | Fact::GaveUp { .. } => true,
            Fact::Replied { webhook, .. } => *webhook,
            Fact::SagaTold { verdict, .. } => match verdict {
                CommandOutcome::Accepted(_) => false,
                CommandOutcome::Refused(_) | CommandOutcome::Unknown => true,
            },
            Fact::TimerSet { .. } | Fact::TimerCancelled { .. } | Fact::TimerFired { .. } => true,
            // Sealing and opening is everyday work; that nothing is kept or can be read is not.
            Fact::EraseAsked { .. } | Fact::Erased { .. } => true,
            Fact::KeyMade { .. } => false,
            Fact::Sealed { dropped, .. } => *dropped,
            Fact::Unsealed { forgotten, .. } => *forgotten,
            Fact::Opened { .. } | Fact::Served { .. } | Fact::Entered { .. } => true,
        };
        if in_story { Self::Story } else { Self::Everything }
    }
}
