//! A variable that is written, swapped and read.

use std::sync::Arc;

use jetlag::linearizability::models::{Assign, Said, Variable};
use stateright::semantics::SequentialSpec;

use crate::{Both, Random, agree};

/// A variable of three values, written once more.
#[derive(Clone)]
struct Cell(u64);

#[derive(Clone, Debug)]
enum Setting {
    Write(u64),
    Swap(u64, u64),
    Read,
}

#[derive(Clone, Debug, PartialEq)]
enum Was {
    Done,
    Another,
    Value(u64),
}

impl SequentialSpec for Cell {
    type Op = Setting;
    type Ret = Was;

    fn invoke(&mut self, op: &Setting) -> Was {
        match *op {
            Setting::Write(value) => self.0 = value,
            Setting::Swap(from, _) if from != self.0 => return Was::Another,
            Setting::Swap(_, to) => self.0 = to,
            Setting::Read => return Was::Value(self.0),
        }
        Was::Done
    }
}

fn text(value: u64) -> Arc<str> {
    value.to_string().into()
}

impl Both for Cell {
    type Ours = Variable;
    type Theirs = Self;

    fn ours() -> Variable {
        Variable::of(text(0))
    }

    fn theirs() -> Self {
        Self(0)
    }

    fn operation(random: &mut Random) -> Setting {
        match random.below(3) {
            0 => Setting::Write(random.below(3)),
            1 => Setting::Swap(random.below(3), random.below(3)),
            _ => Setting::Read,
        }
    }

    fn other(operation: &Setting, random: &mut Random) -> Was {
        match operation {
            Setting::Swap(..) if random.below(2) == 0 => Was::Another,
            Setting::Read => Was::Value(random.below(3)),
            Setting::Write(_) | Setting::Swap(..) => Was::Done,
        }
    }

    fn input(operation: &Setting) -> Assign {
        match *operation {
            Setting::Write(value) => Assign::Write(text(value)),
            Setting::Swap(from, to) => Assign::Swap([text(from)].into(), text(to)),
            Setting::Read => Assign::Is("".into()),
        }
    }

    fn output(operation: &Setting, answer: &Was) -> Said<Assign> {
        match (operation, answer) {
            (_, Was::Value(value)) => Said::Refused(Assign::Is(text(*value))),
            (Setting::Swap(from, _), Was::Another) => {
                Said::Refused(Assign::IsNoneOf([text(*from)].into()))
            }
            (_, Was::Done | Was::Another) => Said::Done,
        }
    }
}

#[test]
fn histories_of_variables_are_judged_alike() {
    agree::<Cell>(20_000);
}
