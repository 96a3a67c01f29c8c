//! An amount of anything, such as seats, items in stock or money, that is added to and taken from, also for holders.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Said, decides, said};
use crate::collections::{SortedMap, Table};
use crate::linearizability::{Effect, Likeness, Model};

/// What is done to an amount, or said of it. A holder is a number, such as a hash of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// It is this from now on.
    Write(i64),
    /// So much more is there.
    Add(i64),
    /// So much is taken, for a holder if one is named. What a holder has already is not taken again.
    Take(i64, Option<u64>),
    /// What a holder has is there again, or so much of it. Nothing happens if they have none.
    GiveBack(u64, Option<i64>),
    /// Exactly this is there.
    Is(i64),
    /// Less than this is there.
    Short(i64),
    /// The holder has none.
    HasNone(u64),
}

/// What is there, and what holders have.
///
/// What holders have had before one search is shared by all states of it, as in [`Places`](super::Places).
#[derive(Clone, Debug)]
pub struct Amount {
    /// `None` if that is not known yet.
    there: Option<i64>,
    /// Whether nobody else has any of it: all that was taken is known.
    is_whole: bool,
    /// An amount of 1 has so many parts. It matters to words only.
    parts: i64,
    before: Arc<Table<u64, i64>>,
    changed: SortedMap<u64, i64>,
}

impl Amount {
    /// So much is there, and nobody has any of it. An amount of 1 has so many `parts`.
    pub fn of(there: i64, parts: i64) -> Self {
        Self { there: Some(there), is_whole: true, ..Self::unknown(parts) }
    }

    /// An amount with a past that is not known: the first answer that says how much is there decides.
    pub fn unknown(parts: i64) -> Self {
        let (before, changed) = (Arc::default(), SortedMap::new());
        Self { there: None, is_whole: false, parts, before, changed }
    }

    /// What a holder has; `None` if nothing is known of them, `Some(0)` if they have none.
    fn held(&self, holder: u64) -> Option<i64> {
        let held = self.changed.get(&holder).or_else(|| self.before.get(&holder)).copied();
        held.or(self.is_whole.then_some(0))
    }

    fn has(&self, holder: u64) -> bool {
        self.held(holder).is_some_and(|held| held > 0)
    }

    fn more(&mut self, amount: i64) {
        self.there = self.there.map(|there| there.saturating_add(amount));
    }

    /// How much comes back of what a holder has; `None` if that is not known.
    fn comes_back(&self, holder: u64, amount: Option<i64>) -> Option<i64> {
        let held = self.held(holder)?;
        Some(amount.map_or(held, |amount| amount.min(held)))
    }
}

impl Model for Amount {
    type Input = Quantity;
    type Output = Said<Quantity>;

    fn effect(&self, input: &Quantity, output: Option<&Said<Quantity>>) -> Effect {
        let reads = |is_so: bool| if is_so { Effect::Reads } else { Effect::Impossible };
        let covers = |amount: i64| self.there.is_none_or(|there| there >= amount);
        match *said(input, output) {
            Quantity::Write(_) | Quantity::Add(_) | Quantity::GiveBack(..) => Effect::Writes,
            Quantity::Take(amount, holder) => {
                let is_possible = covers(amount) || holder.is_some_and(|holder| self.has(holder));
                if is_possible { Effect::Writes } else { Effect::Impossible }
            }
            Quantity::Is(_) if self.there.is_none() => decides(output),
            Quantity::Is(amount) => reads(self.there == Some(amount)),
            Quantity::Short(amount) => reads(self.there.is_none_or(|there| there < amount)),
            Quantity::HasNone(holder) => reads(!self.has(holder)),
        }
    }

    fn apply(&mut self, input: &Quantity) {
        match *input {
            Quantity::Write(amount) | Quantity::Is(amount) => self.there = Some(amount),
            Quantity::Add(amount) => self.more(amount),
            Quantity::Take(amount, None) => self.more(-amount),
            Quantity::Take(amount, Some(holder)) => {
                if !self.has(holder) {
                    self.more(-amount);
                    self.changed.insert(holder, amount);
                }
            }
            Quantity::GiveBack(holder, amount) => match self.comes_back(holder, amount) {
                Some(back) => {
                    let left = self.held(holder).unwrap_or_default() - back;
                    self.more(back);
                    self.changed.insert(holder, left);
                }
                // Whether they had any is not known.
                None => self.there = None,
            },
            Quantity::Short(_) | Quantity::HasNone(_) => {}
        }
    }

    fn likeness(&self, input: &Quantity, output: &Said<Quantity>) -> Option<Likeness> {
        // Of an amount that is not known, none is like another.
        self.there?;
        // What a holder has is the same before all operations of others.
        match (*input, output) {
            (Quantity::Add(amount), Said::Done) => Some((0, amount.unsigned_abs())),
            (Quantity::Take(_, Some(holder)), Said::Done) if self.has(holder) => Some((1, 0)),
            (Quantity::Take(amount, _), Said::Done) => Some((2, amount.unsigned_abs())),
            (Quantity::GiveBack(holder, amount), Said::Done) => {
                Some((3, self.comes_back(holder, amount)?.unsigned_abs()))
            }
            (_, Said::Done | Said::Refused(_)) => None,
        }
    }

    fn key(input: &Quantity) -> Option<u64> {
        match *input {
            Quantity::Take(_, Some(holder))
            | Quantity::GiveBack(holder, _)
            | Quantity::HasNone(holder) => Some(holder),
            Quantity::Write(_)
            | Quantity::Add(_)
            | Quantity::Take(_, None)
            | Quantity::Is(_)
            | Quantity::Short(_) => None,
        }
    }

    fn commutes(&self, input: &Quantity) -> bool {
        self.there.is_some()
            && match *input {
                Quantity::Write(_) => false,
                Quantity::GiveBack(holder, _) => self.held(holder).is_some(),
                Quantity::Add(_)
                | Quantity::Take(..)
                | Quantity::Is(_)
                | Quantity::Short(_)
                | Quantity::HasNone(_) => true,
            }
    }

    fn can_wait(&self, one: &Quantity, other: &Quantity) -> bool {
        let is_part = |act: &Quantity| matches!(act, Quantity::GiveBack(_, Some(_)));
        // Whoever has less than they could take again can end up with either.
        let held = Self::key(one).and_then(|holder| self.held(holder)).filter(|held| *held > 0);
        let taken = [one, other].into_iter().filter_map(|act| match *act {
            Quantity::Take(amount, _) => Some(amount),
            _ => None,
        });
        let mut amounts = held.into_iter().chain(taken);
        let is_same = amounts.next().is_none_or(|first| amounts.all(|amount| amount == first));
        is_same && !is_part(one) && !is_part(other)
    }

    fn is_spent(&self, input: &Quantity) -> bool {
        matches!(input, Quantity::Is(_) | Quantity::Short(_) | Quantity::HasNone(_))
    }

    fn settled(&mut self) {
        if self.changed.is_empty() {
            return;
        }
        let before = Arc::make_mut(&mut self.before);
        for (holder, held) in std::mem::take(&mut self.changed) {
            match held {
                // Who has none is not told apart from who never had any, if all of them are known.
                0 if self.is_whole => before.remove(&holder),
                held => before.insert(holder, held),
            }
        }
    }

    fn words(&self) -> String {
        match self.there {
            Some(there) => format!("{} is there", written(there, self.parts)),
            None => "it is not known how much is there".to_owned(),
        }
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        let Self { there, is_whole: _, parts: _, before, changed } = self;
        // Tables that were made apart count as different, which costs work and changes no verdict.
        *there == other.there && Arc::ptr_eq(before, &other.before) && *changed == other.changed
    }
}

impl Eq for Amount {}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { there, is_whole: _, parts: _, before: _, changed } = self;
        (there, changed).hash(state);
    }
}

/// An amount that counts parts, as a person writes it: `99.50` is 995,000 parts of 10,000.
pub fn written(amount: i64, parts: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let (amount, parts) = (amount.unsigned_abs(), parts.unsigned_abs());
    let (whole, fraction) = (amount / parts, amount % parts);
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let digits = parts.ilog10() as usize;
    let fraction = format!("{fraction:0digits$}");
    format!("{sign}{whole}.{:0<2}", fraction.trim_end_matches('0'))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(amount) => write!(f, "sets it to {amount}"),
            Self::Add(amount) => write!(f, "adds {amount}"),
            Self::Take(amount, None) => write!(f, "takes {amount}"),
            Self::Take(amount, Some(holder)) => write!(f, "takes {amount} for {holder}"),
            Self::GiveBack(holder, _) => write!(f, "gives back what {holder} has"),
            Self::Is(amount) => write!(f, "{amount} is there"),
            Self::Short(amount) => write!(f, "less than {amount} is there"),
            Self::HasNone(holder) => write!(f, "{holder} has none"),
        }
    }
}
