//! The state of one charge, and the movements that change it.

use std::hash::{Hash, Hasher};

use crate::domains::flights::event::ChargeStep;
use crate::domains::flights::money::Money;

/// The state of a booking's charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The sum of all reservations that have not lapsed.
    pub authorised: Money,
    pub captured: Money,
    pub refunded: Money,
    /// The number of captures.
    pub captures: u8,
    /// The reservation was voided: nothing is authorised or captured any more.
    pub voided: bool,
    /// A reservation waits for the customer, who must confirm it with their bank.
    pub pending: bool,
    /// How many reservations have lapsed.
    pub lapses: u8,
    /// Whether the cardholder disputes the charge.
    pub dispute: Dispute,
    /// Whether we have contested that.
    pub contested: bool,
}

/// A chargeback: the cardholder's bank takes the captured money back until the dispute is decided, and keeps it
/// if we lose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dispute {
    /// There is none.
    #[default]
    None,
    /// The bank has taken the money back for now.
    Open,
    /// The money is ours again.
    Won,
    /// The money stays with the cardholder.
    Lost,
}

impl Hash for Standing {
    /// What happens to few charges adds nothing until it happens: a run without it has the digest that it had
    /// before such things were modelled.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let &Self { authorised, captured, refunded, captures, voided, .. } = self;
        (authorised, captured, refunded, captures, voided).hash(state);
        let rare = (self.pending, self.lapses, self.dispute, self.contested);
        if rare != Default::default() {
            rare.hash(state);
        }
    }
}

impl Standing {
    /// A charge without movements.
    pub const fn blank(amount: Money) -> Self {
        let zero = Money::zero(amount.currency);
        Self {
            authorised: zero,
            captured: zero,
            refunded: zero,
            captures: 0,
            voided: false,
            pending: false,
            lapses: 0,
            dispute: Dispute::None,
            contested: false,
        }
    }

    /// What the customer has paid after refunds and chargebacks, and less than zero if too much was paid back;
    /// `None` on overflow.
    pub fn net(&self) -> Option<Money> {
        self.captured.minus(self.refunded)?.minus(self.charged_back())
    }

    /// What the cardholder's bank has taken back.
    pub const fn charged_back(&self) -> Money {
        match self.dispute {
            Dispute::Open | Dispute::Lost => self.captured,
            Dispute::None | Dispute::Won => Money::zero(self.captured.currency),
        }
    }

    /// Whether money is reserved that was not captured.
    pub const fn is_reserved(&self) -> bool {
        !self.voided && self.captures == 0 && self.authorised.minor > 0
    }

    /// Whether there was a reservation, and it has lapsed.
    pub const fn has_lapsed(&self) -> bool {
        !self.voided && self.authorised.is_zero() && self.lapses > 0
    }

    /// The charge after its reservation has lapsed.
    pub(super) const fn lapsed(self) -> Self {
        let authorised = Money::zero(self.authorised.currency);
        Self { authorised, lapses: self.lapses.saturating_add(1), ..self }
    }

    /// The charge after a dispute is decided. A contested one is won if the money was given back before, or if
    /// the bank decides so.
    pub(super) const fn decided(self, wins: bool) -> Self {
        let won = self.contested && (wins || !self.refunded.is_zero());
        Self { dispute: if won { Dispute::Won } else { Dispute::Lost }, ..self }
    }

    /// The charge after one more movement; `None` if the provider declines it.
    pub(super) fn after(self, step: ChargeStep, amount: Money, limit: Option<i64>) -> Option<Self> {
        let open = !self.voided && !self.authorised.is_zero();
        match step {
            ChargeStep::Authorise => {
                let within = limit.is_none_or(|limit| amount.minor <= limit);
                let authorised = self.authorised.plus(amount)?;
                (within && !self.voided).then_some(Self { authorised, ..self })
            }
            ChargeStep::Capture => {
                let captured = self.captured.plus(amount)?;
                let captures = self.captures.checked_add(1)?;
                open.then_some(Self { captured, captures, ..self })
            }
            // A void closes the charge even if nothing is reserved: a late authorisation is declined.
            ChargeStep::Void => {
                let voided = Self { voided: true, pending: false, ..self };
                (self.captures == 0).then_some(voided)
            }
            // The provider does not look at disputes: that nothing is paid back twice is up to us.
            ChargeStep::Refund => {
                let refunded = self.refunded.plus(amount)?;
                let left = self.captured.minus(refunded)?;
                (left.minor >= 0).then_some(Self { refunded, ..self })
            }
            ChargeStep::Dispute => {
                let disputable = self.captures > 0 && self.dispute == Dispute::None;
                disputable.then_some(Self { dispute: Dispute::Open, ..self })
            }
            ChargeStep::Contest => {
                (self.dispute == Dispute::Open).then_some(Self { contested: true, ..self })
            }
            ChargeStep::Query => Some(self),
        }
    }
}
