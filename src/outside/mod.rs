//! What the platform does not own: its customers, and the services it calls.

mod customers;
mod service;

pub(crate) use customers::{CUSTOMER_LUCK, CUSTOMER_MIX, Customers};
pub(crate) use service::{SERVICE_WORK, ServiceNode};
