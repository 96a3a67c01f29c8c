//! `checkpoint-behind`, and that checkpoints come to the end of the log.

use std::collections::BTreeMap;

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::log::{At, Log};
use crate::history::scope::Scope;

/// The checkpoints of all consumers, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    all: BTreeMap<u32, Checkpoint>,
}

#[derive(Debug, Default)]
struct Checkpoint {
    at: Option<(u64, Place)>,
    /// The last event that the consumer must see, by position.
    last: (u64, Place),
    /// The events that it must see and has not applied, by position and by place.
    behind: BTreeMap<u64, (At, Place)>,
    positions: BTreeMap<At, u64>,
}

impl Checkpoints {
    /// An event was stored that a consumer must see.
    pub(super) fn wanted(
        &mut self,
        (consumer, name): (u32, &str),
        (event, position, line): (At, u64, Place),
        (log, scope): (&Log, &Scope),
        board: &mut Board,
    ) {
        let checkpoint = self.all.entry(consumer).or_default();
        checkpoint.last = checkpoint.last.max((position, line));
        if !scope.is_ordered {
            return;
        }
        if let Some((at, passed)) = checkpoint.at {
            board.that(Clause::BehindVisible, position > at, [passed, line], || {
                format!(
                    "{} appears at position {position}, but the checkpoint of {name} is at {at} already",
                    log.say(event)
                )
            });
        }
        checkpoint.behind.insert(position, (event, line));
        checkpoint.positions.insert(event, position);
    }

    pub(super) fn applied(&mut self, consumer: u32, event: At) {
        let Some(checkpoint) = self.all.get_mut(&consumer) else { return };
        if let Some(position) = checkpoint.positions.remove(&event) {
            checkpoint.behind.remove(&position);
        }
    }

    /// A checkpoint moves.
    pub(super) fn moved(
        &mut self,
        (consumer, name, applies): (u32, &str, bool),
        (position, line): (u64, Place),
        (log, scope): (&Log, &Scope),
        board: &mut Board,
    ) {
        let checkpoint = self.all.entry(consumer).or_default();
        let (before, earlier) = checkpoint.at.unwrap_or_default();
        board.that(Clause::Forward, position >= before, [earlier, line], || {
            format!("the checkpoint of {name} goes back from {before} to {position}")
        });
        checkpoint.at = Some((position.max(before), line));
        if !scope.is_ordered || log.count() == 0 {
            return;
        }
        let beyond = position.checked_add(1).map(|next| checkpoint.behind.split_off(&next));
        let passed = std::mem::replace(&mut checkpoint.behind, beyond.unwrap_or_default());
        for (event, _) in passed.values() {
            checkpoint.positions.remove(event);
        }
        if applies {
            let first = passed.first_key_value();
            let stored = first.map_or(Place::default(), |(_, (_, stored))| *stored);
            board.that(Clause::BehindApplied, first.is_none(), [stored, line], || {
                let event = first.map_or_else(String::new, |(_, (event, _))| log.say(*event));
                format!(
                    "the checkpoint of {name} is at {position}, but {name} has not applied {event}"
                )
            });
        }
    }

    pub(super) fn end(&self, consumer: u32, name: &str, board: &mut Board) {
        let Some(Checkpoint { at: Some((at, line)), last, .. }) = self.all.get(&consumer) else {
            return;
        };
        if last.1.is_known() {
            board.that(Clause::CaughtUp, *at >= last.0, [*line, last.1], || {
                let last = last.0;
                format!("the checkpoint of {name} ends at {at}, but its last event is at {last}")
            });
        }
    }
}
