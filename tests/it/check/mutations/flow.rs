//! Publishes, deliveries and applied events.

use super::Mutation;
use super::change::{agree, is, number};
use super::places::{EVENT, applied_next, stored};

pub(super) const ALL: &[Mutation] = &[
    (
        "an event is not published",
        |lines| {
            let at = lines.middle(|_, line| {
                is(line, "publish")
                    && lines.all(|other| is(other, "publish") && agree(other, line, EVENT)).len()
                        == 1
            })?;
            lines.lose(at);
            Some(())
        },
        "no-lost-event",
    ),
    (
        "an event is published before it is stored",
        |lines| {
            let at = lines.middle(|at, line| is(line, "publish") && stored(lines, at).is_some())?;
            let event = stored(lines, at)?;
            lines.move_before(at, event);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event is delivered before it is stored",
        |lines| {
            let at = lines.middle(|at, line| is(line, "deliver") && stored(lines, at).is_some())?;
            let event = stored(lines, at)?;
            lines.move_before(at, event);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event is applied before it is stored",
        |lines| {
            let at = lines.middle(|at, line| is(line, "apply") && stored(lines, at).is_some())?;
            let event = stored(lines, at)?;
            lines.move_before(at, event);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event is not applied",
        |lines| {
            let at = lines.middle(|_, line| is(line, "apply"))?;
            lines.lose(at);
            Some(())
        },
        "no-lost-event",
    ),
    (
        "an event is skipped",
        |lines| {
            let at =
                lines.middle(|at, line| is(line, "apply") && applied_next(lines, at).is_some())?;
            lines.lose(at);
            Some(())
        },
        "in-order-apply",
    ),
    (
        "an event is applied twice",
        |lines| {
            let at = lines.middle(|_, line| is(line, "apply"))?;
            lines.double(at);
            Some(())
        },
        "in-order-apply",
    ),
    (
        "an event is applied again at the end",
        |lines| {
            let at = lines.middle(|_, line| is(line, "apply"))?;
            lines.append(lines.get(at).clone());
            Some(())
        },
        "in-order-apply",
    ),
    (
        "two events are applied in the wrong order",
        |lines| {
            let at =
                lines.middle(|at, line| is(line, "apply") && applied_next(lines, at).is_some())?;
            let next = applied_next(lines, at)?;
            lines.move_behind(at, next);
            Some(())
        },
        "in-order-apply",
    ),
    (
        "another version is applied",
        |lines| {
            let at = lines.middle(|_, line| is(line, "apply"))?;
            lines.set(at, "version", number(lines.get(at), "version") + 1);
            Some(())
        },
        "in-order-apply",
    ),
    (
        "another consumer applies an event",
        |lines| {
            let at = lines.middle(|_, line| is(line, "apply"))?;
            lines.set(at, "consumer", "another one");
            Some(())
        },
        "no-lost-event",
    ),
];
