//! `saga-terminates`: every saga comes to an end, or to an operator.

use super::folds::evolve;
use super::streams::Streams;
use super::{Checker, Checks, FactKinds, Property, When};
use crate::model::{CommandId, Domain, Record, Rest, Sagas as _, Version};

pub(super) const SAGA_TERMINATES: Property = Property {
    id: "saga-terminates",
    when: When::AtRest,
    says: "every saga is completed, compensated or handed to an operator with the reason, and every \
           stream that needs a saga has one",
};

/// Folds every saga at rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Sagas;

/// What the log says about one stream.
struct Found<S> {
    state: S,
    version: Version,
    /// Whether a saga recorded its progress in it.
    is_saga: bool,
}

impl<D: Domain> Checker<D> for Sagas {
    const PROPERTIES: &'static [Property] = &[SAGA_TERMINATES];
    const FACTS: FactKinds = FactKinds::NONE;

    fn observe(&mut self, _: &Record<D>, _: &mut Checks<'_, D>) {}

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let archive = checks.archive;
        let moved = |stream| archive.grew(stream);
        let streams = found(rest);
        for (stream, found) in streams.iter() {
            let Some(found) = found else { continue };
            let version = found.version;
            if let Some(saga) = D::Sagas::saga_of(stream) {
                let started = streams.known(saga).is_some();
                checks.that(&SAGA_TERMINATES, started, [moved(stream)], |words| {
                    let (name, saga) = (words.stream(stream), words.stream(saga));
                    format!("{name} is at {version}, but {saga} never started")
                });
            }
            if found.is_saga {
                let over = D::Sagas::is_over(rest.domain, &found.state);
                let subject = D::Sagas::subject_of(stream).unwrap_or(stream);
                checks.that(&SAGA_TERMINATES, over, [moved(stream), moved(subject)], |words| {
                    let (saga, about) = (words.stream(stream), words.stream(subject));
                    match D::Sagas::handed_over(rest.domain, &found.state) {
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
            }
        }
    }
}

/// The fold of every stream that has events.
fn found<D: Domain>(rest: &Rest<'_, D>) -> Streams<Option<Box<Found<D::State>>>> {
    let mut streams = Streams::default();
    for event in &rest.events {
        let stream = event.stream;
        let blank =
            || Found { state: rest.domain.blank(stream), version: Version(0), is_saga: false };
        let found: &mut Option<Box<Found<_>>> = streams.entry(stream);
        let found = found.get_or_insert_with(|| Box::new(blank()));
        evolve(rest.domain, &mut found.state, event);
        found.version = event.version;
        found.is_saga |= match event.metadata.id.command {
            CommandId::Progress { saga, after: _ } => saga == stream,
            CommandId::Request(_) | CommandId::Effect(_) => false,
        };
    }
    streams
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
