//! What is changed, and the property that must find it.
//!
//! A mutation returns `None` if a run has nothing of the kind. Where it can choose, it takes a line in the middle.

use serde_json::json;

use super::change::{Line, Lines, agree, is, number};

type Mutation = (&'static str, fn(&mut Lines) -> Option<()>, &'static str);

/// The fields that name an event.
const EVENT: &[&str] = &["stream", "version"];

/// All mutations.
pub(super) const MUTATIONS: &[Mutation] = &[
    // ---- the log
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
    // ---- commands
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
    // ---- causes
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
    // ---- publishes, deliveries, applied events
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
    // ---- checkpoints
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
    // ---- reads
    (
        "a row shows an older version than before",
        |lines| {
            let at = lines.middle(|at, line| is(line, "read") && read_before(lines, at))?;
            let older: Line =
                shows(lines.get(at)).keys().map(|stream| (stream.clone(), json!(0))).collect();
            lines.set(at, "shows", older);
            Some(())
        },
        "monotonic-reads",
    ),
    (
        "a row is gone",
        |lines| {
            let at = lines.middle(|at, line| is(line, "read") && read_before(lines, at))?;
            lines.set(at, "shows", json!({}));
            Some(())
        },
        "monotonic-reads",
    ),
    (
        "a row does not show the reader's write",
        |lines| {
            let at = lines.middle(|_, line| is(line, "read") && line["after"] != json!({}))?;
            lines.set(at, "shows", json!({}));
            Some(())
        },
        "read-your-writes",
    ),
    (
        "a row shows what is not stored",
        |lines| {
            let at = lines.middle(|_, line| is(line, "read") && !shows(line).is_empty())?;
            let newer: Line =
                shows(lines.get(at)).keys().map(|stream| (stream.clone(), json!(1_000))).collect();
            lines.set(at, "shows", newer);
            Some(())
        },
        "projection-convergence",
    ),
    // ---- sagas, timers, calls
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
    // ---- money
    (
        "a payment is captured twice",
        |lines| {
            let at = lines.middle(|_, line| did(line, "capture") || did(line, "charge"))?;
            lines.double(at);
            Some(())
        },
        "single-capture",
    ),
    (
        "more is captured than was authorised",
        |lines| {
            let at = lines.middle(|_, line| did(line, "capture"))?;
            lines.set(at, "amount", number(lines.get(at), "amount") + 1);
            Some(())
        },
        "money-conserved",
    ),
    (
        "an authorisation is lost",
        |lines| {
            let at = lines.middle(|at, line| {
                did(line, "authorise")
                    && lines
                        .after(at, |other| {
                            did(other, "capture") && agree(other, line, &["payment"])
                        })
                        .is_some()
            })?;
            lines.lose(at);
            Some(())
        },
        "money-conserved",
    ),
    (
        "an authorisation is neither captured nor voided",
        |lines| {
            let at = lines.middle(|at, line| {
                did(line, "void")
                    && lines
                        .before(at, |other| {
                            did(other, "authorise") && agree(other, line, &["payment"])
                        })
                        .is_some()
            })?;
            lines.lose(at);
            Some(())
        },
        "money-conserved",
    ),
    (
        "a payment is captured after it was voided",
        |lines| {
            let at = lines.middle(|at, line| {
                did(line, "void")
                    && lines
                        .before(at, |other| {
                            did(other, "authorise") && agree(other, line, &["payment"])
                        })
                        .is_some()
            })?;
            lines.double(at);
            lines.set(at + 1, "did", "capture");
            lines.set(at + 1, "amount", 1);
            Some(())
        },
        "money-conserved",
    ),
    (
        "a payment is refunded twice",
        |lines| {
            let at = lines.middle(|_, line| did(line, "refund"))?;
            lines.double(at);
            lines.double(at);
            Some(())
        },
        "money-conserved",
    ),
    (
        "more is refunded than was captured",
        |lines| {
            let at = lines.middle(|_, line| did(line, "refund"))?;
            lines.set(at, "amount", 1_000_000_000);
            Some(())
        },
        "money-conserved",
    ),
    (
        "a refunded payment is charged back, too",
        |lines| {
            let at = lines.middle(|_, line| did(line, "refund"))?;
            let captured = lines.before(at, |other| {
                (did(other, "capture") || did(other, "charge"))
                    && agree(other, lines.get(at), &["payment"])
            })?;
            let amount = number(lines.get(captured), "amount");
            lines.double(at);
            lines.set(at + 1, "did", "chargeback");
            lines.set(at + 1, "amount", amount);
            Some(())
        },
        "paid-back-once",
    ),
    // ---- what is limited
    (
        "the same is held twice",
        |lines| {
            let at = lines.middle(|_, line| is(line, "hold"))?;
            lines.double(at);
            Some(())
        },
        "no-double-sale",
    ),
    (
        "less is in stock than is held",
        |lines| {
            let at = lines.middle(|_, line| is(line, "hold"))?;
            let item = lines.get(at).clone();
            let stock =
                lines.before(at, |other| is(other, "stock") && agree(other, &item, &["item"]))?;
            lines.set(stock, "capacity", 0);
            Some(())
        },
        "no-double-sale",
    ),
    (
        "something is given back twice",
        |lines| {
            let at = lines.middle(|_, line| is(line, "release"))?;
            lines.double(at);
            Some(())
        },
        "no-early-release",
    ),
    (
        "something is given back by another holder",
        |lines| {
            let at = lines.middle(|_, line| is(line, "release"))?;
            lines.set(at, "holder", "another holder");
            Some(())
        },
        "no-early-release",
    ),
    (
        "something is given back before it is held",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "release")
                    && lines
                        .before(at, |other| {
                            is(other, "hold") && agree(other, line, &["item", "holder"])
                        })
                        .is_some()
            })?;
            let line = lines.get(at).clone();
            let hold = lines.before(at, |other| {
                is(other, "hold") && agree(other, &line, &["item", "holder"])
            })?;
            lines.move_before(at, hold);
            Some(())
        },
        "no-early-release",
    ),
    (
        "a hold runs out and is not given back",
        |lines| {
            let at = lines.middle(|at, line| {
                is(line, "hold")
                    && lines
                        .after(at, |other| {
                            is(other, "release") && agree(other, line, &["item", "holder"])
                        })
                        .is_some()
                    && lines
                        .after(at, |other| {
                            is(other, "sell") && agree(other, line, &["item", "holder"])
                        })
                        .is_none()
            })?;
            let line = lines.get(at).clone();
            let release = lines.after(at, |other| {
                is(other, "release") && agree(other, &line, &["item", "holder"])
            })?;
            lines.lose(release);
            lines.set(at, "until", number(&line, "at"));
            Some(())
        },
        "no-late-release",
    ),
];

fn did(line: &Line, what: &str) -> bool {
    is(line, "payment") && line["did"] == what
}

fn shows(line: &Line) -> &Line {
    line["shows"].as_object().expect("an object")
}

/// The next event of the stream of an event.
fn next_of(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.after(at, |other| is(other, "event") && agree(other, line, &["stream"]))
}

fn has_next(lines: &Lines, at: usize) -> bool {
    next_of(lines, at).is_some()
}

/// Whether a later line of a kind is about an event.
fn uses(lines: &Lines, at: usize, kind: &str) -> bool {
    let line = lines.get(at);
    lines.after(at, |other| is(other, kind) && agree(other, line, EVENT)).is_some()
}

/// The event that a line is about.
fn stored(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.before(at, |other| is(other, "event") && agree(other, line, EVENT))
}

/// The first line of the command that a line answers.
fn sent(lines: &Lines, at: usize) -> Option<usize> {
    let command = &lines.get(at)["command"];
    let sent = lines.all(|other| is(other, "command") && other["id"] == *command);
    sent.first().copied().filter(|sent| *sent < at)
}

/// The first event that an event led to.
fn effect(lines: &Lines, at: usize) -> Option<usize> {
    let id = &lines.get(at)["id"];
    lines.after(at, |other| is(other, "event") && other.get("cause") == Some(id))
}

/// The next line in which the same consumer applies an event of the same stream.
fn applied_next(lines: &Lines, at: usize) -> Option<usize> {
    let line = lines.get(at);
    lines.after(at, |other| is(other, "apply") && agree(other, line, &["consumer", "stream"]))
}

/// The checkpoint that covers an applied event, right behind it.
fn covered(lines: &Lines, at: usize) -> Option<usize> {
    let next = lines.get(at + 1);
    (is(next, "checkpoint") && agree(next, lines.get(at), &["consumer"])).then_some(at + 1)
}

/// A later event that the consumer of a checkpoint must see.
fn appears_later(lines: &Lines, at: usize) -> Option<usize> {
    let consumer = lines.get(at);
    let subscription =
        lines.all(|other| is(other, "subscription") && agree(other, consumer, &["consumer"]));
    let categories = lines.get(*subscription.first()?)["categories"].as_array()?.clone();
    lines.after(at, |other| is(other, "event") && categories.contains(&other["category"]))
}

/// Whether a reader was shown the same row with the same streams before.
fn read_before(lines: &Lines, at: usize) -> bool {
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
