//! The single deviations from a run: what else could have been chosen in it.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{Scope, Tried};
use crate::kernel::{ChoiceKey, Decision, Delivered, OccurrenceKey, Step};
use crate::session::{Fork, RunOutcome};

/// A choice that is not benign, in a run that is benign otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deviation {
    /// The choice.
    pub key: ChoiceKey,
    /// Its value: the size of a fault, 1 for a small setting, or by how many microseconds a message comes later.
    pub value: u64,
}

impl Deviation {
    /// That of a run that departs from another one.
    pub(super) const fn of(fork: &Fork) -> Self {
        Self { key: fork.key, value: fork.value }
    }
}

/// What else could have been chosen in a run with a log, in order, each with the place of its choice in the log.
pub(super) fn deviations(scope: &Scope, outcome: &RunOutcome) -> Vec<(usize, Deviation)> {
    let mut arrivals = None;
    let mut found = Vec::new();
    for (place, Decision { key, space, value }) in outcome.decisions.iter().flatten().enumerate() {
        if *value != 0 {
            continue;
        }
        let mut add = |value| found.push((place, Deviation { key: *key, value }));
        match scope.tried(key) {
            None => {}
            Some(Tried::Fault) => space.sizes().into_iter().flatten().copied().for_each(add),
            Some(Tried::Setting) => add(1),
            Some(Tried::Order) => {
                let arrivals = arrivals.get_or_insert_with(|| Arrivals::of(&outcome.deliveries));
                arrivals.later(key, space.max()).into_iter().for_each(&mut add);
            }
        }
    }
    found
}

/// What is tried next in a run with the deviations of `path`. `before` is the run without the last of them.
///
/// Faults are tried after the deviations of the path, so that each set of them has one path. By how much a message
/// has to come later depends on when the others come. Therefore a message before them is tried as well, if the
/// time follows from the last deviation; and one after them also with the times of the run without it.
pub(super) fn next(
    scope: &Scope,
    path: &[Deviation],
    outcome: &RunOutcome,
    before: Option<&RunOutcome>,
) -> Vec<Fork> {
    let mut found = deviations(scope, outcome);
    let Some(before) = before else { return forks(outcome, found) };
    let is_order = |it: &Deviation| scope.tried(&it.key) == Some(Tried::Order);
    let known: BTreeSet<Deviation> =
        deviations(scope, before).into_iter().map(|(_, it)| it).collect();
    let places =
        |key: ChoiceKey| outcome.decisions.iter().flatten().position(|made| made.key == key);
    let last = path.iter().filter_map(|made| places(made.key)).max();
    let is_after = |place: usize| last.is_none_or(|last| place > last);
    let own: BTreeSet<Deviation> = found.iter().map(|(_, it)| *it).collect();
    found.retain(|(place, it)| is_after(*place) || is_order(it) && !known.contains(it));
    if scope.order {
        let logged = outcome.decisions.iter().flatten().enumerate();
        let logged: BTreeMap<ChoiceKey, usize> = logged
            .filter(|(place, made)| is_after(*place) && made.value == 0)
            .map(|(place, made)| (made.key, place))
            .collect();
        let others = known.into_iter().filter(|it| is_order(it) && !own.contains(it));
        found.extend(others.filter_map(|it| Some((*logged.get(&it.key)?, it))));
        found.sort_unstable();
    }
    forks(outcome, found)
}

/// The runs with one of these deviations more, each with what it has in common with the run.
fn forks(outcome: &RunOutcome, found: Vec<(usize, Deviation)>) -> Vec<Fork> {
    let fork = |(place, Deviation { key, value })| {
        // The occurrences before which the choice was not drawn yet, and the one that draws it.
        let begun = outcome.deliveries.partition_point(|delivered| delivered.drawn <= place);
        Fork { after: begun.checked_sub(1).map(|before| before as u64), key, value }
    };
    found.into_iter().map(fork).collect()
}

/// What each node was delivered, in order.
struct Arrivals<'a> {
    deliveries: &'a [Delivered],
    by_key: BTreeMap<OccurrenceKey, usize>,
}

impl<'a> Arrivals<'a> {
    fn of(deliveries: &'a [Delivered]) -> Self {
        let messages = deliveries.iter().enumerate();
        let messages = messages.filter(|(_, delivered)| is_moved(delivered));
        Self { deliveries, by_key: messages.map(|(at, delivered)| (delivered.key, at)).collect() }
    }

    /// By how much a message has to come later to follow each of the deliveries at its node that it precedes, as
    /// far as its link allows.
    fn later(&self, key: &ChoiceKey, most: u64) -> Vec<u64> {
        let ChoiceKey { actor, entity, nth, .. } = *key;
        let Some(at) = self.by_key.get(&OccurrenceKey { actor, entity, nth }) else {
            return Vec::new();
        };
        let message = &self.deliveries[*at];
        // What follows from the message comes later as well.
        let mut follows = vec![Step(*at as u64 + 1)];
        let mut found = Vec::new();
        for (step, other) in (*at as u64 + 2..).zip(&self.deliveries[at + 1..]) {
            let late = other.at.since(message.at).as_micros() + 1;
            if late > most {
                break;
            }
            if follows.contains(&other.cause) {
                follows.push(Step(step));
            } else if other.key.actor.to == actor.to && !other.is_poll {
                found.push(late);
            }
        }
        found.dedup();
        found
    }
}

/// Whether a delivery is a message whose place among others matters.
fn is_moved(delivered: &Delivered) -> bool {
    !delivered.is_poll && !delivered.key.actor.is_own()
}
