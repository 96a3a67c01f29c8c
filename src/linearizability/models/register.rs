//! A register: one value that is written and read.

use crate::linearizability::{Effect, Model};

/// An operation on a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Writes a value.
    Write(u64),
    /// Reads the value.
    Read,
    /// Writes the second value if the first is there.
    Swap(u64, u64),
}

/// A register with its value. An operation is answered with the value that it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Register(pub u64);

impl Model for Register {
    type Input = Value;
    type Output = u64;

    fn effect(&self, input: &Value, output: Option<&u64>) -> Effect {
        let is_right = output.is_none_or(|found| *found == self.0);
        match input {
            // What a write finds does not matter to it.
            Value::Write(_) => Effect::Writes,
            Value::Read if is_right => Effect::Reads,
            Value::Swap(expected, _) if is_right && *expected == self.0 => Effect::Writes,
            Value::Swap(..) if is_right => Effect::Reads,
            Value::Read | Value::Swap(..) => Effect::Impossible,
        }
    }

    fn apply(&mut self, input: &Value) {
        match *input {
            Value::Write(value) | Value::Swap(_, value) => self.0 = value,
            Value::Read => {}
        }
    }

    fn words(&self) -> String {
        format!("the value is {}", self.0)
    }
}
