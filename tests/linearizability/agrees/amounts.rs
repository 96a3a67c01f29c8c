//! An amount, and what holders have of it.

use std::collections::BTreeMap;

use jetlag::linearizability::models::{Amount, Quantity, Said};
use stateright::semantics::SequentialSpec;

use crate::{Both, Random, agree};

/// An amount and what holders have of it, written once more.
#[derive(Clone)]
struct Stock {
    there: i64,
    held: BTreeMap<u64, i64>,
}

#[derive(Clone, Debug)]
enum Stocking {
    Write(i64),
    Add(i64),
    Take(i64),
    TakeFor(u64, i64),
    /// All that a holder has, or so much of it.
    GiveBack(u64, Option<i64>),
    Look,
}

#[derive(Clone, Debug, PartialEq)]
enum Stocked {
    Done,
    TooLittle,
    There(i64),
}

impl SequentialSpec for Stock {
    type Op = Stocking;
    type Ret = Stocked;

    fn invoke(&mut self, op: &Stocking) -> Stocked {
        match *op {
            Stocking::Write(there) => self.there = there,
            Stocking::Add(amount) => self.there += amount,
            Stocking::TakeFor(holder, _) if self.held.contains_key(&holder) => {}
            Stocking::Take(amount) | Stocking::TakeFor(_, amount) if self.there < amount => {
                return Stocked::TooLittle;
            }
            Stocking::Take(amount) => self.there -= amount,
            Stocking::TakeFor(holder, amount) => {
                self.there -= amount;
                self.held.insert(holder, amount);
            }
            Stocking::GiveBack(holder, part) => {
                let held = self.held.remove(&holder).unwrap_or_default();
                let back = part.unwrap_or(held).min(held);
                self.there += back;
                if held > back {
                    self.held.insert(holder, held - back);
                }
            }
            Stocking::Look => return Stocked::There(self.there),
        }
        Stocked::Done
    }

    fn is_valid_step(&mut self, op: &Stocking, ret: &Stocked) -> bool {
        match (op, ret) {
            // A holder who has some may be told that there is no more of it.
            (Stocking::Take(amount) | Stocking::TakeFor(_, amount), Stocked::TooLittle) => {
                self.there < *amount
            }
            _ => self.invoke(op) == *ret,
        }
    }
}

impl Both for Stock {
    type Ours = Amount;
    type Theirs = Self;

    fn ours() -> Amount {
        Amount::of(3, 1)
    }

    fn theirs() -> Self {
        Self { there: 3, held: BTreeMap::new() }
    }

    fn operation(random: &mut Random) -> Stocking {
        let amount = 1 + random.below(2) as i64;
        let holder = random.below(3);
        match random.below(12) {
            0 => Stocking::Write(amount),
            1 => Stocking::Add(amount),
            2 | 3 => Stocking::Take(amount),
            4..7 => Stocking::TakeFor(holder, amount),
            7 => Stocking::GiveBack(holder, Some(amount)),
            8 | 9 => Stocking::GiveBack(holder, None),
            _ => Stocking::Look,
        }
    }

    fn other(operation: &Stocking, random: &mut Random) -> Stocked {
        match operation {
            Stocking::Take(_) | Stocking::TakeFor(..) if random.below(2) == 0 => Stocked::TooLittle,
            Stocking::Look => Stocked::There(random.below(5) as i64),
            _ => Stocked::Done,
        }
    }

    fn input(operation: &Stocking) -> Quantity {
        match *operation {
            Stocking::Write(there) => Quantity::Write(there),
            Stocking::Add(amount) => Quantity::Add(amount),
            Stocking::Take(amount) => Quantity::Take(amount, None),
            Stocking::TakeFor(holder, amount) => Quantity::Take(amount, Some(holder)),
            Stocking::GiveBack(holder, amount) => Quantity::GiveBack(holder, amount),
            Stocking::Look => Quantity::Is(-1),
        }
    }

    fn output(operation: &Stocking, answer: &Stocked) -> Said<Quantity> {
        match (operation, answer) {
            (_, Stocked::There(there)) => Said::Refused(Quantity::Is(*there)),
            (Stocking::Take(amount) | Stocking::TakeFor(_, amount), Stocked::TooLittle) => {
                Said::Refused(Quantity::Short(*amount))
            }
            (_, Stocked::Done | Stocked::TooLittle) => Said::Done,
        }
    }
}

#[test]
fn histories_of_amounts_are_judged_alike() {
    agree::<Stock>(20_000);
}
