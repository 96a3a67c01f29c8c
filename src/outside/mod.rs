//! What the platform does not own: its customers, and the services it calls.

mod customers;
mod operator;
mod service;

pub(crate) use customers::{CUSTOMER_LUCK, CUSTOMER_MIX, Customers};
pub(crate) use operator::Operator;
pub(crate) use service::{SERVICE_WORK, ServiceNode};
