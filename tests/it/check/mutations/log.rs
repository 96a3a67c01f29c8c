//! The log.

use super::Mutation;
use super::change::{is, number};
use super::places::{has_next, next_of, uses};

pub(super) const ALL: &[Mutation] = &[
    (
        "an event is lost",
        |lines| {
            let at = lines.middle(|at, line| is(line, "event") && has_next(lines, at))?;
            lines.lose(at);
            Some(())
        },
        "dense-versions",
    ),
    (
        "the last event of a stream is lost",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "event") && !has_next(lines, at) && uses(lines, at, "publish")
            })?;
            lines.lose(at);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event is stored twice",
        |lines| {
            let at = lines.middle(|_, line| is(line, "event"))?;
            lines.double(at);
            Some(())
        },
        "dense-versions",
    ),
    (
        "two events of a stream are swapped",
        |lines| {
            let at = lines.middle(|at, line| is(line, "event") && has_next(lines, at))?;
            let next = next_of(lines, at)?;
            lines.move_behind(at, next);
            Some(())
        },
        "dense-versions",
    ),
    (
        "a version is raised",
        |lines| {
            let at = lines.middle(|_, line| is(line, "event"))?;
            lines.set(at, "version", number(lines.get(at), "version") + 1);
            Some(())
        },
        "dense-versions",
    ),
    (
        "an event has the position of another one",
        |lines| {
            let events = lines.all(|line| is(line, "event"));
            let [.., one, other] = *events else { return None };
            lines.set(other, "position", number(lines.get(one), "position"));
            Some(())
        },
        "dense-versions",
    ),
    (
        "the positions of a stream go back",
        |lines| {
            let at = lines.middle(|at, line| is(line, "event") && has_next(lines, at))?;
            lines.set(at, "position", 1_000_000);
            Some(())
        },
        "dense-versions",
    ),
    (
        "an event has the id of another one",
        |lines| {
            let events = lines.all(|line| is(line, "event"));
            let [first, .., last] = *events else { return None };
            let id = lines.get(first)["id"].clone();
            lines.set(last, "id", id);
            Some(())
        },
        "dense-versions",
    ),
];
