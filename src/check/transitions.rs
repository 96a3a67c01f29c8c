//! `legal-transition`: the life cycle of every stream.

use std::sync::Arc;

use super::streams::Streams;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{Domain, Fact, FactKind, Names, Record, Term, Vocabulary};

pub(super) const LEGAL_TRANSITION: Property = Property {
    id: "legal-transition",
    when: When::Always,
    says: "each event of a stream is allowed by the fold of those before it",
};

/// Folds every stream by itself and asks the domain's state machine about each event.
#[derive(Clone, Debug)]
pub(super) struct Transitions<D: Domain> {
    names: Arc<Names>,
    tally: Tally,
    folds: Streams<Option<Fold<D::State>>>,
}

#[derive(Clone, Debug)]
struct Fold<S> {
    state: S,
    /// When the last event of the stream became visible.
    step: Step,
}

impl<D: Domain> Checker<D> for Transitions<D> {
    const PROPERTIES: &'static [Property] = &[LEGAL_TRANSITION];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let tally = Tally::new(&LEGAL_TRANSITION);
        Self { names: Arc::clone(names), tally, folds: Streams::default() }
    }

    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations) {
        let Fact::Stored(event) = &record.fact else { return };
        let stream = event.stream;
        let fold = self
            .folds
            .entry(stream)
            .get_or_insert_with(|| Fold { state: domain.blank(stream), step: Step(0) });
        let before = fold.step;
        for part in event.native(domain).iter() {
            let permitted = domain.is_legal_transition(&fold.state, part);
            self.tally.check(permitted, record.at, record.step, violations, || {
                let narrator = Vocabulary { domain, names: &self.names };
                let (stream, version) = (narrator.stream(stream), event.version);
                let what = narrator.term(Term::Event(part));
                let says = format!(
                    "{stream} {version} is \"{what}\", which is not allowed after those before it"
                );
                (says, because([before, record.step]))
            });
            domain.evolve(&mut fold.state, part);
        }
        fold.step = record.step;
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
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
