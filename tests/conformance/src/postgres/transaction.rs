//! A transaction on a connection and a thread of its own, so that it can wait for a lock while others go on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, Error};
use serde_json::{Value, json};

use super::Database;
use crate::proxy::Proxy;
use crate::suite::store::{Answer, Ends, EventKind, Expects, Rules, State, Write};

/// How long a step may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a transaction does before it appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Its commit is refused.
    Refused,
    /// It is serializable, and reads and writes the table `duty`.
    Serializable,
}

/// A transaction that was begun.
pub(super) struct Transaction {
    pub(super) proxy: Proxy,
    /// The process of its connection.
    pub(super) process: i32,
    state: State,
    commit: Option<Sender<()>>,
    reports: Receiver<State>,
}

impl Transaction {
    /// Begins, and returns when the rows are inserted, when it waits for a lock, or when it has failed.
    pub(super) fn begin(
        database: &Database,
        write: &Write,
        (kind, rules): (Kind, Rules),
        watch: &mut Client,
    ) -> Self {
        let proxy = Proxy::to(database.server());
        let mut client = database.connect_through(proxy.address()).expect("a connection");
        let row = client.query_one("SELECT pg_backend_pid()", &[]).expect("a process");
        let (commit, commits) = channel();
        let (to, reports) = channel();
        let write = write.clone();
        thread::spawn(move || run(client, &write, (kind, rules), &to, &commits));
        let mut it = Self {
            proxy,
            process: row.get(0),
            state: State::Waiting,
            commit: Some(commit),
            reports,
        };
        it.state(watch);
        it
    }

    /// How far it has come; not before it has inserted, waits or has ended.
    pub(super) fn state(&mut self, watch: &mut Client) -> State {
        let mut waited = Duration::ZERO;
        while self.state == State::Waiting {
            if let Ok(state) = self.reports.recv_timeout(Duration::from_millis(5)) {
                self.state = state;
            } else if is_blocked(watch, self.process) {
                break;
            }
            waited += Duration::from_millis(5);
            assert!(waited < PATIENCE, "a transaction neither goes on nor waits");
        }
        self.state
    }

    /// Asks for the commit, without waiting for it.
    pub(super) fn ask_for_commit(&mut self) {
        // A thread that has failed is gone, and has said so.
        let _ = self.commit.take().map(|commit| commit.send(()));
    }

    /// The answer to the commit.
    pub(super) fn answer(&mut self) -> Answer {
        self.state = self.reports.recv_timeout(PATIENCE).expect("a commit ends");
        match self.state {
            State::Ended(answer) => answer,
            State::Waiting | State::Inserted => unreachable!("it was committed"),
        }
    }
}

/// Whether a process waits for another one.
fn is_blocked(watch: &mut Client, process: i32) -> bool {
    let blocking = watch.query_one("SELECT cardinality(pg_blocking_pids($1)) > 0", &[&process]);
    blocking.expect("the lock table can be read").get(0)
}

/// The life of a transaction on its thread.
fn run(
    mut client: Client,
    write: &Write,
    (kind, rules): (Kind, Rules),
    to: &Sender<State>,
    commits: &Receiver<()>,
) {
    let state = match insert(&mut client, write, kind, rules) {
        Ok(None) => State::Inserted,
        Ok(Some(_)) => State::Ended(Answer::AlreadyDone),
        Err(error) => State::Ended(failed(&error)),
    };
    if state != State::Inserted {
        // Its locks are gone before anyone hears of it.
        let _ = client.batch_execute("ROLLBACK");
    }
    let _ = to.send(state);
    if state == State::Inserted && commits.recv().is_ok() {
        let answer = client.batch_execute("COMMIT").map(|()| Answer::Appended);
        let _ = to.send(State::Ended(answer.unwrap_or_else(|error| failed(&error))));
    }
}

fn insert(
    client: &mut Client,
    write: &Write,
    kind: Kind,
    rules: Rules,
) -> Result<Option<Value>, Error> {
    match kind {
        Kind::Plain => client.batch_execute("BEGIN")?,
        Kind::Refused => client.batch_execute("BEGIN; SET LOCAL jetlag.refuse = 'on'")?,
        Kind::Serializable => client.batch_execute(
            "BEGIN ISOLATION LEVEL SERIALIZABLE; \
             SELECT count(*) FROM jetlag.duty WHERE is_on; \
             UPDATE jetlag.duty SET is_on = false WHERE doctor = 'a'",
        )?,
    }
    let is_checked = |at: &u32| !rules.checks_written || write.events.contains(at);
    let expected = write.expected.iter().filter(|(at, _)| is_checked(at));
    let expected = expected.map(|(at, expects)| (stream(*at), expected_by_sql(*expects)));
    let expected = Value::Object(expected.collect());
    let tags: Vec<String> = match write.kind {
        EventKind::Tagged(tag) => vec![tag_name(tag)],
        EventKind::Plain | EventKind::Ending => Vec::new(),
    };
    let event =
        |at: &u32| json!({ "stream": stream(*at), "type": "Added", "data": {}, "tags": tags });
    let events: Vec<_> = write.events.iter().map(event).collect();
    let (id, events) = (command(write.command), Value::Array(events));
    let row = if tags.is_empty() && write.found.is_none() {
        let append = "SELECT jetlag.append($1, $2, $3, '\"accepted\"')";
        client.query_one(append, &[&id, &expected, &events])?
    } else {
        let found = write.found.map(|(tag, matches)| (tag_name(tag), json!(matches)));
        let found = Value::Object(found.into_iter().collect());
        let append = "SELECT jetlag.append_tagged($1, $2, $3, $4, '\"accepted\"')";
        client.query_one(append, &[&id, &expected, &found, &events])?
    };
    if write.kind == EventKind::Ending && rules.ends != Ends::Kept {
        for at in &write.events {
            let closes = rules.ends == Ends::Refused;
            client.execute("SELECT jetlag.end_stream($1, $2)", &[&stream(*at), &closes])?;
        }
    }
    Ok(row.get(0))
}

fn expected_by_sql(expects: Expects) -> Value {
    match expects {
        Expects::Version(version) => json!(version),
        Expects::Any => json!("any"),
        Expects::NoStream => json!("no-stream"),
        Expects::StreamExists => json!("stream-exists"),
    }
}

/// What an error says to a writer.
fn failed(error: &Error) -> Answer {
    match error.code() {
        Some(code) if code.code() == "JL001" => Answer::Conflict,
        Some(code) if *code == SqlState::T_R_SERIALIZATION_FAILURE => Answer::NotSerializable,
        Some(code) if *code == SqlState::INTEGRITY_CONSTRAINT_VIOLATION => Answer::CommitRefused,
        Some(code) => panic!("{}: {error}", code.code()),
        None => Answer::Unknown,
    }
}

/// The name of a stream.
pub(super) fn stream(number: u32) -> String {
    format!("s-{number}")
}

/// The name of a tag.
fn tag_name(number: u32) -> String {
    format!("t-{number}")
}

/// The name of a command.
pub(super) fn command(number: u32) -> String {
    format!("c-{number}")
}

/// Waits until a process of the server is as a condition on `pg_stat_activity` says.
pub(super) fn wait_until(watch: &mut Client, process: i32, condition: &str) {
    let statement =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND NOT ({condition})");
    for _ in 0..2000 {
        let row = watch.query_one(&statement, &[&process]).expect("processes can be listed");
        if row.get::<_, i64>(0) == 0 {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("process {process} does not come to {condition}");
}
