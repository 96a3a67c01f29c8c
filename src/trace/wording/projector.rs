//! Projectors and the views they keep.

use super::{Narrator, Wording};
use crate::kernel::Instant;
use crate::model::{Domain, Stored, StreamId, Version, ViewId};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn buffered(&self, view: ViewId, stream: StreamId, version: Version) -> Wording {
        let event = self.version(stream, version);
        self.view(view)
            .says(format!("holds back {event}: its predecessor is missing"))
            .about([self.of_stream(stream)])
    }

    pub(super) fn skipped(&self, view: ViewId, stream: StreamId, version: Version) -> Wording {
        self.view(view)
            .says(format!("skips {}: already applied", self.version(stream, version)))
            .about([self.of_stream(stream)])
    }

    pub(super) fn failed(&self, view: ViewId, event: &Stored<D::Event>) -> Wording {
        let version = self.version(event.stream, event.version);
        self.view(view)
            .says(format!("cannot handle {version} and rejects it"))
            .about([self.of_stream(event.stream)])
    }

    pub(super) fn applied(&self, view: ViewId, event: &Stored<D::Event>, at: Instant) -> Wording {
        let behind = at.since(event.metadata.recorded_at);
        self.view(view)
            .says(format!("applies {}, {behind} behind", self.headline(event)))
            .about([self.of_stream(event.stream)])
    }

    pub(super) fn rebuild_started(&self, view: ViewId) -> Wording {
        self.view(view).says("starts a rebuild from position 0, beside the live table")
    }

    pub(super) fn replayed(&self, view: ViewId, event: &Stored<D::Event>) -> Wording {
        self.view(view)
            .says(format!("replays {}", self.version(event.stream, event.version)))
            .about([self.of_stream(event.stream)])
    }

    pub(super) fn rebuilt(&self, view: ViewId, events: u64) -> Wording {
        let events = counted(events, "event");
        self.view(view).says(format!("switches to the table rebuilt from {events}"))
    }
}
