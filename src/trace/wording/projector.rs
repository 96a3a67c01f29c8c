//! Views, and the projectors that keep them.

use super::{Place, Wording};
use crate::model::{Domain, Stored, StreamId, Version, ViewId, counted};

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

    pub(super) fn refreshed(&self, view: ViewId, rows: u32) -> Wording {
        let rows = counted(u64::from(rows), "changed row");
        self.view(view).says(format!("refreshes its search index: {rows} can be read"))
    }
}
