//! Streams as they were at a moment.

use super::log::Log;
use crate::kernel::Instant;
use crate::model::{AsOf, Domain, StreamId, Version};
use crate::platform::message::Slice;

impl<D: Domain> Log<D> {
    /// What it takes to know a stream as it was at a moment: the snapshot, if it is of this schema and
    /// not of a later version, and the events after it up to the moment.
    pub(super) fn as_of(&self, stream: StreamId, as_of: AsOf, schema: u16) -> Slice<D> {
        let version = match as_of {
            AsOf::Now => self.version(stream),
            AsOf::Version(version) => version.min(self.version(stream)),
            AsOf::Instant(at) => self.recorded_until(stream, at),
        };
        let snapshot = self.snapshot_after(stream, Version(0), schema);
        let snapshot = snapshot.filter(|(saved, _)| *saved <= version);
        let after = snapshot.as_ref().map_or(Version(0), |(saved, _)| *saved);
        let mut tail = self.tail(stream, after);
        tail.truncate((version.0 - after.0) as usize);
        Slice { stream, version, snapshot, tail, origin: None }
    }

    /// The last version of which it, and all before it, were recorded until then. The clock of the store
    /// may have been put back in between: what came after something later is later, whatever it says.
    fn recorded_until(&self, stream: StreamId, at: Instant) -> Version {
        let events = self.tail(stream, Version(0));
        let until = events.iter().take_while(|event| event.metadata.recorded_at <= at);
        until.last().map_or(Version(0), |event| event.version)
    }
}
