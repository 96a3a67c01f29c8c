//! The replicas that readers are answered from.
//!
//! A replica has every commit that became visible at least its lag ago: a prefix of what the primary shows. The outcomes
//! of commands are looked up at the primary in any case.
//!
//! Loads for a decision are answered by one replica. Whoever catches up with the log is answered by any of several, none
//! of which is behind by more than the lag: of two pages, the second can be from a replica that lacks what the first one
//! showed.
//!
//! Commits become visible in another order than they took their positions, so that a gap which a replica shows can be
//! filled there later. What it lacks is noted with its position, and no page goes further than the first of these.

use std::collections::VecDeque;

use super::EventStore;
use super::standby::before;
use crate::kernel::{Entity, Instant, NodeId, Site, Space, Span};
use crate::model::{AsOf, Domain, Fact, Position, RequestId, Stored, StreamId, Version};
use crate::platform::cx::Cx;
use crate::platform::defects::AS_OF_NEWEST_SNAPSHOT;
use crate::platform::message::Message;
use crate::platform::settings::StoreReads;

/// How much less than the lag the replica is behind that answers a read of the log, in microseconds.
pub(crate) const STORE_REPLICA: Site = Site::new(44, "store.replica");

/// The events that became visible lately, oldest first, as far as a replica may lack them.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(VecDeque<(Instant, Place)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    stream: StreamId,
    version: Version,
    position: Position,
}

impl Recent {
    /// Notes an event that becomes visible, and forgets those that every replica has.
    fn note(&mut self, place: Place, now: Instant, lag: Span) {
        while self.0.front().is_some_and(|(at, ..)| *at + lag <= now) {
            self.0.pop_front();
        }
        self.0.push_back((now, place));
    }

    /// What a replica lacks that is behind by so much.
    fn lacking(&self, now: Instant, lag: Span) -> impl Iterator<Item = Place> {
        let lacking = self.0.iter().filter(move |(at, _)| *at + lag > now);
        lacking.map(|(_, place)| *place)
    }

    /// The first version of a stream that a replica lacks, if it lacks any.
    fn lacks(&self, stream: StreamId, now: Instant, lag: Span) -> Option<Version> {
        let of_stream = self.lacking(now, lag).find(|place| place.stream == stream);
        of_stream.map(|place| place.version)
    }

    /// The first position whose event a replica lacks, if it lacks any.
    fn first(&self, now: Instant, lag: Span) -> Option<Position> {
        self.lacking(now, lag).map(|place| place.position).min()
    }
}

impl<D: Domain> EventStore<D> {
    /// States what readers of the log have to reckon with.
    pub(crate) fn start(&self, cx: &mut Cx<'_, '_, D>) {
        if let StoreReads::Replica { lag } = cx.settings().store.catch_up {
            cx.fact(Fact::ReplicaReads { lag });
        }
    }

    /// Notes an event that replicas do not have yet.
    pub(super) fn note_recent(&mut self, event: &Stored<D::Event>, cx: &Cx<'_, '_, D>) {
        let store = &cx.settings().store;
        let lag = store.reads.lag().max(store.catch_up.lag());
        if lag > Span::ZERO {
            let Stored { stream, version, position, .. } = *event;
            self.durable.recent.note(Place { stream, version, position }, cx.uptime(), lag);
        }
    }

    /// The last version of a stream that a load sees: that of the primary, unless the load may be answered by the
    /// replica.
    pub(super) fn version_for(&self, fresh: bool, stream: StreamId, cx: &Cx<'_, '_, D>) -> Version {
        match cx.settings().store.reads {
            StoreReads::Replica { lag } if !fresh => self.version_at(stream, lag, cx),
            StoreReads::Primary | StoreReads::Replica { .. } => self.durable.log.version(stream),
        }
    }

    /// The last version of a stream that a replica has.
    fn version_at(&self, stream: StreamId, behind: Span, cx: &Cx<'_, '_, D>) -> Version {
        let lacks = self.durable.recent.lacks(stream, cx.uptime(), behind);
        let newest = self.durable.log.version(stream);
        lacks.map_or(newest, |version| Version(version.0 - 1))
    }

    /// How far the replica is behind that answers a reader of the log; `None` if the primary does.
    pub(super) fn replica_for(
        &self,
        fresh: bool,
        about: impl Into<Entity>,
        cx: &mut Cx<'_, '_, D>,
    ) -> Option<Span> {
        match cx.settings().store.catch_up {
            StoreReads::Replica { lag } if !fresh => {
                let less = cx.draw(STORE_REPLICA, about, Space::up_to(lag.as_micros()));
                Some(lag - Span::from_micros(less))
            }
            StoreReads::Primary | StoreReads::Replica { .. } => None,
        }
    }

    /// The oldest position that a reader may still find filled later: that of the primary, or of a replica that is
    /// behind by so much.
    pub(super) fn horizon_at(&self, behind: Option<Span>, cx: &Cx<'_, '_, D>) -> Position {
        let horizon = self.horizon(cx);
        self.first_lacking(behind, cx).map_or(horizon, |first| first.min(horizon))
    }

    /// The first position whose event a replica lacks that is behind by so much, if it lacks any.
    pub(super) fn first_lacking(
        &self,
        behind: Option<Span>,
        cx: &Cx<'_, '_, D>,
    ) -> Option<Position> {
        self.durable.recent.first(cx.uptime(), behind?)
    }

    /// Reads a stream as of a moment for a query.
    pub(super) fn recall(
        &mut self,
        from: NodeId,
        (request, fresh): (RequestId, bool),
        (stream, as_of, schema): (StreamId, AsOf, u16),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let behind = self.replica_for(fresh, stream, cx);
        let last = match behind {
            Some(behind) => self.version_at(stream, behind, cx),
            None => self.durable.log.version(stream),
        };
        let newest = cx.has(&AS_OF_NEWEST_SNAPSHOT);
        let slice = self.durable.log.as_of((stream, last), as_of, schema, newest);
        let replica_at = behind.map(|behind| before(cx.uptime(), behind));
        let slice = Box::new(slice);
        cx.send(from, Message::Recalled { request, slice, replica_at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::counter;

    fn second(nth: u64) -> Instant {
        Instant::ZERO + Span::from_secs(nth)
    }

    const LAG: Span = Span::from_secs(2);

    /// Counter 0 grows at 1, 2 and 3 s, and counter 1 at 3 s, under a position that was taken before.
    fn recent() -> Recent {
        let mut recent = Recent::default();
        for (at, nth, version, position) in [(1, 0, 1, 1), (2, 0, 2, 3), (3, 0, 3, 4), (3, 1, 1, 2)]
        {
            let (stream, version, position) = (counter(nth), Version(version), Position(position));
            recent.note(Place { stream, version, position }, second(at), LAG);
        }
        recent
    }

    #[test]
    fn a_replica_lacks_what_became_visible_within_its_lag() {
        let recent = recent();
        assert_eq!(recent.lacks(counter(0), second(3), LAG), Some(Version(2)));
        assert_eq!(recent.lacks(counter(0), second(4), LAG), Some(Version(3)));
        assert_eq!(recent.lacks(counter(0), second(5), LAG), None);
        assert_eq!(recent.lacks(counter(1), second(4), LAG), Some(Version(1)));
    }

    #[test]
    fn the_first_position_that_a_replica_lacks_may_be_before_one_that_it_has() {
        let recent = recent();
        assert_eq!(recent.first(second(4), LAG), Some(Position(2)), "it has position 3");
        assert_eq!(recent.first(second(5), LAG), None);
    }
}
