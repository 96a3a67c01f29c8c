//! `saga-terminates`: sagas come to an end.

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::SagaState;
use crate::history::names::Names;
use crate::history::value::Id;

/// The state of each saga.
#[derive(Debug, Default)]
pub(in crate::history) struct Sagas {
    names: Names,
    states: Vec<(SagaState, Place)>,
}

impl Sagas {
    pub(in crate::history) fn see(
        &mut self,
        saga: &Id<'_>,
        state: SagaState,
        line: Place,
        board: &mut Board,
    ) {
        let number = self.names.number(saga) as usize;
        let Some(known) = self.states.get_mut(number) else {
            self.states.push((state, line));
            return;
        };
        // What is left to do by a person can be noted after the end.
        if known.0 == SagaState::Ended && state == SagaState::Running {
            board.that(Clause::SagaEnds, false, [known.1, line], || {
                format!("{saga} has ended and goes on")
            });
        }
        *known = (state, line);
    }

    pub(in crate::history) fn end(&self, board: &mut Board) {
        for (number, (state, line)) in (0..).zip(&self.states) {
            let is_open = matches!(state, SagaState::Running | SagaState::Reopened);
            board.that(Clause::SagaEnds, !is_open, [*line], || {
                format!("{} never ends", self.names.name(number))
            });
        }
    }
}
