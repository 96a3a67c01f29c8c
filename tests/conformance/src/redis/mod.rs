//! Redis as a cache with leases: `SET NX PX` for the lease, and scripts that compare its token.

pub mod alone;
mod cache;
mod held;
mod node;
mod own;

pub use cache::RedisCache;
pub use held::RedisHeld;
pub use node::Pair;
