//! What is outside of the platform: its customers, its operator, and the services that it calls.

mod crowd;
mod customers;
mod operator;
mod service;

#[cfg(test)]
pub(crate) use crowd::{CUSTOMER_GAP, CUSTOMER_WHO};
pub(crate) use customers::Customers;
#[cfg(test)]
pub(crate) use customers::{CUSTOMER_MIX, CUSTOMER_RANDOM};
pub(crate) use operator::Operator;
#[cfg(test)]
pub(crate) use service::SERVICE_WORK;
pub(crate) use service::ServiceNode;
