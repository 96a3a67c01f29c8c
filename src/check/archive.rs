//! Every event as it became visible, kept once for all checkers.

use std::sync::Arc;

use super::streams::Streams;
use crate::collections::{Pack, Packed, Reader, Writer};
use crate::kernel::Step;
use crate::model::{Domain, EventId, Fact, Position, Record, Stored, StreamId};

/// The events that have become visible, by stream, and when each did.
///
/// It has an event before the checkers see the fact that states it.
#[derive(Clone, Debug)]
pub struct Archive<D: Domain> {
    streams: Streams<Vec<Arc<Stored<D::Event>>>>,
    /// By position, from 1.
    steps: Packed<Step>,
}

impl<D: Domain> Default for Archive<D> {
    fn default() -> Self {
        Self { streams: Streams::default(), steps: Packed::default() }
    }
}

impl<D: Domain> Archive<D> {
    /// Keeps the event that a record states, if it does.
    pub fn note(&mut self, record: &Record<D>) {
        let Fact::Stored(event) = &record.fact else { return };
        self.streams.entry(event.stream).push(Arc::clone(event));
        let index = index(event.position);
        while self.steps.len() <= index {
            self.steps.push(Step(0));
        }
        *self.steps.get_mut(index).expect("there is room for it") = record.step;
    }

    /// The visible events of a stream, in the order in which they became visible.
    pub fn events(&self, stream: StreamId) -> &[Arc<Stored<D::Event>>] {
        self.streams.get(stream).map_or(&[], Vec::as_slice)
    }

    /// The visible event with an id, among those of some streams. The newest are looked at first.
    pub fn find(
        &self,
        streams: impl IntoIterator<Item = StreamId>,
        id: EventId,
    ) -> Option<&Stored<D::Event>> {
        let mut events = streams.into_iter().flat_map(|stream| self.events(stream).iter().rev());
        events.find(|event| event.metadata.id == id).map(Arc::as_ref)
    }

    /// The streams that have events.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        let streams = self.streams.iter().filter(|(_, events)| !events.is_empty());
        streams.map(|(stream, _)| stream)
    }

    /// When the event at a position became visible; 0 if there is none.
    pub fn step(&self, position: Position) -> Step {
        self.steps.get(index(position)).map_or(Step(0), |step| *step)
    }

    /// When a stream last grew; 0 if it has no event.
    pub fn grew(&self, stream: StreamId) -> Step {
        self.events(stream).last().map_or(Step(0), |event| self.step(event.position))
    }

    /// When the stream of a visible event grew before it did by this one; 0 if it had no event.
    pub(super) fn grew_before(&self, event: &Stored<D::Event>) -> Step {
        let events = self.events(event.stream).iter();
        let earlier = events.take_while(|earlier| earlier.position != event.position);
        earlier.last().map_or(Step(0), |earlier| self.step(earlier.position))
    }
}

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
                assert_eq!(archive.events(event.stream).last(), Some(event));
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
        let first = &archive.events(counter(0))[0];
        let found = |streams: &[_]| {
            let found = archive.find(streams.iter().copied(), first.metadata.id);
            found.map(|event| event.position)
        };
        assert_eq!(found(&[counter(1), counter(0)]), Some(first.position));
        assert_eq!(found(&[counter(1)]), None);
        assert_eq!((archive.events(counter(7)).len(), archive.grew(counter(7))), (0, Step(0)));
    }
}
