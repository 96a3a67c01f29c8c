//! Each row of `docs/semantics.md`, on the models and on the servers that are up.
//!
//! Without servers their rows are listed as ignored. With `JETLAG_SERVERS=required` they fail instead.

mod nulls;
mod page;

use jetlag_conformance::model;
use jetlag_conformance::postgres::{self, Database, PgInbox, PgStore};
use jetlag_conformance::rabbitmq::{self, Link, RabbitBroker, RabbitConsumers, RabbitDelays};
use jetlag_conformance::redis::{self, Pair, RedisCache, RedisHeld};
use jetlag_conformance::servers::{self, Servers};
use jetlag_conformance::suite::{
    Outcome, Row, broker, cache, consumers, delays, held, inbox, store,
};
use libtest_mimic::{Arguments, Failed, Trial};

/// A test of a row, on something that is made for it.
fn trial<T: ?Sized + 'static>(
    on: &str,
    row: Row<T>,
    fresh: impl FnOnce() -> Box<T> + Send + 'static,
) -> Trial {
    Trial::test(format!("{}::{on}", row.id), move || failed((row.run)(&mut *fresh())))
}

fn failed(outcome: Outcome) -> Result<(), Failed> {
    outcome.map_err(Failed::from)
}

/// A test of a row on servers; it is ignored if there are none.
fn on_server<T: ?Sized + 'static>(
    on: &str,
    row: Row<T>,
    servers: Option<Servers>,
    fresh: fn(Servers) -> Box<T>,
) -> Trial {
    let fresh = move || fresh(servers.expect("a test that is not ignored has servers"));
    trial(on, row, fresh).with_ignored_flag(servers.is_none())
}

/// The ids of rows.
fn ids<T: ?Sized>(rows: &[Row<T>]) -> Vec<&'static str> {
    rows.iter().map(|row| row.id).collect()
}

/// What the column `tested` of the page says, with the ids of the rows that are run in that way.
const ROWS: &[(&str, fn() -> Vec<&'static str>)] = &[
    ("both", || {
        let nodes = [ids(store::ROWS), ids(broker::ROWS), ids(cache::ROWS)].concat();
        let views = [ids(inbox::ROWS), ids(held::ROWS)].concat();
        let queues = [ids(consumers::ROWS), ids(delays::ROWS)].concat();
        [nodes, views, queues, only(servers_alone(), true)].concat()
    }),
    ("server", || only(servers_alone(), false)),
    ("model", || {
        let servers = servers_alone();
        models_alone().into_iter().filter(|id| !servers.contains(id)).collect()
    }),
];

/// Rows with a script of their own on a server.
fn servers_alone() -> Vec<&'static str> {
    [ids(postgres::alone::ROWS), ids(rabbitmq::alone::ROWS), ids(redis::alone::ROWS)].concat()
}

/// Rows with a script of their own on a model.
fn models_alone() -> Vec<&'static str> {
    [ids(model::STORE_ROWS), ids(model::BROKER_ROWS), ids(model::CACHE_ROWS)].concat()
}

/// Those of some rows that have a script of their own on a model too, or that have none.
fn only(rows: Vec<&'static str>, have_one: bool) -> Vec<&'static str> {
    let models = models_alone();
    rows.into_iter().filter(|id| models.contains(id) == have_one).collect()
}

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(store::ROWS.iter().map(|row| trial("model", *row, model::store)));
    trials.extend(broker::ROWS.iter().map(|row| trial("model", *row, model::broker)));
    trials.extend(cache::ROWS.iter().map(|row| trial("model", *row, model::cache)));
    trials.extend(inbox::ROWS.iter().map(|row| trial("model", *row, model::inbox)));
    trials.extend(held::ROWS.iter().map(|row| trial("model", *row, model::held)));
    trials.extend(consumers::ROWS.iter().map(|row| trial("model", *row, model::consumers)));
    trials.extend(delays::ROWS.iter().map(|row| trial("model", *row, model::delays)));
    trials.extend(model::STORE_ROWS.iter().map(|row| trial("model", *row, model::store_node)));
    trials.extend(model::BROKER_ROWS.iter().map(|row| trial("model", *row, model::broker_node)));
    trials.extend(model::CACHE_ROWS.iter().map(|row| trial("model", *row, model::cache_node)));
    let servers = servers::find();
    trials.extend(store::ROWS.iter().map(|row| on_server("postgres", *row, servers, pg_store)));
    trials.extend(
        postgres::alone::ROWS.iter().map(|row| on_server("postgres", *row, servers, database)),
    );
    trials.extend(inbox::ROWS.iter().map(|row| on_server("postgres", *row, servers, pg_inbox)));
    trials.extend(cache::ROWS.iter().map(|row| on_server("redis", *row, servers, redis_cache)));
    trials.extend(held::ROWS.iter().map(|row| on_server("redis", *row, servers, redis_held)));
    trials.extend(redis::alone::ROWS.iter().map(|row| on_server("redis", *row, servers, pair)));
    trials.extend(broker::ROWS.iter().map(|row| on_server("rabbitmq", *row, servers, rabbit)));
    trials
        .extend(rabbitmq::alone::ROWS.iter().map(|row| on_server("rabbitmq", *row, servers, link)));
    trials.extend(
        consumers::ROWS.iter().map(|row| on_server("rabbitmq", *row, servers, rabbit_consumers)),
    );
    trials
        .extend(delays::ROWS.iter().map(|row| on_server("rabbitmq", *row, servers, rabbit_delays)));
    trials.extend(nulls::trials());
    trials.extend(page::trials());
    libtest_mimic::run(&arguments, trials).exit();
}

fn pg_store(servers: Servers) -> Box<dyn store::Store> {
    Box::new(PgStore::fresh(servers.postgres))
}

fn database(servers: Servers) -> Box<Database> {
    Box::new(Database::fresh(servers.postgres))
}

fn redis_cache(servers: Servers) -> Box<dyn cache::Cache> {
    Box::new(RedisCache::fresh(servers))
}

fn pair(servers: Servers) -> Box<Pair> {
    Box::new(Pair::fresh(servers))
}

fn rabbit(servers: Servers) -> Box<dyn broker::Broker> {
    Box::new(RabbitBroker::fresh(servers.rabbitmq))
}

fn link(servers: Servers) -> Box<Link> {
    Box::new(Link::to(servers.rabbitmq))
}

fn pg_inbox(servers: Servers) -> Box<dyn inbox::Inbox> {
    Box::new(PgInbox::fresh(servers.postgres))
}

fn redis_held(servers: Servers) -> Box<dyn held::Held> {
    Box::new(RedisHeld::fresh(servers))
}

fn rabbit_consumers(servers: Servers) -> Box<dyn consumers::Consumers> {
    Box::new(RabbitConsumers::fresh(servers.rabbitmq))
}

fn rabbit_delays(servers: Servers) -> Box<dyn delays::Delays> {
    Box::new(RabbitDelays::fresh(servers.rabbitmq))
}
