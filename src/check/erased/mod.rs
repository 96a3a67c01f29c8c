//! `erased`: a customer who asked to be forgotten cannot be read anywhere.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::convergence::fold;
use super::words::because;
use super::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::kernel::Step;
use crate::model::{CustomerId, Domain, Fact, FactKind, Names, Record, Rest, StreamId, ViewId};

pub(super) const ERASED: Property = Property {
    id: "erased",
    when: When::AlwaysAndAtRest,
    says: "after a customer is erased none of their data is sealed or opened, and at rest no \
           plaintext of them is in any store, cache, queue, snapshot, dead letter or trace, no \
           event is missing, and the log still folds; before the erasure all of their data can be \
           opened",
};

/// Remembers which customers were erased, and when.
#[derive(Clone, Debug)]
pub(super) struct Erased {
    names: Arc<Names>,
    tally: Tally,
    erased: SortedMap<CustomerId, Step>,
    stored: u64,
}

impl<D: Domain> Checker<D> for Erased {
    const PROPERTIES: &'static [Property] = &[ERASED];
    const FACTS: FactKinds = FactKinds::of(&[
        FactKind::Stored,
        FactKind::KeyMade,
        FactKind::Sealed,
        FactKind::SealDropped,
        FactKind::Unsealed,
        FactKind::Forgotten,
        FactKind::Erased,
    ]);

    fn new(_: &D, names: &Arc<Names>) -> Self {
        let (names, tally) = (Arc::clone(names), Tally::new(&ERASED));
        Self { names, tally, erased: SortedMap::new(), stored: 0 }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only the key store's facts matter here")]
    fn observe(&mut self, _: &D, record: &Record<D>, violations: &mut Violations) {
        match &record.fact {
            Fact::Stored(_) => self.stored += 1,
            Fact::Erased { customer } => {
                self.erased.insert(*customer, record.step);
            }
            Fact::KeyMade { customer } => {
                let revived = self.erased.contains_key(customer);
                self.key_store(record, *customer, !revived, "a key was made for them", violations);
            }
            Fact::Sealed { request, dropped } => {
                let erased = self.erased.contains_key(&request.customer);
                let what = if *dropped { "what they say was dropped" } else { "it was sealed" };
                self.key_store(record, request.customer, *dropped == erased, what, violations);
            }
            Fact::Unsealed { customer, forgotten, .. } => {
                let erased = self.erased.contains_key(customer);
                let what = if *forgotten { "nothing can be opened" } else { "it was opened" };
                self.key_store(record, *customer, *forgotten == erased, what, violations);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        if self.erased.is_empty() {
            return;
        }
        self.found_nowhere(rest, violations);
        self.still_there(rest, violations);
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Erased {
    /// Checks what the key store did for a customer, erased or not.
    fn key_store<D: Domain>(
        &mut self,
        record: &Record<D>,
        customer: CustomerId,
        holds: bool,
        what: &str,
        violations: &mut Violations,
    ) {
        self.tally.check(holds, record.at, record.step, violations, || {
            let name = self.names.customer(customer);
            let erased = self.erased.get(&customer).copied();
            let says = match erased {
                Some(_) => format!("{name} was erased, and afterwards {what}"),
                None => format!("{name} never asked to be erased, but {what}"),
            };
            (says, because([erased.unwrap_or_default(), record.step]))
        });
    }

    /// Everything was searched, and no trace of an erased customer was found.
    fn found_nowhere<D: Domain>(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let nothing = Vec::new();
        let found = rest.searched.as_ref().map_or(&nothing, |searched| &searched.found);
        for (customer, &erased) in &self.erased {
            let traces = || found.iter().filter(|found| found.whose == *customer);
            self.tally.check(traces().next().is_none(), rest.at, rest.step, violations, || {
                let name = self.names.customer(*customer);
                let places: Vec<&str> = traces().map(|found| found.place.as_str()).collect();
                let first = traces().map(|found| found.step).min();
                let says =
                    format!("{name} was erased, but can be read in {}", places.join(" and in "));
                (says, because([erased, first.unwrap_or_default()]))
            });
        }
        self.tally.check(rest.searched.is_some(), rest.at, rest.step, violations, || {
            ("customers were erased, but nothing was searched for them".to_owned(), Vec::new())
        });
    }

    /// No event is missing, and the log folds with the keys gone: streams to legal states, views to
    /// the rows that are there.
    fn still_there<D: Domain>(&mut self, rest: &Rest<'_, D>, violations: &mut Violations) {
        let left = rest.events.len() as u64;
        self.tally.check(left == self.stored, rest.at, rest.step, violations, || {
            let stored = self.stored;
            (format!("{stored} events were stored, but {left} are left"), Vec::new())
        });
        let mut states: SortedMap<StreamId, D::State> = SortedMap::new();
        let legal = rest.events.iter().all(|stored| {
            let blank = || rest.domain.blank(stored.stream);
            let state = states.entry(stored.stream).or_insert_with(blank);
            stored.native(rest.domain).iter().all(|part| {
                let legal = rest.domain.is_legal_transition(state, part);
                rest.domain.evolve(state, part);
                legal
            })
        });
        self.tally.check(legal, rest.at, rest.step, violations, || {
            ("the log does not fold any more".to_owned(), Vec::new())
        });
        let kept = D::VIEWS.iter().zip(&rest.rows).zip((0..).map(ViewId));
        for ((view, rows), id) in kept.filter(|((view, _), _)| view.is_kept()) {
            let folded = fold(rest, view, id);
            let same = folded.len() == rows.len()
                && folded.iter().zip(rows).all(|(folded, row)| folded.as_ref() == row.as_deref());
            self.tally.check(same, rest.at, rest.step, violations, || {
                (format!("{} cannot be rebuilt from the log any more", view.name), Vec::new())
            });
        }
    }
}

#[cfg(test)]
mod tests;
