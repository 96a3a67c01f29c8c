//! Folds of streams, and the marks that make those of long streams short.

use crate::check::{Archive, StreamEvents};
use crate::collections::SortedMap;
use crate::kernel::Instant;
use crate::model::{AsOf, Domain, StreamId, Version};

/// After each of this many events a state is kept, once it was needed.
const EVERY: usize = 256;

/// The marks of long streams.
#[derive(Clone, Debug)]
pub(super) struct Marked<D: Domain> {
    streams: SortedMap<StreamId, Marks<D::State>>,
}

/// What is kept after every [`EVERY`] events of a stream, as far as it was needed.
#[derive(Clone, Debug)]
struct Marks<S> {
    states: Vec<S>,
    /// The latest time at which any event up to there was recorded. Clocks can be set back.
    recorded: Vec<Instant>,
}

/// A stream as it became visible.
#[derive(Debug)]
pub(super) struct Past<'a, D: Domain> {
    stream: StreamId,
    pub(super) events: StreamEvents<'a, D>,
    /// `None` for a short stream.
    marks: Option<&'a mut Marks<D::State>>,
}

impl<D: Domain> Default for Marked<D> {
    fn default() -> Self {
        Self { streams: SortedMap::new() }
    }
}

impl<S> Default for Marks<S> {
    fn default() -> Self {
        Self { states: Vec::new(), recorded: Vec::new() }
    }
}

impl<D: Domain> Marked<D> {
    /// What has become visible of a stream.
    pub(super) fn past<'a>(&'a mut self, archive: &'a Archive<D>, stream: StreamId) -> Past<'a, D> {
        let events = archive.events(stream);
        let is_long = events.len() >= EVERY;
        let marks = is_long.then(|| self.streams.entry(stream).or_default());
        Past { stream, events, marks }
    }
}

impl<D: Domain> Past<'_, D> {
    /// The version of the last visible event.
    pub(super) const fn last(&self) -> Version {
        Version(self.events.len() as u32)
    }

    /// The version at a moment, among the visible events.
    pub(super) fn at(&mut self, as_of: AsOf) -> Version {
        let count = match as_of {
            AsOf::Now => self.events.len(),
            AsOf::Version(version) => self.events.len().min(version.0 as usize),
            AsOf::Instant(at) => self.recorded_until(at),
        };
        Version(count as u32)
    }

    /// The number of events before the first that was recorded later than `at`.
    fn recorded_until(&mut self, at: Instant) -> usize {
        let mut count = 0;
        if let Some(marks) = &mut self.marks {
            while let end = (marks.recorded.len() + 1) * EVERY
                && end <= self.events.len()
            {
                let events = self.events.between(end - EVERY, end);
                let before = marks.recorded.last().copied();
                let latest = events.iter().map(|event| event.metadata.recorded_at).max();
                marks.recorded.push(before.max(latest).unwrap_or_default());
            }
            count = EVERY * marks.recorded.partition_point(|recorded| *recorded <= at);
        }
        let rest = self.events.between(count, self.events.len());
        count + rest.iter().take_while(|event| event.metadata.recorded_at <= at).count()
    }

    /// The fold of the events up to a version.
    pub(super) fn fold(&mut self, domain: &D, version: Version) -> D::State {
        let count = version.0 as usize;
        let marks = self.marks.as_mut();
        let marked = marks.map_or(0, |marks| marks.states.len().min(count / EVERY));
        let mut state = match (&self.marks, marked.checked_sub(1)) {
            (Some(marks), Some(last)) => marks.states[last].clone(),
            (_, _) => domain.blank(self.stream),
        };
        assert!(count <= self.events.len(), "the stream has that version");
        let mut from = marked * EVERY;
        while from < count {
            let to = (from + EVERY).min(count);
            self.events.between(from, to).fold(domain, &mut state, |_| true);
            if let Some(marks) = &mut self.marks
                && to == (marks.states.len() + 1) * EVERY
            {
                marks.states.push(state.clone());
            }
            from = to;
        }
        state
    }
}
