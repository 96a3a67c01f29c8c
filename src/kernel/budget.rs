//! The limits of a run, and why it stopped.

use std::fmt;

use super::time::{Instant, Span};

/// The limits of a run. Reaching one is a reported reason to stop, never a hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most occurrences that may be delivered.
    pub occurrences: u64,
    /// The latest virtual time.
    pub until: Instant,
    /// The most occurrences that may be pending at once.
    pub pending: u64,
    /// The most records that may be kept, if any are.
    pub records: u64,
    /// The most that the model may keep, as [`Model::kept`](super::Model::kept) counts it.
    pub kept: u64,
}

impl Default for Budget {
    /// 100 million occurrences, a week of virtual time, a million pending, 10 million records, 2 million
    /// kept.
    fn default() -> Self {
        Self {
            occurrences: 100_000_000,
            until: Instant::ZERO + Span::from_secs(7 * 24 * 3600),
            pending: 1_000_000,
            records: 10_000_000,
            kept: 2_000_000,
        }
    }
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// No message is on its way and no node has work left.
    AtRest,
    /// A node still has work, but nothing is pending except polls that will find nothing.
    Stuck,
    /// The model stopped the run, because a property was violated.
    Halted,
    /// The next occurrence is one more than the budget allows.
    OutOfOccurrences,
    /// The next occurrence is due after the virtual time that the budget allows.
    OutOfTime,
    /// The run is not at rest although the quiet phase has ended.
    Restless,
    /// More occurrences are pending than the budget allows.
    TooManyPending,
    /// More records were kept than the budget allows.
    TooManyRecords,
    /// The model keeps more than the budget allows.
    TooMuchKept,
}

impl Stop {
    /// Whether the run ended by itself: nothing more can happen, so that its end can be judged.
    pub const fn is_final(self) -> bool {
        match self {
            Self::AtRest | Self::Stuck => true,
            Self::Halted
            | Self::Restless
            | Self::OutOfOccurrences
            | Self::OutOfTime
            | Self::TooManyPending
            | Self::TooManyRecords
            | Self::TooMuchKept => false,
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtRest => "at rest",
            Self::Stuck => "stuck: work is left but nothing is pending",
            Self::Halted => "halted",
            Self::OutOfOccurrences => "the budget of occurrences ran out",
            Self::OutOfTime => "the budget of virtual time ran out",
            Self::Restless => "not at rest at the end of the quiet phase",
            Self::TooManyPending => "the budget of pending occurrences ran out",
            Self::TooManyRecords => "the budget of kept records ran out",
            Self::TooMuchKept => "the budget of what is kept ran out",
        })
    }
}
