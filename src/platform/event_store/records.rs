//! The outcomes of commands, by which a copy of a command is recognised, and how long they are kept.
//!
//! A cleaner removes what is older than the store is set to keep. A copy that comes later is a new command. Files
//! whose settings let a copy come so late are refused when they are read.

use crate::collections::Table;
use crate::kernel::{Instant, Span};
use crate::model::{CommandId, CommandOutcome, Domain, Version};
use crate::platform::ages::Ages;
use crate::platform::cx::Cx;
use crate::platform::defects::VERSION_HARD_CODED;

/// The outcome of each command that is not cleaned yet.
#[derive(Clone, Debug)]
pub(super) struct Records<D: Domain> {
    outcomes: Table<CommandId, CommandOutcome<D>>,
    /// When each was recorded, by the store's clock, oldest first; nothing if records are kept for good.
    ages: Ages<CommandId>,
}

impl<D: Domain> Default for Records<D> {
    fn default() -> Self {
        Self { outcomes: Table::default(), ages: Ages::default() }
    }
}

impl<D: Domain> Records<D> {
    pub(super) fn get(&self, command: &CommandId) -> Option<&CommandOutcome<D>> {
        self.outcomes.get(command)
    }

    /// What a copy of a command is answered with, if its outcome is on record.
    pub(super) fn answer(
        &self,
        command: &CommandId,
        cx: &Cx<'_, '_, D>,
    ) -> Option<CommandOutcome<D>> {
        let mut outcome = self.get(command).cloned();
        if let Some(CommandOutcome::Accepted(token)) = &mut outcome
            && cx.has(&VERSION_HARD_CODED)
        {
            token.version = Version(1);
        }
        outcome
    }

    pub(super) fn has(&self, command: &CommandId) -> bool {
        self.outcomes.contains_key(command)
    }

    /// Records an outcome.
    pub(super) fn add(
        &mut self,
        command: CommandId,
        outcome: CommandOutcome<D>,
        cx: &Cx<'_, '_, D>,
    ) {
        if cx.settings().store.retention.commands.is_some() {
            self.ages.add(cx.now(), command);
        }
        self.outcomes.insert(command, outcome);
    }

    /// Removes the records that are as old as this, and returns how many. `together`: if one is, all of them.
    pub(super) fn clean(&mut self, keep: Span, now: Instant, together: bool) -> u32 {
        let mut cleaned = 0;
        while let Some((_, command)) =
            self.ages.take_if(|at| at + keep <= now || cleaned > 0 && together)
        {
            self.outcomes.remove(&command);
            cleaned += 1;
        }
        cleaned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CustomerId, RequestId, Token, Version};
    use crate::testing::{Counting, counter};

    const MINUTE: Span = Span::from_secs(60);

    fn command(nth: u32) -> CommandId {
        CommandId::Request(RequestId { customer: CustomerId(0), nth })
    }

    fn minute(nth: u64) -> Instant {
        Instant::ZERO + MINUTE.times(nth)
    }

    /// Two commands, recorded in minutes 1 and 2.
    fn two() -> Records<Counting> {
        let token = Token { stream: counter(0), version: Version(1) };
        let mut records = Records::default();
        for (nth, at) in [(1, minute(1)), (2, minute(2))] {
            records.outcomes.insert(command(nth), CommandOutcome::Accepted(token));
            records.ages.add(at, command(nth));
        }
        records
    }

    #[test]
    fn a_record_is_removed_when_it_is_as_old_as_records_are_kept() {
        let mut records = two();
        let keep = MINUTE.times(10);
        let just_before = Instant::ZERO + Span::from_micros(11 * 60_000_000 - 1);
        assert_eq!(records.clean(keep, just_before, false), 0);
        assert_eq!(records.clean(keep, minute(11), false), 1);
        assert!(!records.has(&command(1)) && records.has(&command(2)));
        assert_eq!(records.clean(keep, minute(60), false), 1);
        assert!(!records.has(&command(2)));
    }

    #[test]
    fn the_defect_removes_all_records_with_the_first() {
        let mut records = two();
        assert_eq!(records.clean(MINUTE.times(10), minute(10), true), 0);
        assert_eq!(records.clean(MINUTE.times(10), minute(11), true), 2);
        assert!(records.get(&command(2)).is_none());
    }
}
