//! `acknowledged-once` and `command-once`: an append is answered with what happened to it, and no
//! command takes effect twice.
//!
//! A command may be decided several times, by several instances at once, and each attempt may begin a
//! transaction of its own. At most one of them takes effect.

use crate::collections::{Packed, SortedMap};

use super::words::outcome;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Digest, Instant, NodeId, Step};
use crate::model::{
    Abort, AppendOutcome, CommandId, CommandOutcome, Domain, EventId, Fact, Position, Record, Rest,
    Schemas as _, Stored, Term, Token, Vocabulary,
};

mod append;
mod commands;
mod transactions;

use append::{Append, Kept};
use commands::{Commands, Place};
use transactions::{Fate, Transactions};

pub(super) const ACKNOWLEDGED_ONCE: Property = Property {
    id: "acknowledged-once",
    when: When::AlwaysAndAtRest,
    says: "an append answered as appended is stored exactly once, as decided; one answered as rolled \
           back is not stored; one with an unknown outcome is stored completely or not at all; the \
           version that a command is answered with includes all of its events in that stream; a \
           store that goes back to an earlier moment loses what was committed later, says so, and \
           loses nothing else",
};

pub(super) const COMMAND_ONCE: Property = Property {
    id: "command-once",
    when: When::AlwaysAndAtRest,
    says: "a command takes effect at most once, in one transaction, however often it is sent; all \
           answers agree with the recorded outcome",
};

/// Follows every append from its decision to its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Appends {
    commands: Commands<Append>,
    transactions: Transactions,
    /// The schema that each instance writes, if it has not been the current one from the beginning.
    schemas: SortedMap<NodeId, u16>,
}

impl<D: Domain> Checker<D> for Appends {
    const PROPERTIES: &'static [Property] = &[ACKNOWLEDGED_ONCE, COMMAND_ONCE];
    const FACTS: FactKinds = kinds!(
        Stored Allocated Deployed Decided DecidedAgain Answered Concluded Committed Aborted
        Appended Conflict AlreadyDone CommitRefused NotSerializable Unanswered Rewound
    );

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Decided { command, events, .. } = &record.fact {
            // A decision without events appends nothing and is not mentioned again.
            if !events.is_empty() {
                let written = match self.schemas.get(&record.node) {
                    Some(&schema) if schema < D::Schemas::SCHEMA => {
                        let domain = checks.words.domain;
                        D::Schemas::downcast(domain, schema, events.clone()).len()
                    }
                    Some(_) | None => events.len(),
                };
                let place = self.commands.place(*command);
                let append = self.commands.at_mut(place);
                append.decided = record.step;
                append.sizes.insert(written);
            }
        } else if let Fact::Deployed { schema } = record.fact {
            self.schemas.insert(record.node, schema);
        } else if let Fact::Allocated { command, first, count } = record.fact {
            self.allocated(command, first, count, checks);
        } else if let Fact::Committed { command, first } = record.fact {
            self.committed(command, first, checks);
        } else if let Fact::Stored(event) = &record.fact {
            self.stored(event, checks);
        } else if let Fact::Aborted { command, first, why } = record.fact {
            self.aborted(command, first, why, checks);
        } else if let Fact::Acknowledged { command, outcome } = record.fact {
            self.acknowledged(command, outcome, checks);
        } else if let Fact::Concluded { command, verdict } = &record.fact {
            self.concluded(*command, verdict, checks);
        } else if let Fact::Answered { command, verdict } = &record.fact {
            self.answered(*command, verdict, checks);
        } else if let Fact::Rewound { to, last, lost, .. } = &record.fact {
            for &(at, command) in lost {
                self.lost(command, (at, *to), *last, checks);
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let kept = self.kept(rest);
        self.commands.each(|place, command, append| {
            let kept = kept.get(place.index()).expect("there is one for each command");
            let Append { decided, committed, stored, answered, .. } = *append;
            let because = [decided, committed, stored];
            checks.that(&COMMAND_ONCE, kept.twice.is_none(), because, |words| {
                let (command, nth) = (words.command(command), kept.twice.unwrap_or(0) + 1);
                format!("event {nth} of {command} is in the log twice")
            });
            let whole = match self.transactions.get(append.transaction) {
                None => u32::from(committed != Step(0)),
                Some(transaction) => transaction.count,
            };
            let because = [decided, committed, stored, answered];
            checks.that(&ACKNOWLEDGED_ONCE, kept.count == whole, because, |words| {
                let (command, count) = (words.command(command), kept.count);
                let answer = match append.answer {
                    None => "was never answered".to_owned(),
                    Some(answer) => format!("was answered with {}", outcome(answer)),
                };
                let whole = if append.transaction == 0 { "some".to_owned() } else { whole.to_string() };
                match committed {
                    Step(0) => format!(
                        "{command} {answer} and was never committed, but the log holds {count} of its \
                         events"
                    ),
                    _ => format!(
                        "{command} {answer} and was committed, but the log holds {count} of its events, \
                         which should be {whole}"
                    ),
                }
            });
        });
    }
}

impl Appends {
    fn allocated<D: Domain>(
        &mut self,
        command: CommandId,
        first: Position,
        count: u32,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at_mut(place);
        // A saga alone decides the record of its own progress.
        let decided = match command {
            CommandId::Request(_) | CommandId::Effect(_) => append.sizes.contains(count as usize),
            CommandId::Progress { .. } => true,
        };
        checks.that(&ACKNOWLEDGED_ONCE, decided, [append.decided, checks.step()], |words| {
            let command = words.command(command);
            format!("{command} appends {count} events, but no decision has that number of events")
        });
        self.transactions.begin(place, first, count);
    }

    fn committed<D: Domain>(
        &mut self,
        command: CommandId,
        first: Position,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let fate = self.transactions.end(place, first, Fate::Committed);
        let (append, step) = (self.commands.at_mut(place), checks.step());
        let Append { decided, committed: earlier, concluded, .. } = *append;
        append.committed = step;

        let because = [decided, earlier, step];
        checks.that(&ACKNOWLEDGED_ONCE, fate == Fate::Open, because, |words| {
            let command = words.command(command);
            format!("the transaction of {command} at {first} is committed after its end")
        });
        let once = earlier == Step(0) && concluded == Step(0);
        checks.that(&COMMAND_ONCE, once, [decided, earlier, concluded, step], |words| {
            let command = words.command(command);
            match earlier {
                Step(0) => format!(
                    "{command} is committed, although its outcome without events has been on record \
                     since step {concluded}"
                ),
                _ => format!("{command} was committed in step {earlier} and is committed again"),
            }
        });
    }

    fn stored<D: Domain>(&mut self, event: &Stored<D::Event>, checks: &mut Checks<'_, D>) {
        let EventId { command, nth } = event.metadata.id;
        let owner = self.transactions.owner(event.position);
        let (place, owned) = self.place(event);
        let (append, step) = (self.commands.at_mut(place), checks.step());

        let other = append.transaction != 0 && append.transaction != owner;
        let again = append.visible.contains(nth);
        let because = [append.committed, append.stored, step];
        let what = |words: Vocabulary<'_, D>| {
            let (stream, command) = (words.stream(event.stream), words.command(command));
            let (version, position) = (event.version, event.position);
            format!("{stream} {version} at {position} became visible as an event of {command}")
        };
        checks.that(&COMMAND_ONCE, !other && !again, because, |words| match again {
            true => format!("{}, but event {} of it is already visible", what(words), nth + 1),
            false => format!("{}, but another transaction of it is already visible", what(words)),
        });

        let fate = self.transactions.get(owner).map_or(Fate::Open, |owner| owner.fate);
        let expected = owned && fate == Fate::Committed;
        let because = [append.decided, append.committed, step];
        checks.that(&ACKNOWLEDGED_ONCE, expected, because, |words| {
            let why = match (owned, fate) {
                (false, _) => "was never allocated that position",
                (true, Fate::RolledBack) => "has rolled that transaction back",
                (true, Fate::Open | Fate::Committed) => "has committed nothing there",
            };
            format!("{}, which {why}", what(words))
        });

        append.transaction = owner;
        append.visible.insert(nth);
        append.stored = step;
    }

    fn aborted<D: Domain>(
        &mut self,
        command: CommandId,
        first: Option<Position>,
        why: Abort,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let fate =
            first.map_or(Fate::Open, |first| self.transactions.end(place, first, Fate::RolledBack));
        let append = self.commands.at_mut(place);
        let because = [append.decided, append.committed, append.stored, checks.step()];
        checks.that(&ACKNOWLEDGED_ONCE, fate == Fate::Open, because, |words| {
            let command = words.command(command);
            format!("a transaction of {command} is rolled back after its end")
        });
        match why {
            Abort::Conflict { .. } | Abort::Matched { .. } => append.conflicts += 1,
            Abort::AlreadyDone => self.settled(place, checks),
            Abort::CommitRefused | Abort::NotSerializable => append.refusals += 1,
            Abort::ConnectionCut | Abort::Superseded => {}
        }
    }

    /// The appender learns the outcome.
    fn acknowledged<D: Domain>(
        &mut self,
        command: CommandId,
        answer: AppendOutcome,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        match answer {
            AppendOutcome::Appended => self.done(place, checks),
            AppendOutcome::AlreadyDone => self.settled(place, checks),
            // If a transaction that was rolled back becomes visible, that is a violation then.
            AppendOutcome::Conflict
            | AppendOutcome::CommitRefused
            | AppendOutcome::NotSerializable => {
                let append = self.commands.at_mut(place);
                let because = [append.committed, append.stored, append.answered, checks.step()];
                let untold = match answer {
                    AppendOutcome::Conflict => &mut append.conflicts,
                    _ => &mut append.refusals,
                };
                // A saga keeps no numbers of its attempts: what it takes for the answer to one may be a copy of an earlier
                // answer, and it appends its record again.
                let may_be_a_copy = answer != AppendOutcome::Conflict
                    && matches!(command, CommandId::Progress { .. });
                let holds = *untold > 0 || may_be_a_copy;
                checks.that(&ACKNOWLEDGED_ONCE, holds, because, |words| {
                    let (command, answer) = (words.command(command), outcome(answer));
                    format!(
                        "{command} was answered with {answer}, but the store has stated none that was \
                         not answered before"
                    )
                });
                *untold = untold.saturating_sub(1);
            }
            // Nothing is promised now. At rest all of its events are stored, or none.
            AppendOutcome::Unknown => {}
        }
        let append = self.commands.at_mut(place);
        append.answer = Some(answer);
        append.answered = checks.step();
    }

    /// An outcome without events is put on record.
    fn concluded<D: Domain>(
        &mut self,
        command: CommandId,
        verdict: &CommandOutcome<D>,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let (append, step) = (self.commands.at_mut(place), checks.step());
        let earlier = append.committed.max(append.concluded);
        let because = [append.decided, earlier, step];
        checks.that(&COMMAND_ONCE, earlier == Step(0), because, |words| {
            let command = words.command(command);
            format!(
                "an outcome of {command} without events is put on record, but it was settled in step \
                 {earlier}"
            )
        });
        append.concluded = step;
        append.conclusion = digest(verdict);
    }

    /// A command is answered: a command that took effect is not refused, and a resend gets the same answer.
    fn answered<D: Domain>(
        &mut self,
        command: CommandId,
        verdict: &CommandOutcome<D>,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let (telling, step) = (digest(verdict), checks.step());
        let Append { decided, committed, concluded, conclusion, told, telling: before, .. } =
            *self.commands.at_mut(place);
        let recorded = concluded != Step(0) && conclusion == telling;
        match verdict {
            CommandOutcome::Unknown => return,
            CommandOutcome::Refused(rejection) => {
                let because = [decided, committed, concluded, step];
                checks.that(&COMMAND_ONCE, recorded, because, |words| {
                    let (command, why) = (words.command(command), Term::Rejection(rejection));
                    let but = match (committed, concluded) {
                        (Step(0), Step(0)) => "nothing prevents its effect".to_owned(),
                        (Step(0), _) => "another outcome is on record".to_owned(),
                        (_, _) => format!("it took effect in step {committed}"),
                    };
                    format!("{command} is answered with \"{}\", but {but}", words.term(why))
                });
            }
            CommandOutcome::Accepted(_) if recorded => {}
            CommandOutcome::Accepted(token) => {
                self.done(place, checks);
                Self::includes(command, *token, checks);
            }
        }
        let same = told == Step(0) || before == telling;
        checks.that(&COMMAND_ONCE, same, [told, committed, concluded, step], |words| {
            let command = words.command(command);
            format!("{command} was answered in step {told}, and is now answered differently")
        });
        let append = self.commands.at_mut(place);
        (append.told, append.telling) = (step, telling);
    }

    /// A reader who is shown the version that a command was answered with has to see what the command did.
    fn includes<D: Domain>(command: CommandId, token: Token, checks: &mut Checks<'_, D>) {
        let Token { stream, version } = token;
        let events = checks.archive.events(stream);
        let seen = version.0 as usize;
        let mut later = events.between(seen, events.len()).iter();
        let holds = seen <= events.len() && later.all(|event| event.metadata.id.command != command);
        let because = [checks.archive.grew(stream), checks.step()];
        checks.that(&ACKNOWLEDGED_ONCE, holds, because, |words| {
            let (command, stream) = (words.command(command), words.stream(stream));
            format!("{command} is answered with {stream} {version}, which does not include all that it has stored there")
        });
    }

    /// The store says that a command took effect, or that its outcome without events is on record.
    fn settled<D: Domain>(&mut self, place: Place, checks: &mut Checks<'_, D>) {
        if self.commands.at_mut(place).concluded == Step(0) {
            self.done(place, checks);
        }
    }

    /// The store says that a command took effect.
    fn done<D: Domain>(&mut self, place: Place, checks: &mut Checks<'_, D>) {
        let append = self.commands.at_mut(place).clone();
        let count = self.transactions.get(append.transaction).map_or(0, |owner| owner.count);
        // The answer comes with the events or after them: they are visible.
        let visible = append.visible.len();
        let holds = append.transaction != 0 && visible == count.min(u64::BITS);
        let because = [append.decided, append.committed, append.stored, checks.step()];
        checks.that(&ACKNOWLEDGED_ONCE, holds, because, |words| {
            let command = words.command(self.commands.command(place));
            let but = match (append.committed, append.transaction) {
                (Step(0), _) => "was never committed".to_owned(),
                (_, 0) => "none of its events is visible".to_owned(),
                (_, _) => format!("{visible} of its {count} events are visible"),
            };
            format!("{command} is answered as appended, but {but}")
        });
    }

    /// The store declares that a transaction is lost. What it does not declare has to be in the log at rest.
    fn lost<D: Domain>(
        &mut self,
        command: CommandId,
        (at, to): (Instant, Instant),
        last: Step,
        checks: &mut Checks<'_, D>,
    ) {
        let place = self.commands.place(command);
        let Append { committed, stored, concluded, .. } = *self.commands.at_mut(place);
        let visible = stored.max(concluded);
        let is_later = at > to && (visible == Step(0) || visible > last);
        let because = [committed, visible, checks.step()];
        checks.that(&ACKNOWLEDGED_ONCE, is_later, because, |words| {
            let command = words.command(command);
            format!("the store goes back to {to} and loses {command}, which was committed before, at {at}")
        });
    }

    /// The command of an event, and whether the position of the event was allocated to it. The position
    /// leads there at once, without a search among the commands of a customer.
    fn place<E>(&mut self, event: &Stored<E>) -> (Place, bool) {
        let command = event.metadata.id.command;
        if let Some(transaction) = self.transactions.get(self.transactions.owner(event.position))
            && self.commands.command(transaction.place) == command
        {
            return (transaction.place, true);
        }
        (self.commands.place(command), false)
    }

    /// What the log keeps of each command, by place.
    fn kept<D: Domain>(&mut self, rest: &Rest<'_, D>) -> Packed<Kept> {
        let mut kept = Packed::default();
        let one_each = |kept: &mut Packed<Kept>, commands: usize| {
            while kept.len() < commands {
                kept.push(Kept::default());
            }
        };
        // The log may have no event of any of them, or events of a command that nobody has heard of.
        one_each(&mut kept, self.commands.len());
        rest.events.each(|event| {
            let index = self.place(event).0.index();
            one_each(&mut kept, self.commands.len());
            let kept = kept.get_mut(index).expect("there is one for each command");
            kept.add(event.metadata.id.nth);
        });
        kept
    }
}

fn digest<D: Domain>(verdict: &CommandOutcome<D>) -> u64 {
    let mut digest = Digest::default();
    digest.fold(verdict);
    digest.value()
}

#[cfg(test)]
mod tests;
