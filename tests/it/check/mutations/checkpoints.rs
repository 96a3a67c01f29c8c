//! Checkpoints.

use serde_json::json;

use super::Mutation;
use super::change::{agree, is};
use super::places::{EVENT, appears_later, covered};

pub(super) const ALL: &[Mutation] = &[
    (
        "a checkpoint goes back",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "checkpoint")
                    && lines
                        .before(at, |other| {
                            is(other, "checkpoint") && agree(other, line, &["consumer"])
                        })
                        .is_some()
            })?;
            lines.set(at, "position", 0);
            Some(())
        },
        "checkpoint-behind",
    ),
    (
        "a checkpoint comes before what it covers is applied",
        |lines| {
            let at = lines.middle(|at, line| is(line, "apply") && covered(lines, at).is_some())?;
            let checkpoint = covered(lines, at)?;
            lines.move_behind(at, checkpoint);
            Some(())
        },
        "checkpoint-behind",
    ),
    (
        "an event appears behind a checkpoint",
        |lines| {
            let at = lines
                .middle(|at, line| is(line, "checkpoint") && appears_later(lines, at).is_some())?;
            lines.set(at, "position", 1_000_000);
            Some(())
        },
        "checkpoint-behind",
    ),
    (
        "the last checkpoint is lost",
        |lines| {
            let last = lines.all(|line| is(line, "checkpoint")).pop()?;
            let line = lines.get(last).clone();
            lines.before(last, |other| {
                is(other, "checkpoint") && agree(other, &line, &["consumer"])
            })?;
            lines.lose(last);
            Some(())
        },
        "drains",
    ),
    (
        "a row stays in the outbox",
        |lines| {
            let at = lines.middle(|_, line| is(line, "publish"))?;
            let mut row = lines.get(at).clone();
            row.retain(|field, _| EVENT.contains(&field.as_str()));
            row.insert("kind".to_owned(), json!("outbox"));
            row.insert("sent".to_owned(), json!(null));
            lines.append(row);
            Some(())
        },
        "drains",
    ),
];
