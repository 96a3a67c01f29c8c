//! Queries that are answered from the event store: one stream, folded as of a moment.
//!
//! These queries bypass the cache: a past moment is seldom queried twice, and a session that is pinned to
//! the write side needs the present state.

use super::{Phase, QueryApi};
use crate::model::{Domain, Fact, Lookup, RequestId, Token, Version};
use crate::platform::cx::Cx;
use crate::platform::fold::Fold;
use crate::platform::message::Slice;

impl<D: Domain> QueryApi<D> {
    /// Folds what was read and shows it. Any answer since the query was sent is correct: the state at a past
    /// moment does not change, and the present one only grows.
    pub(super) fn recalled(&mut self, request: RequestId, slice: Slice<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(pending) = self.volatile.pending.get(&request) else { return };
        let Phase::Recalling = pending.phase else { return };
        let Lookup::Stream(from, as_of) = &pending.lookup else { return };
        let (stream, as_of) = (from.stream, *as_of);
        let restoring = slice.restoring();
        let mut fold = Fold::blank(stream, cx.domain());
        fold.take_in(slice, cx.domain());
        let version = fold.version;
        let row = (from.row)(cx.domain(), stream, version, &fold.state);
        cx.fact(Fact::Recalled { request, stream, as_of, version });
        if let Some(fact) = restoring.and_then(|from| fold.restored(&from)) {
            cx.fact(fact);
        }
        let shows = match version {
            Version(0) => Vec::new(),
            version => vec![Token { stream, version }],
        };
        self.answer(request, row, shows, cx);
    }
}
