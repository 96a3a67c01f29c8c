//! Each row of `docs/semantics.md`, on the models and on the servers that are up.
//!
//! Without servers their rows are listed as ignored. With `JETLAG_SERVERS=required` they fail instead.

mod nulls;
mod page;

use jetlag_conformance::suite::{Outcome, Row, broker, cache, store};
use jetlag_conformance::model;
use libtest_mimic::{Arguments, Failed, Trial};

/// A test of a row, on something that is made for it.
fn trial<T: ?Sized + 'static>(
    on: &str,
    row: Row<T>,
    fresh: impl FnOnce() -> Box<T> + Send + 'static,
) -> Trial {
    Trial::test(format!("{}::{on}", row.id), move || failed((row.run)(&mut *fresh())))
}

fn failed(outcome: Outcome) -> Result<(), Failed> {
    outcome.map_err(Failed::from)
}

/// The ids of rows.
fn ids<T: ?Sized>(rows: &[Row<T>]) -> Vec<&'static str> {
    rows.iter().map(|row| row.id).collect()
}

/// What the column `tested` of the page says, with the ids of the rows that are run in that way.
const ROWS: &[(&str, fn() -> Vec<&'static str>)] = &[
    ("both", || [ids(store::ROWS), ids(broker::ROWS), ids(cache::ROWS)].concat()),
    ("model", || [ids(model::BROKER_ROWS), ids(model::CACHE_ROWS)].concat()),
];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    trials.extend(store::ROWS.iter().map(|row| trial("model", *row, model::store)));
    trials.extend(broker::ROWS.iter().map(|row| trial("model", *row, model::broker)));
    trials.extend(cache::ROWS.iter().map(|row| trial("model", *row, model::cache)));
    trials.extend(model::BROKER_ROWS.iter().map(|row| trial("model", *row, model::broker_node)));
    trials.extend(model::CACHE_ROWS.iter().map(|row| trial("model", *row, model::cache_node)));
    trials.extend(nulls::trials());
    trials.extend(page::trials());
    libtest_mimic::run(&arguments, trials).exit();
}
