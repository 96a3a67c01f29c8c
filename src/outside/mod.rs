//! What the platform does not own: its customers, and the services it calls.

mod customers;
mod service;

pub(crate) use customers::Customers;
pub(crate) use service::ServiceNode;
