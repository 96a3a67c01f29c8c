//! What is outside of the platform: its customers, its operator, and the services that it calls.

mod crowd;
mod customers;
mod operator;
mod service;

pub(crate) use crowd::{CUSTOMER_GAP, CUSTOMER_WHO};
pub(crate) use customers::Customers;
pub(crate) use customers::{CUSTOMER_ARRIVAL, CUSTOMER_LINE, CUSTOMER_MIX, CUSTOMER_RANDOM};
pub(crate) use operator::Operator;
pub(crate) use service::SERVICE_WORK;
pub(crate) use service::ServiceNode;
