//! Databases with the schema of the protocol, each for one test.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, Config, NoTls};

/// The migration.
pub const MIGRATION: &[&str] = &[
    include_str!("../../sql/01_event_store.sql"),
    include_str!("../../sql/02_relay.sql"),
    include_str!("../../sql/03_projectors.sql"),
    include_str!("../../sql/04_retention.sql"),
    include_str!("../../sql/05_tags.sql"),
];

/// What the suite needs beside it.
const TESTING: &str = include_str!("../../sql/testing.sql");

/// A database of its own, which is dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: SocketAddr,
    name: String,
}

impl Database {
    /// A database to which the migration was applied.
    pub fn fresh(server: SocketAddr) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("jetlag_{}_{nth}", std::process::id());
        // One after the other: CREATE DATABASE copies a template that must be unused.
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock();
        let mut admin = connect(server, "postgres");
        admin.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database is made");
        drop(turn);
        let database = Self { server, name };
        let mut client = database.connect();
        for script in MIGRATION.iter().chain([&TESTING]) {
            client.batch_execute(script).expect("the migration applies");
        }
        database
    }

    /// From the next connection on, a commit does not wait for the disk. It is lost only if the server crashes.
    pub fn let_commits_be_lost(&self) {
        let setting = format!("ALTER DATABASE {} SET synchronous_commit = off", self.name);
        self.connect().batch_execute(&setting).expect("a setting");
    }

    /// A connection.
    pub fn connect(&self) -> Client {
        connect(self.server, &self.name)
    }

    /// A connection through a proxy, or the reason why there is none.
    pub fn connect_through(&self, proxy: SocketAddr) -> Result<Client, postgres::Error> {
        config(proxy, &self.name).connect(NoTls)
    }

    /// The server.
    pub fn server(&self) -> SocketAddr {
        self.server
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let mut admin = connect(self.server, "postgres");
        // A database that stays behind is removed with its server.
        let _ = admin.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn config(server: SocketAddr, database: &str) -> Config {
    let mut config = Config::new();
    config.host(&server.ip().to_string()).port(server.port()).user("jetlag").dbname(database);
    config
}

fn connect(server: SocketAddr, database: &str) -> Client {
    config(server, database).connect(NoTls).expect("PostgreSQL takes a connection")
}
