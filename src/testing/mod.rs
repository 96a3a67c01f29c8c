//! What the tests of all other rooms share: a toy domain, benches for single nodes and sagas, and
//! histories of facts for checkers.

mod bench;
mod counting;
mod history;
mod modest;
mod process;
#[cfg(feature = "domains")]
mod saga;
mod stored;

pub(crate) use bench::{Bench, plan};
pub(crate) use counting::*;
pub(crate) use history::{Begun, History};
pub(crate) use modest::Modest;
pub(crate) use process::in_a_process;
#[cfg(feature = "domains")]
pub(crate) use saga::SagaBench;
pub(crate) use stored::{added, letter, written};
