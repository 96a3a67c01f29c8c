//! What the checkers are tested with: the smallest domain that has everything, and histories of it.

mod counters;
mod history;

pub(super) use counters::{
    Asked, Counted, Counters, HEADS, RECALLED, SCHEMA, STEPS, State, TOTALS, Total, counter, saga,
};
pub(super) use history::{Begun, History, asked, request};
