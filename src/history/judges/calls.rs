//! `step-once`: a call that is repeated is the same call.

use std::borrow::Cow;

use crate::collections::Table;
use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::value::{Id, Print};

/// What each call asked for.
#[derive(Debug, Default)]
pub(in crate::history) struct Calls {
    all: Table<Print, (Print, Place)>,
}

impl Calls {
    pub(in crate::history) fn see(
        &mut self,
        effect: &Id<'_>,
        service: Option<&Id<'_>>,
        body: Option<&Cow<'_, str>>,
        line: Place,
        board: &mut Board,
    ) {
        let service = service.map_or(Print::default(), Id::print);
        let asks = service.and(body.map_or("", |body| body));
        let print = effect.print();
        match self.all.get(&print).copied() {
            None => self.all.insert(print, (asks, line)),
            Some((first, earlier)) => {
                board.that(Clause::SameCall, first == asks, [earlier, line], || {
                    format!("{effect} is repeated with other contents")
                });
            }
        }
    }
}
