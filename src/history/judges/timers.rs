//! `timer-honest`: timers fire when they are due, or are cancelled.

use std::collections::BTreeMap;

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Ticked, Timer};
use crate::history::moment::Moment;
use crate::history::value::Print;

/// The timers that are set.
#[derive(Debug, Default)]
pub(in crate::history) struct Timers {
    set: BTreeMap<Print, Set>,
}

#[derive(Debug)]
struct Set {
    due: Option<Moment>,
    line: Place,
    name: String,
}

impl Timers {
    pub(in crate::history) fn see(&mut self, timer: &Timer<'_>, line: Place, board: &mut Board) {
        let Timer { saga, timer: name, did, due, at } = timer;
        let print = saga.print().and(&name.to_string());
        match did {
            Ticked::Set => {
                let name = format!("the timer {name} of {saga}");
                self.set.insert(print, Set { due: *due, line, name });
            }
            Ticked::Cancelled => {
                if self.set.remove(&print).is_some() {
                    board.all_hold(Clause::TimerEnds, 1);
                }
            }
            Ticked::Fired => {
                let set = self.set.remove(&print);
                let due = set.as_ref().map_or(*due, |set| set.due.or(*due));
                let early = due.zip(*at).is_some_and(|(due, at)| at < due);
                let lines = [set.as_ref().map_or(Place::default(), |set| set.line), line];
                board.that(Clause::NotEarly, set.is_some() && !early, lines, || {
                    let why = if early { "before it is due" } else { "but is not set" };
                    format!("the timer {name} of {saga} fires {why}")
                });
                if set.is_some() {
                    board.all_hold(Clause::TimerEnds, 1);
                }
            }
        }
    }

    pub(in crate::history) fn end(&self, board: &mut Board) {
        for Set { line, name, .. } in self.set.values() {
            board.that(Clause::TimerEnds, false, [*line], || format!("{name} never fires"));
        }
    }
}
