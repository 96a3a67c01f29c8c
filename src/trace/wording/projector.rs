//! Views, and the projectors that keep them.

use super::{Place, Wording};
use crate::model::{
    CacheKey, Domain, Loss, RequestId, RowKey, Stored, StreamId, Version, ViewId, counted,
};

impl<D: Domain> Place<'_, D> {
    /// A view does something with an event.
    pub(super) fn on_version(
        &self,
        view: ViewId,
        verb: &str,
        (stream, version): (StreamId, Version),
        after: &str,
    ) -> Wording {
        self.view(view)
            .says(format!("{verb} {}{after}", self.version(stream, version)))
            .about([self.of_stream(stream)])
    }

    pub(super) fn applied(&self, view: ViewId, event: &Stored<D::Event>, when: &str) -> Wording {
        self.view(view)
            .says(format!("applies {}{when}", self.headline(event)))
            .about([self.of_stream(event.stream)])
    }

    pub(super) fn rebuilt(&self, view: ViewId, events: u64) -> Wording {
        let events = counted(events, "event");
        self.view(view).says(format!("switches to the table rebuilt from {events}"))
    }

    pub(super) fn switched_back(&self, view: ViewId, events: u64) -> Wording {
        let events = counted(events, "event");
        self.view(view).says(format!("switches back to the table before it, with {events}"))
    }

    /// The cache that a view is kept in loses a row, or all of them.
    pub(super) fn row_lost(&self, view: ViewId, row: Option<RowKey>, why: Loss) -> Wording {
        let what = match row {
            Some(row) => self.vocabulary.key(CacheKey::Row(view, row)).to_string(),
            None => "all its rows".to_owned(),
        };
        let why = match why {
            Loss::Evicted => "evicted",
            Loss::Restarted => "the cache is empty after a restart",
            Loss::Lapsed | Loss::Expired | Loss::FailedOver => "lost",
        };
        let keys = row.map(|row| self.of_key(CacheKey::Row(view, row)));
        self.view(view).says(format!("loses {what}: {why}")).about(keys)
    }

    /// Something happens to a row of a view in a cache because of a query.
    pub(super) fn on_row(
        &self,
        view: ViewId,
        verb: &str,
        row: RowKey,
        request: RequestId,
        after: &str,
    ) -> Wording {
        let key = CacheKey::Row(view, row);
        let what = self.vocabulary.key(key);
        self.view(view)
            .says(format!("{verb} {what}{after}"))
            .about([self.of_key(key), self.of_customer(request.customer)])
    }

    pub(super) fn refreshed(&self, view: ViewId, rows: u32) -> Wording {
        let rows = counted(u64::from(rows), "changed row");
        self.view(view).says(format!("refreshes its search index: {rows} can be read"))
    }
}
