//! `acknowledged-once` and `command-once`: what an append was answered is what happened, and no
//! command happens twice.
//!
//! A command may be decided several times, by several instances at once, and each attempt may begin a
//! transaction of its own. At most one of them takes effect.

use std::sync::Arc;

use super::commands::{Commands, Place};
use super::words::{because, outcome};
use super::{Judge, Oracle, Property, Rest, Tally, When};
use crate::kernel::{Instant, Step};
use crate::platform::{
    Abort, AppendOutcome, CommandId, Domain, EventId, Fact, Names, Position, Speech, Stored,
};
use crate::trace::Record;

pub(super) const ACKNOWLEDGED_ONCE: Property = Property {
    id: "acknowledged-once",
    when: When::AlwaysAndAtRest,
    says: "an append that was answered with appended is stored exactly once and as it was decided, one \
           that was answered with a conflict is not stored, and an unknown one is all or nothing",
};

pub(super) const COMMAND_ONCE: Property = Property {
    id: "command-once",
    when: When::AlwaysAndAtRest,
    says: "a command takes effect at most once, in one transaction, however often it is sent, and is not \
           refused once it has",
};

/// Follows every append from its decision to its answer.
#[derive(Clone, Debug)]
pub(super) struct Appends {
    names: Arc<Names>,
    acknowledged: Tally,
    once: Tally,
    commands: Commands<Append>,
    transactions: Vec<Transaction>,
    /// By position: the number of the transaction that was given it, counted from 1.
    owners: Vec<u32>,
}

/// What is known about one command's appends.
#[derive(Clone, Debug, Default)]
struct Append {
    /// The latest decision with events.
    decided: Step,
    /// Bit `n` is set if a decision proposed `n` events; the last bit stands for all from 63 on.
    sizes: u64,
    committed: Step,
    /// The transaction that became visible, counted from 1.
    transaction: u32,
    /// Bit `n` is set if the `n`th event is visible.
    visible: u64,
    stored: Step,
    /// Conflicts that the store stated and no appender was told of yet.
    conflicts: u32,
    answer: Option<AppendOutcome>,
    answered: Step,
}

#[derive(Clone, Copy, Debug)]
struct Transaction {
    place: Place,
    count: u32,
}

/// When something showed.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    step: Step,
}

impl<D: Domain> Oracle<D> for Appends {
    const PROPERTIES: &'static [Property] = &[ACKNOWLEDGED_ONCE, COMMAND_ONCE];

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            acknowledged: Tally::new(&ACKNOWLEDGED_ONCE),
            once: Tally::new(&COMMAND_ONCE),
            commands: Commands::default(),
            transactions: Vec::new(),
            owners: Vec::new(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, judge: &mut Judge) {
        let moment = Moment { at: record.at, step: record.step };
        if let Fact::Decided { command, events, .. } = &record.fact {
            // A decision without events appends nothing, and nobody will hear of it again.
            if !events.is_empty() {
                let place = self.commands.place(*command);
                let append = self.commands.at_mut(place);
                append.decided = record.step;
                append.sizes |= size(events.len() as u64);
            }
        } else if let Fact::Allocated { command, first, count } = record.fact {
            self.allocated(domain, command, first, count, moment, judge);
        } else if let Fact::Committed { command } = record.fact {
            self.committed(domain, command, moment, judge);
        } else if let Fact::Stored(event) = &record.fact {
            self.stored(domain, event, moment, judge);
        } else if let Fact::Aborted { command, why } = record.fact {
            self.aborted(domain, command, why, moment, judge);
        } else if let Fact::Acknowledged { command, outcome } = record.fact {
            self.answered(domain, command, outcome, moment, judge);
        } else if let Fact::Refused { command, .. } = record.fact {
            self.refused(domain, command, moment, judge);
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, judge: &mut Judge) {
        let speaker = Speech { domain: rest.domain, names: rest.names };
        let kept = self.kept(rest);
        for ((command, append), kept) in self.commands.iter().zip(&kept) {
            self.once.check(kept.twice.is_none(), rest.at, rest.step, judge, || {
                let (command, nth) = (speaker.command(command), kept.twice.unwrap_or(0) + 1);
                let says = format!("event {nth} of {command} is in the log twice");
                (says, because([append.decided, append.committed, append.stored]))
            });
            let whole = match append.transaction {
                0 => u32::from(append.committed != Step(0)),
                number => self.transactions[number as usize - 1].count,
            };
            self.acknowledged.check(kept.count == whole, rest.at, rest.step, judge, || {
                let (command, count) = (speaker.command(command), kept.count);
                let answer = match append.answer {
                    None => "was never answered".to_owned(),
                    Some(answer) => format!("was answered with {}", outcome(answer)),
                };
                let says = match append.committed {
                    Step(0) => format!(
                        "{command} {answer} and was never committed, but the log holds {count} of its \
                         events"
                    ),
                    _ => format!(
                        "{command} {answer} and was committed, but the log holds {count} of its events, \
                         which should be {}",
                        if append.transaction == 0 { "some".to_owned() } else { whole.to_string() }
                    ),
                };
                (says, because([append.decided, append.committed, append.stored, append.answered]))
            });
        }
    }

    fn checks(&self) -> Vec<(&'static Property, u64)> {
        vec![self.acknowledged.checks(), self.once.checks()]
    }
}

impl Appends {
    fn allocated<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        first: Position,
        count: u32,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at(place);
        // A saga's record of its own progress is decided by nobody but the saga.
        let decided = match command {
            CommandId::Request(_) | CommandId::Effect(_) => {
                append.sizes & size(u64::from(count)) != 0
            }
            CommandId::Progress { .. } => true,
        };
        self.acknowledged.check(decided, moment.at, moment.step, judge, || {
            let command = Speech { domain, names: &self.names }.command(command);
            let says =
                format!("{command} appends {count} events, but was not decided with so many");
            (says, because([append.decided, moment.step]))
        });
        self.transactions.push(Transaction { place, count });
        let number = u32::try_from(self.transactions.len()).expect("transactions fit into a table");
        let (from, to) = (first.0 as usize, first.0 as usize + count as usize);
        if self.owners.len() < to {
            self.owners.resize(to, 0);
        }
        self.owners[from..to].fill(number);
    }

    fn committed<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at_mut(place);
        let earlier = append.committed;
        self.once.check(earlier == Step(0), moment.at, moment.step, judge, || {
            let command = Speech { domain, names: &self.names }.command(command);
            let says = format!("{command} was committed in step {earlier} and now once more");
            (says, because([append.decided, earlier, moment.step]))
        });
        append.committed = moment.step;
    }

    fn stored<D: Domain>(
        &mut self,
        domain: &D,
        event: &Stored<D::Event>,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let EventId { command, nth } = event.metadata.id;
        let owner = self.owner(event.position);
        let (place, owned) = self.place(event);
        let append = self.commands.at_mut(place);
        let speaker = Speech { domain, names: &self.names };
        let what = || {
            let (stream, version) = (speaker.stream(event.stream), event.version);
            (format!("{stream} {version} at {}", event.position), speaker.command(command))
        };

        let expected = owned && append.committed != Step(0);
        self.acknowledged.check(expected, moment.at, moment.step, judge, || {
            let (event, command) = what();
            let why = if owned { "has committed nothing" } else { "was never given that position" };
            let says = format!("{event} became visible as an event of {command}, which {why}");
            (says, because([append.decided, append.committed, moment.step]))
        });

        let other = append.transaction != 0 && append.transaction != owner;
        let again = append.visible & bit(nth) != 0;
        self.once.check(!other && !again, moment.at, moment.step, judge, || {
            let (event, command) = what();
            let why = if again {
                format!("event {} of it is visible already", nth + 1)
            } else {
                "another transaction of it is visible already".to_owned()
            };
            let says = format!("{event} became visible as an event of {command}, but {why}");
            (says, because([append.committed, append.stored, moment.step]))
        });
        append.transaction = owner;
        append.visible |= bit(nth);
        append.stored = moment.step;
    }

    fn aborted<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        why: Abort,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let place = self.commands.place(command);
        match why {
            Abort::Conflict { .. } => self.commands.at_mut(place).conflicts += 1,
            Abort::AlreadyDone => self.done(domain, place, moment, judge),
        }
    }

    fn answered<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        answer: AppendOutcome,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let place = self.commands.place(command);
        match answer {
            AppendOutcome::Appended | AppendOutcome::AlreadyDone => {
                self.done(domain, place, moment, judge);
            }
            AppendOutcome::Conflict => {
                let append = self.commands.at_mut(place);
                self.acknowledged.check(append.conflicts > 0, moment.at, moment.step, judge, || {
                    let command = Speech { domain, names: &self.names }.command(command);
                    let says = format!(
                        "{command} was answered with a conflict, but the store knows of none that it \
                         was not told of before"
                    );
                    (says, because([append.committed, append.stored, append.answered, moment.step]))
                });
                append.conflicts = append.conflicts.saturating_sub(1);
            }
            // Nothing is promised now; whether it was all or nothing is seen at rest.
            AppendOutcome::Unknown => {}
        }
        let append = self.commands.at_mut(place);
        append.answer = Some(answer);
        append.answered = moment.step;
    }

    /// A command is refused. If it has taken effect, somebody sent it again and was not recognised:
    /// they are told that they do not have what they have.
    fn refused<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        moment: Moment,
        judge: &mut Judge,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at(place);
        let stored = append.stored;
        self.once.check(stored == Step(0), moment.at, moment.step, judge, || {
            let command = Speech { domain, names: &self.names }.command(command);
            let says = format!("{command} took effect in step {stored} and is refused now");
            (says, because([append.decided, stored, moment.step]))
        });
    }

    /// Somebody says that a command has taken effect.
    fn done<D: Domain>(&mut self, domain: &D, place: Place, moment: Moment, judge: &mut Judge) {
        let append = self.commands.at(place);
        let count = match append.transaction {
            0 => 0,
            number => self.transactions[number as usize - 1].count,
        };
        // What is answered so can be read: the answer comes with the events, or after them.
        let visible = append.visible.count_ones();
        let stored = append.transaction != 0 && visible == count.min(u64::BITS);
        self.acknowledged.check(stored, moment.at, moment.step, judge, || {
            let speaker = Speech { domain, names: &self.names };
            let command = speaker.command(self.commands.command(place));
            let but = match (append.committed, append.transaction) {
                (Step(0), _) => "was never committed".to_owned(),
                (_, 0) => "not one of its events is visible".to_owned(),
                (_, _) => format!("{visible} of its {count} events are visible"),
            };
            let says = format!("{command} is said to have been appended, but {but}");
            (says, because([append.decided, append.committed, append.stored, moment.step]))
        });
    }

    /// The transaction that was given a position; 0 if none was.
    fn owner(&self, position: Position) -> u32 {
        self.owners.get(position.0 as usize).copied().unwrap_or(0)
    }

    /// The command that an event says it came from, and whether its position was given to that one.
    /// The position leads there at once, without a search among the commands of a customer.
    fn place<E>(&mut self, event: &Stored<E>) -> (Place, bool) {
        let command = event.metadata.id.command;
        if let Some(index) = (self.owner(event.position) as usize).checked_sub(1) {
            let place = self.transactions[index].place;
            if self.commands.command(place) == command {
                return (place, true);
            }
        }
        (self.commands.place(command), false)
    }

    /// What the log keeps of each command, by place.
    fn kept<D: Domain>(&mut self, rest: &Rest<'_, D>) -> Vec<Kept> {
        let mut kept = vec![Kept::default(); self.commands.len()];
        for event in &rest.events {
            let nth = event.metadata.id.nth;
            let index = self.place(event).0.index();
            if kept.len() <= index {
                kept.resize(index + 1, Kept::default());
            }
            let kept = &mut kept[index];
            kept.count += 1;
            if kept.seen & bit(nth) != 0 {
                kept.twice = Some(nth);
            }
            kept.seen |= bit(nth);
        }
        kept
    }
}

/// What the log keeps of a command.
#[derive(Clone, Debug, Default)]
struct Kept {
    count: u32,
    seen: u64,
    twice: Option<u8>,
}

const fn size(events: u64) -> u64 {
    1 << if events < 63 { events } else { 63 }
}

/// The place of a command's `nth` event in a set of 64. A command of more events than that is judged
/// by their count alone from there on.
const fn bit(nth: u8) -> u64 {
    if nth < 64 { 1 << nth } else { 0 }
}

#[cfg(test)]
mod tests;
