//! `acknowledged-once` and `command-once`: an append is answered with what happened to it, and no
//! command takes effect twice.
//!
//! A command may be decided several times, by several instances at once, and each attempt may begin a
//! transaction of its own. At most one of them takes effect.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::streams::entry;
use super::words::{because, outcome};
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::{Digest, Instant, NodeId, Step};
use crate::model::{
    Abort, AppendOutcome, CommandId, CommandOutcome, Domain, EventId, Fact, FactKind, Names,
    Position, Record, Rest, Schemas as _, Stored, Term, Vocabulary,
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
    says: "an append that was answered with appended is stored exactly once and as it was decided; \
           one that was rolled back, for whatever reason, is not stored; one whose outcome is \
           unknown, because of a lost answer or a crash, is stored as a whole or not at all",
};

pub(super) const COMMAND_ONCE: Property = Property {
    id: "command-once",
    when: When::AlwaysAndAtRest,
    says: "a command takes effect at most once, in one transaction, however often it is sent; \
           either it took effect or its refusal is on record, and every answer to it says so",
};

/// Follows every append from its decision to its answer.
#[derive(Clone, Debug)]
pub(super) struct Appends {
    names: Arc<Names>,
    acknowledged: Tally,
    once: Tally,
    commands: Commands<Append>,
    transactions: Transactions,
    /// What each instance writes, if it is not today's schema from the beginning.
    schemas: SortedMap<NodeId, u16>,
}

/// When something showed.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    step: Step,
}

impl<D: Domain> Checker<D> for Appends {
    const PROPERTIES: &'static [Property] = &[ACKNOWLEDGED_ONCE, COMMAND_ONCE];
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Stored,
        FactKind::Allocated,
        FactKind::Deployed,
        FactKind::Decided,
        FactKind::DecidedAgain,
        FactKind::Answered,
        FactKind::Concluded,
        FactKind::Committed,
        FactKind::Aborted,
        FactKind::Appended,
        FactKind::Conflict,
        FactKind::AlreadyDone,
        FactKind::CommitRefused,
        FactKind::NotSerializable,
        FactKind::Unanswered,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            acknowledged: Tally::new(&ACKNOWLEDGED_ONCE),
            once: Tally::new(&COMMAND_ONCE),
            commands: Commands::default(),
            transactions: Transactions::default(),
            schemas: SortedMap::new(),
        }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let moment = Moment { at: record.at, step: record.step };
        if let Fact::Decided { command, events, .. } = &record.fact {
            // A decision without events appends nothing and is not mentioned again.
            if !events.is_empty() {
                let place = self.commands.place(*command);
                let append = self.commands.at_mut(place);
                append.decided = record.step;
                let written = match self.schemas.get(&record.node) {
                    Some(&schema) if schema < D::Schemas::SCHEMA => {
                        D::Schemas::downcast(domain, schema, events.clone()).len()
                    }
                    Some(_) | None => events.len(),
                };
                append.sizes.insert(written);
            }
        } else if let Fact::Deployed { schema } = record.fact {
            self.schemas.insert(record.node, schema);
        } else if let Fact::Allocated { command, first, count } = record.fact {
            self.allocated(domain, command, first, count, moment, violations);
        } else if let Fact::Committed { command, first } = record.fact {
            self.committed(domain, command, first, moment, violations);
        } else if let Fact::Stored(event) = &record.fact {
            self.stored(domain, event, moment, violations);
        } else if let Fact::Aborted { command, first, why } = record.fact {
            self.aborted(domain, command, first, why, moment, violations);
        } else if let Fact::Acknowledged { command, outcome } = record.fact {
            self.answered(domain, command, outcome, moment, violations);
        } else if let Fact::Concluded { command, verdict } = &record.fact {
            self.concluded(domain, *command, verdict, moment, violations);
        } else if let Fact::Answered { command, verdict } = &record.fact {
            self.told(domain, *command, verdict, moment, violations);
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let narrator = Vocabulary { domain: rest.domain, names: rest.names };
        let kept = self.kept(rest);
        for ((command, append), kept) in self.commands.iter().zip(&kept) {
            self.once.check(kept.twice.is_none(), rest.at, rest.step, violations, || {
                let (command, nth) = (narrator.command(command), kept.twice.unwrap_or(0) + 1);
                let says = format!("event {nth} of {command} is in the log twice");
                (says, because([append.decided, append.committed, append.stored]))
            });
            let whole = match self.transactions.get(append.transaction) {
                None => u32::from(append.committed != Step(0)),
                Some(transaction) => transaction.count,
            };
            self.acknowledged.check(kept.count == whole, rest.at, rest.step, violations, || {
                let (command, count) = (narrator.command(command), kept.count);
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

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.acknowledged, &self.once]
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
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at(place);
        // A saga's record of its own progress is decided by the saga alone.
        let decided = match command {
            CommandId::Request(_) | CommandId::Effect(_) => append.sizes.contains(count as usize),
            CommandId::Progress { .. } => true,
        };
        self.acknowledged.check(decided, moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says =
                format!("{command} appends {count} events, but was not decided with so many");
            (says, because([append.decided, moment.step]))
        });
        self.transactions.begin(place, first, count);
    }

    fn committed<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        first: Position,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        let fate = self.transactions.end(place, first, Fate::Committed);
        let append = self.commands.at_mut(place);
        let (earlier, concluded) = (append.committed, append.concluded);
        let decided = append.decided;
        append.committed = moment.step;

        self.acknowledged.check(fate == Fate::Open, moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says =
                format!("the transaction of {command} at {first} is committed after its end");
            (says, because([decided, earlier, moment.step]))
        });
        let once = earlier == Step(0) && concluded == Step(0);
        self.once.check(once, moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says = match earlier {
                Step(0) => format!(
                    "{command} is committed, although it has been on record since step {concluded} \
                     that it leads to no event"
                ),
                _ => format!("{command} was committed in step {earlier} and now once more"),
            };
            (says, because([decided, earlier, concluded, moment.step]))
        });
    }

    fn stored<D: Domain>(
        &mut self,
        domain: &D,
        event: &Stored<D::Event>,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let EventId { command, nth } = event.metadata.id;
        let owner = self.transactions.owner(event.position);
        let (place, owned) = self.place(event);
        let append = self.commands.at_mut(place);
        let narrator = Vocabulary { domain, names: &self.names };
        let what = || {
            let (stream, version) = (narrator.stream(event.stream), event.version);
            (format!("{stream} {version} at {}", event.position), narrator.command(command))
        };

        let other = append.transaction != 0 && append.transaction != owner;
        let again = append.visible.contains(nth);
        self.once.check(!other && !again, moment.at, moment.step, violations, || {
            let (event, command) = what();
            let why = if again {
                format!("event {} of it is visible already", nth + 1)
            } else {
                "another transaction of it is visible already".to_owned()
            };
            let says = format!("{event} became visible as an event of {command}, but {why}");
            (says, because([append.committed, append.stored, moment.step]))
        });

        let fate = self.transactions.get(owner).map_or(Fate::Open, |owner| owner.fate);
        let expected = owned && fate == Fate::Committed;
        self.acknowledged.check(expected, moment.at, moment.step, violations, || {
            let (event, command) = what();
            let why = match (owned, fate) {
                (false, _) => "was never allocated that position",
                (true, Fate::RolledBack) => "has rolled that transaction back",
                (true, Fate::Open | Fate::Committed) => "has committed nothing there",
            };
            let says = format!("{event} became visible as an event of {command}, which {why}");
            (says, because([append.decided, append.committed, moment.step]))
        });

        append.transaction = owner;
        append.visible.insert(nth);
        append.stored = moment.step;
    }

    fn aborted<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        first: Option<Position>,
        why: Abort,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        let fate =
            first.map_or(Fate::Open, |first| self.transactions.end(place, first, Fate::RolledBack));
        let append = self.commands.at(place);
        self.acknowledged.check(fate == Fate::Open, moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says = format!("a transaction of {command} is rolled back after its end");
            (says, because([append.decided, append.committed, append.stored, moment.step]))
        });
        match why {
            Abort::Conflict { .. } => self.commands.at_mut(place).conflicts += 1,
            Abort::AlreadyDone => self.settled(domain, place, moment, violations),
            Abort::ConnectionCut | Abort::CommitRefused | Abort::NotSerializable => {}
        }
    }

    fn answered<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        answer: AppendOutcome,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        match answer {
            AppendOutcome::Appended => self.done(domain, place, moment, violations),
            AppendOutcome::AlreadyDone => self.settled(domain, place, moment, violations),
            AppendOutcome::Conflict => {
                let append = self.commands.at_mut(place);
                self.acknowledged.check(append.conflicts > 0, moment.at, moment.step, violations, || {
                    let command = Vocabulary { domain, names: &self.names }.command(command);
                    let says = format!(
                        "{command} was answered with a conflict, but the store knows of none that it \
                         was not told of before"
                    );
                    (says, because([append.committed, append.stored, append.answered, moment.step]))
                });
                append.conflicts = append.conflicts.saturating_sub(1);
            }
            // That this one was rolled back for good is seen if it becomes visible after all.
            AppendOutcome::CommitRefused | AppendOutcome::NotSerializable => {}
            // Nothing is promised now; whether it was all or nothing is seen at rest.
            AppendOutcome::Unknown => {}
        }
        let append = self.commands.at_mut(place);
        append.answer = Some(answer);
        append.answered = moment.step;
    }

    /// It is put on record that a command leads to no event.
    fn concluded<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        verdict: &CommandOutcome<D>,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        let append = self.commands.at_mut(place);
        let earlier = append.committed.max(append.concluded);
        self.once.check(earlier == Step(0), moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says = format!(
                "it is put on record that {command} leads to no event, but it was settled in step \
                 {earlier}"
            );
            (says, because([append.decided, earlier, moment.step]))
        });
        append.concluded = moment.step;
        append.conclusion = digest(verdict);
    }

    /// A command is answered: never with a refusal if it took effect, and, if it is sent again, with the
    /// same answer.
    fn told<D: Domain>(
        &mut self,
        domain: &D,
        command: CommandId,
        verdict: &CommandOutcome<D>,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let place = self.commands.place(command);
        let telling = digest(verdict);
        let append = self.commands.at_mut(place);
        let recorded = append.concluded != Step(0) && append.conclusion == telling;
        let told = append.told;
        match verdict {
            CommandOutcome::Unknown => return,
            CommandOutcome::Refused(rejection) => {
                let (committed, concluded) = (append.committed, append.concluded);
                self.once.check(recorded, moment.at, moment.step, violations, || {
                    let narrator = Vocabulary { domain, names: &self.names };
                    let (command, why) = (narrator.command(command), Term::Rejection(rejection));
                    let but = match (committed, concluded) {
                        (Step(0), Step(0)) => "nothing keeps it from taking effect".to_owned(),
                        (Step(0), _) => "something else is on record".to_owned(),
                        (_, _) => format!("it took effect in step {committed}"),
                    };
                    let says =
                        format!("{command} is answered with \"{}\", but {but}", narrator.term(why));
                    (says, because([append.decided, committed, concluded, moment.step]))
                });
            }
            CommandOutcome::Accepted(_) if recorded => {}
            CommandOutcome::Accepted(_) => self.done(domain, place, moment, violations),
        }
        let append = self.commands.at_mut(place);
        let same = told == Step(0) || append.telling == telling;
        self.once.check(same, moment.at, moment.step, violations, || {
            let command = Vocabulary { domain, names: &self.names }.command(command);
            let says = format!("{command} was answered in step {told} and now in another way");
            (says, because([told, append.committed, append.concluded, moment.step]))
        });
        append.told = moment.step;
        append.telling = telling;
    }

    /// A command is said to have taken effect, or to be on record as having none.
    fn settled<D: Domain>(
        &mut self,
        domain: &D,
        place: Place,
        moment: Moment,
        violations: &mut Violations,
    ) {
        if self.commands.at(place).concluded == Step(0) {
            self.done(domain, place, moment, violations);
        }
    }

    /// A command is said to have taken effect.
    fn done<D: Domain>(
        &mut self,
        domain: &D,
        place: Place,
        moment: Moment,
        violations: &mut Violations,
    ) {
        let append = self.commands.at(place);
        let count = self.transactions.get(append.transaction).map_or(0, |owner| owner.count);
        // What is answered so can be read: the answer comes with the events, or after them.
        let visible = append.visible.len();
        let stored = append.transaction != 0 && visible == count.min(u64::BITS);
        self.acknowledged.check(stored, moment.at, moment.step, violations, || {
            let narrator = Vocabulary { domain, names: &self.names };
            let command = narrator.command(self.commands.command(place));
            let but = match (append.committed, append.transaction) {
                (Step(0), _) => "was never committed".to_owned(),
                (_, 0) => "not one of its events is visible".to_owned(),
                (_, _) => format!("{visible} of its {count} events are visible"),
            };
            let says = format!("{command} is said to have been appended, but {but}");
            (says, because([append.decided, append.committed, append.stored, moment.step]))
        });
    }

    /// The command that an event says it came from, and whether its position was given to that one.
    /// The position leads there at once, without a search among the commands of a customer.
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
    fn kept<D: Domain>(&mut self, rest: &Rest<'_, D>) -> Vec<Kept> {
        let mut kept = vec![Kept::default(); self.commands.len()];
        for event in &rest.events {
            let index = self.place(event).0.index();
            entry(&mut kept, index).add(event.metadata.id.nth);
        }
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
