//! Writers: customers who buy seats, each decision in one transaction with its append.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use postgres::Error;
use serde_json::{Value, json};

use super::load::Shared;
use super::mistake::Mistake;
use super::session::Session;

/// How many shows are on sale at a time.
const SHOWS: u64 = 8;
/// How long a reader waits for a row that has what they wrote.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// The stream of a show.
pub(super) fn stream(show: u64) -> String {
    format!("show-{show}")
}

/// A writer with its connection.
pub(super) struct Writer<'a> {
    pub(super) nth: usize,
    pub(super) shared: &'a Shared<'a>,
    pub(super) session: Session<'a>,
    pub(super) random: Rng,
}

/// How a transaction of a command ended.
enum Ended {
    /// With this outcome, which is stored.
    Stored(Value),
    /// Another writer was first: decide again.
    Conflict,
}

impl Writer<'_> {
    /// Buys seats until the time is up or enough are sold.
    pub(super) fn run(mut self, until: Instant, appends_max: u64) {
        let actor = format!("writer-{}", self.nth);
        let mut count = 0;
        let is_enough = || self.shared.appends.load(Ordering::Relaxed) >= appends_max;
        while Instant::now() < until && !is_enough() {
            count += 1;
            let command = format!("c-{}-{count}", self.nth);
            let show = self.shared.on_sale.load(Ordering::Relaxed) + self.random.u64(0..SHOWS);
            self.shared.shows.fetch_max(show + 1, Ordering::Relaxed);
            let asked = self.shared.history.command(&command, &actor);
            let outcome = self.settle(&command, &actor, show);
            if self.shared.has(Mistake::AnsweredBeforeCommit) && outcome["outcome"] == "accepted" {
                // It was told already.
            } else {
                let told = self.shared.history.answer(&command, &actor, &outcome);
                let time = (asked, told);
                self.shared.history.operation(&stream(show), &actor, time, &outcome);
            }
            if outcome["outcome"] == "rejected" {
                self.shared.on_sale.fetch_max(show + 1, Ordering::Relaxed);
            } else if self.random.u32(0..8) == 0 {
                self.read_own_write(&actor, &outcome);
            }
        }
    }

    /// Sends a command until its outcome is known.
    fn settle(&mut self, command: &str, actor: &str, show: u64) -> Value {
        loop {
            match self.attempt(command, actor, show) {
                Ok(Ended::Stored(outcome)) => {
                    count(&self.shared.appends, outcome["outcome"] == "accepted");
                    return outcome;
                }
                Ok(Ended::Conflict) => count(&self.shared.conflicts, true),
                // Unknown: the same command again.
                Err(error) => {
                    count(&self.shared.unknown, error.code().is_none());
                    if self.shared.has(Mistake::AnsweredBeforeCommit) {
                        // The customer was told already, and nobody tries again.
                        return json!({ "outcome": "accepted" });
                    }
                }
            }
        }
    }

    fn attempt(&mut self, command: &str, actor: &str, show: u64) -> Result<Ended, Error> {
        let (shared, name) = (self.shared, stream(show));
        let random = &mut self.random;
        let done = self.session.transaction(|session| {
            let query = "SELECT coalesce(max(version), 0) FROM jetlag.events WHERE stream = $1";
            let version: i64 = session.row(query, &[&name])?.get(0);
            if version as u64 >= shared.capacity {
                let outcome = json!({ "outcome": "rejected", "reason": "SoldOut" });
                let row = session.row("SELECT jetlag.conclude($1, $2)", &[&command, &outcome])?;
                return Ok(row.get::<_, Option<Value>>(0).unwrap_or(outcome));
            }
            let outcome = json!({ "outcome": "accepted", "stream": name, "version": version + 1 });
            let data = json!({ "seats": 1, "unit": (version + 1).to_string() });
            let events = json!([{ "stream": name, "type": "SeatSold", "data": data }]);
            let earlier = append(session, shared, command, (&name, version), &events, &outcome)?;
            shared.chaos.dawdles(random);
            if shared.has(Mistake::AnsweredBeforeCommit) && earlier.is_none() {
                shared.history.answer(command, actor, &outcome);
            }
            Ok(earlier.unwrap_or(outcome))
        });
        let done = match done {
            Err(error) if error.code().is_some_and(|code| code.code() == "JL001") => {
                return Ok(Ended::Conflict);
            }
            done => done?,
        };
        if shared.has(Mistake::OutboxAfterCommit) && done["outcome"] == "accepted" {
            self.write_outbox(&done)?;
        }
        Ok(Ended::Stored(done))
    }

    /// The mistake: the row follows in a transaction of its own, and no one tries again.
    fn write_outbox(&mut self, outcome: &Value) -> Result<(), Error> {
        if self.shared.chaos.crashes(&mut self.random) {
            self.session.crash();
            return Ok(());
        }
        let statement = "INSERT INTO jetlag.outbox (position) SELECT position FROM jetlag.events
            WHERE stream = $1 AND version = $2 ON CONFLICT DO NOTHING";
        let (stream, version) = (outcome["stream"].as_str(), outcome["version"].as_i64());
        let _ = self.session.rows(statement, &[&stream, &version]);
        Ok(())
    }

    /// Reads the row of a show, which has to have what was written.
    fn read_own_write(&mut self, actor: &str, outcome: &Value) {
        let (Some(name), Some(wrote)) = (outcome["stream"].as_str(), outcome["version"].as_i64())
        else {
            return;
        };
        let asked = Instant::now();
        while asked.elapsed() < READ_PATIENCE {
            let query = "SELECT version FROM jetlag.shows WHERE consumer = 'bus' AND show = $1";
            let Ok(rows) = self.session.rows(query, &[&name]) else { continue };
            let shown = rows.first().map_or(0, |row| row.get::<_, i64>(0));
            if shown >= wrote || self.shared.has(Mistake::ReadWithoutWaiting) {
                self.shared.history.record(json!({
                    "kind": "read", "actor": actor, "view": "bus", "row": name,
                    "shows": { name: shown }, "after": { name: wrote },
                }));
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Appends, and returns the outcome of an earlier copy of the command, if there is one.
fn append(
    session: &mut Session<'_>,
    shared: &Shared<'_>,
    command: &str,
    (stream, version): (&str, i64),
    events: &Value,
    outcome: &Value,
) -> Result<Option<Value>, Error> {
    let expected = json!({ stream: version });
    let by_hand =
        [Mistake::VersionNotChecked, Mistake::CommandNotRecorded, Mistake::OutboxAfterCommit];
    if !by_hand.into_iter().any(|mistake| shared.has(mistake)) {
        let row = session
            .row("SELECT jetlag.append($1, $2, $3, $4)", &[&command, &expected, events, outcome])?;
        return Ok(row.get(0));
    }
    if !shared.has(Mistake::CommandNotRecorded) {
        let row = session.row("SELECT jetlag.record($1)", &[&command])?;
        if let Some(earlier) = row.get(0) {
            return Ok(Some(earlier));
        }
    }
    if shared.has(Mistake::VersionNotChecked) {
        let row = "INSERT INTO jetlag.streams VALUES ($1, 0) ON CONFLICT DO NOTHING";
        session.rows(row, &[&stream])?;
    } else {
        session.row("SELECT jetlag.expect($1)::text", &[&expected])?;
    }
    session.row("SELECT jetlag.store($1, $2)::text", &[&command, events])?;
    if shared.has(Mistake::OutboxAfterCommit) {
        let taken_back = "DELETE FROM jetlag.outbox o USING jetlag.events e
            WHERE e.position = o.position AND e.command = $1";
        session.rows(taken_back, &[&command])?;
    }
    let record = "UPDATE jetlag.commands SET outcome = $2 WHERE command = $1";
    session.rows(record, &[&command, outcome])?;
    Ok(None)
}

fn count(counter: &AtomicU64, is_one: bool) {
    counter.fetch_add(u64::from(is_one), Ordering::Relaxed);
}
