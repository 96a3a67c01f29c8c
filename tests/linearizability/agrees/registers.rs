//! A register with a value.

use jetlag::linearizability::models::{Register, Value};
use stateright::semantics::register::{Register as TheirRegister, RegisterOp, RegisterRet};

use crate::{Both, Random, agree};

struct Registers;

impl Both for Registers {
    type Ours = Register;
    type Theirs = TheirRegister<u64>;

    fn ours() -> Register {
        Register(0)
    }

    fn theirs() -> TheirRegister<u64> {
        TheirRegister(0)
    }

    fn operation(random: &mut Random) -> RegisterOp<u64> {
        match random.below(2) {
            0 => RegisterOp::Write(random.below(4)),
            _ => RegisterOp::Read,
        }
    }

    fn other(operation: &RegisterOp<u64>, random: &mut Random) -> RegisterRet<u64> {
        match operation {
            RegisterOp::Write(_) => RegisterRet::WriteOk,
            RegisterOp::Read => RegisterRet::ReadOk(random.below(4)),
        }
    }

    fn input(operation: &RegisterOp<u64>) -> Value {
        match operation {
            RegisterOp::Write(value) => Value::Write(*value),
            RegisterOp::Read => Value::Read,
        }
    }

    fn output(_: &RegisterOp<u64>, answer: &RegisterRet<u64>) -> u64 {
        match answer {
            RegisterRet::WriteOk => 0,
            RegisterRet::ReadOk(value) => *value,
        }
    }
}

#[test]
fn histories_of_registers_are_judged_alike() {
    agree::<Registers>(20_000);
}
