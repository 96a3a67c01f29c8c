//! A toy domain and a bench for single nodes, for the tests of all other rooms.

mod counting;

pub(crate) use counting::*;
