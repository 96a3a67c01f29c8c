//! Projectors: instances of one consumer of the bus.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use postgres::Error;
use serde_json::json;

use super::bus::Letter;
use super::load::{IDLE, Shared};
use super::mistake::Mistake;
use super::session::Session;

/// The name of the consumer.
const CONSUMER: &str = "bus";

/// An instance with its connection.
pub(super) struct Projector<'a> {
    pub(super) nth: usize,
    pub(super) shared: &'a Shared<'a>,
    pub(super) session: Session<'a>,
    pub(super) random: Rng,
}

impl Projector<'_> {
    /// Applies what is delivered until the load is over.
    pub(super) fn run(mut self) {
        while !self.shared.is_over() {
            let Some((tag, letter)) = self.shared.bus.take(self.nth) else {
                thread::sleep(IDLE);
                continue;
            };
            self.shared.history.record(json!({
                "kind": "deliver", "consumer": CONSUMER, "stream": letter.stream,
                "version": letter.version,
            }));
            if self.shared.has(Mistake::AckedBeforeApplied) {
                self.shared.bus.ack(tag);
            }
            let applied = self.apply(&letter);
            self.shared.deliveries.fetch_add(1, Ordering::Relaxed);
            match applied {
                Ok(Some(true)) => self.shared.bus.ack(tag),
                Ok(Some(false)) => {
                    // An earlier event of the stream is missing.
                    self.shared.bus.requeue(tag);
                    thread::sleep(Duration::from_micros(200));
                }
                // It has crashed, or has lost its connection and does not know.
                Ok(None) | Err(_) => self.shared.bus.lose(self.nth),
            }
        }
    }

    /// Applies an event, and returns whether the consumer has it now; nothing if this instance has crashed.
    fn apply(&mut self, letter: &Letter) -> Result<Option<bool>, Error> {
        if self.shared.chaos.crashes(&mut self.random) {
            self.session.crash();
            return Ok(None);
        }
        let Letter { stream, version, seats } = letter;
        let mistake = |mistake| self.shared.has(mistake);
        if mistake(Mistake::CheckpointBeforeRows) {
            return self.apply_checkpoint_first(letter);
        }
        let is_blind = mistake(Mistake::NoInbox) || mistake(Mistake::GapIgnored);
        if is_blind {
            self.session.transaction(|session| apply_blindly(session, letter, self.shared))?;
        } else {
            let query = "SELECT jetlag.apply($1, $2, $3, $4)";
            let outcome = self
                .session
                .transaction(|session| session.row(query, &[&CONSUMER, stream, version, seats]))?;
            match outcome.get::<_, &str>(0) {
                "applied" => {}
                "duplicate" => {
                    self.shared.duplicates.fetch_add(1, Ordering::Relaxed);
                    return Ok(Some(true));
                }
                _ => return Ok(Some(false)),
            }
        }
        self.shared.applied.fetch_add(1, Ordering::Relaxed);
        if self.shared.chaos.crashes(&mut self.random) {
            self.session.crash();
            return Ok(None);
        }
        Ok(Some(true))
    }

    /// The mistake: two transactions, and a crash may come between.
    fn apply_checkpoint_first(&mut self, letter: &Letter) -> Result<Option<bool>, Error> {
        let Letter { stream, version, seats } = letter;
        let step = "INSERT INTO jetlag.checkpoints AS c VALUES ($1, $2, $3)
            ON CONFLICT (consumer, stream) DO UPDATE SET version = $3 WHERE c.version = $3 - 1
            RETURNING version";
        let moved = self.session.rows(step, &[&CONSUMER, stream, version])?;
        if moved.is_empty() {
            let query =
                "SELECT version FROM jetlag.checkpoints WHERE consumer = $1 AND stream = $2";
            let seen: i64 = self.session.row(query, &[&CONSUMER, stream])?.get(0);
            return Ok(Some(*version <= seen));
        }
        if self.shared.chaos.crashes(&mut self.random) {
            self.session.crash();
            return Ok(None);
        }
        self.session.transaction(|session| {
            let row = "SELECT jetlag.add_to_show($1, $2, $3, $4)::text";
            session.row(row, &[&CONSUMER, stream, version, seats])?;
            note(session, stream, *version)
        })?;
        Ok(Some(true))
    }
}

/// The mistakes: duplicates are applied again, or events before their predecessors.
fn apply_blindly(
    session: &mut Session<'_>,
    letter: &Letter,
    shared: &Shared<'_>,
) -> Result<(), Error> {
    let Letter { stream, version, seats } = letter;
    if shared.has(Mistake::GapIgnored) {
        let query = "SELECT count(*) FROM jetlag.inbox
            WHERE consumer = $1 AND stream = $2 AND version = $3";
        let row = session.row(query, &[&CONSUMER, stream, version])?;
        if row.get::<_, i64>(0) > 0 {
            return Ok(());
        }
    }
    let row = "SELECT jetlag.add_to_show($1, $2, $3, $4)::text";
    session.row(row, &[&CONSUMER, stream, version, seats])?;
    note(session, stream, *version)
}

/// Records an event in the inbox.
fn note(session: &mut Session<'_>, stream: &str, version: i64) -> Result<(), Error> {
    let record = "INSERT INTO jetlag.inbox (consumer, stream, version) VALUES ($1, $2, $3)";
    session.rows(record, &[&CONSUMER, &stream, &version]).map(drop)
}
