//! What the tests of all other rooms share: a toy domain, a bench for single nodes, and histories of
//! facts for checkers.

mod bench;
mod counting;
mod history;
mod stored;
mod unchecked;

pub(crate) use bench::{Bench, plan};
pub(crate) use counting::*;
pub(crate) use history::{Begun, History};
pub(crate) use stored::{added, letter, written};
pub(crate) use unchecked::Unchecked;
