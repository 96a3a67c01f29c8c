//! A balance that money is added to and taken from.

use std::fmt;

use super::{Said, said};
use crate::collections::SortedMap;
use crate::linearizability::{Effect, Likeness, Model};

/// What is done to a balance, or said of it. Amounts are in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    /// Opens it with an amount.
    Open(i64),
    /// Adds an amount.
    Add(i64),
    /// Takes an amount, which the balance covers.
    Take(i64),
    /// Closes it, empty and with nothing under way.
    Close,
    /// The same, after which it can be opened again.
    Free,
    /// A move of an amount from here is agreed on, once for each number.
    AgreeFrom(u32, i64),
    /// A move of an amount to here is agreed on, once for each number.
    AgreeTo(u32, i64),
    /// The amount of a move leaves, which the balance covers.
    Send(u32),
    /// The amount of a move arrives here.
    Receive(u32),
    /// A move from here has arrived at its destination.
    Arrived(u32),
    /// The amount of a move from here comes back.
    TakeBack(u32),
    /// The balance is exactly this.
    Holds(i64),
    /// The balance is exactly the first amount, which does not cover the second.
    Lacks(i64, i64),
    /// The balance is exactly this, and it does not cover the amount of a move.
    LacksFor(i64, u32),
    /// Money is under way from here.
    UnderWay,
    /// It is open.
    IsOpen,
    /// It was not opened.
    IsMissing,
    /// It is closed.
    IsClosed,
}

/// Whether a balance can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Standing {
    #[default]
    Missing,
    Open,
    Closed,
}

/// How far a move has come, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    /// Money may leave.
    From,
    /// Money may arrive.
    To,
    /// Money has left, and may come back.
    Sent,
    /// Nothing more of it happens here.
    Over,
}

/// A balance, and the moves of money from and to it that are not over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Balance {
    standing: Standing,
    balance: i64,
    moves: SortedMap<u32, (i64, Stage)>,
}

impl Balance {
    /// A balance that is not opened yet.
    pub fn missing() -> Self {
        Self::default()
    }

    fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }

    fn covers(&self, amount: i64) -> bool {
        self.is_open() && (0..=self.balance).contains(&amount)
    }

    /// The amount of a move, if it has come this far.
    fn at(&self, id: u32, stage: Stage) -> Option<i64> {
        let (amount, at) = self.moves.get(&id)?;
        (*at == stage).then_some(*amount)
    }

    fn is_under_way(&self) -> bool {
        self.moves.values().any(|(_, stage)| *stage == Stage::Sent)
    }

    fn effect_of(&self, act: &Money) -> Effect {
        let writes = |is_possible: bool| {
            if is_possible { Effect::Writes } else { Effect::Impossible }
        };
        let reads = |is_so: bool| if is_so { Effect::Reads } else { Effect::Impossible };
        match *act {
            Money::Open(_) => writes(self.standing == Standing::Missing),
            Money::Add(_) => writes(self.is_open()),
            Money::Take(amount) => writes(self.covers(amount)),
            Money::Close | Money::Free => {
                writes(self.is_open() && self.balance == 0 && !self.is_under_way())
            }
            Money::AgreeFrom(id, _) => writes(self.is_open() && !self.moves.contains_key(&id)),
            // Whether the destination is open shows when the money arrives.
            Money::AgreeTo(id, _) => writes(!self.moves.contains_key(&id)),
            Money::Send(id) => {
                writes(self.at(id, Stage::From).is_some_and(|amount| self.covers(amount)))
            }
            Money::Receive(id) => writes(self.is_open() && self.at(id, Stage::To).is_some()),
            Money::Arrived(id) | Money::TakeBack(id) => {
                writes(self.is_open() && self.at(id, Stage::Sent).is_some())
            }
            Money::Holds(amount) => reads(self.balance == amount),
            Money::Lacks(balance, amount) => {
                reads(self.is_open() && self.balance == balance && balance < amount)
            }
            Money::LacksFor(balance, id) => {
                let short = |amount| balance < amount;
                let is_short = self.at(id, Stage::From).is_some_and(short);
                reads(self.is_open() && self.balance == balance && is_short)
            }
            Money::UnderWay => reads(self.is_open() && self.is_under_way()),
            Money::IsOpen => reads(self.is_open()),
            Money::IsMissing => reads(self.standing == Standing::Missing),
            Money::IsClosed => reads(self.standing == Standing::Closed),
        }
    }

    fn agree(&mut self, id: u32, amount: i64, stage: Stage) {
        self.moves.insert(id, (amount, stage));
    }

    /// A move comes a step further.
    fn moves(&mut self, id: u32, stage: Stage, sign: i64) {
        if let Some((amount, at)) = self.moves.get_mut(&id) {
            *at = stage;
            self.balance = self.balance.saturating_add(amount.saturating_mul(sign));
        }
    }
}

impl Model for Balance {
    type Input = Money;
    type Output = Said<Money>;

    // Sums do not depend on the order, and every move and the standing go through their stages one
    // way; where it can be opened again, an opening and a closing take turns in every order that is possible.
    const CONFLUENT: bool = true;

    fn effect(&self, input: &Money, output: Option<&Said<Money>>) -> Effect {
        self.effect_of(said(input, output))
    }

    fn apply(&mut self, input: &Money) {
        match *input {
            Money::Open(amount) => {
                self.standing = Standing::Open;
                self.balance = self.balance.saturating_add(amount);
            }
            Money::Add(amount) => self.balance = self.balance.saturating_add(amount),
            Money::Take(amount) => self.balance = self.balance.saturating_sub(amount),
            Money::Close => self.standing = Standing::Closed,
            Money::Free => self.standing = Standing::Missing,
            Money::AgreeFrom(id, amount) => self.agree(id, amount, Stage::From),
            Money::AgreeTo(id, amount) => self.agree(id, amount, Stage::To),
            Money::Send(id) => self.moves(id, Stage::Sent, -1),
            Money::Receive(id) | Money::TakeBack(id) => self.moves(id, Stage::Over, 1),
            Money::Arrived(id) => self.moves(id, Stage::Over, 0),
            Money::Holds(_)
            | Money::Lacks(..)
            | Money::LacksFor(..)
            | Money::UnderWay
            | Money::IsOpen
            | Money::IsMissing
            | Money::IsClosed => {}
        }
    }

    fn likeness(&self, input: &Money, output: &Said<Money>) -> Option<Likeness> {
        match (input, output) {
            (Money::Add(amount), Said::Done) => Some((0, amount.unsigned_abs())),
            (Money::Take(amount), Said::Done) => Some((1, amount.unsigned_abs())),
            (_, Said::Done | Said::Refused(_)) => None,
        }
    }

    fn settled(&mut self) {
        let is_over = |(_, (_, stage)): &(&u32, &(i64, Stage))| *stage == Stage::Over;
        let over: Vec<u32> = self.moves.iter().filter(is_over).map(|(id, _)| *id).collect();
        for id in over {
            self.moves.remove(&id);
        }
    }

    fn words(&self) -> String {
        match self.standing {
            Standing::Missing => "it is not open".to_owned(),
            Standing::Open => format!("the balance is {}", Amount(self.balance)),
            Standing::Closed => "it is closed".to_owned(),
        }
    }
}

/// An amount in minor units, of which a hundred are one.
struct Amount(i64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, amount) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02}", amount / 100, amount % 100)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Open(amount) => write!(f, "opens it with {}", Amount(amount)),
            Self::Add(amount) => write!(f, "adds {}", Amount(amount)),
            Self::Take(amount) => write!(f, "takes {}", Amount(amount)),
            Self::Close | Self::Free => f.write_str("closes it"),
            Self::AgreeFrom(id, amount) | Self::AgreeTo(id, amount) => {
                write!(f, "agrees on move {id} of {}", Amount(amount))
            }
            Self::Send(id) => write!(f, "sends move {id}"),
            Self::Receive(id) => write!(f, "receives move {id}"),
            Self::Arrived(id) => write!(f, "notes that move {id} has arrived"),
            Self::TakeBack(id) => write!(f, "takes move {id} back"),
            Self::Holds(balance) | Self::Lacks(balance, _) | Self::LacksFor(balance, _) => {
                write!(f, "the balance is {}", Amount(balance))
            }
            Self::UnderWay => f.write_str("money is under way"),
            Self::IsOpen => f.write_str("it is open"),
            Self::IsMissing => f.write_str("it is not open"),
            Self::IsClosed => f.write_str("it is closed"),
        }
    }
}
