//! What is known of one command, while the run goes on and at its end.

use crate::kernel::Step;
use crate::model::AppendOutcome;

/// What is known about the appends of one command. A step is 0 until it happens.
#[derive(Clone, Debug, Default)]
pub(super) struct Append {
    /// The latest decision with events.
    pub(super) decided: Step,
    /// The numbers of events that its decisions proposed, counted as they are written.
    pub(super) sizes: Sizes,
    pub(super) committed: Step,
    /// The transaction that became visible, counted from 1.
    pub(super) transaction: u32,
    /// Which of its events are visible.
    pub(super) visible: Events,
    pub(super) stored: Step,
    /// Conflicts that the store stated and no appender has learned of yet.
    pub(super) conflicts: u32,
    pub(super) answer: Option<AppendOutcome>,
    pub(super) answered: Step,
    /// When an outcome without events was put on record, and its digest.
    pub(super) concluded: Step,
    pub(super) conclusion: u64,
    /// When the command was last answered, and the digest of the answer.
    pub(super) told: Step,
    pub(super) telling: u64,
}

/// Some of a command's events, by number. Numbers from 64 on are never contained: of a larger command only
/// the count of events is checked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Events(u64);

impl Events {
    pub(super) const fn contains(self, nth: u8) -> bool {
        self.0 & Self::bit(nth) != 0
    }

    pub(super) const fn insert(&mut self, nth: u8) {
        self.0 |= Self::bit(nth);
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    const fn bit(nth: u8) -> u64 {
        if nth < 64 { 1 << nth } else { 0 }
    }
}

/// Counts of events that decisions proposed. All counts from 63 on are one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes(u64);

impl Sizes {
    pub(super) const fn contains(self, count: usize) -> bool {
        self.0 & Self::bit(count) != 0
    }

    pub(super) const fn insert(&mut self, count: usize) {
        self.0 |= Self::bit(count);
    }

    const fn bit(count: usize) -> u64 {
        1 << if count < 63 { count } else { 63 }
    }
}

/// What the log keeps of a command.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) count: u32,
    /// An event that is in the log twice.
    pub(super) twice: Option<u8>,
    seen: Events,
}

impl Kept {
    /// Its `nth` event is in the log.
    pub(super) const fn add(&mut self, nth: u8) {
        self.count += 1;
        if self.seen.contains(nth) {
            self.twice = Some(nth);
        }
        self.seen.insert(nth);
    }
}
