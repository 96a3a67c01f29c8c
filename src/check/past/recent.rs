//! The states that were needed last.
//!
//! When everybody looks at the same few things, the same states are needed again and again, or the next ones.

use super::marks::Past;
use crate::model::{Domain, StreamId, Version};

/// The number of streams of which a state is kept.
const STREAMS: usize = 8;

/// The states of the streams that were needed last.
#[derive(Clone, Debug)]
pub(super) struct Recent<D: Domain> {
    known: Vec<Known<D::State>>,
    /// The place of the one that is replaced next.
    next: usize,
}

#[derive(Clone, Debug)]
struct Known<S> {
    stream: StreamId,
    version: Version,
    state: S,
}

impl<D: Domain> Default for Recent<D> {
    fn default() -> Self {
        Self { known: Vec::new(), next: 0 }
    }
}

impl<D: Domain> Recent<D> {
    /// The state of a stream at a version that has become visible.
    pub(super) fn state(
        &mut self,
        domain: &D,
        stream: StreamId,
        version: Version,
        past: &mut Past<'_, D>,
    ) -> &D::State {
        let found = self.known.iter().position(|known| known.stream == stream);
        let place = found.unwrap_or(self.next);
        match found.map(|place| &mut self.known[place]) {
            Some(known) if known.version <= version => {
                let (from, to) = (known.version.0 as usize, version.0 as usize);
                past.events.between(from, to).fold(domain, &mut known.state, |_| true);
                known.version = version;
            }
            _ => {
                let state = past.fold(domain, version);
                let known = Known { stream, version, state };
                if place == self.known.len() {
                    self.known.push(known);
                } else {
                    self.known[place] = known;
                }
                if found.is_none() {
                    self.next = (self.next + 1) % STREAMS;
                }
            }
        }
        &self.known[place].state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::past::Marked;
    use crate::check::testing::{Counted, Counters, History, counter};

    #[test]
    fn a_state_is_the_fold_whatever_was_asked_before() {
        let streams = STREAMS as u32 + 2;
        let mut history = History::default();
        for stream in 0..streams {
            let added = || (counter(stream), Counted::Added(stream + 1));
            history.append(1 + stream, &[added(), added(), added()]);
        }
        history.settle();
        let (archive, mut marked) = (history.archive(), Marked::default());
        let mut recent = Recent::default();
        for version in [1, 3, 2, 2, 3, 0].map(Version) {
            for stream in (0..streams).map(counter) {
                let mut past = marked.past(&archive, stream);
                let folded = past.fold(&Counters, version);
                assert_eq!(recent.state(&Counters, stream, version, &mut past), &folded);
                assert_eq!(recent.state(&Counters, stream, version, &mut past), &folded);
            }
        }
        assert_eq!(recent.known.len(), STREAMS);
    }
}
