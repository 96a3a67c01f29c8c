//! A view with an inbox on PostgreSQL.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use postgres::Client;

use super::Database;
use crate::suite::inbox::{Applied, Inbox, KEPT_MS};

/// A view in a database of its own.
pub struct PgInbox {
    client: Client,
    _database: Database,
}

impl PgInbox {
    /// An empty view.
    pub fn fresh(server: SocketAddr) -> Self {
        let database = Database::fresh(server);
        Self { client: database.connect(), _database: database }
    }
}

impl Inbox for PgInbox {
    fn apply(&mut self, version: u32) -> Applied {
        let version = i64::from(version);
        let statement = "SELECT jetlag.apply_message('sums', 's-1', $1, $1)";
        let row = self.client.query_one(statement, &[&version]).expect("an event is applied");
        match row.get(0) {
            "applied" => Applied::Applied,
            "duplicate" => Applied::Duplicate,
            "gap" => Applied::Gap,
            other => panic!("apply_message says {other}"),
        }
    }

    fn total(&mut self) -> u32 {
        let row = self.client.query_one("SELECT sold FROM jetlag.shows", &[]);
        row.expect("a row").get::<_, i64>(0) as u32
    }

    fn pass(&mut self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
        let clean = format!("SELECT jetlag.clean('{KEPT_MS} ms')");
        self.client.batch_execute(&clean).expect("what is old is removed");
    }
}
