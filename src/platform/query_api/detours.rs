//! Nodes that do not answer: each has a deadline, and when it has passed the query goes another way.
//!
//! * The cache: the row is read from the read store, or the services are asked, without a lease. While the
//!   cache is silent, each query is a load of its own, at most one for each query; nothing is filled.
//! * Another reader that loads the value: the cache is asked again, and grants a lease when that of the
//!   loader has lapsed.
//! * A service: it is left out.
//! * The read store, the event store or the key store: it is asked again while there is time.
//!
//! A client that has waited for four fifths of its patience is answered with what there is: a row, if one was
//! found that shows what the tokens require, be it one that has expired in the cache; "not yet", if the only row
//! is behind; "try later", if there is none.

use super::QueryApi;
use super::pending::{Phase, key_of};
use crate::kernel::Span;
use crate::model::{Answer, Domain, Fact, Lookup, RequestId};
use crate::platform::cx::Cx;

impl<D: Domain> QueryApi<D> {
    /// Sets the deadline for the answer of the node that is asked.
    pub(super) fn await_answer(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let left = pending.until.since(cx.uptime());
        self.volatile.deadlines.set(request, pending.each.min(left), cx);
    }

    /// A node has not answered in time.
    pub(super) fn overdue(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let late = pending.until <= cx.uptime();
        match (&pending.phase, &pending.lookup) {
            (Phase::Gathering { .. }, _) => self.gathered(request, cx),
            _ if late => self.put_off(request, cx),
            (Phase::Asking, Lookup::Row(..)) => {
                cx.fact(Fact::Bypassed { request, node: cx.map().cache() });
                self.read_row(request, None, cx);
            }
            (Phase::Asking, Lookup::Gather(_)) => {
                cx.fact(Fact::Bypassed { request, node: cx.map().cache() });
                self.gather(request, None, cx);
            }
            (Phase::Reading { lease, .. }, Lookup::Row(..)) => {
                self.read_row(request, *lease, cx);
            }
            (Phase::Restoring(_), _) => self.read_row(request, None, cx),
            (Phase::Opening(..), _) => self.open(request, cx),
            // Its deadline is the end of the client's patience; the table has one of its own.
            (Phase::CatchingUp, _) => {}
            (Phase::Asking | Phase::Waiting | Phase::Reading { .. } | Phase::Recalling, _) => {
                self.ask(request, cx);
            }
        }
    }

    /// No way has led to an answer, and the client does not wait much longer.
    fn put_off(&mut self, request: RequestId, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get_mut(&request) else { return };
        if let Some((received, copy)) = pending.stale.take()
            && !matches!(pending.phase, Phase::Opening(..))
        {
            let revision = copy.revision;
            if let Some((row @ Some(_), shows)) = pending.sufficient(copy, cx) {
                // Its personal data is yet to be opened, in a part of the time that was left for the way.
                pending.until += Span::from_nanos(pending.each.as_nanos() / 4);
                let (key, age) = (key_of(&pending.lookup), cx.now().since(received));
                cx.fact(Fact::ServedStale { request, key, revision, age });
                return self.answer(request, row, shows.tokens(), cx);
            }
        }
        let query = (*pending.query).clone();
        let answer = match pending.behind {
            true => Answer::NotYet(query),
            false => Answer::TryLater(Some(query)),
        };
        self.reply(request, answer, Vec::new(), Box::default(), cx);
    }
}
