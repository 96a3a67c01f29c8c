//! RabbitMQ with quorum queues, as the suite drives it.

pub mod alone;
mod broker;
mod link;

pub use broker::RabbitBroker;
pub use link::Link;
