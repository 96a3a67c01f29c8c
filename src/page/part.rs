//! Records in parts, as a page that shows a running simulation gets them.

use serde::Serialize;

use super::document::Page;
use super::messages::{MessagesDoc, Routes};
use super::records::{LedgerDoc, RecordsDoc, RowsDoc, StockDoc};
use super::templates::Templates;
use crate::kernel::Step;
use crate::report::list;

/// What a reader has been told so far. Templates and routes are numbered on from one part to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    records: usize,
    rows: usize,
    ledgers: usize,
    stocks: usize,
    messages: usize,
    templates: Templates,
    routes: Routes,
}

/// Some records, and what goes with them.
#[derive(Serialize)]
pub(crate) struct PartDoc<'a> {
    records: RecordsDoc,
    rows: RowsDoc,
    ledgers: Vec<LedgerDoc<'a>>,
    stocks: Vec<StockDoc<'a>>,
    messages: MessagesDoc,
}

impl Told {
    /// What a reader has not been told yet, up to, but not including, the record of this place.
    pub(crate) fn part<'a>(&mut self, page: &'a Page<'_>, upto: usize) -> PartDoc<'a> {
        let picture = &page.picture;
        let is_all = upto >= picture.entries.len();
        let last = picture.entries[..upto].last().map_or(Step(0), |entry| entry.step);
        let last = if is_all { Step(u64::MAX) } else { last };
        let until = |told: &mut usize, end: usize| {
            let from = std::mem::replace(told, end.max(*told));
            from..*told
        };
        let records = until(&mut self.records, upto);
        let rows = picture.rows.partition_point(|row| (row.record as usize) < upto);
        let rows = &picture.rows[until(&mut self.rows, rows)];
        let ledgers = picture.ledgers.partition_point(|change| change.step <= last);
        let ledgers = &picture.ledgers[until(&mut self.ledgers, ledgers)];
        let stocks = picture.stocks.partition_point(|change| change.step <= last);
        let stocks = &picture.stocks[until(&mut self.stocks, stocks)];
        let messages = page.messages.partition_point(|message| message.step <= last);
        let messages = &page.messages[until(&mut self.messages, messages)];
        PartDoc {
            records: RecordsDoc::of(picture, records, &mut self.templates),
            rows: RowsDoc::of(rows),
            ledgers: list(ledgers, LedgerDoc::of),
            stocks: list(stocks, StockDoc::of),
            messages: MessagesDoc::of(messages, &mut self.routes),
        }
    }
}
