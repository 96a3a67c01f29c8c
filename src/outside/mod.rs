//! What is outside of the platform: its customers, its operator, and the services that it calls.

mod customers;
mod operator;
mod service;
mod throttle;

pub(crate) use customers::Customers;
pub(crate) use customers::{CUSTOMER_ARRIVAL, CUSTOMER_GAP, CUSTOMER_LINE, CUSTOMER_MIX};
pub(crate) use customers::{CUSTOMER_RANDOM, CUSTOMER_RETRY, CUSTOMER_WAIT, CUSTOMER_WHO};
pub(crate) use operator::Operator;
pub(crate) use service::SERVICE_WORK;
pub(crate) use service::ServiceNode;
