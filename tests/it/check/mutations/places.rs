//! Lines that have to do with each other.

use super::change::{Line, Lines, agree, is};

/// The fields that name an event.
pub(super) const EVENT: &[&str] = &["stream", "version"];

pub(super) fn did(line: &Line, what: &str) -> bool {
    is(line, "payment") && line["did"] == what
}

pub(super) fn shows(line: &Line) -> &Line {
    line["shows"].as_object().expect("an object")
}

/// The next event of the stream of an event.
pub(super) fn next_of(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.after(at, |other| is(other, "event") && agree(other, line, &["stream"]))
}

pub(super) fn has_next(lines: &Lines, at: usize) -> bool {
    next_of(lines, at).is_some()
}

/// Whether a later line of a kind is about an event.
pub(super) fn uses(lines: &Lines, at: usize, kind: &str) -> bool {
    let line = lines.get(at);
    lines.after(at, |other| is(other, kind) && agree(other, line, EVENT)).is_some()
}

/// The event that a line is about.
pub(super) fn stored(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.before(at, |other| is(other, "event") && agree(other, line, EVENT))
}

/// The first line of the command that a line answers.
pub(super) fn sent(lines: &Lines, at: usize) -> Option<usize> {
    let command = &lines.get(at)["command"];
    let sent = lines.all(|other| is(other, "command") && other["id"] == *command);
    sent.first().copied().filter(|sent| *sent < at)
}

/// The first event that an event led to.
pub(super) fn effect(lines: &Lines, at: usize) -> Option<usize> {
    let id = &lines.get(at)["id"];
    lines.after(at, |other| is(other, "event") && other.get("cause") == Some(id))
}

/// The next line in which the same consumer applies an event of the same stream.
pub(super) fn applied_next(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.after(at, |other| is(other, "apply") && agree(other, line, &["consumer", "stream"]))
}

/// The checkpoint that covers an applied event, right behind it.
pub(super) fn covered(lines: &Lines, at: usize) -> Option<usize> {
    let next = lines.get(at + 1);
    (is(next, "checkpoint") && agree(next, lines.get(at), &["consumer"])).then_some(at + 1)
}

/// A later event that the consumer of a checkpoint must see.
pub(super) fn appears_later(lines: &Lines, at: usize) -> Option<usize> {
    let consumer = lines.get(at);
    let subscription =
        lines.all(|other| is(other, "subscription") && agree(other, consumer, &["consumer"]));
    let categories = lines.get(*subscription.first()?)["categories"].as_array()?.clone();
    lines.after(at, |other| is(other, "event") && categories.contains(&other["category"]))
}

/// Whether a reader was shown the same row with the same streams before.
pub(super) fn read_before(lines: &Lines, at: usize) -> bool {
    let line = lines.get(at);
    let earlier = lines.before(at, |other| {
        is(other, "read")
            && agree(other, line, &["actor", "view", "row"])
            && !shows(other).is_empty()
            && shows(other).keys().all(|stream| shows(line).contains_key(stream))
    });
    earlier.is_some_and(|earlier| {
        let left = lines.before(at, |other| is(other, "leave") && agree(other, line, &["actor"]));
        left.is_none_or(|left| left < earlier)
    })
}
