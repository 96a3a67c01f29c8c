//! What is known of one command, while the run goes on and at its end.

use crate::kernel::Step;
use crate::model::AppendOutcome;

/// What is known about one command's appends.
#[derive(Clone, Debug, Default)]
pub(super) struct Append {
    /// The latest decision with events.
    pub(super) decided: Step,
    /// How many events its decisions proposed, counted as they are written.
    pub(super) sizes: Sizes,
    pub(super) committed: Step,
    /// The transaction that became visible, counted from 1.
    pub(super) transaction: u32,
    /// Which of its events are visible.
    pub(super) visible: Events,
    pub(super) stored: Step,
    /// Conflicts that the store stated and that no appender was told of yet.
    pub(super) conflicts: u32,
    pub(super) answer: Option<AppendOutcome>,
    pub(super) answered: Step,
    /// When it was put on record that the command led to no event, and the digest of what it led to.
    pub(super) concluded: Step,
    pub(super) conclusion: u64,
    /// When the command was first answered, and the digest of the answer.
    pub(super) told: Step,
    pub(super) telling: u64,
}

/// Some of a command's events, by number. A command of more than 64 events is checked by their count
/// alone from there on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Events(u64);

impl Events {
    pub(super) const fn contains(self, nth: u8) -> bool {
        self.0 & bit(nth) != 0
    }

    pub(super) const fn insert(&mut self, nth: u8) {
        self.0 |= bit(nth);
    }

    pub(super) const fn len(self) -> u32 {
        self.0.count_ones()
    }
}

const fn bit(nth: u8) -> u64 {
    if nth < 64 { 1 << nth } else { 0 }
}

/// Counts of events that decisions proposed; all from 63 on are one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes(u64);

impl Sizes {
    pub(super) const fn contains(self, count: usize) -> bool {
        self.0 & size(count) != 0
    }

    pub(super) const fn insert(&mut self, count: usize) {
        self.0 |= size(count);
    }
}

const fn size(count: usize) -> u64 {
    1 << if count < 63 { count } else { 63 }
}

/// What the log keeps of a command.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    pub(super) count: u32,
    /// An event that is there twice.
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
