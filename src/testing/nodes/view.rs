//! The read store with one view, and a projector and a reader outside of it.

use std::sync::Arc;

use crate::kernel::Span;
use crate::model::{CustomerId, Ordinal, RequestId, RowKey};
use crate::platform::ReadStore;
use crate::platform::message::{ApplyOutcome, Message};
use crate::platform::settings::{Idempotency, Settings};
use crate::testing::{Bench, Counting, TOTALS, letter};

const REQUEST: RequestId = RequestId { customer: CustomerId(0), nth: 1 };

/// What came of an event that was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The row was changed, or is not held.
    Applied,
    /// It was applied before.
    Duplicate,
    /// An earlier event is missing.
    Gap,
}

/// What came of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The sum of the versions that the row contains.
    Total(u32),
    /// There is no such row.
    Absent,
    /// The row is not held: the log has it.
    Missing,
}

/// A view of sums under test. An event of version n adds n to the row of its stream.
pub struct ViewNode {
    bench: Bench,
    store: ReadStore<Counting>,
    /// The events in order: their rows and versions.
    log: Vec<(u32, u32)>,
}

impl ViewNode {
    /// A view in a table that recognises messages by their ids, which are kept for so long.
    pub fn with_inbox(keeps_ms: u64) -> Self {
        Self::with_settings(|settings| {
            let kept = Some(Span::from_millis(keeps_ms));
            settings.projectors.idempotency = Idempotency::MessageIds { kept };
        })
    }

    /// A view in a cache that has room for so many rows.
    pub fn in_cache(rows: u32) -> Self {
        Self::with_settings(|settings| {
            settings.row_cache.views = vec!["Totals".to_owned()];
            settings.row_cache.rows = Some(rows);
        })
    }

    fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        Self { bench: Bench::with_settings(change), store: ReadStore::new(), log: Vec::new() }
    }

    /// Delivers an event to the view.
    pub fn apply(&mut self, row: u32, version: u32) -> Applied {
        let known = self.log.iter().position(|event| *event == (row, version));
        let nth = known.unwrap_or_else(|| {
            self.log.push((row, version));
            self.log.len() - 1
        });
        let projector = self.bench.map.projectors().next().expect("a view");
        let apply = Message::Apply(TOTALS, letter(row, version, nth as u64 + 1));
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        self.bench.tell(node, |cx| store.handle(projector, apply, cx));
        let outcome = self.bench.sent_to(projector).into_iter().find_map(|message| match message {
            Message::ApplyReply { outcome, .. } => Some(outcome),
            _ => None,
        });
        match *outcome.expect("an event is answered") {
            ApplyOutcome::Applied(_) | ApplyOutcome::Rejected => Applied::Applied,
            ApplyOutcome::Duplicate(_) => Applied::Duplicate,
            ApplyOutcome::Gap(_) => {
                // It takes its place in the log when it comes again.
                self.log.retain(|event| *event != (row, version));
                Applied::Gap
            }
        }
    }

    /// Reads a row.
    pub fn read(&mut self, row: u32) -> Found {
        let read = Message::Read { request: REQUEST, nth: 1, view: TOTALS, key: RowKey(row) };
        self.ask(read).0
    }

    /// Reads a row, and folds it from the log if it is not held.
    pub fn restore(&mut self, row: u32) -> Found {
        let read = Message::Read { request: REQUEST, nth: 1, view: TOTALS, key: RowKey(row) };
        let (found, after) = self.ask(read);
        if found != Found::Missing {
            return found;
        }
        let events = self.log.iter().zip(1..).skip(after as usize);
        let page = events.map(|(&(of, version), nth)| letter(of, version, nth).event).collect();
        let (key, after) = (RowKey(row), Ordinal(after));
        self.ask(Message::RestoreRow { request: REQUEST, nth: 1, view: TOTALS, key, after, page }).0
    }

    /// Loses what is in memory.
    pub fn restart(&mut self) {
        self.store.crash();
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        self.bench.tell(node, |cx| store.recover(cx));
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: u64) {
        self.bench.pass(Span::from_millis(ms));
    }

    /// What a question finds, and after which event the log is needed if the row is not held.
    fn ask(&mut self, message: Message<Counting>) -> (Found, u64) {
        let reader = self.bench.map.query_api(0);
        let (node, store) = (self.bench.map.read_store(), &mut self.store);
        self.bench.tell(node, |cx| store.handle(reader, message, cx));
        let answer = self.bench.sent_to(reader).pop().expect("a read is answered");
        match answer {
            Message::ReadReply { copy, .. } => {
                let total = |row: Arc<_>| Found::Total(total(&row));
                (copy.row.map_or(Found::Absent, total), 0)
            }
            Message::RowMissing { after, .. } => (Found::Missing, after.0),
            other => unreachable!("a read is not answered with {other:?}"),
        }
    }
}

fn total(row: &crate::testing::Row) -> u32 {
    u32::try_from(row.total).expect("a small sum")
}
