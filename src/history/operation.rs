//! What a line says of an operation on an object: what was asked, when, and what was answered.

use std::sync::Arc;

use super::fact::Outcome;
use super::moment::Moment;
use super::row::{AMOUNT_PARTS, Row};
use super::value::{Id, Wrong};
use super::vocabulary::Field;
use crate::linearizability::models::{Assign, Quantity, Said};

/// An operation, or what an object is before all of them.
#[derive(Debug)]
pub(super) struct Operation<'a> {
    pub(super) object: Id<'a>,
    pub(super) actor: Option<Id<'a>>,
    /// For whom something is taken or given back.
    pub(super) holder: Option<Id<'a>>,
    pub(super) says: Says,
}

/// What a line says of an object.
#[derive(Debug)]
pub(super) enum Says {
    /// What it is before all operations.
    Begins(Begun),
    /// What was asked of it when, and what was answered.
    Asked(Asked, Span),
}

/// What an object is at the beginning.
#[derive(Clone, Debug)]
pub(super) enum Begun {
    Amount(i64),
    Value(Arc<str>),
}

/// What was asked of an object, with the answer; `None` if there is none.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    Amount(Quantity, Option<Said<Quantity>>),
    Value(Assign, Option<Said<Assign>>),
    /// The answer says nothing of the object, and nothing has happened to it.
    Nothing,
}

/// From when to when an operation took. `to` is `None` if no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Moment,
    pub(super) to: Option<Moment>,
}

/// What can be asked of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Begin,
    Read,
    Write,
    Swap,
    Add,
    Take,
    GiveBack,
}

/// The words for these.
const VERBS: &[(&str, Verb)] = &[
    ("begin", Verb::Begin),
    ("read", Verb::Read),
    ("write", Verb::Write),
    ("swap", Verb::Swap),
    ("add", Verb::Add),
    ("take", Verb::Take),
    ("give_back", Verb::GiveBack),
];

impl Verb {
    fn word(self) -> &'static str {
        let known = VERBS.iter().find(|(_, verb)| *verb == self);
        known.map_or("", |(word, _)| word)
    }

    /// The fields that say what is asked.
    const fn fields(self) -> &'static [Field] {
        match self {
            Self::Begin | Self::Read | Self::Write => &[Field::Amount, Field::Value],
            Self::Swap => &[Field::Value, Field::Expected],
            Self::Add => &[Field::Amount],
            Self::Take | Self::GiveBack => &[Field::Amount, Field::Holder],
        }
    }
}

impl<'a> Operation<'a> {
    pub(super) fn of(row: &mut Row<'a>) -> Result<Self, Wrong> {
        let verb = row.word(Field::Did, VERBS)?;
        let about = [Field::Amount, Field::Value, Field::Expected, Field::Holder];
        let is_alien = |field: &Field| row.has(*field) && !verb.fields().contains(field);
        if let Some(alien) = about.into_iter().find(is_alien) {
            let message = format!("`{}` has no `{}`", verb.word(), alien.word());
            let known: Vec<String> =
                verb.fields().iter().map(|field| format!("`{}`", field.word())).collect();
            return Err(Wrong::of(alien, message, format!("it has {}", known.join(" and "))));
        }
        let (object, actor) = (row.the_id(Field::Object)?, row.id(Field::Actor)?);
        let outcome = match row.has(Field::Outcome) {
            true => Some(Outcome::of(row)?),
            false => None,
        };
        let (from, to) = (row.time(Field::From)?, row.time(Field::To)?);
        let holder = row.id(Field::Holder)?;
        let amount = row.amount(Field::Amount)?;
        let value = row.text(Field::Value)?.map(Arc::<str>::from);
        let values = row.texts(Field::Expected)?;
        let expected = values.map(|all| all.into_iter().map(Arc::<str>::from).collect());
        let what = What { verb, amount, value, expected, holder: holder.as_ref() };
        let says = match verb {
            Verb::Begin => Says::Begins(what.begun()?),
            _ => {
                let span = Span::of(verb, from, to, outcome)?;
                let is_accepted = outcome != Some(Outcome::Rejected);
                Says::Asked(what.asked(is_accepted, span.to.is_some())?, span)
            }
        };
        Ok(Self { object, actor, holder, says })
    }
}

impl Span {
    fn of(
        verb: Verb,
        from: Option<Moment>,
        to: Option<Moment>,
        outcome: Option<Outcome>,
    ) -> Result<Self, Wrong> {
        let Some(from) = from else {
            let message = format!("`{}` does not say when it was sent", verb.word());
            return Err(Wrong::of_line(message, "add `from`, and `to` if an answer came"));
        };
        if to.is_some_and(|to| to < from) {
            let hint = "both are times of one clock";
            return Err(Wrong::of(
                Field::To,
                "the answer came before the operation was sent",
                hint,
            ));
        }
        match outcome {
            Some(Outcome::Unknown) => Ok(Self { from, to: None }),
            Some(Outcome::Accepted | Outcome::Rejected) if to.is_none() => {
                let message = "the operation was answered, and the line does not say when";
                Err(Wrong::of(Field::Outcome, message, "add `to`, or say `unknown`"))
            }
            Some(Outcome::Accepted | Outcome::Rejected) | None => Ok(Self { from, to }),
        }
    }
}

/// The fields of a line that say what is asked.
struct What<'w, 'a> {
    verb: Verb,
    amount: Option<i64>,
    value: Option<Arc<str>>,
    expected: Option<Arc<[Arc<str>]>>,
    holder: Option<&'w Id<'a>>,
}

impl What<'_, '_> {
    fn begun(self) -> Result<Begun, Wrong> {
        match (self.amount, self.value) {
            (Some(amount), None) => Ok(Begun::Amount(amount)),
            (None, Some(value)) => Ok(Begun::Value(value)),
            (amount, _) => Err(one_of_both(self.verb, amount.is_some())),
        }
    }

    fn asked(self, is_accepted: bool, is_answered: bool) -> Result<Asked, Wrong> {
        let Self { verb, amount, value, expected, holder } = self;
        let holder = holder.map(|holder| holder.print().0);
        let one = amount.unwrap_or(AMOUNT_PARTS);
        // What is refused is not done. What that says of an amount or a value is the second.
        let quantity = |done: Quantity, refused: Option<Quantity>| match (is_answered, is_accepted)
        {
            (false, _) => Asked::Amount(done, None),
            (true, true) => Asked::Amount(done, Some(Said::Done)),
            (true, false) => match refused {
                Some(says) => Asked::Amount(done, Some(Said::Refused(says))),
                None => Asked::Nothing,
            },
        };
        let assign = |done: Assign, refused: Option<Assign>| match (is_answered, is_accepted) {
            (false, _) => Asked::Value(done, None),
            (true, true) => Asked::Value(done, Some(Said::Done)),
            (true, false) => match refused {
                Some(says) => Asked::Value(done, Some(Said::Refused(says))),
                None => Asked::Nothing,
            },
        };
        Ok(match (verb, amount, value) {
            // A question without an answer does nothing.
            (Verb::Read, ..) if !is_answered || !is_accepted => Asked::Nothing,
            (Verb::Read, Some(amount), None) => quantity(Quantity::Is(amount), None),
            (Verb::Read, None, Some(value)) => assign(Assign::Is(value), None),
            (Verb::Write, Some(amount), None) => quantity(Quantity::Write(amount), None),
            (Verb::Write, None, Some(value)) => assign(Assign::Write(value), None),
            (Verb::Swap, _, Some(value)) => {
                let expected = expected.ok_or_else(|| {
                    let hint = "add what the object must be, or say `write`";
                    Wrong::of_line("`swap` does not say what is `expected`", hint)
                })?;
                assign(Assign::Swap(Arc::clone(&expected), value), Some(Assign::IsNoneOf(expected)))
            }
            (Verb::Swap, _, None) => {
                let hint = "add what the object is set to";
                return Err(Wrong::of_line("`swap` has no `value`", hint));
            }
            (Verb::Add, ..) => quantity(Quantity::Add(one), None),
            (Verb::Take, ..) => quantity(Quantity::Take(one, holder), Some(Quantity::Short(one))),
            (Verb::GiveBack, ..) => {
                let holder = holder.ok_or_else(|| {
                    let hint = "add the `holder`, or say `add`";
                    Wrong::of_line("`give_back` does not say who gives back", hint)
                })?;
                quantity(Quantity::GiveBack(holder, amount), Some(Quantity::HasNone(holder)))
            }
            (Verb::Begin | Verb::Read | Verb::Write, amount, _) => {
                return Err(one_of_both(verb, amount.is_some()));
            }
        })
    }
}

/// An object is an amount or a value, and a line says which.
fn one_of_both(verb: Verb, has_both: bool) -> Wrong {
    let word = verb.word();
    match has_both {
        true => Wrong::of(
            Field::Value,
            format!("`{word}` has both `amount` and `value`"),
            "an object is an amount or a value",
        ),
        false => Wrong::of_line(
            format!("`{word}` says nothing of the object"),
            "add `amount`, such as 3 or \"99.50\", or `value`, such as \"paid\"",
        ),
    }
}
