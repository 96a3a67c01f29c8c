//! `causes-before-effects` and `correlated`: what led to an event is stored before it, and belongs to the same
//! conversation.

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::Event;
use crate::history::log::{Log, half};
use crate::history::scope::Scope;
use crate::history::value::Print;

/// Causes that were not stored when their effects were read.
#[derive(Debug, Default)]
pub(in crate::history) struct Causes {
    later: Vec<(Print, Place)>,
}

impl Causes {
    /// Judges an event that is not in the log yet.
    pub(in crate::history) fn see(
        &mut self,
        event: &Event<'_>,
        line: Place,
        scope: &Scope,
        log: &Log,
        board: &mut Board,
    ) {
        let Some(cause) = &event.cause else { return };
        let print = cause.print();
        let found = log.with_id(print);
        let (stream, version) = (&event.stream, event.version);
        if found.is_some() {
            board.that(Clause::CauseFirst, true, [line], String::new);
        } else if scope.is_ordered && scope.is_whole {
            board.that(Clause::CauseFirst, false, [line], || {
                format!("{cause} led to {stream} v{version}, but is not stored before it")
            });
        } else if scope.is_whole {
            self.later.push((print, line));
        }
        if let (Some(correlation), Some(of_cause)) = (&event.correlation, log.correlation(print)) {
            board.that(Clause::Correlated, half(correlation.print()) == of_cause, [line], || {
                format!(
                    "{stream} v{version} has the correlation {correlation}, but {cause}, which led to it, \
                     has another one"
                )
            });
        }
    }

    pub(in crate::history) fn end(&self, log: &Log, board: &mut Board) {
        for (print, line) in &self.later {
            board.that(Clause::CauseFirst, log.with_id(*print).is_some(), [*line], || {
                "the event that led to this one is not stored".to_owned()
            });
        }
    }
}
