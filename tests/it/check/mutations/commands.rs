//! Commands and their answers.

use super::Mutation;
use super::change::{agree, is, number};
use super::places::sent;

pub(super) const ALL: &[Mutation] = &[
    (
        "an event of a command is in another transaction",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "event")
                    && lines
                        .before(at, |other| is(other, "event") && agree(other, line, &["command"]))
                        .is_some()
            })?;
            lines.set(at, "transaction", "another one");
            Some(())
        },
        "command-once",
    ),
    (
        "a rejected command has written an event",
        |lines| {
            let rejected =
                lines.middle(|_, line| is(line, "answer") && line["outcome"] == "rejected")?;
            let at = lines.after(rejected, |line| is(line, "event"))?;
            let command = lines.get(rejected)["command"].clone();
            lines.set(at, "command", command);
            Some(())
        },
        "command-once",
    ),
    (
        "an accepted command writes an event later",
        |lines| {
            let accepted = lines.middle(|at, line| {
                is(line, "answer")
                    && line["outcome"] == "accepted"
                    && lines.after(at, |other| is(other, "event")).is_some()
            })?;
            let at = lines.after(accepted, |line| is(line, "event"))?;
            let command = lines.get(accepted)["command"].clone();
            lines.set(at, "command", command);
            Some(())
        },
        "command-once",
    ),
    (
        "a command is answered twice and differently",
        |lines| {
            let at = lines.middle(|_, line| is(line, "answer") && line["outcome"] == "accepted")?;
            lines.double(at);
            lines.set(at + 1, "version", number(lines.get(at), "version") + 1);
            Some(())
        },
        "command-once",
    ),
    (
        "an accepted command is also rejected",
        |lines| {
            let at = lines.middle(|_, line| is(line, "answer") && line["outcome"] == "accepted")?;
            lines.double(at);
            lines.set(at + 1, "outcome", "rejected");
            Some(())
        },
        "command-once",
    ),
    (
        "an answer is lost",
        |lines| {
            let at = lines.middle(|_, line| {
                is(line, "answer")
                    && lines
                        .all(|other| is(other, "answer") && agree(other, line, &["command"]))
                        .len()
                        == 1
            })?;
            lines.lose(at);
            Some(())
        },
        "answered-in-time",
    ),
    (
        "an answer comes before its command",
        |lines| {
            let at = lines.middle(|at, line| is(line, "answer") && sent(lines, at).is_some())?;
            let command = sent(lines, at)?;
            lines.move_before(at, command);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "a command is lost",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "command")
                    && lines.all(|other| is(other, "command") && agree(other, line, &["id"])).len()
                        == 1
                    && lines
                        .after(at, |other| is(other, "answer") && other["command"] == line["id"])
                        .is_some()
            })?;
            lines.lose(at);
            Some(())
        },
        "causes-before-effects",
    ),
    (
        "an answer promises a version that is not stored",
        |lines| {
            let at = lines.middle(|_, line| is(line, "answer") && line["outcome"] == "accepted")?;
            lines.set(at, "version", 1_000);
            Some(())
        },
        "acknowledged-once",
    ),
];
