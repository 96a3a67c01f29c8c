//! Payments.

use super::Mutation;
use super::change::{Lines, agree, number};
use super::places::did;

/// A void of a payment whose authorisation stands before it.
fn voided(lines: &Lines) -> Option<usize> {
    lines.middle(|at, line| {
        let is_its = |other: &_| did(other, "authorise") && agree(other, line, &["payment"]);
        did(line, "void") && lines.before(at, is_its).is_some()
    })
}

pub(super) const ALL: &[Mutation] = &[
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
            let at = voided(lines)?;
            lines.lose(at);
            Some(())
        },
        "money-conserved",
    ),
    (
        "a payment is captured after it was voided",
        |lines| {
            let at = voided(lines)?;
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
];
