//! `drains`: the outbox is empty.

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::Ref;

/// Judges a row of the outbox.
pub(in crate::history) fn outbox_row(
    event: Option<&Ref<'_>>,
    is_sent: bool,
    line: Place,
    board: &mut Board,
) {
    board.that(Clause::OutboxEmpty, is_sent, [line], || match event {
        None => "a row of the outbox is not sent".to_owned(),
        Some(Ref::Event(id)) => format!("the event {id} is in the outbox and not sent"),
        Some(Ref::Version(stream, version)) => {
            format!("{stream} v{version} is in the outbox and not sent")
        }
    });
}
