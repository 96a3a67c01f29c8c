//! Sagas, their timers and their calls.

use super::Mutation;
use super::change::{agree, is};

pub(super) const ALL: &[Mutation] = &[
    (
        "the end of a saga is lost",
        |lines| {
            let at = lines.middle(|_, line| is(line, "saga") && line["state"] == "ended")?;
            let saga = lines.get(at).clone();
            for at in lines
                .all(|line| is(line, "saga") && agree(line, &saga, &["saga", "state"]))
                .into_iter()
                .rev()
            {
                lines.lose(at);
            }
            Some(())
        },
        "saga-terminates",
    ),
    (
        "a saga goes on after its end",
        |lines| {
            let at = lines.middle(|_, line| is(line, "saga") && line["state"] == "ended")?;
            lines.append(lines.get(at).clone());
            let last = lines.all(|line| is(line, "saga")).pop()?;
            lines.set(last, "state", "running");
            Some(())
        },
        "saga-terminates",
    ),
    (
        "a timer never fires",
        |lines| {
            let at = lines.all(|line| is(line, "timer") && line["did"] == "fire").pop()?;
            lines.lose(at);
            Some(())
        },
        "timer-honest",
    ),
    (
        "a timer fires before it is due",
        |lines| {
            let at = lines.middle(|_, line| is(line, "timer") && line["did"] == "fire")?;
            lines.set(at, "at", 0);
            Some(())
        },
        "timer-honest",
    ),
    (
        "a timer fires twice",
        |lines| {
            let at = lines.middle(|_, line| is(line, "timer") && line["did"] == "fire")?;
            lines.double(at);
            Some(())
        },
        "timer-honest",
    ),
    (
        "a call is repeated with other contents",
        |lines| {
            let at = lines.middle(|_, line| is(line, "call"))?;
            lines.double(at);
            lines.set(at + 1, "body", "something else");
            Some(())
        },
        "step-once",
    ),
];
