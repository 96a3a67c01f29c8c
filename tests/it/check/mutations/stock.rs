//! What is limited.

use super::Mutation;
use super::change::{agree, is, number};

pub(super) const ALL: &[Mutation] = &[
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
