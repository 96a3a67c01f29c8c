//! Histories of our own runs in which one thing was changed. Each change is found by the property that it concerns.

mod causes;
mod change;
mod checkpoints;
mod commands;
mod flow;
mod log;
mod money;
mod operations;
mod places;
mod reads;
mod sagas;
mod stock;

use std::collections::BTreeSet;

use super::own_runs::RUNS;
use super::{exported, first_breach, judged, violated};
use change::Lines;

/// What is changed, and the property that must find it. The change returns `None` if a run has nothing of the kind; where
/// it can choose, it takes a line in the middle.
type Mutation = (&'static str, fn(&mut Lines) -> Option<()>, &'static str);

const FAMILIES: [&[Mutation]; 10] = [
    log::ALL,
    commands::ALL,
    causes::ALL,
    flow::ALL,
    checkpoints::ALL,
    reads::ALL,
    sagas::ALL,
    money::ALL,
    stock::ALL,
    operations::ALL,
];

fn mutations() -> impl Iterator<Item = &'static Mutation> {
    FAMILIES.into_iter().flatten()
}

/// A row of the table: a run, what was changed in it, the property that must find it, and what that says.
#[test]
fn every_mutation_is_found_by_the_property_that_it_concerns() {
    let (mut rows, mut used) = (0, BTreeSet::new());
    for run in RUNS {
        let lines = Lines::of(&exported(run));
        for (name, mutate, property) in mutations() {
            let mut mutated = lines.clone();
            if mutate(&mut mutated).is_none() {
                continue;
            }
            let text = mutated.text();
            let history = judged(&text).unwrap_or_else(|error| panic!("{run}: {name}: {error:?}"));
            let found = violated(&history);
            assert!(found.contains(property), "{run}: {name}: {property} is not among {found:?}");
            // It is told, too, with the lines that show it.
            assert!(first_breach(&history, property).contains(": "), "{run}: {name}");
            rows += 1;
            used.insert(name);
        }
    }
    assert!(rows >= 100, "only {rows} mutations could be made");
    let unused: Vec<_> = mutations().filter(|(name, ..)| !used.contains(name)).collect();
    assert!(unused.is_empty(), "no run has what these change: {:?}", unused.iter().map(|it| it.0));
}
