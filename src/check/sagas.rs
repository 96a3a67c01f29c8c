//! `saga-terminates`: every saga comes to an end, or to an operator.

use super::folds::{by_stream, evolve, is_progress};
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When};
use crate::model::{Domain, EventRef, Record, Rest, Sagas as _, StreamId, Version};

pub(super) const SAGA_TERMINATES: Property = Property {
    id: "saga-terminates",
    when: When::AtRest,
    says: "every saga is completed, compensated or handed to an operator with the reason, and every \
           stream that needs a saga has one",
};

/// Folds every saga at rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Sagas;

impl<D: Domain> Checker<D> for Sagas {
    const PROPERTIES: &'static [Property] = &[SAGA_TERMINATES];
    const FACTS: FactKinds = FactKinds::NONE;

    fn observe(&mut self, _: &Record<D>, _: &mut Checks<'_, D>) {}

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let archive = checks.archive;
        let moved = |stream| archive.grew(stream);
        let mut started: Streams<bool> = Streams::default();
        rest.events.streams().for_each(|(stream, _)| *started.entry(stream) = true);
        by_stream(rest, |stream, events| {
            let (version, state) = last_of(rest.domain, stream, events);
            if let Some(saga) = D::Sagas::saga_of(stream) {
                let started = started.get(saga) == Some(&true);
                checks.that(&SAGA_TERMINATES, started, [moved(stream)], |words| {
                    let (name, saga) = (words.stream(stream), words.stream(saga));
                    format!("{name} is at {version}, but {saga} never started")
                });
            }
            let Some(state) = state else { return };
            let over = D::Sagas::is_over(rest.domain, &state);
            let subject = D::Sagas::subject_of(stream).unwrap_or(stream);
            checks.that(&SAGA_TERMINATES, over, [moved(stream), moved(subject)], |words| {
                let (saga, about) = (words.stream(stream), words.stream(subject));
                match D::Sagas::handed_over(rest.domain, &state) {
                    None => format!(
                        "{saga} is not over: it stopped at {version}, and nothing is left that could \
                         continue {about}"
                    ),
                    Some(why) => format!(
                        "{saga} is not over: it was handed to an operator ({why}), who has not \
                         acted"
                    ),
                }
            });
        });
    }
}

/// The last version of a stream, and its state if a saga recorded its progress in it.
fn last_of<D: Domain>(
    domain: &D,
    stream: StreamId,
    events: &[EventRef<'_, D::Event>],
) -> (Version, Option<D::State>) {
    let version = events.last().map_or(Version(0), |event| event.version);
    let is_saga = events.iter().any(|event| is_progress(event));
    let state = is_saga.then(|| {
        let mut state = domain.blank(stream);
        events.iter().for_each(|event| evolve(domain, &mut state, event));
        state
    });
    (version, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, History, counter, saga};

    fn followed() -> History {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.progress(0, Counted::Began);
        history
    }

    #[test]
    fn a_saga_that_ended_is_accepted() {
        let mut history = followed();
        history.progress(0, Counted::Ended);
        history.accepted_by::<Sagas>();
    }

    #[test]
    fn a_saga_that_stopped_half_way_is_rejected() {
        let history = followed();
        assert_eq!(history.log[1].stream, saga(0));
        history.rejected_by::<Sagas>("saga-terminates", "s-0 is not over: it stopped at v1");
    }

    #[test]
    fn a_counter_that_no_saga_ever_followed_is_rejected() {
        let mut history = followed();
        history.progress(0, Counted::Ended);
        history.append(2, &[(counter(1), Counted::Added(1))]);
        history.rejected_by::<Sagas>("saga-terminates", "k-1 is at v1, but s-1 never started");
    }
}
