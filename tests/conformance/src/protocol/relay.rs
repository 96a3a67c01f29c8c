//! Relays: one of them at a time publishes the outbox.

use std::sync::atomic::Ordering;
use std::thread;

use fastrand::Rng;
use postgres::{Error, Row};
use serde_json::{Value, json};

use super::bus::Letter;
use super::load::{IDLE, LEASE, Shared};
use super::mistake::Mistake;
use super::session::Session;

/// How many rows a relay takes at a time.
const BATCH: i64 = 200;

/// A relay with its connection.
pub(super) struct Relay<'a> {
    pub(super) nth: usize,
    pub(super) shared: &'a Shared<'a>,
    pub(super) session: Session<'a>,
    pub(super) random: Rng,
}

impl Relay<'_> {
    /// Publishes until the load is over.
    pub(super) fn run(mut self) {
        let mut token = 0;
        while !self.shared.is_over() {
            match self.step(&mut token) {
                Ok(0) => thread::sleep(IDLE),
                Ok(_) => {}
                // A relay whose connection is cut goes on: its token says whether it still may.
                Err(_) => thread::sleep(IDLE / 5),
            }
        }
    }

    /// Publishes the next rows, and returns how many there were. Its token is 0 when it has none.
    fn step(&mut self, token: &mut i64) -> Result<usize, Error> {
        let name = format!("relay-{}", self.nth);
        let query = "SELECT jetlag.lease('outbox', $1, $2, $3::bigint * interval '1 ms')";
        let lasts = LEASE.as_millis() as i64;
        let held: Option<i64> = self.session.row(query, &[&name, &*token, &lasts])?.get(0);
        let Some(held) = held else {
            *token = 0;
            return Ok(0);
        };
        *token = held;
        let rows = self.session.rows("SELECT * FROM jetlag.unsent($1)", &[&BATCH])?;
        let Some(last) = rows.last().map(|row| row.get::<_, i64>(0)) else { return Ok(0) };
        let marks_first = self.shared.has(Mistake::MarkedBeforePublished);
        if marks_first {
            self.mark(&name, held, last)?;
        }
        for row in &rows {
            if self.shared.chaos.crashes(&mut self.random) {
                self.session.crash();
                *token = 0;
                return Ok(0);
            }
            self.publish(row);
        }
        self.shared.chaos.pauses(&mut self.random, LEASE);
        if !marks_first {
            self.mark(&name, held, last)?;
        }
        Ok(rows.len())
    }

    fn publish(&self, row: &Row) {
        let (stream, version): (String, i64) = (row.get(1), row.get(2));
        let line = json!({ "kind": "publish", "stream": stream, "version": version });
        self.shared.history.record(line);
        let seats = row.get::<_, Value>(3)["seats"].as_i64().unwrap_or(0);
        self.shared.bus.publish(Letter { stream, version, seats });
        self.shared.published.fetch_add(1, Ordering::Relaxed);
    }

    fn mark(&mut self, name: &str, token: i64, upto: i64) -> Result<(), Error> {
        let query = "SELECT jetlag.mark_sent($1, $2, $3)";
        let is_marked: bool = self.session.row(query, &[&name, &token, &upto])?.get(0);
        self.shared.fenced.fetch_add(u64::from(!is_marked), Ordering::Relaxed);
        Ok(())
    }
}
