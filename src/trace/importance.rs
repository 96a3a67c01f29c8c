//! How important each fact is to a reader.

use serde::Serialize;

use crate::kernel::Span;
use crate::model::{Answer, AppendOutcome, CommandOutcome, Domain, Fact, Record};

/// How far behind a view must be for its progress to be shown in a story.
const LAG_MIN: Span = Span::from_secs(1);

/// How long a message must have waited for a worker for that to be shown in a story.
const WAIT_MIN: Span = Span::from_secs(1);

/// How much of a run is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Everything that is not routine.
    #[default]
    Story,
    /// Every fact.
    Everything,
}

impl Detail {
    /// Whether lines of this importance are shown.
    pub(super) fn shows(self, importance: Importance) -> bool {
        self == Self::Everything || importance != Importance::Routine
    }
}

/// Why a fact matters to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// The platform works as usual, or a neighbouring line says the same: the commit of the store before
    /// its event becomes visible, or a view that applies an event shortly after it was stored.
    Routine,
    /// Something happens in the domain.
    News,
    /// The domain rejects a command.
    Rejection,
    /// The platform deals with something unusual: a retry, a redelivery, a conflict, a lost answer.
    Trouble,
    /// A fault fires.
    Fault,
}

impl Importance {
    /// How important a record is.
    pub(super) fn of<D: Domain>(record: &Record<D>) -> Self {
        use Importance::{News, Rejection, Routine, Trouble};
        let trouble_if = |unusual| if unusual { Trouble } else { Routine };
        let news_if = |notable| if notable { News } else { Routine };
        let news_unless = |unusual| if unusual { Trouble } else { News };
        match &record.fact {
            Fact::Fault(_) => Self::Fault,
            Fact::Restarted | Fact::Disconnected { .. } => Trouble,

            Fact::Commanded { resend, .. }
            | Fact::Queried { resend, .. }
            | Fact::EraseAsked { resend, .. } => news_unless(*resend),
            Fact::Told { answer, .. } => match answer {
                Answer::Command(_, outcome) => Self::of_outcome(outcome),
                Answer::Shown(..) | Answer::Erased => News,
                Answer::NotYet(_) | Answer::TryLater(_) | Answer::Silence => Trouble,
            },

            Fact::Decided { attempt, .. } => news_unless(*attempt > 1),
            Fact::Refused { .. } => Rejection,
            Fact::Recognised { .. } => Trouble,
            Fact::Acknowledged { outcome, .. } => match outcome {
                // The store has a line of its own for these.
                AppendOutcome::Appended
                | AppendOutcome::Conflict
                | AppendOutcome::AlreadyDone
                | AppendOutcome::CommitRefused
                | AppendOutcome::NotSerializable => Routine,
                AppendOutcome::Unknown => Trouble,
            },
            Fact::Restored { .. } | Fact::Deployed { .. } | Fact::ReplicaReads { .. } => News,
            // The sender of the command has a line of its own for the outcome.
            Fact::Answered { verdict, .. } => {
                trouble_if(matches!(verdict, CommandOutcome::Unknown))
            }

            Fact::Allocated { .. }
            | Fact::Inserted { .. }
            | Fact::Committed { .. }
            | Fact::Concluded { .. } => Routine,
            Fact::Stored(_) | Fact::Snapshotted { .. } => News,
            Fact::Blocked { .. } | Fact::Aborted { .. } => Trouble,

            // The first lease is granted at start-up; with a later one, another relay takes over.
            Fact::Leased { fence, .. } => trouble_if(*fence > 1),
            Fact::Fenced { .. } => Trouble,
            Fact::Published { again, .. } => trouble_if(*again),
            Fact::Marked { .. } => Routine,
            Fact::Cleaned { .. } | Fact::SentAgain { .. } | Fact::StreamEnded { .. } => News,
            // Rows, ids and snapshots are removed all the time.
            Fact::Expired { .. } => Routine,
            Fact::Rewound { .. } => Trouble,

            // Routing to no queue is routine too: an event may have no subscriber.
            Fact::Routed { .. } | Fact::Subscribed { .. } | Fact::Acked { .. } => Routine,
            Fact::Delivered { redelivered, .. } => trouble_if(*redelivered),
            Fact::Requeued { .. }
            | Fact::Returned { .. }
            | Fact::ConnectionClosed { .. }
            | Fact::DeadLettered { .. }
            | Fact::Parked { .. }
            | Fact::Redriven { .. }
            | Fact::Deduplicated { .. }
            | Fact::ConsumerCancelled { .. }
            | Fact::Rebalanced { .. }
            | Fact::TakenOver { .. }
            | Fact::LeaderChosen { .. }
            | Fact::SteppedDown
            | Fact::RetentionOver { .. } => Trouble,
            Fact::Assigned { .. } => Routine,

            Fact::Buffered { .. } | Fact::Skipped { .. } | Fact::Failed { .. } => Trouble,
            Fact::Applied { event, .. } => {
                trouble_if(record.at.since(event.metadata.recorded_at) >= LAG_MIN)
            }
            Fact::RebuildStarted { .. } | Fact::Rebuilt { .. } | Fact::SwitchedBack { .. } => News,
            Fact::Replayed { .. } | Fact::AppliedInline { .. } => Routine,

            Fact::CacheGet { .. } => News,
            Fact::CacheFilled { waiters, .. } => news_if(*waiters > 0),
            Fact::CacheRefused { .. } | Fact::CacheLost { .. } => Trouble,
            Fact::CacheRefreshed { .. } | Fact::CachePinned { .. } | Fact::Loading { .. } => {
                Routine
            }
            Fact::CaughtUp { after, upto, .. } => news_if(after < upto),
            Fact::Recalled { .. } => News,
            Fact::Bypassed { .. } | Fact::ServedStale { .. } | Fact::OutOfPatience { .. } => {
                Trouble
            }

            Fact::SagaCommanded { again, .. } | Fact::Called { again, .. } => news_unless(*again),
            Fact::GaveUp { .. } => Trouble,
            // The service has a line of its own for its reply; a webhook may arrive late or twice.
            Fact::Replied { webhook, .. } => news_if(*webhook),
            Fact::SagaTold { verdict, .. } => match verdict {
                CommandOutcome::Accepted(_) => Routine,
                CommandOutcome::Refused(_) | CommandOutcome::Unknown => Self::of_outcome(verdict),
            },
            Fact::TimerSet { .. } | Fact::TimerCancelled { .. } => Routine,
            Fact::TimerFired { .. } => News,

            Fact::Erased { .. } => News,
            Fact::KeyMade { .. } => Routine,
            Fact::Sealed { dropped, .. } | Fact::SealedFor { dropped, .. } => news_if(*dropped),
            Fact::Unsealed { forgotten, .. } => news_if(*forgotten),

            Fact::Opened { .. } | Fact::Left { .. } => Routine,
            Fact::Served { .. } | Fact::Entered { .. } => News,

            Fact::Watched { again, .. } => news_unless(*again),
            // The customer has a line of its own for what is shown.
            Fact::Pushed { .. } => Routine,
            Fact::Unwatched { .. } => News,

            Fact::Queued { .. } => Routine,
            Fact::Dequeued { waited } => trouble_if(*waited >= WAIT_MIN),
            Fact::Shed { .. }
            | Fact::Throttled { .. }
            | Fact::NotCalled { .. }
            | Fact::Breaker { .. } => Trouble,
            Fact::Refreshed { .. } => Routine,
            Fact::RowLost { .. } => Trouble,
            Fact::RowRead { known, .. } => news_if(!*known),
            Fact::RowRestored { .. } => News,
        }
    }

    fn of_outcome<D: Domain>(outcome: &CommandOutcome<D>) -> Self {
        match outcome {
            CommandOutcome::Accepted(_) => Self::News,
            CommandOutcome::Refused(_) => Self::Rejection,
            CommandOutcome::Unknown => Self::Trouble,
        }
    }
}
