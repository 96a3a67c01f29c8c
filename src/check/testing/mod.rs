//! What the checkers are tested with: counters, and histories of them.

mod counters;
mod history;

pub(super) use counters::{
    Asked, Counted, Counters, HEADS, RECALLED, SCHEMA, STEPS, State, TOTALS, Total, counter, saga,
};
pub(super) use history::{History, asked, request};
