//! Rows that a cache does not hold: the reader brings it the log, page by page, until it has folded the row.
//!
//! ```text
//!  query API ──Read──▶ read store            query API ─ReadTail─▶ event store
//!            ◀─RowMissing─ (not held)                  ◀─TailPage─
//!            ─RestoreRow─▶ (a page)                    … until a RestoreRow is answered with the row
//! ```
//!
//! A row that is not held may exist, so that a query is never answered with its absence. What a crash or a lost message
//! interrupts is begun again by the deadline of the query, from where the cache is by then.

use std::sync::Arc;

use super::QueryApi;
use super::pending::{Pending, Phase};
use crate::model::{Domain, Lookup, Ordinal, RequestId, Stored, ViewId};
use crate::platform::cx::Cx;
use crate::platform::defects::MISS_IS_ABSENCE;
use crate::platform::message::{Copy, Message};

impl<D: Domain> QueryApi<D> {
    /// The cache does not hold a row: asks for the part of the log that it needs next.
    pub(super) fn missing(
        &mut self,
        request: RequestId,
        nth: u64,
        after: Ordinal,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        let Phase::Reading { first, last, lease: None } = pending.phase else { return };
        let Lookup::Row(view, _) = pending.lookup else { return };
        if nth < first || last < nth {
            return; // the answer to a read before this one
        }
        if cx.has(&MISS_IS_ABSENCE) {
            return self.show(request, Copy::default(), false, cx);
        }
        self.read_on(request, (view, after), cx);
    }

    /// Asks the event store for the next page of the log.
    fn read_on(
        &mut self,
        request: RequestId,
        (view, after): (ViewId, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        self.reads += 1;
        let (nth, fresh) = (self.reads, pending.fresh);
        pending.phase = Phase::Restoring(nth);
        self.await_answer(request, cx);
        cx.send(cx.map().store(), Message::ReadTail { nth, fresh, view, after });
    }

    /// Gives a page of the log to the cache. An empty page helps nobody: the view has more than a replica, so that the
    /// primary is asked; if that has no more, the row is read again at the deadline.
    pub(super) fn restore(
        &mut self,
        nth: u64,
        after: Ordinal,
        page: Vec<Arc<Stored<D::Event>>>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let is_for =
            |pending: &Pending<D>| matches!(pending.phase, Phase::Restoring(at) if at == nth);
        let found = self.volatile.pending.iter_mut().find(|(_, pending)| is_for(pending));
        let Some((&request, pending)) = found else { return };
        let Lookup::Row(view, key) = pending.lookup else { return };
        if page.is_empty() {
            if !std::mem::replace(&mut pending.fresh, true) {
                self.read_on(request, (view, after), cx);
            }
            return;
        }
        self.reads += 1;
        let nth = self.reads;
        pending.phase = Phase::Reading { first: nth, last: nth, lease: None };
        self.await_answer(request, cx);
        let restore = Message::RestoreRow { request, nth, view, key, after, page };
        cx.send(cx.map().read_store(), restore);
    }
}
