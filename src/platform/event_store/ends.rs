//! Streams that an event of the domain ends: refused from then on, or begun again by the next event.
//!
//! A stream that begins again continues its versions, so that readers of the log apply its events like any others. For
//! a decision it is read from the end on, as if it had no earlier event. Queries as of an earlier moment, rebuilds and
//! tags read all events, as those that read the whole log do in stores that hide the events of one stream.

use super::EventStore;
use crate::model::{Domain, Expected, Fact, Stored, StreamId, Version};
use crate::platform::cx::Cx;
use crate::platform::defects::{SNAPSHOT_OUTLIVES_STREAM, VERSIONS_BEGIN_AGAIN};
use crate::platform::message::Append;
use crate::platform::settings::EndedStreams;

impl<D: Domain> EventStore<D> {
    /// Ends the stream of an event, if the event does so and the store is set to it.
    pub(super) fn end_stream(&mut self, event: &Stored<D::Event>, cx: &mut Cx<'_, '_, D>) {
        if cx.settings().store.ended_streams == EndedStreams::Kept {
            return;
        }
        if event.native(cx.domain()).iter().any(|part| cx.domain().ends(part)) {
            let (stream, version) = (event.stream, event.version);
            let keeps_snapshot = cx.has(&SNAPSHOT_OUTLIVES_STREAM);
            self.durable.log.end(stream, keeps_snapshot, cx.has(&VERSIONS_BEGIN_AGAIN));
            cx.fact(Fact::StreamEnded { stream, version });
        }
    }

    /// The version after which a stream is read for a decision: 0, or that of its end.
    pub(super) fn begins_after(&self, stream: StreamId, cx: &Cx<'_, '_, D>) -> Version {
        match cx.settings().store.ended_streams {
            EndedStreams::Kept | EndedStreams::Refused => Version(0),
            EndedStreams::Continued => self.durable.log.ended(stream),
        }
    }

    /// Whether a stream is as an append expects it. One that was ended has no event until it begins again.
    pub(super) fn is_met(
        &self,
        (stream, expected): (StreamId, Expected),
        append: &Append<D>,
        cx: &Cx<'_, '_, D>,
    ) -> bool {
        let (actual, ended) = (self.durable.log.version(stream), self.durable.log.ended(stream));
        let is_empty = actual == ended;
        match (cx.settings().store.ended_streams, expected) {
            (EndedStreams::Kept, _) => expected.is_met_by(actual),
            (EndedStreams::Refused, _) => {
                let is_written = append.events.iter().any(|(written, _)| *written == stream);
                let is_ended = ended > Version(0);
                expected.is_met_by(actual) && !(is_written && is_ended)
            }
            (EndedStreams::Continued, Expected::NoStream) => is_empty,
            (EndedStreams::Continued, Expected::StreamExists) => !is_empty,
            (EndedStreams::Continued, Expected::Exact(_) | Expected::Any) => {
                expected.is_met_by(actual)
            }
        }
    }
}
