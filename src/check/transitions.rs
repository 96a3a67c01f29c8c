//! `legal-transition`: the life cycle of every stream.

use super::active::Active;
use super::folds::before;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{Domain, Fact, Record, Term};

pub(super) const LEGAL_TRANSITION: Property = Property {
    id: "legal-transition",
    when: When::Always,
    says: "each event of a stream is allowed by the fold of those before it",
};

/// Folds every stream.
#[derive(Clone, Debug)]
pub(super) struct Transitions<D: Domain> {
    folds: Active<Fold<D>>,
}

/// The state of a stream, and when its last event became visible.
type Fold<D> = (<D as Domain>::State, Step);

impl<D: Domain> Default for Transitions<D> {
    fn default() -> Self {
        Self { folds: Active::default() }
    }
}

impl<D: Domain> Checker<D> for Transitions<D> {
    const PROPERTIES: &'static [Property] = &[LEGAL_TRANSITION];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let Fact::Stored(event) = &record.fact else { return };
        let (domain, stream) = (checks.words.domain, event.stream);
        let archive = checks.archive;
        let (state, since) = self.folds.entry(stream, || {
            let (state, events) = before(domain, archive, event, |_| true);
            ((state, archive.grew_before(event)), events)
        });
        for part in event.native(domain).iter() {
            let legal = domain.is_legal_transition(state, part);
            checks.that(&LEGAL_TRANSITION, legal, [*since, record.step], |words| {
                let (stream, what) = (words.stream(stream), words.term(Term::Event(part)));
                let version = event.version;
                format!(
                    "{stream} {version} is \"{what}\", which is not allowed after those before it"
                )
            });
            domain.evolve(state, part);
        }
        *since = record.step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Counted, Counters, History, counter};

    #[test]
    fn a_counter_that_is_closed_at_the_end_is_accepted() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Added(1))]);
        history.append(2, &[(counter(0), Counted::Closed), (counter(1), Counted::Added(1))]);
        history.accepted_by::<Transitions<Counters>>();
    }

    #[test]
    fn every_part_of_an_event_that_was_split_since_is_checked_in_turn() {
        let mut history = History::default();
        history.schema = 1;
        history.append(1, &[(counter(0), Counted::Added(1)), (counter(0), Counted::Closed)]);
        assert_eq!(history.log.len(), 1);
        assert_eq!(history.accepted_by::<Transitions<Counters>>(), 2);
        history.append(2, &[(counter(0), Counted::Added(2)), (counter(0), Counted::Closed)]);
        history.rejected_by::<Transitions<Counters>>("legal-transition", "k-0 v2 is \"added 2\"");
        let mut history = History::default();
        history.append(1, &[(counter(1), Counted::Added(1))]);
        history.schema = 2;
        history.append(2, &[(counter(1), Counted::Added(1)), (counter(1), Counted::Closed)]);
        history.change_stored(|event| event.event = Counted::Closed);
        history.append(3, &[(counter(1), Counted::Closed)]);
        history.rejected_by::<Transitions<Counters>>("legal-transition", "k-1 v3 is \"Closed\"");
    }

    #[test]
    fn adding_to_a_closed_counter_is_rejected() {
        let mut history = History::default();
        history.append(1, &[(counter(0), Counted::Closed)]);
        history.append(2, &[(counter(0), Counted::Added(1))]);
        history.rejected_by::<Transitions<Counters>>("legal-transition", "k-0 v2 is \"added 1\"");
    }
}
