//! `saga-terminates`: whatever was begun comes to an end, if only on a person's work list.

use std::sync::Arc;

use super::streams::Streams;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{
    CommandId, Domain, Fact, FactKind, Names, Record, Rest, Sagas as _, StreamId, Version,
    Vocabulary,
};

pub(super) const SAGA_TERMINATES: Property = Property {
    id: "saga-terminates",
    when: When::AtRest,
    says: "every saga is completed, compensated or handed to a person with the reason, and every \
           stream that needs a saga has one",
};

/// Folds every saga when all is quiet. Until then it only remembers when each stream last moved.
#[derive(Clone, Debug)]
pub(super) struct Sagas {
    tally: Tally,
    moved: Streams<Step>,
}

/// What the log says about one stream.
struct Found<S> {
    state: S,
    version: Version,
    /// Whether a saga recorded its progress in it.
    is_saga: bool,
}

impl<D: Domain> Checker<D> for Sagas {
    const PROPERTIES: &'static [Property] = &[SAGA_TERMINATES];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn new(_: &D, _: &Arc<Names>) -> Self {
        Self { tally: Tally::new(&SAGA_TERMINATES), moved: Streams::default() }
    }

    fn observe(&mut self, _: &D, record: &Record<D>, _: &mut Violations) {
        if let Fact::Stored(event) = &record.fact {
            *self.moved.entry(event.stream) = record.step;
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let streams = found(rest);
        let known = |stream| streams.get(stream).and_then(Option::as_ref);
        for (stream, found) in streams.iter() {
            let Some(found) = found else { continue };
            if let Some(saga) = D::Sagas::saga_of(stream) {
                let begun = known(saga).is_some();
                self.tally.check(begun, rest.at, rest.step, violations, || {
                    let narrator = Vocabulary { domain: rest.domain, names: rest.names };
                    let (name, saga) = (narrator.stream(stream), narrator.stream(saga));
                    let says = format!("{name} is at {}, but {saga} never began", found.version);
                    (says, because([moved(&self.moved, stream)]))
                });
            }
            if found.is_saga {
                let over = D::Sagas::is_over(rest.domain, &found.state);
                self.tally.check(over, rest.at, rest.step, violations, || {
                    let narrator = Vocabulary { domain: rest.domain, names: rest.names };
                    let subject = D::Sagas::subject_of(stream).unwrap_or(stream);
                    let (saga, about) = (narrator.stream(stream), narrator.stream(subject));
                    let version = found.version;
                    let says = match D::Sagas::handed_over(rest.domain, &found.state) {
                        None => format!(
                            "{saga} is not over: it stopped at {version}, and nothing will happen \
                             to {about} any more"
                        ),
                        Some(why) => format!(
                            "{saga} is not over: it was handed to a person ({why}), who has not \
                             acted"
                        ),
                    };
                    (says, because([moved(&self.moved, stream), moved(&self.moved, subject)]))
                });
            }
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

fn moved(streams: &Streams<Step>, stream: StreamId) -> Step {
    streams.get(stream).copied().unwrap_or_default()
}

/// The fold of every stream that has events.
fn found<D: Domain>(rest: &Rest<'_, D>) -> Streams<Option<Found<D::State>>> {
    let mut streams = Streams::default();
    for event in &rest.events {
        let stream = event.stream;
        let found: &mut Option<Found<_>> = streams.entry(stream);
        let found = found.get_or_insert_with(|| Found {
            state: rest.domain.blank(stream),
            version: Version(0),
            is_saga: false,
        });
        for part in event.native(rest.domain).iter() {
            rest.domain.evolve(&mut found.state, part);
        }
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
        history.rejected_by::<Sagas>("saga-terminates", "k-1 is at v1, but s-1 never began");
    }
}
