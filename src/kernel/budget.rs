//! What a run may cost, and why it stopped.

use std::fmt;

use super::time::{Instant, Span};

/// The limits of a run. Running into one is a reported reason to stop, never a hang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many occurrences may be delivered.
    pub occurrences: u64,
    /// How far virtual time may go.
    pub until: Instant,
    /// How many occurrences may be pending at once.
    pub pending: u64,
    /// How many records may be kept, if any are.
    pub records: u64,
}

impl Default for Budget {
    /// 100 million occurrences, a week of virtual time, 10 million pending, 10 million records.
    fn default() -> Self {
        Self {
            occurrences: 100_000_000,
            until: Instant::ZERO + Span::from_secs(7 * 24 * 3600),
            pending: 10_000_000,
            records: 10_000_000,
        }
    }
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// Nothing is on its way and no node has work left.
    AtRest,
    /// Nothing is pending, or nothing but polls that will find nothing, although some node still has
    /// work: it waits for what will never come.
    Stuck,
    /// The model asked to stop, because something was violated.
    Halted,
    /// As many occurrences as the budget allows were delivered.
    OutOfOccurrences,
    /// The next occurrence lies beyond the virtual time that the budget allows.
    OutOfTime,
    /// Something still moves although all has been well for as long as it may take to come to rest.
    Restless,
    /// More occurrences are pending than the budget allows.
    TooManyPending,
    /// More records were kept than the budget allows.
    TooManyRecords,
}

impl Stop {
    /// Whether nothing more is to come, or nothing more may: the end can be judged.
    pub const fn is_final(self) -> bool {
        match self {
            Self::AtRest | Self::Stuck | Self::Restless => true,
            Self::Halted
            | Self::OutOfOccurrences
            | Self::OutOfTime
            | Self::TooManyPending
            | Self::TooManyRecords => false,
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
            Self::Restless => "restless: not at rest when it should be",
            Self::TooManyPending => "the budget of pending occurrences ran out",
            Self::TooManyRecords => "the budget of kept records ran out",
        })
    }
}
