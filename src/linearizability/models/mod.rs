//! Sequential objects: places, a balance, the phase of a life cycle, and a register; an amount and a variable, of
//! which others tell.
//!
//! An operation is answered as [done](Said::Done), or [refused](Said::Refused) with what is said of the object
//! instead. A question is an operation that is done if what it says is so.

mod amount;
mod balance;
mod places;
mod register;
mod status;
mod variable;

use std::fmt;

use super::Effect;

pub use amount::{Amount, Quantity, written};
pub use balance::{Balance, Money};
pub use places::{Place, Places};
pub use register::{Register, Value};
pub use status::{Phase, Phases, Status};
pub use variable::{Assign, Variable};

/// The answer to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Said<A> {
    /// It was done, or what it says is so.
    Done,
    /// It was not done, because this is so.
    Refused(A),
}

/// What an answered operation did, or what it says.
pub(super) fn said<'a, A>(input: &'a A, output: Option<&'a Said<A>>) -> &'a A {
    match output {
        Some(Said::Refused(instead)) => instead,
        Some(Said::Done) | None => input,
    }
}

/// What an answer does that says what an object is of which that was not known: the operation decides it if it was
/// done. Of one that was refused nothing is kept.
fn decides<A>(output: Option<&Said<A>>) -> Effect {
    match output {
        Some(Said::Refused(_)) => Effect::Reads,
        Some(Said::Done) | None => Effect::Writes,
    }
}

impl<A: fmt::Display> fmt::Display for Said<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Refused(instead) => write!(f, "refused: {instead}"),
        }
    }
}
