//! The payment provider: one charge for each order, known by the order's number.
//!
//! Whatever is asked a second time is answered as before and moves nothing. Once a charge is reversed
//! it is closed: what arrives late finds it shut.

use crate::collections::SortedMap;

use super::ids::OrderId;
use super::saga_event::Act;
use crate::domains::money::Money;

/// What the provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeRequest {
    /// To move money, or to undo that.
    Move {
        order: OrderId,
        /// What to do.
        act: Act,
        /// How much it is about.
        amount: Money,
    },
    /// How the charge stands.
    Query {
        order: OrderId,
        /// The how-manieth question, because an answer to an older one says nothing about now.
        nth: u8,
    },
}

/// How a charge stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Charge {
    /// Reserved, in minor units.
    pub authorised: i64,
    /// Taken.
    pub captured: i64,
    /// Given back.
    pub refunded: i64,
    /// Whether nothing is reserved or taken any more.
    pub closed: bool,
}

/// What the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    /// It is done.
    Done { order: OrderId, act: Act },
    /// It is not done.
    Declined { order: OrderId, act: Act },
    /// How things stand.
    Standing { order: OrderId, nth: u8, charge: Charge },
    /// The provider failed (5xx): what it was asked may have happened.
    Unavailable(ChargeRequest),
}

/// One line of the provider's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeEntry {
    /// For which order.
    pub order: OrderId,
    /// What was done.
    pub act: Act,
    /// How much it moved.
    pub amount: Money,
    /// How the charge stands afterwards.
    pub charge: Charge,
}

/// The provider's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProviderLedger {
    charges: SortedMap<OrderId, Charge>,
}

impl ChargeRequest {
    /// What it is about.
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Move { order, .. } | Self::Query { order, .. } => *order,
        }
    }
}

impl ProviderLedger {
    /// Every charge.
    pub fn charges(&self) -> impl Iterator<Item = (OrderId, Charge)> + '_ {
        self.charges.iter().map(|(&order, &charge)| (order, charge))
    }
}

impl Charge {
    /// What the customer has paid after all.
    pub const fn net(&self) -> i64 {
        self.captured - self.refunded
    }

    /// The charge after one more act; the same if it was done before, `None` if it cannot be done.
    fn after(self, act: Act, amount: i64, limit: Option<i64>) -> Option<Self> {
        match act {
            Act::Authorise if self.authorised == amount => Some(self),
            Act::Authorise => {
                let within = limit.is_none_or(|limit| amount <= limit);
                let open = !self.closed && self.authorised == 0;
                (open && within).then_some(Self { authorised: amount, ..self })
            }
            Act::Capture if self.captured == amount => Some(self),
            Act::Capture => {
                let reserved = self.captured == 0 && self.authorised == amount;
                (reserved && !self.closed).then_some(Self { captured: amount, ..self })
            }
            Act::Reverse => Some(Self { refunded: self.captured, closed: true, ..self }),
            Act::Book | Act::Recall => None,
        }
    }
}

/// Answers a request. `limit` is the most that is authorised, in minor units.
pub(super) fn serve(
    limit: Option<i64>,
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    entries: &mut Vec<ChargeEntry>,
) -> ChargeReply {
    let order = request.order();
    let charge = ledger.charges.get(&order).copied().unwrap_or_default();
    match *request {
        ChargeRequest::Query { nth, .. } => ChargeReply::Standing { order, nth, charge },
        ChargeRequest::Move { act, amount, .. } => match charge.after(act, amount.minor, limit) {
            None => ChargeReply::Declined { order, act },
            Some(same) if same == charge => ChargeReply::Done { order, act },
            Some(moved) => {
                ledger.charges.insert(order, moved);
                let back = Money::new(moved.refunded - charge.refunded, amount.currency);
                let amount = if act == Act::Reverse { back } else { amount };
                entries.push(ChargeEntry { order, act, amount, charge: moved });
                ChargeReply::Done { order, act }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::money::Currency;
    use proptest::prelude::*;

    const ORDER: OrderId = OrderId(0);

    fn ask(ledger: &mut ProviderLedger, act: Act, minor: i64) -> (ChargeReply, usize) {
        let amount = Money::new(minor, Currency::Usd);
        let mut entries = Vec::new();
        let request = ChargeRequest::Move { order: ORDER, act, amount };
        (serve(Some(1_000), ledger, &request, &mut entries), entries.len())
    }

    #[test]
    fn what_is_asked_twice_is_done_once() {
        let mut ledger = ProviderLedger::default();
        for act in [Act::Authorise, Act::Capture, Act::Reverse] {
            let done = ChargeReply::Done { order: ORDER, act };
            assert_eq!(ask(&mut ledger, act, 500), (done, 1));
            assert_eq!(ask(&mut ledger, act, 500), (done, 0));
        }
        let charge = Charge { authorised: 500, captured: 500, refunded: 500, closed: true };
        assert_eq!(ledger.charges().collect::<Vec<_>>(), [(ORDER, charge)]);
    }

    #[test]
    fn a_reversed_charge_is_shut_for_what_comes_late() {
        let mut ledger = ProviderLedger::default();
        assert_eq!(ask(&mut ledger, Act::Reverse, 500).1, 1, "even one nobody ever heard of");
        for act in [Act::Authorise, Act::Capture] {
            assert_eq!(
                ask(&mut ledger, act, 500),
                (ChargeReply::Declined { order: ORDER, act }, 0)
            );
        }
    }

    #[test]
    fn more_than_the_limit_and_what_was_not_reserved_are_declined() {
        let mut ledger = ProviderLedger::default();
        assert_eq!(ask(&mut ledger, Act::Authorise, 1_001).1, 0);
        assert_eq!(ask(&mut ledger, Act::Capture, 500).1, 0);
        ask(&mut ledger, Act::Authorise, 500);
        assert_eq!(ask(&mut ledger, Act::Capture, 499).1, 0);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_money_is_conserved(
            asked in prop::collection::vec((0..3_usize, 1..4_i64), 1..30)
        ) {
            let mut ledger = ProviderLedger::default();
            for (act, minor) in asked {
                let act = [Act::Authorise, Act::Capture, Act::Reverse][act];
                let (reply, _) = ask(&mut ledger, act, minor * 400);
                prop_assert_eq!(ask(&mut ledger, act, minor * 400), (reply, 0));
                for (_, charge) in ledger.charges() {
                    prop_assert!(charge.captured <= charge.authorised);
                    prop_assert!(0 <= charge.net() && charge.refunded <= charge.captured);
                    prop_assert!(!charge.closed || charge.net() == 0);
                }
            }
        }
    }
}
