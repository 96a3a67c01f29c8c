//! One file for each thing that properties are about. Each judge has the state that it needs and no more, and
//! forgets what is over.

mod answers;
mod calls;
mod causes;
mod checkpoints;
mod claims;
mod commands;
mod consumers;
mod operations;
mod outbox;
mod payments;
mod reads;
mod sagas;
mod timers;

pub(super) use answers::Answers;
pub(super) use calls::Calls;
pub(super) use causes::Causes;
pub(super) use claims::Claims;
pub(super) use commands::Commands;
pub(super) use consumers::{Consumers, Sight};
pub(super) use operations::Operations;
pub(super) use outbox::outbox_row;
pub(super) use payments::Payments;
pub(super) use reads::Reads;
pub(super) use sagas::Sagas;
pub(super) use timers::Timers;
