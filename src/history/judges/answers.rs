//! `acknowledged-once`: what answers promise is stored.

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Answer, Outcome};
use crate::history::log::{At, Log};
use crate::history::scope::Scope;

/// Answers that could not be judged when they were read.
#[derive(Debug, Default)]
pub(in crate::history) struct Answers {
    later: Vec<(At, Place)>,
}

impl Answers {
    pub(in crate::history) fn see(
        &mut self,
        answer: &Answer<'_>,
        line: Place,
        scope: &Scope,
        log: &mut Log,
        board: &mut Board,
    ) {
        let (Outcome::Accepted, Some((stream, version))) = (answer.outcome, &answer.wrote) else {
            return;
        };
        let at = At { stream: log.names.number(stream), version: *version };
        // Version 0 of a store that counts from 1 is a stream without events.
        if *version < scope.first_version {
            return;
        }
        if log.has(at) {
            board.that(Clause::Acknowledged, true, [line], String::new);
        } else if scope.is_ordered && log.count() > 0 {
            judge(at, line, log, board);
        } else {
            self.later.push((at, line));
        }
    }

    pub(in crate::history) fn end(&self, log: &Log, board: &mut Board) {
        if log.count() > 0 {
            self.later.iter().for_each(|(at, line)| judge(*at, *line, log, board));
        }
    }
}

fn judge(at: At, line: Place, log: &Log, board: &mut Board) {
    board.that(Clause::Acknowledged, log.has(at), [line], || {
        let but = match log.get(at.stream) {
            None => "the stream has no event".to_owned(),
            Some(stream) => format!("the stream is at v{}", stream.head),
        };
        format!("{} is acknowledged, but {but}", log.say(at))
    });
}
