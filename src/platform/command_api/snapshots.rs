//! When a snapshot of a stream is saved, and in which schema.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::CommandApi;
use crate::model::{Domain, STREAMS_MAX, Schemas, Stored, StreamId, Version};
use crate::platform::cx::Cx;
use crate::platform::defects::SNAPSHOT_CLAIMS_NEWEST;
use crate::platform::message::Message;
use crate::platform::schema;

impl<D: Domain> CommandApi<D> {
    /// Saves a snapshot of each stream that has passed a multiple of the interval, or has `changed`.
    pub(super) fn save_snapshots(
        &self,
        grown: &[(StreamId, Version, Version)],
        changed: &[StreamId],
        cx: &mut Cx<'_, '_, D>,
    ) {
        let every = cx.settings().snapshot_every;
        for &(stream, before, after) in grown {
            let passed = every > 0 && before.0 / every < after.0 / every;
            if passed || changed.contains(&stream) {
                self.save_snapshot(stream, cx);
            }
        }
    }

    pub(super) fn save_snapshot(&self, stream: StreamId, cx: &mut Cx<'_, '_, D>) {
        let (_, version, state) = self.volatile.folds.get(stream, cx.domain());
        let schema = schema::written(cx);
        let state = Box::new(match schema {
            newest if newest == D::Schemas::SCHEMA => state,
            older => D::Schemas::downcast_state(cx.domain(), older, &state),
        });
        let schema = if cx.has(&SNAPSHOT_CLAIMS_NEWEST) { D::Schemas::SCHEMA } else { schema };
        cx.send(cx.map().store(), Message::SaveSnapshot { stream, version, schema, state });
    }
}

/// The streams in which an event is a change of state, if snapshots are saved after such events.
pub(super) fn changed<D: Domain>(
    events: &[Arc<Stored<D::Event>>],
    cx: &Cx<'_, '_, D>,
) -> ArrayVec<StreamId, STREAMS_MAX> {
    let mut streams = ArrayVec::new();
    for event in events.iter().filter(|_| cx.settings().snapshot_on_change) {
        let domain = cx.domain();
        let changes = event.native(domain).iter().any(|part| domain.is_change_of_state(part));
        if changes && !streams.contains(&event.stream) {
            streams.push(event.stream);
        }
    }
    streams
}
