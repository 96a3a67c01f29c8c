//! What is known of one command, while the run goes on and at its end.

use crate::collections::{Pack, Reader, Writer};
use crate::kernel::Step;
use crate::model::AppendOutcome;

/// What is known about the appends of one command. A step is 0 until it happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The same of transactions that the store rolled back for another reason and told the appender of.
    pub(super) refusals: u32,
    pub(super) answer: Option<AppendOutcome>,
    pub(super) answered: Step,
    /// When an outcome without events was put on record, and its digest.
    pub(super) concluded: Step,
    pub(super) conclusion: u64,
    /// When the command was last answered, and the digest of the answer.
    pub(super) told: Step,
    pub(super) telling: u64,
}

/// The answers, numbered from 1. The number 0 stands for no answer.
const ANSWERS: [AppendOutcome; 6] = [
    AppendOutcome::Appended,
    AppendOutcome::Conflict,
    AppendOutcome::AlreadyDone,
    AppendOutcome::CommitRefused,
    AppendOutcome::NotSerializable,
    AppendOutcome::Unknown,
];

impl Append {
    fn steps(&mut self) -> [&mut Step; 6] {
        let Self { decided, committed, stored, answered, concluded, told, .. } = self;
        [decided, committed, stored, answered, concluded, told]
    }

    fn latest(&self) -> u64 {
        self.clone().steps().into_iter().map(|step| step.0).max().unwrap_or_default()
    }
}

impl Pack for Append {
    /// The steps of one command are near each other, and those of the next command near them.
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        let mut near = before.map_or(0, Self::latest);
        let mut all = self.clone();
        let steps = all.steps();
        let happened = steps.iter().zip(0..).filter(|(step, _)| ***step != Step(0));
        to.byte(happened.fold(0, |bits, (_, nth)| bits | 1 << nth));
        for step in steps.into_iter().filter(|step| **step != Step(0)) {
            to.difference(step.0, near);
            near = step.0;
        }
        to.number(self.sizes.0);
        to.difference(
            self.transaction.into(),
            before.map_or(0, |before| before.transaction.into()),
        );
        to.number(self.visible.0);
        to.number(u64::from(self.conflicts) | u64::from(self.refusals) << 32);
        let answer = self.answer.and_then(|answer| ANSWERS.iter().position(|one| *one == answer));
        to.number(answer.map_or(0, |answer| answer as u64 + 1));
        if self.concluded != Step(0) {
            to.bits(self.conclusion);
        }
        if self.told != Step(0) {
            to.bits(self.telling);
        }
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        let mut append = Self::default();
        let mut near = before.map_or(0, Self::latest);
        let happened = from.byte();
        for (step, nth) in append.steps().into_iter().zip(0..) {
            if happened & 1 << nth != 0 {
                near = from.difference(near);
                *step = Step(near);
            }
        }
        append.sizes = Sizes(from.number());
        let transaction = before.map_or(0, |before| before.transaction.into());
        append.transaction = from.difference(transaction) as u32;
        append.visible = Events(from.number());
        let untold = from.number();
        (append.conflicts, append.refusals) = (untold as u32, (untold >> 32) as u32);
        append.answer = (from.number() as usize).checked_sub(1).map(|answer| ANSWERS[answer]);
        if append.concluded != Step(0) {
            append.conclusion = from.bits();
        }
        if append.told != Step(0) {
            append.telling = from.bits();
        }
        append
    }
}

/// Some of a command's events, by number. Numbers from 64 on are never contained: of a larger command only
/// the count of events is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

impl Pack for Kept {
    fn pack(&self, _: Option<&Self>, to: &mut Writer) {
        to.number(self.count.into());
        to.number(self.twice.map_or(0, |nth| u64::from(nth) + 1));
        to.number(self.seen.0);
    }

    fn unpack(_: Option<&Self>, from: &mut Reader<'_>) -> Self {
        let count = from.number() as u32;
        let twice = from.number().checked_sub(1).map(|nth| nth as u8);
        Self { count, twice, seen: Events(from.number()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_keeps_of_a_command_is_read_as_it_was_written() {
        let twice = Kept { count: u32::MAX, twice: Some(255), seen: Events(u64::MAX) };
        for kept in [Kept::default(), twice] {
            let mut to = Writer::default();
            kept.pack(None, &mut to);
            assert_eq!(Kept::unpack(None, &mut Reader::new(&to.finish())), kept);
        }
    }

    #[test]
    fn what_is_known_of_a_command_is_read_as_it_was_written() {
        let nothing = Append::default();
        let usual = Append {
            decided: Step(1_000_000),
            sizes: Sizes(2),
            committed: Step(1_000_007),
            transaction: 9,
            visible: Events(1),
            stored: Step(1_000_008),
            answer: Some(AppendOutcome::Appended),
            answered: Step(1_000_010),
            told: Step(1_000_010),
            telling: u64::MAX,
            ..Append::default()
        };
        let odd = Append {
            decided: Step(u64::MAX),
            sizes: Sizes(u64::MAX),
            visible: Events(u64::MAX),
            conflicts: u32::MAX,
            refusals: u32::MAX,
            concluded: Step(1),
            conclusion: 3,
            ..Append::default()
        };
        let answered = ANSWERS.map(|answer| Append { answer: Some(answer), ..usual.clone() });
        let all: Vec<_> = [nothing, usual, odd].into_iter().chain(answered).collect();
        let mut to = Writer::default();
        let mut before = None;
        for append in &all {
            append.pack(before, &mut to);
            before = Some(append);
        }
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        let mut before = None;
        for append in &all {
            let read = Append::unpack(before.as_ref(), &mut from);
            assert_eq!(&read, append);
            before = Some(read);
        }
    }
}
