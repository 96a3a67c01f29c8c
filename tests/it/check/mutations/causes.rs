//! What led to what.

use super::Mutation;
use super::change::is;
use super::places::effect;

pub(super) const ALL: &[Mutation] = &[
    (
        "the cause of an event is not stored",
        |lines| {
            let at = lines.middle(|_, line| is(line, "event") && line.contains_key("cause"))?;
            lines.set(at, "cause", "an event that never was");
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event is stored behind its effect",
        |lines| {
            let at = lines.middle(|at, line| is(line, "event") && effect(lines, at).is_some())?;
            let effect = effect(lines, at)?;
            lines.move_behind(at, effect);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an event loses its correlation",
        |lines| {
            let at = lines.middle(|_, line| is(line, "event") && line.contains_key("cause"))?;
            lines.set(at, "correlation", "another conversation");
            Some(())
        },
        "correlated",
    ),
];
