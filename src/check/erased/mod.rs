//! `erased`: after an erasure, the data of a customer cannot be read anywhere.

use crate::collections::SortedMap;

use super::folds::{kept_views, rows};
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::Step;
use crate::model::{Answer, CustomerId, Domain, Fact, Record, Rest, RowKey, StreamId};

pub(super) const ERASED: Property = Property {
    id: "erased",
    when: When::AlwaysAndAtRest,
    says: "after a customer's erasure their data is neither sealed nor opened, and at rest no \
           plaintext of it remains in any store, cache, queue, snapshot, dead letter or trace; no \
           event is missing and the log still folds; before the erasure all of it can be opened; who is \
           told that they are erased is",
};

/// Remembers which customers were erased, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Erased {
    erased: SortedMap<CustomerId, Step>,
    stored: u64,
}

impl<D: Domain> Checker<D> for Erased {
    const PROPERTIES: &'static [Property] = &[ERASED];
    const FACTS: FactKinds = kinds!(Stored KeyMade Sealed SealDropped SealedFor SealForDropped Unsealed Forgotten Erased Told);

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only the facts of the key store and answers matter here"
    )]
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        let (customer, dropped, what) = match &record.fact {
            Fact::Stored(_) => return self.stored += 1,
            Fact::Erased { customer } => {
                self.erased.insert(*customer, record.step);
                return;
            }
            Fact::Told { request, answer: Answer::Erased, .. } => {
                (request.customer, true, "they were told that it was done")
            }
            Fact::KeyMade { customer } => (*customer, false, "a key was made for them"),
            Fact::Sealed { request, dropped: true } => {
                (request.customer, true, "their data was dropped")
            }
            Fact::Sealed { request, .. } => (request.customer, false, "their data was sealed"),
            Fact::SealedFor { whose, dropped: true, .. } => {
                (*whose, true, "what another customer said about them was dropped")
            }
            Fact::SealedFor { whose, .. } => {
                (*whose, false, "what another customer said about them was sealed")
            }
            Fact::Unsealed { customer, forgotten: true, .. } => {
                (*customer, true, "their data cannot be opened")
            }
            Fact::Unsealed { customer, .. } => (*customer, false, "their data was opened"),
            _ => return,
        };
        let erased = self.erased.get(&customer).copied();
        let because = [erased.unwrap_or_default(), record.step];
        checks.that(&ERASED, dropped == erased.is_some(), because, |words| {
            let name = words.customer(customer);
            match erased {
                Some(_) => format!("{name} was erased, and afterwards {what}"),
                None => format!("{name} was not erased, but {what}"),
            }
        });
    }

    fn at_rest(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        if !self.erased.is_empty() {
            self.found_nowhere(rest, checks);
            self.still_there(rest, checks);
        }
    }
}

impl Erased {
    /// Everything was searched, and no data of an erased customer was found.
    fn found_nowhere<D: Domain>(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let found = rest.searched.as_ref().map_or(&[][..], |searched| &searched.found);
        for (&customer, &erased) in &self.erased {
            let traces = || found.iter().filter(|found| found.whose == customer);
            let first = traces().map(|found| found.step).min();
            let because = [erased, first.unwrap_or_default()];
            checks.that(&ERASED, first.is_none(), because, |words| {
                let places: Vec<&str> = traces().map(|found| found.place.as_str()).collect();
                let (name, places) = (words.customer(customer), places.join(" and in "));
                format!("{name} was erased, but can be read in {places}")
            });
        }
        checks.that(&ERASED, rest.searched.is_some(), [], |_| {
            "customers were erased, but no search for their data was made".to_owned()
        });
    }

    /// No event is missing, and the log folds without the keys: streams to legal states, views to
    /// the rows that are there.
    fn still_there<D: Domain>(&mut self, rest: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let (left, stored) = (rest.events.len() as u64, self.stored);
        checks.that(&ERASED, left == stored, [], |_| {
            format!("{stored} events were stored, but {left} are left")
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
        checks.that(&ERASED, legal, [], |_| "the log no longer folds".to_owned());
        for (id, view) in kept_views::<D>() {
            let Some(live) = rest.rows.get(usize::from(id.0)) else { continue };
            let folded = rows(rest, id, usize::MAX);
            let places = (0..live.len().max(folded.len())).zip((0..).map(RowKey));
            let mut places = places.filter(|(_, row)| rest.is_known(id, *row));
            let same = places.all(|(at, _)| {
                let live = live.get(at).and_then(Option::as_deref);
                live == folded.get(at).and_then(Option::as_ref)
            });
            checks.that(&ERASED, same, [], |_| {
                format!("{} can no longer be rebuilt from the log", view.name)
            });
        }
    }
}

#[cfg(test)]
mod tests;
