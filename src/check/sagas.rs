//! `saga-terminates`: every saga comes to an end, or to an operator.

use super::folds::{by_stream, evolve, is_progress};
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When};
use crate::model::{Domain, Record, Rest, Sagas as _, Stored, StreamId, Version};

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
        let mut versions: Streams<Version> = Streams::default();
        rest.events.iter().for_each(|event| *versions.entry(event.stream) = event.version);
        let has_events = |stream| versions.get(stream).is_some_and(|last| *last != Version(0));
        by_stream(rest, |stream, events| {
            let version = versions.get(stream).copied().unwrap_or_default();
            if let Some(saga) = D::Sagas::saga_of(stream) {
                checks.that(&SAGA_TERMINATES, has_events(saga), [moved(stream)], |words| {
                    let (name, saga) = (words.stream(stream), words.stream(saga));
                    format!("{name} is at {version}, but {saga} never started")
                });
            }
            let Some(state) = of_saga(rest.domain, stream, events) else { return };
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

/// The fold of a stream in which a saga recorded its progress; none if it is another stream.
fn of_saga<'a, D: Domain>(
    domain: &D,
    stream: StreamId,
    events: &mut dyn Iterator<Item = &'a Stored<D::Event>>,
) -> Option<D::State> {
    let (mut state, mut is_saga) = (domain.blank(stream), false);
    for event in events {
        evolve(domain, &mut state, event);
        is_saga |= is_progress(event);
    }
    is_saga.then_some(state)
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
