//! What was so at some moment: streams as they became visible, with the checks of what is shown of them.
//!
//! Every stream is kept as it became visible, and folded once more for what is shown of it at a version.

mod as_of;
mod recent;
mod shown;

use std::sync::Arc;

use super::folds::evolve;
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, kinds};
use crate::collections::SortedMap;
use crate::kernel::{Instant, Step};
use crate::model::{
    Answer, AsOf, Domain, Fact, Lookup, Record, RequestId, Rest, Stored, StreamId, Version,
};
use as_of::Asked;
use recent::Recent;

pub(super) use as_of::AS_OF;
pub(super) use shown::SHOWN_IS_FOLD;

/// After each of this many events a state is kept, once it was needed.
const MARK_EVERY: usize = 256;

/// Keeps every stream, and every open question that is answered from one.
#[derive(Clone, Debug)]
pub(super) struct Pasts<D: Domain> {
    streams: Streams<Past<D>>,
    asked: SortedMap<RequestId, Asked<D>>,
    recent: Recent<D>,
}

impl<D: Domain> Default for Pasts<D> {
    fn default() -> Self {
        Self { streams: Streams::default(), asked: SortedMap::new(), recent: Recent::default() }
    }
}

impl<D: Domain> Checker<D> for Pasts<D> {
    const PROPERTIES: &'static [Property] = &[AS_OF, SHOWN_IS_FOLD];
    const FACTS: FactKinds = kinds!(Stored Queried Told);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::Stored(event) = &record.fact {
            self.streams.entry(event.stream).add(event, record.step);
        } else if let Fact::Queried { request, query, owed, resend: false } = &record.fact {
            let lookup = owed.lookup(checks.words.domain, request.customer, query);
            if let Lookup::Stream(read, as_of) = lookup {
                let from = self.streams.entry(read.stream).at(as_of);
                self.asked.insert(*request, Asked { read, as_of, from, step: record.step });
            }
        } else if let Fact::Told { request, answer, .. } = &record.fact {
            let asked = self.asked.remove(request);
            match (answer, asked) {
                (Answer::Shown(query, row), Some(asked)) => {
                    self.as_of(asked, (query, row.as_ref()), checks);
                }
                (Answer::Shown(query, Some(row)), None) => {
                    self.told(request.customer, (query, row), checks);
                }
                (
                    Answer::Shown(_, None)
                    | Answer::Command(..)
                    | Answer::NotYet(_)
                    | Answer::TryLater(_)
                    | Answer::Erased
                    | Answer::Silence,
                    _,
                ) => {}
            }
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        self.rows_at_rest(rest, checks);
    }
}

/// A stream as it became visible.
#[derive(Clone, Debug)]
struct Past<D: Domain> {
    events: Vec<Arc<Stored<D::Event>>>,
    /// By event: the latest time at which it or one before it was recorded. Clocks can be set back; this
    /// never decreases.
    recorded: Vec<Instant>,
    /// When the last one became visible.
    grew: Step,
    /// The states after every [`MARK_EVERY`] events, as far as they were needed.
    marks: Vec<D::State>,
}

impl<D: Domain> Default for Past<D> {
    fn default() -> Self {
        Self { events: Vec::new(), recorded: Vec::new(), grew: Step(0), marks: Vec::new() }
    }
}

impl<D: Domain> Past<D> {
    fn add(&mut self, event: &Arc<Stored<D::Event>>, step: Step) {
        self.grew = step;
        let before = self.recorded.last().copied().unwrap_or_default();
        self.recorded.push(before.max(event.metadata.recorded_at));
        self.events.push(Arc::clone(event));
    }

    /// The version of the last visible event.
    fn last(&self) -> Version {
        Version(self.events.len() as u32)
    }

    /// The version at a moment, among the visible events.
    fn at(&self, as_of: AsOf) -> Version {
        let count = match as_of {
            AsOf::Now => self.events.len(),
            AsOf::Version(version) => self.events.len().min(version.0 as usize),
            AsOf::Instant(at) => self.recorded.partition_point(|recorded| *recorded <= at),
        };
        Version(count as u32)
    }

    /// The fold of the events up to a version.
    fn fold(&mut self, domain: &D, stream: StreamId, version: Version) -> D::State {
        let count = version.0 as usize;
        let marked = self.marks.len().min(count / MARK_EVERY);
        let mut state = match marked.checked_sub(1) {
            Some(last) => self.marks[last].clone(),
            None => domain.blank(stream),
        };
        for index in marked * MARK_EVERY..count {
            evolve(domain, &mut state, &self.events[index]);
            if index + 1 == (self.marks.len() + 1) * MARK_EVERY {
                self.marks.push(state.clone());
            }
        }
        state
    }
}
