//! Which facts a reader wants to see: the one place where that is decided.

use serde::Serialize;

use crate::kernel::Span;
use crate::model::{Answer, AppendOutcome, CacheAnswer, CommandOutcome, Domain, Fact, Record};

/// How far a view may be behind before it is told that it catches up.
const LAG_MIN: Span = Span::from_secs(1);

/// How closely a run is looked at.
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
    /// Whether lines of this importance are told.
    pub(super) fn tells(self, importance: Importance) -> bool {
        match self {
            Self::Story => importance != Importance::Routine,
            Self::Everything => true,
        }
    }
}

/// Why a reader should care about a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// The machinery works as usual, or the line before or after says the same: the commit of the store
    /// before the event that becomes visible, the acknowledgement of an append before its command is
    /// answered, a view that applies an event shortly after it was stored.
    Routine,
    /// A person who knows the domain would tell it.
    News,
    /// The domain rejects a command.
    Rejection,
    /// The platform deals with something unusual: a retry, a redelivery, a conflict, a lost answer.
    Trouble,
    /// A fault strikes.
    Fault,
}

impl Importance {
    /// How important a record is.
    pub(super) fn of<D: Domain>(record: &Record<D>) -> Self {
        use Importance::{News, Rejection, Routine, Trouble};
        let trouble_if = |unusual: bool| if unusual { Trouble } else { Routine };
        let news_if = |notable: bool| if notable { News } else { Routine };
        let at_first = |first: bool| if first { News } else { Trouble };
        match &record.fact {
            Fact::Fault(_) => Self::Fault,
            Fact::Restarted | Fact::Disconnected { .. } => Trouble,

            Fact::Commanded { resend, .. }
            | Fact::Queried { resend, .. }
            | Fact::EraseAsked { resend, .. } => at_first(!resend),
            Fact::Told { answer, .. } => match answer {
                Answer::Command(_, outcome) => Self::of_outcome(outcome),
                Answer::Shown(..) | Answer::Erased => News,
                Answer::NotYet(_) | Answer::Silence => Trouble,
            },

            Fact::Decided { attempt, .. } => at_first(*attempt <= 1),
            Fact::Refused { .. } => Rejection,
            Fact::Recognised { .. } => Trouble,
            Fact::Acknowledged { outcome, .. } => match outcome {
                // The store says by itself that it stored or rolled back.
                AppendOutcome::Appended
                | AppendOutcome::Conflict
                | AppendOutcome::AlreadyDone
                | AppendOutcome::CommitRefused
                | AppendOutcome::NotSerializable => Routine,
                AppendOutcome::Unknown => Trouble,
            },
            Fact::Restored { .. } | Fact::Deployed { .. } => News,
            // The customer or the saga says how its command ended.
            Fact::Answered { verdict, .. } => {
                trouble_if(matches!(verdict, CommandOutcome::Unknown))
            }

            Fact::Allocated { .. }
            | Fact::Inserted { .. }
            | Fact::Committed { .. }
            | Fact::Concluded { .. } => Routine,
            Fact::Stored(_) | Fact::Snapshotted { .. } => News,
            Fact::Blocked { .. } | Fact::Aborted { .. } => Trouble,

            // The first relay takes the lease at start-up; any later one takes it over.
            Fact::Leased { fence, .. } => trouble_if(*fence > 1),
            Fact::Fenced { .. } => Trouble,
            Fact::Published { again, .. } => trouble_if(*again),
            Fact::Marked { .. } => Routine,

            // An event that no view and no saga follows is routed to no queue.
            Fact::Routed { .. } | Fact::Subscribed { .. } | Fact::Acked { .. } => Routine,
            Fact::Delivered { redelivered, .. } => trouble_if(*redelivered),
            Fact::Requeued { .. }
            | Fact::Returned { .. }
            | Fact::ConnectionClosed { .. }
            | Fact::DeadLettered { .. }
            | Fact::Parked { .. }
            | Fact::Redriven { .. } => Trouble,

            Fact::Buffered { .. } | Fact::Skipped { .. } | Fact::Failed { .. } => Trouble,
            Fact::Applied { event, .. } => {
                trouble_if(record.at.since(event.metadata.recorded_at) >= LAG_MIN)
            }
            Fact::RebuildStarted { .. } | Fact::Rebuilt { .. } => News,
            Fact::Replayed { .. } | Fact::AppliedInline { .. } => Routine,

            Fact::CacheGet { answer, .. } => match answer {
                CacheAnswer::Hit { .. } | CacheAnswer::Lease { .. } | CacheAnswer::Wait => News,
            },
            Fact::CacheFilled { waiters, .. } => news_if(*waiters > 0),
            Fact::CacheRefused { .. } | Fact::CacheLost { .. } => Trouble,
            Fact::CacheRefreshed { .. } | Fact::CachePinned { .. } | Fact::Loading { .. } => {
                Routine
            }
            Fact::CaughtUp { after, upto, .. } => news_if(after < upto),
            Fact::Recalled { .. } => News,

            Fact::SagaCommanded { again, .. } | Fact::Called { again, .. } => at_first(!again),
            Fact::GaveUp { .. } => Trouble,
            // The service itself says what it replies; a webhook may come late or more than once.
            Fact::Replied { webhook, .. } => news_if(*webhook),
            Fact::SagaTold { verdict, .. } => match verdict {
                CommandOutcome::Accepted(_) => Routine,
                CommandOutcome::Refused(_) | CommandOutcome::Unknown => Self::of_outcome(verdict),
            },
            Fact::TimerSet { .. } | Fact::TimerCancelled { .. } => Routine,
            Fact::TimerFired { .. } => News,

            Fact::Erased { .. } => News,
            Fact::KeyMade { .. } => Routine,
            Fact::Sealed { dropped, .. } => news_if(*dropped),
            Fact::Unsealed { forgotten, .. } => news_if(*forgotten),

            Fact::Opened { .. } => Routine,
            Fact::Served { .. } | Fact::Entered { .. } => News,
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
