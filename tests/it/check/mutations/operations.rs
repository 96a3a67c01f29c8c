//! What clients asked of objects, and were told.

use serde_json::json;

use super::Mutation;
use super::change::{Line, Lines, agree, is, number};

pub(super) const ALL: &[Mutation] = &[
    (
        "a read shows what was there before the last change",
        |lines| {
            let change = |at: usize| {
                let line = lines.get(at);
                let last = |other: &Line| agree(other, line, OBJECT) && !did(other, "read");
                lines.before(at, last).filter(|change| changes(lines.get(*change)))
            };
            let at = lines.middle(|at, line| {
                did(line, "read")
                    && line.contains_key("amount")
                    && is_alone(lines, at, |_| true)
                    && change(at).is_some_and(|change| is_alone(lines, change, |_| true))
            })?;
            let change = lines.get(change(at)?);
            let (now, by) = (number(lines.get(at), "amount"), number(change, "amount"));
            let before = if did(change, "add") { now - by } else { now + by };
            lines.set(at, "amount", before);
            Some(())
        },
        "linearizable",
    ),
    (
        "a read shows a value that was there before",
        |lines| {
            let swap = |at: usize| {
                let line = lines.get(at);
                lines.before(at, |other| is_done(other, "swap") && agree(other, line, OBJECT))
            };
            let at = lines.middle(|at, line| {
                did(line, "read")
                    && line.contains_key("value")
                    && is_alone(lines, at, |_| true)
                    && swap(at).is_some_and(|swap| is_alone(lines, swap, |_| true))
            })?;
            let older = lines.get(swap(at)?)["expected"][0].clone();
            lines.set(at, "value", older);
            Some(())
        },
        "linearizable",
    ),
    (
        "what was taken was refused",
        |lines| {
            let at =
                lines.middle(|at, line| is_done(line, "take") && is_alone(lines, at, |_| true))?;
            lines.set(at, "outcome", "rejected");
            Some(())
        },
        "linearizable",
    ),
    (
        "what was refused is taken",
        |lines| {
            let at = lines.middle(|at, line| {
                did(line, "take")
                    && line.get("outcome") == Some(&json!("rejected"))
                    && is_alone(lines, at, |other| !is_done(other, "take"))
            })?;
            lines.set(at, "outcome", "accepted");
            Some(())
        },
        "linearizable",
    ),
    (
        "less is there at the beginning than is taken",
        |lines| {
            let at = lines.middle(|at, line| {
                is_done(line, "take") && {
                    let added = |other: &Line| {
                        (did(other, "add") || did(other, "give_back")) && agree(other, line, OBJECT)
                    };
                    lines.before(at, added).is_none()
                }
            })?;
            let line = lines.get(at).clone();
            let begin =
                lines.before(at, |other| did(other, "begin") && agree(other, &line, OBJECT))?;
            lines.set(begin, "amount", 0);
            Some(())
        },
        "linearizable",
    ),
    (
        "a value is set again from one that it no longer has",
        |lines| {
            let at =
                lines.middle(|at, line| is_done(line, "swap") && is_alone(lines, at, |_| true))?;
            lines.double(at);
            Some(())
        },
        "linearizable",
    ),
    (
        "an answer is moved before that on which it rests",
        |lines| {
            let (first, at) = two_swaps(lines)?;
            let early = number(lines.get(first), "from") - 1;
            lines.set(at, "from", early);
            lines.set(at, "to", early);
            lines.move_before(at, first);
            Some(())
        },
        "linearizable",
    ),
    (
        "an operation on which another rests is lost",
        |lines| {
            let (first, _) = two_swaps(lines)?;
            lines.lose(first);
            Some(())
        },
        "linearizable",
    ),
    (
        "more is added than is seen",
        |lines| {
            let read = |at: usize| {
                let line = lines.get(at);
                lines.after(at, |other| did(other, "read") && agree(other, line, OBJECT))
            };
            let at = lines.middle(|at, line| {
                is_done(line, "add")
                    && is_alone(lines, at, |_| true)
                    && read(at).is_some_and(|read| is_alone(lines, read, |_| true))
            })?;
            let more = number(lines.get(at), "amount") + 1;
            lines.set(at, "amount", more);
            Some(())
        },
        "linearizable",
    ),
];

const OBJECT: &[&str] = &["kind", "object"];

fn did(line: &Line, what: &str) -> bool {
    is(line, "operation") && line["did"] == what
}

/// Whether it was asked for and done.
fn is_done(line: &Line, what: &str) -> bool {
    did(line, what) && !line.contains_key("outcome")
}

/// Whether it has changed an amount.
fn changes(line: &Line) -> bool {
    (is_done(line, "add") || is_done(line, "take") && !line.contains_key("holder"))
        && number(line, "amount") > 0
}

/// Whether no other operation on the same object that is meant overlaps with one.
fn is_alone(lines: &Lines, at: usize, is_meant: impl Fn(&Line) -> bool) -> bool {
    let time = |line: &Line| {
        let of = |field: &str| line.get(field).and_then(|value| value.as_u64());
        (of("from").unwrap_or_default(), of("to").unwrap_or(u64::MAX))
    };
    let line = lines.get(at);
    let (from, to) = time(line);
    let others = lines.all(|other| {
        let (start, end) = time(other);
        let is_other = agree(other, line, OBJECT) && !did(other, "begin") && is_meant(other);
        is_other && start <= to && from <= end
    });
    others.into_iter().all(|other| other == at)
}

/// Two operations on an object that set it to a value, the second one from that of the first.
fn two_swaps(lines: &Lines) -> Option<(usize, usize)> {
    let first = |at: usize| {
        let line = lines.get(at);
        let is_base = |other: &Line| {
            is_done(other, "swap")
                && agree(other, line, OBJECT)
                && line["expected"] == json!([other["value"]])
                && number(other, "from") > 0
        };
        lines.before(at, is_base)
    };
    let at = lines.middle(|at, line| {
        is_done(line, "swap")
            && is_alone(lines, at, |_| true)
            && first(at).is_some_and(|first| is_alone(lines, first, |_| true))
    })?;
    Some((first(at)?, at))
}
