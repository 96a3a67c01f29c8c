//! How long it takes from one event of a stream to another event of the same stream.

use super::Histogram;
use crate::collections::SortedMap;
use crate::kernel::Instant;
use crate::model::StreamId;

/// From which event to which it is measured, by their numbers in [`EVENTS`](crate::model::Domain::EVENTS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The first event.
    pub from: usize,
    /// The last event.
    pub to: usize,
}

/// Measures an interval. Only streams that wait for its last event are remembered.
#[derive(Clone, Debug)]
pub(super) struct Intervals {
    of: Interval,
    /// When each of these streams had the first event.
    open: SortedMap<StreamId, Instant>,
}

impl Intervals {
    pub(super) const fn new(of: Interval) -> Self {
        Self { of, open: SortedMap::new() }
    }

    /// Takes note of an event, by its number. The time runs from the first `from` after the last `to`, so that
    /// an event that occurs again does not shorten it.
    pub(super) fn stored(
        &mut self,
        event: usize,
        stream: StreamId,
        at: Instant,
        times: &mut Histogram,
    ) {
        if event == self.of.to
            && let Some(since) = self.open.remove(&stream)
        {
            times.add(at.since(since));
        }
        if event == self.of.from {
            self.open.entry(stream).or_insert(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::model::Category;

    /// The times between events 0 and 1, after events of streams at so many seconds.
    fn measured(of: Interval, events: &[(usize, u32, u64)]) -> (Histogram, usize) {
        let (mut intervals, mut times) = (Intervals::new(of), Histogram::default());
        for (event, number, secs) in events {
            let stream = StreamId { category: Category(0), number: *number };
            intervals.stored(*event, stream, Instant::ZERO + Span::from_secs(*secs), &mut times);
        }
        (times, intervals.open.len())
    }

    const FROM_0_TO_1: Interval = Interval { from: 0, to: 1 };

    #[test]
    fn each_stream_is_measured_on_its_own_and_forgotten() {
        let (times, open) = measured(FROM_0_TO_1, &[(0, 7, 1), (0, 8, 2), (1, 8, 5), (1, 7, 11)]);
        assert_eq!((times.total(), times.longest(), open), (2, Span::from_secs(10), 0));
        assert_eq!(times.at_percent(50).map(|time| time >= Span::from_secs(3)), Some(true));
    }

    #[test]
    fn a_first_event_that_occurs_again_does_not_start_the_time_again() {
        let (times, _) = measured(FROM_0_TO_1, &[(0, 7, 1), (0, 7, 4), (1, 7, 5)]);
        assert_eq!((times.total(), times.longest()), (1, Span::from_secs(4)));
    }

    #[test]
    fn a_last_event_without_a_first_one_is_not_measured_and_an_open_stream_neither() {
        let (times, open) = measured(FROM_0_TO_1, &[(1, 7, 1), (0, 8, 2), (2, 8, 3)]);
        assert_eq!((times.total(), open), (0, 1));
    }

    #[test]
    fn from_an_event_to_the_next_one_of_its_type() {
        let same = Interval { from: 0, to: 0 };
        let (times, open) = measured(same, &[(0, 7, 1), (0, 7, 3), (0, 7, 6)]);
        assert_eq!((times.total(), times.longest(), open), (2, Span::from_secs(3), 1));
    }
}
