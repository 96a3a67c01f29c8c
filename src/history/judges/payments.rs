//! `single-capture`, `money-conserved` and `paid-back-once`: a payment by the ledger of its provider.

use crate::history::board::{Board, Place};
use crate::history::clauses::Clause;
use crate::history::fact::{Moved, Payment};
use crate::history::names::Names;
use crate::history::row::AMOUNT_PARTS;
use crate::linearizability::models::written;

/// All payments.
#[derive(Debug, Default)]
pub(in crate::history) struct Payments {
    names: Names,
    all: Vec<Sums>,
}

/// The sums of one payment, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    authorised: i64,
    captured: i64,
    refunded: i64,
    /// Chargebacks less disputes that were won.
    charged_back: i64,
    /// Lines, where there are any.
    authorisation: Place,
    capture: Place,
    void: Place,
    paid_back: Place,
    /// Whether a line had no amount: sums are not judged then.
    is_unknown: bool,
}

impl Payments {
    pub(in crate::history) fn see(
        &mut self,
        payment: &Payment<'_>,
        line: Place,
        board: &mut Board,
    ) {
        let number = self.names.number(&payment.payment) as usize;
        if self.all.len() <= number {
            self.all.resize_with(number + 1, Sums::default);
        }
        let sums = &mut self.all[number];
        let name = &payment.payment;
        sums.is_unknown |= payment.amount.is_none() && payment.did != Moved::Voided;
        let amount = payment.amount.unwrap_or_default();
        match payment.did {
            Moved::Authorised => {
                sums.authorised = sums.authorised.saturating_add(amount);
                (sums.authorisation, sums.void) = (line, Place::default());
            }
            Moved::Charged => {
                sums.authorised = sums.authorised.saturating_add(amount);
                sums.captured(name, amount, line, board);
            }
            Moved::Captured => {
                sums.captured(name, amount, line, board);
                let Sums { authorised, captured, authorisation, void, is_unknown, .. } = *sums;
                if !is_unknown {
                    let holds = captured <= authorised && !void.is_known();
                    board.that(Clause::WithinAuthorised, holds, [authorisation, void, line], || {
                        if void.is_known() {
                            return format!("{name} is captured after it was voided");
                        }
                        let (captured, authorised) = (money(captured), money(authorised));
                        format!("{name} is captured with {captured}, but authorised with {authorised}")
                    });
                }
            }
            Moved::Voided => {
                sums.void = line;
                let is_captured = sums.capture.is_known();
                board.that(Clause::WithinAuthorised, !is_captured, [sums.capture, line], || {
                    format!("{name} is voided after it was captured")
                });
            }
            Moved::Refunded => {
                sums.refunded = sums.refunded.saturating_add(amount);
                sums.paid_back = line;
                let Sums { refunded, captured, capture, is_unknown, .. } = *sums;
                if !is_unknown {
                    board.that(
                        Clause::WithinCaptured,
                        refunded <= captured,
                        [capture, line],
                        || {
                            let (refunded, captured) = (money(refunded), money(captured));
                            format!("{refunded} of {name} is refunded, but {captured} was captured")
                        },
                    );
                }
            }
            Moved::ChargedBack => {
                sums.charged_back = sums.charged_back.saturating_add(amount);
                sums.paid_back = line;
            }
            Moved::DisputeWon => sums.charged_back = sums.charged_back.saturating_sub(amount),
        }
    }

    pub(in crate::history) fn end(&self, board: &mut Board) {
        for (number, sums) in (0..).zip(&self.all) {
            let Sums { authorisation, capture, void, is_unknown, .. } = *sums;
            let name = || self.names.name(number);
            if authorisation.is_known() {
                let is_settled = void.is_known() || capture.is_known();
                board.that(Clause::NothingReserved, is_settled, [authorisation], || {
                    format!("{} is authorised, and neither captured nor voided", name())
                });
            }
            if sums.paid_back.is_known() && !is_unknown {
                let back = sums.refunded.saturating_add(sums.charged_back);
                let holds = back <= sums.captured;
                board.that(Clause::PaidBack, holds, [capture, sums.paid_back], || {
                    let (back, captured) = (money(back), money(sums.captured));
                    format!("{back} of {} is paid back, but {captured} was captured", name())
                });
            }
        }
    }
}

impl Sums {
    fn captured(
        &mut self,
        name: &impl std::fmt::Display,
        amount: i64,
        line: Place,
        board: &mut Board,
    ) {
        let before = std::mem::replace(&mut self.capture, line);
        self.captured = self.captured.saturating_add(amount);
        board.that(Clause::CapturedOnce, !before.is_known(), [before, line], || {
            format!("{name} is captured twice, the second time {}", money(amount))
        });
    }
}

/// An amount as it was written.
fn money(parts: i64) -> String {
    written(parts, AMOUNT_PARTS)
}
