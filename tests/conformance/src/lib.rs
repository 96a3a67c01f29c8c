//! The claims of `docs/semantics.md` as scripts, run on the models of the platform and on real servers.
//!
//! A row of that page is a function over a small trait ([`suite::store::Store`], [`suite::broker::Broker`],
//! [`suite::cache::Cache`]). It is written once and has one set of expectations. [`model`] drives the nodes of the
//! simulator, [`postgres`], [`rabbitmq`] and [`redis`] drive servers that `tests/servers/up` has started, and [`null`]
//! has implementations that must fail. Rows that exist on a server only are beside the driver of that server.
//!
//! [`protocol`] is the platform's protocol on a real PostgreSQL: append, outbox, relay and projectors in SQL, and a
//! load with killed connections whose history `jetlag check` judges.

pub mod model;
pub mod null;
pub mod postgres;
pub mod protocol;
pub mod proxy;
pub mod rabbitmq;
pub mod redis;
pub mod servers;
pub mod suite;
