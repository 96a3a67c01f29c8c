//! `linearizable`: what clients were told of each object can be explained by one order of their operations.
//!
//! The operations of an object are kept until one is sent after all of them were answered: what comes then cannot
//! have been before. These are judged, and only the states in which the object can be are kept, with the operations
//! that no answer came to. An object whose operations overlap without end is given up, which is reported.

use std::fmt;

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::moment::Moment;
use crate::history::names::Names;
use crate::history::operation::{Asked, Begun, Operation, Says, Span};
use crate::history::row::AMOUNT_PARTS;
use crate::history::value::{Id, Wrong};
use crate::history::vocabulary::Field;
use crate::linearizability::models::{Amount, Assign, Quantity, Said, Variable, written};
use crate::linearizability::{Contradiction, History, Judgement, Limits, Model};

/// How many operations of all objects together can wait to be judged.
const WAITING_MAX: usize = 1 << 22;

/// All objects of which there are operations.
#[derive(Debug, Default)]
pub(in crate::history) struct Operations {
    names: Names,
    objects: Vec<Object>,
    /// How many operations wait to be judged.
    waiting: usize,
}

/// An object, and its operations that are not judged yet.
#[derive(Debug, Default)]
struct Object {
    known: Known,
    waiting: Vec<Waiting>,
    /// When the last of these was answered.
    until: Option<Moment>,
    /// When the last of those that were judged was answered.
    judged: Option<Moment>,
    /// The number of the last moment.
    moment: u64,
}

/// What is known of an object.
#[derive(Debug, Default)]
enum Known {
    /// Nothing yet.
    #[default]
    New,
    Amount(Box<History<Amount, usize>>),
    Value(Box<History<Variable, usize>>),
    /// A contradiction was found: what follows from it is not looked at.
    Contradicted,
    /// It was given up.
    Undecided,
}

/// An operation that is not judged yet.
#[derive(Debug)]
struct Waiting {
    asked: Asked,
    span: Span,
    line: Place,
    actor: Option<Box<str>>,
    holder: Option<Box<str>>,
}

impl Operations {
    /// # Errors
    ///
    /// When the line stands where it cannot stand, or says something else of the object than those before it.
    pub(in crate::history) fn see(
        &mut self,
        operation: &Operation<'_>,
        line: Place,
        board: &mut Board,
    ) -> Result<(), Wrong> {
        let number = self.names.number(&operation.object) as usize;
        if self.objects.len() <= number {
            self.objects.resize_with(number + 1, Object::default);
        }
        let object = &mut self.objects[number];
        let (asked, span) = match &operation.says {
            Says::Begins(begun) => return object.begins(begun, &operation.object),
            // Nothing can be said of it.
            Says::Asked(Asked::Nothing, _) => return Ok(()),
            Says::Asked(asked, span) => (asked, *span),
        };
        match &object.known {
            Known::Contradicted => return Ok(()),
            Known::Undecided => {
                board.undecided(Clause::OneOrder, 1);
                return Ok(());
            }
            Known::New => object.known = Known::of(asked),
            Known::Amount(_) | Known::Value(_) => {}
        }
        object.known.fits(asked, &operation.object)?;
        if object.until.is_some_and(|until| until < span.from) {
            self.waiting -= object.waiting.len();
            object.settle(self.names.name(number as u32), board);
        }
        if object.judged.is_some_and(|judged| span.from <= judged) {
            let message = format!(
                "the operations on {} are not in order: one that was sent later stands before this one",
                operation.object
            );
            return Err(Wrong::of(Field::From, message, "sort the operations by `from`"));
        }
        let boxed = |id: &Option<Id<'_>>| id.as_ref().map(|id| id.to_string().into_boxed_str());
        let (actor, holder) = (boxed(&operation.actor), boxed(&operation.holder));
        object.waiting.push(Waiting { asked: asked.clone(), span, line, actor, holder });
        object.until = object.until.max(span.to);
        self.waiting += 1;
        let is_too_long = object.waiting.len() > Limits::default().operations;
        if is_too_long || self.waiting > WAITING_MAX {
            self.waiting -= object.waiting.len();
            object.give_up(board);
        }
        Ok(())
    }

    pub(in crate::history) fn end(&mut self, board: &mut Board) {
        for (number, object) in (0..).zip(&mut self.objects) {
            object.settle(self.names.name(number), board);
        }
    }
}

impl Object {
    fn begins(&mut self, begun: &Begun, name: &Id<'_>) -> Result<(), Wrong> {
        if !matches!(self.known, Known::New) {
            let message = format!("`begin` stands behind another operation on {name}");
            let hint = "it says what the object is before all of them; say `write`";
            return Err(Wrong::of(Field::Did, message, hint));
        }
        self.known = match begun {
            Begun::Amount(amount) => Known::amount(Amount::of(*amount, AMOUNT_PARTS)),
            Begun::Value(value) => Known::value(Variable::of(value.clone())),
        };
        Ok(())
    }

    /// Judges the operations that wait.
    fn settle(&mut self, name: &str, board: &mut Board) {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        self.judged = self.judged.max(self.until.take());
        let answered = waiting.iter().filter(|one| one.span.to.is_some()).count() as u64;
        let moment = &mut self.moment;
        let found = match &mut self.known {
            Known::Amount(history) => happens(history, &waiting, moment, |asked| match asked {
                Asked::Amount(input, output) => Some((*input, *output)),
                Asked::Value(..) | Asked::Nothing => None,
            }),
            Known::Value(history) => happens(history, &waiting, moment, |asked| match asked {
                Asked::Value(input, output) => Some((input.clone(), output.clone())),
                Asked::Amount(..) | Asked::Nothing => None,
            }),
            Known::New | Known::Contradicted | Known::Undecided => return,
        };
        match found {
            // Without an answer there is nothing to judge.
            Judgement::Pending => {}
            Judgement::Explained => board.all_hold(Clause::OneOrder, answered),
            Judgement::Undecided => {
                self.known = Known::Undecided;
                board.undecided(Clause::OneOrder, answered);
            }
            Judgement::Contradicted(found) => {
                self.known = Known::Contradicted;
                let of = |one: &usize| &waiting[*one];
                let involved: Vec<usize> = found.operations.iter().map(|one| one.label).collect();
                let mut lines: Vec<Place> = involved.iter().map(|one| of(one).line).collect();
                lines.sort_unstable();
                board.all_hold(Clause::OneOrder, answered);
                board.breach(Clause::OneOrder, &lines, || {
                    contradiction(name, &found, involved.iter().map(of))
                });
            }
        }
    }

    /// Its operations overlap for too long.
    fn give_up(&mut self, board: &mut Board) {
        board.undecided(Clause::OneOrder, self.waiting.len() as u64);
        *self = Self { known: Known::Undecided, ..Self::default() };
    }
}

impl Known {
    fn amount(amount: Amount) -> Self {
        Self::Amount(Box::new(History::new(amount, Limits::default())))
    }

    fn value(value: Variable) -> Self {
        Self::Value(Box::new(History::new(value, Limits::default())))
    }

    /// An object with a past that is not known, by the first operation on it.
    fn of(asked: &Asked) -> Self {
        match asked {
            Asked::Amount(..) => Self::amount(Amount::unknown(AMOUNT_PARTS)),
            Asked::Value(..) => Self::value(Variable::unknown()),
            Asked::Nothing => Self::New,
        }
    }

    /// Whether an operation is one on such an object.
    fn fits(&self, asked: &Asked, name: &Id<'_>) -> Result<(), Wrong> {
        let (is, was, field) = match (self, asked) {
            (Self::Amount(_), Asked::Value(..)) => ("a value", "an amount", Field::Value),
            (Self::Value(_), Asked::Amount(..)) => ("an amount", "a value", Field::Did),
            _ => return Ok(()),
        };
        let message = format!("{name} is {is} here, and {was} in the lines before");
        Err(Wrong::of(field, message, "an object is an amount or a value"))
    }
}

/// Operations happen to an object in the order of their times, and are judged. At the same time calls come before
/// answers, because either can have been first.
fn happens<M: Model>(
    history: &mut History<M, usize>,
    waiting: &[Waiting],
    moment: &mut u64,
    says: impl Fn(&Asked) -> Option<(M::Input, Option<M::Output>)>,
) -> Judgement<usize> {
    let mut moments: Vec<(Moment, bool, usize)> = Vec::with_capacity(2 * waiting.len());
    for (number, one) in waiting.iter().enumerate() {
        moments.push((one.span.from, false, number));
        moments.extend(one.span.to.map(|to| (to, true, number)));
    }
    moments.sort_unstable();
    let mut handles = vec![None; waiting.len()];
    for (_, is_answer, number) in moments {
        let Some((input, output)) = says(&waiting[number].asked) else { continue };
        *moment += 1;
        match (is_answer, handles[number], output) {
            (false, _, output) => {
                let handle = history.call(*moment, input, number);
                handles[number] = Some(handle);
                if output.is_none() {
                    history.abandon(handle);
                }
            }
            (true, Some(handle), Some(output)) => history.returns(handle, *moment, output),
            (true, ..) => {}
        }
    }
    history.settle()
}

/// A contradiction in words.
fn contradiction<'a>(
    name: &str,
    found: &Contradiction<usize>,
    involved: impl Iterator<Item = &'a Waiting>,
) -> String {
    let operations: Vec<String> = involved.map(ToString::to_string).collect();
    let or = match found.others {
        0 => String::new(),
        others => format!(" (or one of {others} other states)"),
    };
    let operations = operations.join("; ");
    format!(
        "no order of the operations on {name} explains what was told: {operations}; before, {}{or}",
        found.before
    )
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = |amount: i64| written(amount, AMOUNT_PARTS);
        write!(f, "{} ", self.actor.as_deref().unwrap_or("a client"))?;
        let holder = self.holder.as_deref();
        match &self.asked {
            Asked::Amount(input, output) => match (*input, output) {
                (Quantity::Take(taken, _), Some(Said::Refused(_))) => {
                    write!(f, "was refused {}", amount(taken))
                }
                (Quantity::Take(taken, _), _) => write!(f, "took {}", amount(taken)),
                (Quantity::GiveBack(..), Some(Said::Refused(_))) => {
                    return write!(f, "was told that {} has none", holder.unwrap_or("nobody"));
                }
                (Quantity::GiveBack(_, part), _) => {
                    let part = part.map_or_else(|| "all".to_owned(), amount);
                    return write!(f, "gave back {part} of {}", holder.unwrap_or("nobody"));
                }
                (Quantity::Add(added), _) => write!(f, "added {}", amount(added)),
                (Quantity::Write(set), _) => write!(f, "set it to {}", amount(set)),
                (Quantity::Is(read), _) => write!(f, "read {}", amount(read)),
                // These are answers.
                (Quantity::Short(_) | Quantity::HasNone(_), _) => Ok(()),
            },
            Asked::Value(input, output) => match (input, output) {
                (Assign::Swap(from, _), Some(Said::Refused(_))) => {
                    write!(f, "was told that it is not {}", from.join(" or "))
                }
                (Assign::Swap(from, to), _) => {
                    write!(f, "set it from {} to {to}", from.join(" or "))
                }
                (Assign::Write(to), _) => write!(f, "set it to {to}"),
                (Assign::Is(value), _) => write!(f, "read {value}"),
                (Assign::IsNoneOf(_), _) => Ok(()),
            },
            Asked::Nothing => Ok(()),
        }?;
        match holder {
            Some(holder) => write!(f, " for {holder}"),
            None => Ok(()),
        }
    }
}
