//! A view whose rows are in a cache and nowhere else.

pub use jetlag::internals::nodes::Found;

use super::{Outcome, Row, rows, same};

/// A view of sums: the event of version n of a row adds n to it. Its rows can be lost, its events cannot.
pub trait Held {
    /// Delivers an event of a row.
    fn apply(&mut self, row: u32, version: u32);
    /// Reads a row.
    fn read(&mut self, row: u32) -> Found;
    /// Folds a row that is not held from the events that were delivered, and returns it.
    fn restore(&mut self, row: u32) -> Found;
    /// Makes memory so short that the row is evicted.
    fn evict(&mut self, row: u32);
    /// Loses all rows.
    fn lose_all(&mut self);
}

/// The rows that run on the model and on the server.
pub const ROWS: &[Row<dyn Held>] = rows! {
    "redis-rows-versions" => versions,
    "redis-rows-evicted" => evicted,
    "redis-rows-lost" => lost,
};

fn versions(view: &mut dyn Held) -> Outcome {
    view.apply(1, 1);
    view.apply(1, 2);
    view.apply(2, 1);
    view.apply(1, 2);
    view.apply(1, 1);
    same!(view.read(1), Found::Total(1 + 2), "a row after copies of its events");
    view.apply(1, 3);
    same!(view.read(1), Found::Total(1 + 2 + 3), "it after a newer event");
    same!(view.read(2), Found::Total(1), "another row");
    Ok(())
}

fn evicted(view: &mut dyn Held) -> Outcome {
    view.apply(1, 1);
    view.apply(1, 2);
    view.evict(1);
    same!(view.read(1), Found::Missing, "a row that was evicted");
    view.apply(1, 3);
    same!(view.read(1), Found::Missing, "it after an event, which is not applied to an empty row");
    same!(view.restore(1), Found::Total(1 + 2 + 3), "it, folded from the log");
    view.apply(1, 4);
    same!(view.read(1), Found::Total(1 + 2 + 3 + 4), "it after the next event");
    Ok(())
}

fn lost(view: &mut dyn Held) -> Outcome {
    view.apply(1, 1);
    view.apply(2, 1);
    view.apply(1, 2);
    view.lose_all();
    same!((view.read(1), view.read(2)), (Found::Missing, Found::Missing), "all rows");
    view.apply(1, 3);
    same!(view.restore(1), Found::Total(1 + 2 + 3), "one of them, folded from the log");
    same!(view.read(2), Found::Missing, "the other one");
    Ok(())
}
