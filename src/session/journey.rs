//! The way of an event through the platform, and where it was last seen.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::check::Lost;
use crate::kernel::{Instant, Step};
use crate::model::{Domain, Fact, Position, Record, Stored, ViewId};
use crate::platform::topology::view_of;
use crate::trace::Trace;

/// A station on the way of an event to one of its consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Station {
    Stored,
    Marked,
    Published,
    Returned,
    Routed,
    Delivered,
    Requeued,
    HeldBack,
    Rejected,
    Skipped,
    Acknowledged,
    DeadLetter,
    Parked,
    Deleted,
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stored => "stored, not published",
            Self::Marked => "marked as sent, not published",
            Self::Published => "published, not routed",
            Self::Returned => "returned by a queue that is not bound",
            Self::Routed => "in the queue, not delivered",
            Self::Delivered => "delivered, not acknowledged",
            Self::Requeued => "back in the queue, not delivered again",
            Self::HeldBack => "held back by its consumer",
            Self::Rejected => "rejected by its consumer",
            Self::Skipped => "skipped as already applied",
            Self::Acknowledged => "acknowledged, not applied",
            Self::DeadLetter => "a dead letter",
            Self::Parked => "parked behind a dead letter",
            Self::Deleted => "deleted at the end of its retention time",
        })
    }
}

/// The last station of a lost event, and when it came there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastSeen {
    pub(super) station: Station,
    pub(super) at: Instant,
    pub(super) step: Step,
}

impl fmt::Display for LastSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { station, at, step } = self;
        write!(f, "{station}, at {at}, step {step}")
    }
}

/// The events with these positions, and where each was last seen on its way to a consumer.
pub(super) fn last_seen<D: Domain>(
    trace: &Trace<D>,
    lost: impl IntoIterator<Item = Lost>,
) -> BTreeMap<Lost, LastSeen> {
    let mut wanted: BTreeMap<Position, Vec<Lost>> = BTreeMap::new();
    for lost in lost {
        wanted.entry(lost.position).or_default().push(lost);
    }
    let mut seen: BTreeMap<Lost, LastSeen> = BTreeMap::new();
    let mut streams = BTreeMap::new();
    for record in &trace.records {
        if let Fact::Stored(event) = &record.fact {
            streams.insert((event.stream, event.version), event.position);
        }
        let positions = match place(&record.fact) {
            None => continue,
            Some(Place::Event(position)) => position..=position,
            Some(Place::UpTo(position)) => Position(0)..=position,
            Some(Place::Version(stream, version)) => match streams.get(&(stream, version)) {
                Some(&position) => position..=position,
                None => continue,
            },
        };
        for lost in wanted.range(positions).flat_map(|(_, lost)| lost) {
            let Some(station) = station::<D>(&record.fact, lost.queue) else { continue };
            let now = LastSeen { station, at: record.at, step: record.step };
            seen.entry(*lost).and_modify(|last| *last = last.then(now)).or_insert(now);
        }
    }
    seen
}

/// The records about the way of one event to one consumer.
pub(super) fn journey<D: Domain>(trace: &Trace<D>, lost: Lost) -> Vec<Record<D>> {
    let mut event: Option<&Arc<Stored<D::Event>>> = None;
    let mut marked = false;
    let mut records = Vec::new();
    for record in &trace.records {
        if let Fact::Stored(stored) = &record.fact
            && stored.position == lost.position
        {
            event = Some(stored);
        }
        let is_it = match place(&record.fact) {
            None => false,
            Some(Place::Event(position)) => position == lost.position,
            // Only the first mark says something about it.
            Some(Place::UpTo(upto)) => {
                upto >= lost.position && event.is_some() && !std::mem::replace(&mut marked, true)
            }
            Some(Place::Version(stream, version)) => {
                event.is_some_and(|event| (event.stream, event.version) == (stream, version))
            }
        };
        if is_it && station::<D>(&record.fact, lost.queue).is_some() {
            records.push(record.clone());
        }
    }
    records
}

impl LastSeen {
    /// The later of two stations, unless it says less.
    fn then(self, later: Self) -> Self {
        match (self.station, later.station) {
            // A confirm after a return is that of the other queues.
            (Station::Returned, Station::Routed) => self,
            // A mark says nothing about an event that was on its way.
            (Station::Stored, Station::Marked) => later,
            (_, Station::Marked) => self,
            // The other queues have it too, and each copy that is published again is confirmed.
            (
                Station::Delivered
                | Station::Requeued
                | Station::HeldBack
                | Station::Rejected
                | Station::Skipped
                | Station::Acknowledged
                | Station::DeadLetter
                | Station::Parked
                | Station::Deleted,
                Station::Published | Station::Routed,
            ) => self,
            _ => later,
        }
    }
}

/// Which event a fact is about.
enum Place {
    Event(Position),
    UpTo(Position),
    Version(crate::model::StreamId, crate::model::Version),
}

fn place<D: Domain>(fact: &Fact<D>) -> Option<Place> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not about one event")]
    Some(match fact {
        Fact::Stored(event)
        | Fact::Published { event, .. }
        | Fact::Delivered { event, .. }
        | Fact::Failed { event, .. } => Place::Event(event.position),
        Fact::Routed { position, .. }
        | Fact::Returned { position, .. }
        | Fact::Acked { position, .. }
        | Fact::Requeued { position, .. }
        | Fact::DeadLettered { position, .. }
        | Fact::Parked { position, .. }
        | Fact::Deduplicated { position, .. }
        | Fact::RetentionOver { position, .. } => Place::Event(*position),
        Fact::Marked { upto } => Place::UpTo(*upto),
        Fact::Buffered { stream, version, .. } | Fact::Skipped { stream, version, .. } => {
            Place::Version(*stream, *version)
        }
        _ => return None,
    })
}

/// The station that a fact states, if it is one on the way to this consumer.
fn station<D: Domain>(fact: &Fact<D>, consumer: Option<u8>) -> Option<Station> {
    let to = |queue: u8, station| (consumer == Some(queue)).then_some(station);
    let view = consumer.and_then(view_of::<D>);
    let by = |whose: ViewId, station| (view == Some(whose)).then_some(station);
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not stations")]
    match fact {
        Fact::Stored(_) => Some(Station::Stored),
        // What has no queue is not sent anywhere.
        _ if consumer.is_none() => None,
        Fact::Published { .. } => Some(Station::Published),
        Fact::Marked { .. } => Some(Station::Marked),
        Fact::Routed { .. } => Some(Station::Routed),
        Fact::Returned { queue, .. } => to(*queue, Station::Returned),
        Fact::Delivered { queue, .. } => to(*queue, Station::Delivered),
        Fact::Requeued { queue, .. } => to(*queue, Station::Requeued),
        Fact::Acked { queue, .. } => to(*queue, Station::Acknowledged),
        Fact::DeadLettered { queue, .. } => to(*queue, Station::DeadLetter),
        Fact::Parked { queue, .. } => to(*queue, Station::Parked),
        Fact::RetentionOver { queue, .. } => to(*queue, Station::Deleted),
        Fact::Buffered { view, .. } => by(*view, Station::HeldBack),
        Fact::Skipped { view, .. } => by(*view, Station::Skipped),
        Fact::Failed { view, .. } => by(*view, Station::Rejected),
        _ => None,
    }
}
