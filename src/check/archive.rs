//! Every event as it became visible, kept once for all checkers.

use std::sync::Arc;

use super::lagging::Lagging;
use super::streams::Streams;
use crate::collections::{Pack, Packed, Reader, Writer};
use crate::kernel::Step;
use crate::model::{
    Domain, EventId, EventRef, Events, Fact, Filing, Position, Record, Stored, StreamId,
};
use crate::platform::schema;

/// The events that have become visible, by stream, and when each did.
///
/// It has an event before the checkers see the fact that states it. The store and the archive share what they keep
/// of the same events.
#[derive(Clone, Debug)]
pub struct Archive<D: Domain> {
    streams: Streams<Vec<Place>>,
    /// By position, from 0 on.
    events: Events<D::Event>,
    /// Events with a position that another one had before.
    again: Vec<Arc<Stored<D::Event>>>,
    /// By position, from 1 on.
    steps: Packed<Step>,
    /// What a replica that answers readers may lack.
    pub(super) lagging: Lagging,
}

/// Where an event is kept: among those by position or, from `AGAIN` on, among those whose position was taken.
type Place = u32;

const AGAIN: Place = 1 << 31;

/// The visible events of a stream, in the order in which they became visible.
#[derive(Debug)]
pub struct StreamEvents<'a, D: Domain> {
    archive: &'a Archive<D>,
    places: &'a [Place],
}

impl<D: Domain> Default for Archive<D> {
    fn default() -> Self {
        let (streams, again) = (Streams::default(), Vec::new());
        let (events, steps, lagging) = (Events::default(), Packed::default(), Lagging::default());
        Self { streams, events, again, steps, lagging }
    }
}

impl<D: Domain> Archive<D> {
    /// Keeps the event that a record states, if it does.
    pub fn note(&mut self, record: &Record<D>) {
        let Fact::Stored(event) = &record.fact else { return self.lagging.note(record) };
        self.lagging.stored(event, record.at);
        let at = index(event.position);
        let mut place = Place::try_from(at).expect("fewer than 2 billion positions");
        if self.events.has(at) {
            place = AGAIN + self.again.len() as Place;
            self.again.push(Arc::clone(event));
        } else {
            self.events.set(at, Arc::clone(event));
        }
        let places = self.streams.entry(event.stream);
        if places.len() == places.capacity() {
            // Most streams are short, and there are many.
            places.reserve_exact(4 + places.len() / 4);
        }
        places.push(place);
        self.steps.set(at, record.step);
    }

    /// Shares with the store what it has filed.
    pub(crate) fn take_over(&mut self, filing: &Filing<D::Event>) {
        self.events.take_over(filing);
    }

    /// The visible events of a stream, in the order in which they became visible.
    pub fn events(&self, stream: StreamId) -> StreamEvents<'_, D> {
        let places = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        StreamEvents { archive: self, places }
    }

    /// The visible event with an id, among those of some streams. The newest are looked at first.
    pub fn find(
        &self,
        streams: impl IntoIterator<Item = StreamId>,
        id: EventId,
    ) -> Option<EventRef<'_, D::Event>> {
        let places = streams.into_iter().flat_map(|stream| self.events(stream).places.iter().rev());
        let place = { places }.find(|place| self.written(**place).0 == id)?;
        Some(self.at(*place))
    }

    /// The streams that have events.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        let streams = self.streams.iter().filter(|(_, events)| !events.is_empty());
        streams.map(|(stream, _)| stream)
    }

    /// When the event at a position became visible; 0 if there is none.
    pub fn step(&self, position: Position) -> Step {
        self.steps.copied(index(position)).unwrap_or(Step(0))
    }

    /// When a stream last grew; 0 if it has no event.
    pub fn grew(&self, stream: StreamId) -> Step {
        let last = self.events(stream).places.last();
        last.map_or(Step(0), |place| self.step(self.position(*place)))
    }

    /// When the stream of a visible event grew before it did by this one; 0 if it had no event.
    pub(super) fn grew_before(&self, event: &Stored<D::Event>) -> Step {
        let last = self.events_before(event).places.last();
        last.map_or(Step(0), |place| self.step(self.position(*place)))
    }

    /// The visible events of the stream of a visible event before it.
    pub(super) fn events_before(&self, event: &Stored<D::Event>) -> StreamEvents<'_, D> {
        let events = self.events(event.stream);
        let mut places = events.places.iter();
        let nth = places.position(|place| self.position(*place) == event.position);
        events.between(0, nth.unwrap_or(events.len()))
    }

    fn written(&self, place: Place) -> (EventId, u16, &D::Event) {
        match place.checked_sub(AGAIN) {
            None => self.events.written(place as usize).expect("what has a place is kept"),
            Some(again) => self.again[again as usize].written(),
        }
    }

    fn position(&self, place: Place) -> Position {
        match place.checked_sub(AGAIN) {
            None => Position(place.into()),
            Some(again) => self.again[again as usize].position,
        }
    }

    fn at(&self, place: Place) -> EventRef<'_, D::Event> {
        match place.checked_sub(AGAIN) {
            None => self.events.get(place as usize).expect("what has a place is kept"),
            Some(again) => EventRef::Kept(&self.again[again as usize]),
        }
    }
}

impl<'a, D: Domain> StreamEvents<'a, D> {
    /// The number of events.
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The nth event, from 0 on.
    pub fn get(&self, nth: usize) -> Option<EventRef<'a, D::Event>> {
        self.places.get(nth).map(|place| self.archive.at(*place))
    }

    /// Applies those that count to a state, as the current schema reads them, and returns how many they are.
    pub(super) fn fold(
        &self,
        domain: &D,
        state: &mut D::State,
        counts: impl Fn(EventId) -> bool,
    ) -> u32 {
        let mut count = 0;
        for place in self.places {
            let (id, schema, event) = self.archive.written(*place);
            if counts(id) {
                schema::chain(domain, schema, event)
                    .iter()
                    .for_each(|part| domain.evolve(state, part));
                count += 1;
            }
        }
        count
    }

    /// All of them.
    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = EventRef<'a, D::Event>> + ExactSizeIterator + use<'a, D>
    {
        let archive = self.archive;
        self.places.iter().map(move |place| archive.at(*place))
    }

    /// Those from the nth on, before another one; none if there are not so many.
    #[must_use]
    pub fn between(&self, nth: usize, end: usize) -> Self {
        Self { places: self.places.get(nth..end).unwrap_or_default(), ..*self }
    }

    /// The last one.
    pub fn last(&self) -> Option<EventRef<'a, D::Event>> {
        self.places.last().map(|place| self.archive.at(*place))
    }
}

impl<D: Domain> Clone for StreamEvents<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Domain> Copy for StreamEvents<'_, D> {}

impl Pack for Step {
    fn pack(&self, before: Option<&Self>, to: &mut Writer) {
        to.difference(self.0, before.map_or(0, |before| before.0));
    }

    fn unpack(before: Option<&Self>, from: &mut Reader<'_>) -> Self {
        Self(from.difference(before.map_or(0, |before| before.0)))
    }
}

/// The place of a position in a table. There is no position 0.
const fn index(position: Position) -> usize {
    position.0 as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, Counters, History, counter};
    use crate::collections::SortedMap;

    #[test]
    fn events_are_kept_by_stream_and_their_steps_by_position() {
        let mut history = History::default();
        let slow = history.begin(1, &[(counter(1), Counted::Added(1))]);
        history.append(2, &[(counter(0), Counted::Added(2))]);
        history.append(3, &[(counter(0), Counted::Closed)]);
        history.finish(slow);
        let (mut archive, mut seen) = (Archive::<Counters>::default(), Vec::new());
        let mut grown = SortedMap::new();
        for record in history.records() {
            archive.note(&record);
            if let Fact::Stored(event) = &record.fact {
                assert_eq!(archive.events(event.stream).last().as_deref(), Some(&**event));
                assert_eq!(archive.step(event.position), record.step);
                let before = grown.insert(event.stream, record.step).unwrap_or_default();
                assert_eq!(archive.grew_before(event), before);
                assert_eq!(archive.grew(event.stream), record.step);
                seen.push(event.position);
            }
        }
        assert_eq!(seen, [2, 3, 1].map(Position), "the first position became visible last");
        assert_eq!(archive.events(counter(0)).len(), 2);
        assert!(archive.streams().eq([counter(0), counter(1)]));
        assert_eq!(archive.step(Position(9)), Step(0));
        let first = archive.events(counter(0)).get(0).unwrap();
        let found = |streams: &[_]| {
            let found = archive.find(streams.iter().copied(), first.metadata.id);
            found.map(|event| event.position)
        };
        assert_eq!(found(&[counter(1), counter(0)]), Some(first.position));
        assert_eq!(found(&[counter(1)]), None);
        assert_eq!((archive.events(counter(7)).len(), archive.grew(counter(7))), (0, Step(0)));
        let versions = |events: StreamEvents<'_, Counters>| {
            events.iter().map(|event| event.version.0).collect::<Vec<_>>()
        };
        let events = archive.events(counter(0));
        assert_eq!(versions(events.between(1, 2)), [2]);
        assert!(events.between(2, 2).is_empty() && events.between(2, 3).is_empty());
    }

    #[test]
    fn a_second_event_at_a_position_is_kept_too() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.append(2, &[(counter(0), Counted::Added(2))]);
        history.change_stored(|event| event.position = Position(1));
        let archive = history.archive();
        let events = archive.events(counter(0));
        let at = events.iter().map(|event| (event.version.0, event.position));
        assert!(at.eq([(1, Position(1)), (2, Position(1))]));
    }
}
