//! Views on demand: tables in the memory of an instance, built from the log when they are queried.
//!
//! A query starts a *catch-up* of its view's table: pages of the log, from the end of the table to the end
//! of the log as of the first page. Queries that arrive meanwhile wait for the next catch-up, so an answer
//! is never older than its query, and simultaneous queries share a catch-up. A catch-up does not bring
//! events that the log withholds because an older transaction is open; the tokens of the query decide then
//! whether it is answered or told "not yet".
//!
//! Pages can come from replicas of the store that are behind. A table is ahead of a replica that lacks what it has, and a
//! page of one that is behind the replica before is short: then the rest is read at the primary. So is what a query needs
//! because its customer has written or seen it.
//!
//! A crash loses the tables, and the next query builds them again from the beginning. Reads are numbered
//! across crashes, to recognise a page of an earlier read.

use std::sync::Arc;

use crate::collections::SortedMap;
use crate::kernel::Cause;
use crate::model::{Domain, Fact, Ordinal, RequestId, RowKey, Stored, ViewId};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{JOINS_A_CATCH_UP, PAGE_APPLIED_TWICE};
use crate::platform::message::{Copy, Message};
use crate::platform::rows::Rows;

/// All rows of a table, by key.
pub(crate) type All<D> = Vec<Option<Arc<<D as Domain>::Row>>>;

/// The tables of an instance.
#[derive(Clone, Debug)]
pub(super) struct Tables<D: Domain> {
    tables: SortedMap<ViewId, Table<D>>,
    deadlines: Deadlines<ViewId>,
}

/// One view, as far as the log was read.
#[derive(Clone, Debug)]
struct Table<D: Domain> {
    rows: Rows<D>,
    /// The rank of the last event in the rows. They contain all events before it, too.
    upto: Ordinal,
    catch_up: Option<CatchUp>,
    /// The queries that arrived after the catch-up had begun, each with the step in which it did.
    waiting: Vec<(RequestId, Cause)>,
    /// Whether one of these needs what only the primary has.
    waiting_fresh: bool,
}

/// A catch-up in progress.
#[derive(Clone, Debug)]
struct CatchUp {
    /// The number of its first read. Earlier reads may be older than the queries.
    first: u64,
    /// The end of the table before it.
    after: Ordinal,
    /// The end of the log when and where the first page was read.
    end: Option<Ordinal>,
    /// Whether it reads the primary.
    fresh: bool,
    /// The queries that it answers.
    queries: Vec<(RequestId, Cause)>,
}

impl<D: Domain> Default for Tables<D> {
    fn default() -> Self {
        Self { tables: SortedMap::new(), deadlines: Deadlines::default() }
    }
}

impl<D: Domain> Default for Table<D> {
    fn default() -> Self {
        let (rows, upto) = (Rows::default(), Ordinal(0));
        Self { rows, upto, catch_up: None, waiting: Vec::new(), waiting_fresh: false }
    }
}

impl<D: Domain> Tables<D> {
    /// Brings a view up to date for a query; `fresh`: from the primary.
    pub(super) fn catch_up(
        &mut self,
        view: ViewId,
        (request, fresh): (RequestId, bool),
        reads: &mut u64,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let table = self.tables.entry(view).or_default();
        if cx.has(&JOINS_A_CATCH_UP)
            && let Some(running) = &mut table.catch_up
        {
            return running.queries.push((request, cx.here()));
        }
        table.waiting.push((request, cx.here()));
        table.waiting_fresh |= fresh;
        if table.catch_up.is_none() {
            self.begin(view, reads, cx);
        }
    }

    /// Begins a catch-up for all waiting queries.
    fn begin(&mut self, view: ViewId, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        let Some(table) = self.tables.get_mut(&view) else { return };
        let queries = std::mem::take(&mut table.waiting);
        let Some(&(_, arrival)) = queries.first() else { return };
        let fresh = std::mem::take(&mut table.waiting_fresh);
        let (first, after) = (*reads + 1, table.upto);
        table.catch_up = Some(CatchUp { first, after, end: None, fresh, queries });
        cx.because(arrival, |cx| self.read(view, reads, cx));
    }

    /// Reads the next page, again if there was no answer.
    fn read(&mut self, view: ViewId, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        let Some(table) = self.tables.get(&view) else { return };
        *reads += 1;
        self.deadlines.set(view, cx.settings().reply_timeout, cx);
        let (nth, after) = (*reads, table.upto);
        let fresh = table.catch_up.as_ref().is_none_or(|running| running.fresh);
        cx.send(cx.map().store(), Message::ReadTail { nth, fresh, view, after });
    }

    /// The store did not answer.
    pub(super) fn overdue(&mut self, reads: &mut u64, cx: &mut Cx<'_, '_, D>) {
        for (view, cause) in self.deadlines.take_due(cx) {
            cx.because(cause, |cx| self.read(view, reads, cx));
        }
    }

    /// Applies a page; returns the queries that can be answered now, each with what leads to its answer. The
    /// first answer to any read of this catch-up is taken.
    pub(super) fn take_in(
        &mut self,
        (nth, view): (u64, ViewId),
        (after, upto, end): (Ordinal, Ordinal, Ordinal),
        page: &[Arc<Stored<D::Event>>],
        reads: &mut u64,
        cx: &mut Cx<'_, '_, D>,
    ) -> Vec<(RequestId, Cause)> {
        let Some(table) = self.tables.get_mut(&view) else { return Vec::new() };
        let Some(catch_up) = &mut table.catch_up else { return Vec::new() };
        let is_known = after != table.upto && !cx.has(&PAGE_APPLIED_TWICE);
        if nth < catch_up.first || is_known {
            return Vec::new(); // older than the catch-up, or a page that was applied already
        }
        for event in page {
            table.rows.project(view, event, cx.domain());
        }
        table.upto = upto;
        if table.upto < *catch_up.end.get_or_insert(end) {
            catch_up.fresh |= page.is_empty();
            self.read(view, reads, cx);
            return Vec::new();
        }
        let CatchUp { after, mut queries, .. } = table.catch_up.take().expect("just seen");
        let (upto, count) = (table.upto, queries.len() as u32);
        self.deadlines.clear(view);
        cx.fact(Fact::CaughtUp { view, after, upto, queries: count });
        // The pages were read for the first query; the others only waited.
        queries[0].1 = cx.here();
        if !table.waiting.is_empty() {
            self.begin(view, reads, cx);
        }
        queries
    }

    /// A row of a table.
    pub(super) fn copy(&self, view: ViewId, key: RowKey) -> Copy<D> {
        self.tables.get(&view).map_or_else(Copy::default, |table| table.rows.copy(key))
    }

    /// Each table with its position and its rows.
    pub(super) fn all(&self) -> impl Iterator<Item = (ViewId, Ordinal, All<D>)> {
        self.tables.iter().map(|(view, table)| (*view, table.upto, table.rows.all()))
    }
}
