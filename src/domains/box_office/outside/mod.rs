//! What the box office does not own: the payment provider and the lock service.

pub(super) mod lock;
pub(super) mod provider;
mod services;

pub(crate) use services::{Entry, Ledger, Reply, Request};
