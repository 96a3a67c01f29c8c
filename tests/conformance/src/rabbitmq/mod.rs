//! RabbitMQ with quorum queues, as the suite drives it.

pub mod alone;
mod broker;
mod consumers;
mod delays;
mod link;

pub use broker::RabbitBroker;
pub use consumers::RabbitConsumers;
pub use delays::RabbitDelays;
pub use link::Link;
