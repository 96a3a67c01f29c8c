//! What the query API reads beside the cache.

use super::{Entity, EntityKind, Narrator, Speaker, Wording};
use crate::model::{AsOf, Domain, RequestId, StreamId, Version, ViewId};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn caught_up(
        &self,
        here: Speaker,
        view: ViewId,
        events: u64,
        queries: u32,
    ) -> Wording {
        let name = self.vocabulary.view(view).to_owned();
        let events = match events {
            0 => "no new events".to_owned(),
            _ => counted(events, "event"),
        };
        let queries = counted(queries.into(), "query");
        here.says(format!("reads {events} for {name}, answers {queries}"))
            .about([Entity { kind: EntityKind::View, name }])
    }

    pub(super) fn recalled(
        &self,
        here: Speaker,
        request: RequestId,
        stream: StreamId,
        as_of: AsOf,
        version: Version,
    ) -> Wording {
        let words = self.vocabulary.stream(stream);
        here.says(match as_of {
            AsOf::Now => format!("reads {words} as of now from the store: {version}"),
            AsOf::Version(asked) if asked == version => {
                format!("reads {words} as of {asked} from the store")
            }
            AsOf::Version(asked) => {
                format!("reads {words} as of {asked} from the store: only {version} exists")
            }
            AsOf::Instant(at) => format!("reads {words} as of {at} from the store: {version}"),
        })
        .about([self.of_stream(stream), self.of_customer(request.customer)])
    }
}
