//! Followers: one of them at a time reads the log and keeps a view.

use std::sync::atomic::Ordering;
use std::thread;

use fastrand::Rng;
use postgres::{Error, Row};
use serde_json::Value;

use super::load::{IDLE, LEASE, Shared};
use super::mistake::Mistake;
use super::session::Session;

/// The name of the consumer, and of its lease.
const CONSUMER: &str = "log";
/// How many events a follower takes at a time.
const BATCH: i64 = 200;

/// A follower with its connection.
pub(super) struct Follower<'a> {
    pub(super) nth: usize,
    pub(super) shared: &'a Shared<'a>,
    pub(super) session: Session<'a>,
    pub(super) random: Rng,
}

impl Follower<'_> {
    /// Follows the log until the load is over.
    pub(super) fn run(mut self) {
        let mut token = 0;
        while !self.shared.is_over() {
            match self.step(&mut token) {
                Ok(0) => thread::sleep(IDLE),
                Ok(count) => {
                    self.shared.followed.fetch_add(count as u64, Ordering::Relaxed);
                }
                Err(_) => thread::sleep(IDLE / 5),
            }
        }
    }

    fn step(&mut self, token: &mut i64) -> Result<i64, Error> {
        let name = format!("follower-{}", self.nth);
        let query = "SELECT jetlag.lease($1, $2, $3, $4::bigint * interval '1 ms')";
        let lasts = LEASE.as_millis() as i64;
        let row = self.session.row(query, &[&CONSUMER, &name, &*token, &lasts])?;
        let Some(held) = row.get::<_, Option<i64>>(0) else {
            *token = 0;
            return Ok(0);
        };
        *token = held;
        if self.shared.chaos.crashes(&mut self.random) {
            self.session.crash();
            *token = 0;
            return Ok(0);
        }
        let by_hand =
            [Mistake::InFlightSkipped, Mistake::CursorBeforeRows, Mistake::LeaseWithoutFence];
        if by_hand.into_iter().any(|mistake| self.shared.has(mistake)) {
            return self.catch_up_by_hand();
        }
        self.shared.chaos.pauses(&mut self.random, LEASE);
        let query = "SELECT jetlag.catch_up($1, $2, $3, $4)";
        let row = self
            .session
            .transaction(|session| session.row(query, &[&CONSUMER, &name, &held, &BATCH]));
        if let Err(error) = &row
            && error.code().is_some_and(|code| code.code() == "JL002")
        {
            self.shared.fenced.fetch_add(1, Ordering::Relaxed);
        }
        Ok(row?.get(0))
    }

    /// The mistakes: the cursor is read in a transaction of its own and not looked at again, numbers in flight are
    /// skipped, or the cursor is committed first.
    fn catch_up_by_hand(&mut self) -> Result<i64, Error> {
        let cursor = "SELECT coalesce(max(position), 0) FROM jetlag.cursors WHERE consumer = $1";
        let upto: i64 = self.session.row(cursor, &[&CONSUMER])?.get(0);
        let query = if self.shared.has(Mistake::InFlightSkipped) {
            "SELECT position, stream, version, data FROM jetlag.events
                WHERE position > $1 ORDER BY position LIMIT $2"
        } else {
            "SELECT * FROM jetlag.read_log($1, $2)"
        };
        let events = self.session.rows(query, &[&upto, &BATCH])?;
        let Some(last) = events.last().map(|event| event.get::<_, i64>(0)) else { return Ok(0) };
        if self.shared.has(Mistake::LeaseWithoutFence) {
            self.shared.chaos.pauses(&mut self.random, LEASE);
        }
        if self.shared.has(Mistake::CursorBeforeRows) {
            move_cursor(&mut self.session, last)?;
            if self.shared.chaos.crashes(&mut self.random) {
                self.session.crash();
                return Ok(0);
            }
            self.session.transaction(|session| apply(session, &events))?;
        } else {
            self.session.transaction(|session| {
                apply(session, &events)?;
                move_cursor(session, last)
            })?;
        }
        Ok(events.len() as i64)
    }
}

fn move_cursor(session: &mut Session<'_>, upto: i64) -> Result<(), Error> {
    let step = "INSERT INTO jetlag.cursors VALUES ($1, $2)
        ON CONFLICT (consumer) DO UPDATE SET position = $2";
    session.rows(step, &[&CONSUMER, &upto]).map(drop)
}

fn apply(session: &mut Session<'_>, events: &[Row]) -> Result<(), Error> {
    for event in events {
        let (stream, version): (&str, i64) = (event.get(1), event.get(2));
        let seats = event.get::<_, Value>(3)["seats"].as_i64().unwrap_or(0);
        let row = "SELECT jetlag.add_to_show($1, $2, $3, $4)::text";
        session.row(row, &[&CONSUMER, &stream, &version, &seats])?;
        let record = "INSERT INTO jetlag.inbox (consumer, stream, version) VALUES ($1, $2, $3)";
        session.rows(record, &[&CONSUMER, &stream, &version])?;
    }
    Ok(())
}
