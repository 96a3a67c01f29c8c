//! A balance.

use jetlag::linearizability::Model;
use jetlag::linearizability::models::{Balance, Money, Said};
use stateright::semantics::SequentialSpec;

use crate::{Both, Random, agree};

/// A balance, written once more.
#[derive(Clone)]
struct Purse(i64);

#[derive(Clone, Debug)]
enum Paying {
    Add(i64),
    Take(i64),
    Balance,
}

impl SequentialSpec for Purse {
    type Op = Paying;
    /// Whether it was done, and the balance if it was not or if that was the question.
    type Ret = Option<i64>;

    fn invoke(&mut self, op: &Paying) -> Option<i64> {
        match *op {
            Paying::Add(amount) => self.0 += amount,
            Paying::Take(amount) if amount <= self.0 => self.0 -= amount,
            Paying::Take(_) | Paying::Balance => return Some(self.0),
        }
        None
    }
}

impl Both for Purse {
    type Ours = Balance;
    type Theirs = Self;

    fn ours() -> Balance {
        let mut balance = Balance::missing();
        balance.apply(&Money::Open(2));
        balance
    }

    fn theirs() -> Self {
        Self(2)
    }

    fn operation(random: &mut Random) -> Paying {
        let amount = 1 + random.below(3) as i64;
        match random.below(3) {
            0 => Paying::Add(amount),
            1 => Paying::Take(amount),
            _ => Paying::Balance,
        }
    }

    fn other(operation: &Paying, random: &mut Random) -> Option<i64> {
        match operation {
            Paying::Add(_) => None,
            Paying::Take(_) if random.below(2) == 0 => None,
            Paying::Take(amount) => Some(random.below(*amount as u64) as i64),
            Paying::Balance => Some(random.below(6) as i64),
        }
    }

    fn input(operation: &Paying) -> Money {
        match *operation {
            Paying::Add(amount) => Money::Add(amount),
            Paying::Take(amount) => Money::Take(amount),
            Paying::Balance => Money::Holds(-1),
        }
    }

    fn output(_: &Paying, answer: &Option<i64>) -> Said<Money> {
        answer.map_or(Said::Done, |balance| Said::Refused(Money::Holds(balance)))
    }
}

#[test]
fn histories_of_balances_are_judged_alike() {
    agree::<Purse>(20_000);
}
