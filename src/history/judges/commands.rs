//! `command-once` and `answered-in-time`: what became of each command.

use std::collections::BTreeMap;

use crate::collections::Table;
use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Answer, Event, Outcome};
use crate::history::log::half;
use crate::history::scope::Scope;
use crate::history::value::{Id, Print};

/// How many answers to commands that were not sent are kept while no line tells of a command at all.
const ORPHANS_MAX: usize = 100_000;

/// The commands so far.
#[derive(Debug, Default)]
pub(in crate::history) struct Commands {
    all: Table<Print, Command>,
    /// Those that were sent and not answered, by hash.
    open: BTreeMap<Print, (Place, String)>,
    /// Those that were answered and not sent.
    orphans: BTreeMap<Print, (Place, String)>,
    sent: u64,
    answered: u64,
}

/// What is kept of a command.
#[derive(Clone, Copy, Debug, Default)]
struct Command {
    sent: Place,
    /// The line of its first event.
    wrote: Place,
    /// The line of the answer that is not `unknown`.
    answered: Place,
    // 32 bits of a hash each; 0 if the line has no such field.
    transaction: u32,
    led_to: u32,
    reason: u32,
    outcome: Option<Outcome>,
}

impl Commands {
    pub(in crate::history) fn sent(
        &mut self,
        id: &Id<'_>,
        line: Place,
        scope: &Scope,
        board: &mut Board,
    ) {
        let print = id.print();
        let command = self.all.get_or_insert_with(print, Command::default);
        let is_new = !command.sent.is_known();
        if is_new {
            command.sent = line;
            self.sent += 1;
        }
        if let Some((answered, _)) = self.orphans.remove(&print) {
            board.that(Clause::SentFirst, !scope.is_ordered, [answered, line], || {
                format!("{id} is answered before it is sent")
            });
        } else if is_new && !command.answered.is_known() {
            self.open.insert(print, (line, id.to_string()));
        }
    }

    /// An event that a command wrote.
    pub(in crate::history) fn wrote(
        &mut self,
        event: &Event<'_>,
        line: Place,
        scope: &Scope,
        board: &mut Board,
    ) {
        let Some(id) = &event.command else { return };
        let command = self.all.get_or_insert_with(id.print(), Command::default);
        let Command { wrote, answered, transaction: before, outcome, .. } = *command;
        if let Some(transaction) = &event.transaction {
            let now = half(transaction.print());
            let holds = before == 0 || before == now;
            board.that(Clause::OneTransaction, holds, [wrote, line], || {
                format!("{id} wrote events in a transaction before, and now in {transaction}")
            });
            command.transaction = now;
        }
        if !wrote.is_known() {
            command.wrote = line;
        }
        match outcome {
            Some(Outcome::Rejected) => {
                board.that(Clause::NoneAfterAnswer, false, [answered, line], || {
                    format!("{id} was rejected, but wrote {} v{}", event.stream, event.version)
                });
            }
            Some(Outcome::Accepted) if scope.is_ordered => {
                board.that(Clause::NoneAfterAnswer, false, [answered, line], || {
                    let (stream, version) = (&event.stream, event.version);
                    format!("{id} was answered as accepted, and later wrote {stream} v{version}")
                });
            }
            Some(Outcome::Accepted | Outcome::Unknown) | None => {}
        }
    }

    pub(in crate::history) fn answered(
        &mut self,
        answer: &Answer<'_>,
        line: Place,
        board: &mut Board,
    ) {
        let id = &answer.command;
        let print = id.print();
        let command = self.all.get_or_insert_with(print, Command::default);
        self.answered += 1;
        self.open.remove(&print);
        if command.sent.is_known() {
            board.that(Clause::SentFirst, true, [line], String::new);
        } else if self.sent > 0 || self.orphans.len() < ORPHANS_MAX {
            self.orphans.entry(print).or_insert_with(|| (line, id.to_string()));
        }
        if answer.outcome == Outcome::Unknown {
            return;
        }
        let led_to = answer
            .wrote
            .as_ref()
            .map_or(0, |(stream, version)| half(stream.print().and(&version.to_string())));
        let reason = answer.reason.as_ref().map_or(0, |reason| half(Print::of(reason)));
        let before = *command;
        let differs = |one: u32, other: u32| one != 0 && other != 0 && one != other;
        let same = before.outcome.is_none_or(|outcome| outcome == answer.outcome)
            && !differs(before.led_to, led_to)
            && !differs(before.reason, reason);
        board.that(Clause::SameAnswer, same, [before.answered, line], || {
            format!("{id} is answered again, and differently")
        });
        let none_yet = answer.outcome != Outcome::Rejected || !before.wrote.is_known();
        board.that(Clause::NoneAfterAnswer, none_yet, [before.wrote, line], || {
            format!("{id} is rejected, but wrote events")
        });
        command.outcome = Some(before.outcome.unwrap_or(answer.outcome));
        if !before.answered.is_known() {
            (command.answered, command.led_to, command.reason) = (line, led_to, reason);
        }
    }

    pub(in crate::history) fn end(&self, board: &mut Board) {
        if self.sent == 0 || self.answered == 0 {
            return;
        }
        for (line, id) in self.open.values() {
            board.that(Clause::Answered, false, [*line], || format!("{id} is never answered"));
        }
        board.all_hold(Clause::Answered, self.sent - self.open.len() as u64);
        for (line, id) in self.orphans.values() {
            let says = || format!("{id} is answered, but was never sent");
            board.that(Clause::SentFirst, false, [*line], says);
        }
    }
}
