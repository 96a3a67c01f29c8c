//! PostgreSQL with the protocol in SQL, as the suite drives it.

pub mod alone;
mod database;
mod inbox;
mod own;
mod store;
mod transaction;

pub use database::Database;
pub use inbox::PgInbox;
pub use store::PgStore;
