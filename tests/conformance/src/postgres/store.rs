//! The event store on PostgreSQL, step by step.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

use super::Database;
use super::transaction::{Kind, Transaction, command, stream, wait_until};
use crate::suite::store::{Answer, Rules, State, Store, Tx, Write};

/// How long a relay's lease lasts.
const LEASE: Duration = Duration::from_secs(2);
/// How long a notification may take.
const NOTIFICATION: Duration = Duration::from_millis(300);

/// An event store in a database of its own.
pub struct PgStore {
    transactions: Vec<Transaction>,
    listener: Client,
    client: Client,
    database: Database,
    rules: Rules,
}

impl PgStore {
    /// An empty store.
    pub fn fresh(server: SocketAddr) -> Self {
        let database = Database::fresh(server);
        let (client, listener) = (database.connect(), listener(&database));
        let rules = Rules::default();
        Self { transactions: Vec::new(), listener, client, database, rules }
    }

    fn begin_as(&mut self, write: &Write, kind: Kind) -> Tx {
        let how = (kind, self.rules);
        let transaction = Transaction::begin(&self.database, write, how, &mut self.client);
        self.transactions.push(transaction);
        self.transactions.len() as Tx - 1
    }

    fn transaction(&mut self, transaction: Tx) -> &mut Transaction {
        &mut self.transactions[transaction as usize]
    }
}

impl Store for PgStore {
    fn obey(&mut self, rules: Rules) {
        self.rules = rules;
    }

    fn begin(&mut self, write: &Write) -> Tx {
        self.begin_as(write, Kind::Plain)
    }

    fn state(&mut self, transaction: Tx) -> State {
        self.transactions[transaction as usize].state(&mut self.client)
    }

    fn commit(&mut self, transaction: Tx) -> Answer {
        let transaction = self.transaction(transaction);
        transaction.ask_for_commit();
        transaction.answer()
    }

    fn commit_unanswered(&mut self, transaction: Tx) -> Answer {
        let it = self.transaction(transaction);
        it.proxy.deafen();
        it.ask_for_commit();
        let process = it.process;
        wait_until(&mut self.client, process, "state = 'idle'");
        let it = self.transaction(transaction);
        it.proxy.cut();
        it.answer()
    }

    fn cut(&mut self, transaction: Tx) -> Answer {
        let it = self.transaction(transaction);
        it.proxy.cut();
        let process = it.process;
        wait_until(&mut self.client, process, "false");
        let it = self.transaction(transaction);
        it.ask_for_commit();
        it.answer()
    }

    fn append_refused(&mut self, write: &Write) -> Answer {
        let transaction = self.begin_as(write, Kind::Refused);
        self.commit(transaction)
    }

    fn append_not_serializable(&mut self, write: &Write) -> Answer {
        let transaction = self.begin_as(write, Kind::Serializable);
        // Each of two transactions reads what the other one writes: one of them has to fail, the later to commit.
        let other = "BEGIN ISOLATION LEVEL SERIALIZABLE; \
             SELECT count(*) FROM jetlag.duty WHERE is_on; \
             UPDATE jetlag.duty SET is_on = false WHERE doctor = 'b'; COMMIT";
        self.client.batch_execute(other).expect("the first to commit succeeds");
        self.commit(transaction)
    }

    fn append_unheard(&mut self, write: &Write) {
        let row = self.listener.query_one("SELECT pg_backend_pid()", &[]).expect("a process");
        let process: i32 = row.get(0);
        let cut = self.client.execute("SELECT pg_terminate_backend($1)", &[&process]);
        cut.expect("the listener's connection is cut");
        wait_until(&mut self.client, process, "false");
        let transaction = self.begin(write);
        self.commit(transaction);
        self.listener = listener(&self.database);
    }

    fn read(&mut self, at: u32) -> Vec<(u32, u64)> {
        // What a decision reads: a stream that was ended, from its end on.
        let statement = "SELECT e.version, e.position
            FROM jetlag.events e JOIN jetlag.streams s USING (stream)
            WHERE stream = $1 AND (e.version > s.ended OR s.is_closed) ORDER BY e.version";
        let rows = self.client.query(statement, &[&stream(at)]).expect("a stream can be read");
        let number = |row: &postgres::Row, nth| row.get::<_, i64>(nth);
        rows.iter().map(|row| (number(row, 0) as u32, number(row, 1) as u64)).collect()
    }

    fn is_settled(&mut self, number: u32) -> bool {
        let statement = "SELECT count(*) FROM jetlag.commands WHERE command = $1";
        let row = self.client.query_one(statement, &[&command(number)]);
        row.expect("commands can be read").get::<_, i64>(0) > 0
    }

    fn fetch(&mut self, relay: u16, fence: u64) -> Option<(u64, Vec<u64>)> {
        let (relay, fence) = (format!("relay-{relay}"), fence as i64);
        let lasts = format!("{} ms", LEASE.as_millis());
        let statement = format!("SELECT jetlag.lease('outbox', $1, $2, '{lasts}')");
        let row =
            self.client.query_one(&statement, &[&relay, &fence]).expect("a lease is asked for");
        let token: i64 = row.get::<_, Option<i64>>(0)?;
        let rows = self.client.query("SELECT at FROM jetlag.unsent(100)", &[]);
        let rows = rows.expect("the outbox can be read");
        Some((token as u64, rows.iter().map(|row| row.get::<_, i64>(0) as u64).collect()))
    }

    fn mark(&mut self, relay: u16, fence: u64, upto: u64) -> bool {
        let relay = format!("relay-{relay}");
        let statement = "SELECT jetlag.mark_sent($1, $2, $3)";
        let row = self.client.query_one(statement, &[&relay, &(fence as i64), &(upto as i64)]);
        row.expect("rows can be marked").get(0)
    }

    fn let_lease_end(&mut self) {
        thread::sleep(LEASE + Duration::from_millis(50));
    }

    fn pass(&mut self, ms: u64) {
        thread::sleep(Duration::from_millis(ms));
        if let Some(keeps) = self.rules.keeps_ms {
            let clean = format!("SELECT jetlag.clean('{keeps} ms')");
            self.client.batch_execute(&clean).expect("what is old is removed");
        }
    }

    fn send_again(&mut self, _: u32) {
        let again = "SELECT jetlag.send_again('-infinity')";
        self.client.batch_execute(again).expect("rows are sent again");
    }

    fn notified(&mut self) -> u64 {
        let mut notifications = self.listener.notifications();
        notifications.timeout_iter(NOTIFICATION).count().expect("the listener is connected") as u64
    }
}

fn listener(database: &Database) -> Client {
    let mut client = database.connect();
    client.batch_execute("LISTEN jetlag").expect("a listener");
    client
}
