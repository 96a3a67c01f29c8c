//! The history of a load: what clients do and hear, and what is stored, in one file in the order of its times.
//!
//! Clients and database share a machine and so a clock. The time of what is stored is that of its commit
//! (`track_commit_timestamp`), which is taken before anyone can see it: what follows from it has a later time.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::Client;
use serde_json::{Value, json};

/// What the load adds to the schema: every position that a cursor has had.
pub(super) const MIGRATION: &str = include_str!("../../sql/load.sql");

/// What is stored: for each line the time of its commit in nanoseconds, then the line. The order of the rows is kept
/// among lines of one time.
const EXPORTS: &[&str] = &[
    "SELECT jetlag.at(xmin), json_build_object('kind', 'event', 'stream', stream, 'version', version,
        'position', position, 'id', position::text, 'type', type, 'command', command, 'transaction', xmin::text, 'at', jetlag.at(xmin), 'category', 'show')
        FROM jetlag.events ORDER BY position",
    "SELECT jetlag.at(xmin), json_build_object('kind', 'sell', 'item', stream, 'holder', position::text,
        'unit', data->>'unit', 'quantity', 1, 'at', jetlag.at(xmin))
        FROM jetlag.events ORDER BY position",
    "SELECT jetlag.at(xmin), json_build_object('kind', 'apply', 'consumer', consumer, 'stream', stream,
        'version', version, 'at', jetlag.at(xmin))
        FROM jetlag.inbox ORDER BY nth",
    "SELECT jetlag.at(xmin), json_build_object('kind', 'checkpoint', 'consumer', consumer, 'position', position,
        'at', jetlag.at(xmin))
        FROM jetlag.cursor_moves ORDER BY nth",
];

/// The outbox as it is in the end.
const OUTBOX: &str =
    "SELECT 0, json_build_object('kind', 'outbox', 'stream', e.stream, 'version', e.version,
    'sent', o.sent_at IS NOT NULL)
    FROM jetlag.outbox o JOIN jetlag.events e USING (position) ORDER BY o.position";

/// A line with its time in nanoseconds.
type Line = (u64, String);

/// Lines of clients, in the order in which they happen.
#[derive(Debug, Default)]
pub struct History(Mutex<Vec<Line>>);

impl History {
    /// Records what happens now, and returns when that is.
    pub(super) fn record(&self, mut line: Value) -> u64 {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        let now = u64::try_from(now.as_nanos()).expect("it is before 2554");
        line["at"] = now.into();
        lines.push((now, line.to_string()));
        now
    }

    /// A customer sends a command.
    pub(super) fn command(&self, id: &str, actor: &str) -> u64 {
        self.record(json!({ "kind": "command", "id": id, "actor": actor, "name": "BuySeat" }))
    }

    /// A customer has asked for a seat of a show, and has heard whether they have it.
    pub(super) fn operation(
        &self,
        show: &str,
        actor: &str,
        (from, to): (u64, u64),
        outcome: &Value,
    ) {
        let line = json!({
            "kind": "operation", "object": show, "did": "take", "actor": actor, "from": from, "to": to,
            "outcome": outcome["outcome"],
        });
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push((from, line.to_string()));
    }

    /// A customer hears of a command.
    pub(super) fn answer(&self, id: &str, actor: &str, outcome: &Value) -> u64 {
        let mut line = json!({ "kind": "answer", "command": id, "actor": actor });
        for (name, value) in outcome.as_object().into_iter().flatten() {
            line[name] = value.clone();
        }
        self.record(line)
    }

    /// Writes everything to a file in a folder, and returns it.
    pub(super) fn export(
        self,
        client: &mut Client,
        folder: &Path,
        shows: impl Iterator<Item = String>,
        capacity: u64,
    ) -> io::Result<PathBuf> {
        let mut lines = Vec::new();
        for consumer in ["outbox", "bus", "log"] {
            lines.push((0, json!({ "kind": "subscription", "consumer": consumer }).to_string()));
        }
        for item in shows {
            let stock = json!({ "kind": "stock", "item": item, "capacity": capacity });
            let seats =
                json!({ "kind": "operation", "object": item, "did": "begin", "amount": capacity });
            lines.extend([stock, seats].map(|line| (0, line.to_string())));
        }
        for query in EXPORTS {
            read(client, query, &mut lines)?;
        }
        lines.extend(self.0.into_inner().unwrap_or_else(PoisonError::into_inner));
        lines.sort_by_key(|(at, _)| *at);
        read(client, OUTBOX, &mut lines)?;
        std::fs::create_dir_all(folder)?;
        let path = folder.join("history.jsonl");
        let mut file = BufWriter::new(File::create(&path)?);
        writeln!(file, "{}", json!({ "kind": "history", "version": 1 }))?;
        for (_, line) in &lines {
            writeln!(file, "{line}")?;
        }
        writeln!(file, "{}", json!({ "kind": "end", "lines": lines.len() }))?;
        file.flush()?;
        Ok(path)
    }
}

/// Reads lines with their times. COPY escapes backslashes and tabs, which no name of a load has.
fn read(client: &mut Client, query: &str, lines: &mut Vec<Line>) -> io::Result<()> {
    let copied = client.copy_out(&format!("COPY ({query}) TO STDOUT"));
    for line in BufReader::new(copied.map_err(io::Error::other)?).lines() {
        let line = line?;
        let (at, text) = line.split_once('\t').ok_or_else(|| io::Error::other("two columns"))?;
        lines.push((at.parse().map_err(io::Error::other)?, text.to_owned()));
    }
    Ok(())
}
