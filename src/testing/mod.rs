//! What the tests of all other rooms share: a toy domain, benches for single nodes and sagas, and
//! histories of facts for checkers. With the feature `internals`, single nodes also for tests of another crate.

mod bench;
mod counting;
#[cfg(test)]
mod history;
#[cfg(test)]
mod modest;
#[cfg(feature = "internals")]
pub mod nodes;
#[cfg(test)]
mod process;
#[cfg(all(test, feature = "domains"))]
mod saga;
mod stored;

pub(crate) use bench::Bench;
#[cfg(test)]
pub(crate) use bench::plan;
pub(crate) use counting::*;
#[cfg(test)]
pub(crate) use history::{Begun, History};
#[cfg(test)]
pub(crate) use modest::Modest;
#[cfg(test)]
pub(crate) use process::in_a_process;
#[cfg(all(test, feature = "domains"))]
pub(crate) use saga::SagaBench;
pub(crate) use stored::letter;
#[cfg(test)]
pub(crate) use stored::{added, written};
