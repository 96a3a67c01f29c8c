//! Views on demand: tables in the memory of an instance, made from the log when they are asked for.
//!
//! A query begins a *catch-up* of its view's table: pages of the log, from where the table ends up to
//! where the log ended when the first page was read. Whoever asks meanwhile waits for the next one, so
//! that an answer is never from before its question, and many who ask at once share one. What the log
//! does not give out yet, because an older transaction is open, no catch-up brings: then it is for the
//! tokens of a query whether it is answered or told "not yet".
//!
//! A crash takes the tables. The next query builds them from the beginning, page by page, and waits for
//! that long. Reads are numbered through a crash, so that a page of before it is known as such.

use crate::collections::SortedMap;
use std::sync::Arc;

use crate::model::{Domain, Fact, Ordinal, RequestId, RowKey, Stored, ViewId};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::message::{Copy, Message};
use crate::platform::rows::Rows;

/// All rows of a table, by key.
pub(crate) type All<D> = Vec<Option<Arc<<D as Domain>::Row>>>;

/// The tables that an instance has made since it was started.
#[derive(Clone, Debug)]
pub(super) struct Tables<D: Domain> {
    tables: SortedMap<ViewId, Table<D>>,
    deadlines: Deadlines<ViewId>,
}

/// One view, as far as it was read.
#[derive(Clone, Debug)]
struct Table<D: Domain> {
    rows: Rows<D>,
    /// The rank of the last event in the rows: all before it are in them too.
    upto: Ordinal,
    catch_up: Option<CatchUp>,
    /// Who asked after the catch-up had begun.
    waiting: Vec<RequestId>,
}

/// A catch-up under way.
#[derive(Clone, Debug)]
struct CatchUp {
    /// The number of its first read. What was read before is from before the questions.
    first: u64,
    /// Where the table was.
    after: Ordinal,
    /// Where the log ended when the first page was read.
    end: Option<Ordinal>,
    /// Whom it answers.
    queries: Vec<RequestId>,
}

impl<D: Domain> Default for Tables<D> {
    fn default() -> Self {
        Self { tables: SortedMap::new(), deadlines: Deadlines::default() }
    }
}

impl<D: Domain> Default for Table<D> {
    fn default() -> Self {
        Self { rows: Rows::default(), upto: Ordinal(0), catch_up: None, waiting: Vec::new() }
    }
}

impl<D: Domain> Tables<D> {
    /// A query wants a view that is up to date from now on.
    pub(super) fn catch_up(
        &mut self,
        view: ViewId,
        request: RequestId,
        reads: &mut u64,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let table = self.tables.entry(view).or_default();
        table.waiting.push(request);
        if table.catch_up.is_none() {
            self.begin(view, reads, cx);
        }
    }

    /// Begins a catch-up for all who wait.
    fn begin(&mut self, view: ViewId, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        let Some(table) = self.tables.get_mut(&view) else { return };
        let queries = std::mem::take(&mut table.waiting);
        table.catch_up = Some(CatchUp { first: *reads + 1, after: table.upto, end: None, queries });
        self.read(view, reads, cx);
    }

    /// Asks for the next page, once more if it was asked for before.
    fn read(&mut self, view: ViewId, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        let Some(table) = self.tables.get(&view) else { return };
        *reads += 1;
        self.deadlines.set(view, cx.settings().reply_timeout, cx);
        cx.send(cx.map().store(), Message::ReadTail { nth: *reads, view, after: table.upto });
    }

    /// The store was silent: its answer is lost, or the question is.
    pub(super) fn overdue(&mut self, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        for view in self.deadlines.take_due(cx) {
            self.read(view, reads, cx);
        }
    }

    /// Takes in a page; who can be answered now. Whichever answer to a read of this catch-up comes first
    /// will do, so that a slow one is not waited for in vain.
    pub(super) fn take_in(
        &mut self,
        nth: u64,
        view: ViewId,
        (after, end): (Ordinal, Ordinal),
        page: &[Arc<Stored<D::Event>>],
        reads: &mut u64,
        cx: &mut Cx<'_, '_, D>,
    ) -> Vec<RequestId> {
        let Some(table) = self.tables.get_mut(&view) else { return Vec::new() };
        let Some(catch_up) = &mut table.catch_up else { return Vec::new() };
        if nth < catch_up.first || after != table.upto {
            return Vec::new(); // from before the catch-up, or a page that came already
        }
        for event in page {
            table.rows.project(view, event, cx.domain());
        }
        table.upto = Ordinal(after.0 + page.len() as u64);
        if table.upto < *catch_up.end.get_or_insert(end) {
            self.read(view, reads, cx);
            return Vec::new();
        }
        let CatchUp { after, queries, .. } = table.catch_up.take().expect("just seen");
        let (upto, count) = (table.upto, queries.len() as u32);
        self.deadlines.clear(view);
        cx.fact(Fact::CaughtUp { view, after, upto, queries: count });
        if !table.waiting.is_empty() {
            self.begin(view, reads, cx);
        }
        queries
    }

    /// A row as the table has it.
    pub(super) fn copy(&self, view: ViewId, key: RowKey) -> Copy<D> {
        self.tables.get(&view).map_or_else(Copy::default, |table| table.rows.copy(key))
    }

    /// Each table with how far it is and its rows.
    pub(super) fn all(&self) -> impl Iterator<Item = (ViewId, Ordinal, All<D>)> {
        self.tables.iter().map(|(view, table)| (*view, table.upto, table.rows.all()))
    }
}
