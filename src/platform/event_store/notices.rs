//! Notifies the instances that listen to streams, and to rows that are computed from the log.
//!
//! They are notified when every reader can read the change: a view on demand does not read beyond the oldest open
//! transaction, and an instance that reads before would find nothing new.

use std::sync::Arc;

use super::EventStore;
use crate::collections::SortedMap;
use crate::model::{Domain, Position, Stored, ViewId};
use crate::platform::cx::Cx;
use crate::platform::message::Channel;
use crate::platform::schema;

impl<D: Domain> EventStore<D> {
    /// Notes what the events of a transaction change.
    pub(super) fn note_changes(&mut self, events: &[Arc<Stored<D::Event>>], cx: &Cx<'_, '_, D>) {
        if self.volatile.listeners.is_empty() {
            return;
        }
        // A transaction may change one row several times.
        let mut changes: SortedMap<Channel, Position> = SortedMap::new();
        for event in events {
            changes.insert(Channel::Stream(event.stream), event.position);
            for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
                if view.has_projector() || view.category != event.stream.category {
                    continue;
                }
                for key in schema::rows(cx.domain(), id, event) {
                    changes.insert(Channel::Row(id, key), event.position);
                }
            }
        }
        for (channel, position) in changes.iter() {
            self.volatile.listeners.withhold(*position, *channel);
        }
    }

    /// Notifies of all changes that every reader can read.
    pub(super) fn notify(&mut self, cx: &mut Cx<'_, '_, D>) {
        if !self.volatile.listeners.is_empty() {
            let horizon = self.horizon(cx);
            self.volatile.listeners.release(horizon, cx);
        }
    }
}
