//! The services: the payment provider, the couriers, and one service for each restaurant.

mod agenda;
mod couriers;
mod faults;
mod kitchen;
mod provider;
mod services;

pub(super) use couriers::Fleet;
pub(crate) use couriers::{CourierEntry, CourierReply, CourierRequest, Leg, Trip};
pub(super) use kitchen::Pace;
pub(crate) use kitchen::{KitchenEntry, KitchenReply, KitchenRequest, Stage, Ticket};
pub(crate) use provider::{Charge, ChargeEntry, ChargeReply, ChargeRequest};
pub(crate) use services::{Entry, Ledger, Reply, Request};
