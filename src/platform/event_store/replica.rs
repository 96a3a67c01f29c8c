//! The replica that loads are answered from.
//!
//! It has every commit that became visible at least its lag ago: a prefix of what the primary shows. The outcomes of
//! commands are looked up at the primary in any case.

use std::collections::VecDeque;

use super::EventStore;
use crate::kernel::{Instant, Span};
use crate::model::{Domain, StreamId, Version};
use crate::platform::cx::Cx;
use crate::platform::settings::StoreReads;

/// The events that became visible lately, oldest first, as far as the replica may lack them.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<(Instant, StreamId, Version)>);

impl Recent {
    /// Notes an event that becomes visible, and forgets those that the replica has.
    fn note(&mut self, (stream, version): (StreamId, Version), now: Instant, lag: Span) {
        while self.0.front().is_some_and(|(at, ..)| *at + lag <= now) {
            self.0.pop_front();
        }
        self.0.push_back((now, stream, version));
    }

    /// The first version of a stream that the replica lacks, if it lacks any.
    fn lacks(&self, stream: StreamId, now: Instant, lag: Span) -> Option<Version> {
        let lacking = self.0.iter().filter(|(at, of, _)| *of == stream && *at + lag > now);
        lacking.map(|(.., version)| *version).next()
    }
}

impl<D: Domain> EventStore<D> {
    /// Notes an event that the replica does not have yet.
    pub(super) fn note_recent(&mut self, stream: StreamId, version: Version, cx: &Cx<'_, '_, D>) {
        if let StoreReads::Replica { lag } = cx.settings().store.reads {
            self.durable.recent.note((stream, version), cx.uptime(), lag);
        }
    }

    /// The last version of a stream that a load sees: that of the primary, unless the load may be answered by the
    /// replica.
    pub(super) fn version_for(&self, fresh: bool, stream: StreamId, cx: &Cx<'_, '_, D>) -> Version {
        let newest = self.durable.log.version(stream);
        match cx.settings().store.reads {
            StoreReads::Replica { lag } if !fresh => {
                let lacks = self.durable.recent.lacks(stream, cx.uptime(), lag);
                lacks.map_or(newest, |version| Version(version.0 - 1))
            }
            StoreReads::Primary | StoreReads::Replica { .. } => newest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::counter;

    #[test]
    fn a_replica_lacks_what_became_visible_within_its_lag() {
        let second = |nth| Instant::ZERO + Span::from_secs(nth);
        let lag = Span::from_secs(2);
        let mut recent = Recent::default();
        for (at, version) in [(1, 1), (2, 2), (3, 3)] {
            recent.note((counter(0), Version(version)), second(at), lag);
        }
        recent.note((counter(1), Version(1)), second(3), lag);
        assert_eq!(recent.lacks(counter(0), second(3), lag), Some(Version(2)));
        assert_eq!(recent.lacks(counter(0), second(4), lag), Some(Version(3)));
        assert_eq!(recent.lacks(counter(0), second(5), lag), None);
        assert_eq!(recent.lacks(counter(1), second(4), lag), Some(Version(1)));
    }
}
