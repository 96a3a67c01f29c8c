//! What the query API reads beside the cache.

use super::{Entity, EntityKind, Place, Wording};
use crate::kernel::{NodeId, Span};
use crate::model::{
    AsOf, CacheKey, Domain, RequestId, StreamId, Version, ViewId, counted, counted_or_no,
};

impl<D: Domain> Place<'_, D> {
    pub(super) fn caught_up(&self, view: ViewId, events: u64, queries: u32) -> Wording {
        let name = self.vocabulary.view(view).to_owned();
        let (events, queries) =
            (counted_or_no(events, "new event"), counted(queries.into(), "query"));
        self.here(format!("reads {events} for {name}, answers {queries}"))
            .about([Entity { kind: EntityKind::View, name }])
    }

    pub(super) fn bypassed(&self, request: RequestId, node: NodeId) -> Wording {
        let (name, customer) = (self.node(node), self.vocabulary.customer(request.customer));
        self.here(format!("no answer from {name}: reads without it for {customer}"))
            .about([self.of_node(node), self.of_customer(request.customer)])
    }

    pub(super) fn served_stale(&self, request: RequestId, key: CacheKey, age: Span) -> Wording {
        let customer = self.vocabulary.customer(request.customer);
        let what = format!("of {age} ago from the cache, for {customer}: no newer one can be read");
        self.on_key("shows", key, format!(" {what}")).about([self.of_customer(request.customer)])
    }

    pub(super) fn pushed(&self, request: RequestId, nth: u32) -> Wording {
        let customer = self.vocabulary.customer(request.customer);
        self.here(format!("pushes row {nth} of the connection to {customer}"))
            .about([self.of_customer(request.customer)])
    }

    pub(super) fn recalled(
        &self,
        request: RequestId,
        stream: StreamId,
        as_of: AsOf,
        version: Version,
    ) -> Wording {
        let (as_of, found) = match as_of {
            AsOf::Now => ("now".to_owned(), format!(": {version}")),
            AsOf::Version(asked) if asked == version => (asked.to_string(), String::new()),
            AsOf::Version(asked) => (asked.to_string(), format!(": only {version} exists")),
            AsOf::Instant(at) => (at.to_string(), format!(": {version}")),
        };
        let words = self.vocabulary.stream(stream);
        self.here(format!("reads {words} as of {as_of} from the store{found}"))
            .about([self.of_stream(stream), self.of_customer(request.customer)])
    }
}
