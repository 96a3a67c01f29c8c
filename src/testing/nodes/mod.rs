//! Single nodes of the platform, driven step by step from outside of this crate.
//!
//! The tests of conformance run the same scripts on these and on real servers. Each driver has the vocabulary of a
//! client: numbers for streams, commands and messages, and no type of the platform.

mod broker;
mod cache;
mod store;
mod timers;
mod view;

pub use broker::{BrokerNode, Confirmed, Delivery};
pub use cache::{CacheNode, Got};
pub use store::{Answer, Ends, Expects, Kind, Rules, State, StoreNode, Write};
pub use timers::DelayNode;
pub use view::{Applied, Found, ViewNode};
