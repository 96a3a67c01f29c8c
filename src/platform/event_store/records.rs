//! The outcomes of commands, by which a copy of a command is recognised, and how long they are kept.
//!
//! A cleaner removes what is older than the store is set to keep. A copy that comes later is a new command. Files
//! whose settings let a copy come so late are refused when they are read.

use std::collections::VecDeque;

use super::EventStore;
use crate::collections::Table;
use crate::kernel::{Cause, Instant, Span};
use crate::model::{CommandId, CommandOutcome, Domain, Fact};
use crate::platform::cx::Cx;
use crate::platform::defects::RECORDS_CLEANED_TOGETHER;

/// The outcome of each command that is not cleaned yet.
#[derive(Clone, Debug)]
pub(super) struct Records<D: Domain> {
    outcomes: Table<CommandId, CommandOutcome<D>>,
    /// When each was recorded, by the store's clock, oldest first; nothing if records are kept for good.
    ages: VecDeque<(Instant, CommandId)>,
}

impl<D: Domain> Default for Records<D> {
    fn default() -> Self {
        Self { outcomes: Table::default(), ages: VecDeque::new() }
    }
}

impl<D: Domain> Records<D> {
    pub(super) fn get(&self, command: &CommandId) -> Option<&CommandOutcome<D>> {
        self.outcomes.get(command)
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
            self.ages.push_back((cx.now(), command));
        }
        self.outcomes.insert(command, outcome);
    }

    /// Removes the records that are as old as this, and returns how many. `together`: if one is, all of them.
    fn clean(&mut self, keep: Span, now: Instant, together: bool) -> u32 {
        let mut cleaned = 0;
        while let Some((at, command)) = self.ages.front().copied() {
            if at + keep > now && (cleaned == 0 || !together) {
                break;
            }
            self.ages.pop_front();
            self.outcomes.remove(&command);
            cleaned += 1;
        }
        cleaned
    }
}

impl<D: Domain> EventStore<D> {
    /// Removes the records that are too old. A cleaner of its own would find the same ones a moment later.
    pub(super) fn clean(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(keep) = cx.settings().store.retention.commands else { return };
        let together = cx.has(&RECORDS_CLEANED_TOGETHER);
        let records = self.durable.processed.clean(keep, cx.now(), together);
        if records > 0 {
            // It follows from the time, and from no request.
            cx.because(Cause::START, |cx| cx.fact(Fact::Cleaned { records }));
        }
    }
}
