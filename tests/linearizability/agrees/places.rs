//! Places that are taken and given back.

use std::collections::BTreeMap;

use jetlag::linearizability::models::{Place, Places, Said};
use stateright::semantics::SequentialSpec;

use crate::{Both, Random, agree};

/// Three places, written once more: whether each owner who has had one still has it.
#[derive(Clone, Default)]
struct Shop(BTreeMap<u32, bool>);

#[derive(Clone, Debug)]
enum Shopping {
    Take(u32),
    GiveBack(u32),
    Left,
}

#[derive(Clone, Debug, PartialEq)]
enum Sold {
    Done,
    Full,
    Left(u32),
    No,
}

impl Shop {
    fn left(&self) -> u32 {
        3 - self.0.values().filter(|has| **has).count() as u32
    }
}

impl SequentialSpec for Shop {
    type Op = Shopping;
    type Ret = Sold;

    fn invoke(&mut self, op: &Shopping) -> Sold {
        match *op {
            Shopping::Take(owner) if self.0.contains_key(&owner) => Sold::No,
            Shopping::Take(_) if self.left() == 0 => Sold::Full,
            Shopping::Take(owner) => {
                self.0.insert(owner, true);
                Sold::Done
            }
            Shopping::GiveBack(owner) if self.0.get(&owner) == Some(&true) => {
                self.0.insert(owner, false);
                Sold::Done
            }
            Shopping::GiveBack(_) => Sold::No,
            Shopping::Left => Sold::Left(self.left()),
        }
    }

    fn is_valid_step(&mut self, op: &Shopping, ret: &Sold) -> bool {
        match ret {
            // That an operation is refused for another reason says nothing.
            Sold::No => true,
            Sold::Full => self.left() == 0,
            Sold::Done | Sold::Left(_) => self.invoke(op) == *ret,
        }
    }
}

impl Both for Shop {
    type Ours = Places;
    type Theirs = Self;

    fn ours() -> Places {
        Places::of(3)
    }

    fn theirs() -> Self {
        Self::default()
    }

    fn operation(random: &mut Random) -> Shopping {
        let owner = random.below(6) as u32;
        match random.below(5) {
            0..3 => Shopping::Take(owner),
            3 => Shopping::GiveBack(owner),
            _ => Shopping::Left,
        }
    }

    fn other(operation: &Shopping, random: &mut Random) -> Sold {
        match operation {
            Shopping::Left => Sold::Left(random.below(4) as u32),
            Shopping::Take(_) if random.below(2) == 0 => Sold::Full,
            Shopping::Take(_) | Shopping::GiveBack(_) => Sold::Done,
        }
    }

    fn input(operation: &Shopping) -> Place {
        match *operation {
            Shopping::Take(owner) => Place::Take { owner },
            Shopping::GiveBack(owner) => Place::GiveBack { owner },
            Shopping::Left => Place::Left(0),
        }
    }

    fn output(_: &Shopping, answer: &Sold) -> Said<Place> {
        match answer {
            Sold::Done => Said::Done,
            Sold::Full => Said::Refused(Place::Full),
            Sold::Left(left) => Said::Refused(Place::Left(*left)),
            Sold::No => Said::Refused(Place::Offered),
        }
    }
}

#[test]
fn histories_of_places_are_judged_alike() {
    agree::<Shop>(20_000);
}
