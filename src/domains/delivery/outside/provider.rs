//! The payment provider: one charge for each order. The order's number is the reference.
//!
//! A repeated request is answered as before and moves no money. A refund closes the charge: a request that
//! arrives later is declined.

use crate::collections::SortedMap;
use crate::domains::delivery::ids::OrderId;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::Dated;
use crate::names;

/// A request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeRequest {
    /// Charge the card.
    Charge { order: OrderId, amount: Money },
    /// Give back all but `keep`, and close the charge.
    Refund { order: OrderId, keep: Money },
    /// Return the charge. `nth` distinguishes the answer from answers to earlier queries.
    Query { order: OrderId, nth: u8 },
}

names! { ChargeRequest { Charge => ChargeCard, Refund => RefundCard, Query => QueryCharge } }

/// The state of a charge; amounts in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Charge {
    pub charged: i64,
    pub refunded: i64,
    /// Whether a refund has closed it.
    pub closed: bool,
}

/// An answer of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    Charged {
        order: OrderId,
    },
    Declined {
        order: OrderId,
    },
    Refunded {
        order: OrderId,
    },
    /// The answer to a query.
    Standing {
        order: OrderId,
        nth: u8,
        charge: Charge,
    },
    /// The provider failed (5xx): the request may have taken effect.
    Unavailable(ChargeRequest),
}

/// An entry of the provider's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeEntry {
    Charged {
        order: OrderId,
        amount: Money,
    },
    /// `amount` was given back, which may be nothing.
    Refunded {
        order: OrderId,
        amount: Money,
    },
}

/// The provider's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProviderLedger {
    charges: SortedMap<OrderId, Dated<Charge>>,
}

impl ChargeRequest {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Charge { order, .. } | Self::Refund { order, .. } | Self::Query { order, .. } => {
                *order
            }
        }
    }
}

impl ChargeEntry {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Charged { order, .. } | Self::Refunded { order, .. } => *order,
        }
    }
}

impl Charge {
    /// What the customer has paid.
    pub const fn net(&self) -> i64 {
        self.charged - self.refunded
    }
}

impl ProviderLedger {
    pub fn charges(&self) -> impl Iterator<Item = (OrderId, Charge)> + '_ {
        self.charges.iter().filter_map(|(&order, charge)| Some((order, *charge.now()?)))
    }

    fn charge(&self, order: OrderId) -> Charge {
        self.charges.get(&order).and_then(Dated::now).copied().unwrap_or_default()
    }
}

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(super) fn look_up(
    ledger: &ProviderLedger,
    request: &ChargeRequest,
    as_of: Instant,
) -> Option<ChargeReply> {
    let ChargeRequest::Query { order, nth } = *request else { return None };
    let charge = ledger.charges.get(&order).and_then(|charge| charge.as_of(as_of));
    Some(ChargeReply::Standing { order, nth, charge: charge.copied().unwrap_or_default() })
}

/// Answers a request, and returns the entry if the ledger changed. `limit` is the highest amount that is
/// charged, in minor units.
pub(super) fn serve(
    limit: Option<i64>,
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    now: Instant,
) -> (ChargeReply, Option<ChargeEntry>) {
    let before = ledger.charge(request.order());
    match *request {
        ChargeRequest::Query { order, nth } => {
            (ChargeReply::Standing { order, nth, charge: before }, None)
        }
        ChargeRequest::Charge { order, amount } => {
            if before.charged == amount.minor {
                return (ChargeReply::Charged { order }, None);
            }
            let within = limit.is_none_or(|limit| amount.minor <= limit);
            if before.closed || before.charged > 0 || !within {
                return (ChargeReply::Declined { order }, None);
            }
            let charge = Charge { charged: amount.minor, ..before };
            ledger.charges.entry(order).or_default().change(now, charge);
            (ChargeReply::Charged { order }, Some(ChargeEntry::Charged { order, amount }))
        }
        ChargeRequest::Refund { order, .. } if before.closed => {
            (ChargeReply::Refunded { order }, None)
        }
        ChargeRequest::Refund { order, keep } => {
            let refunded = (before.charged - keep.minor).max(0);
            let charge = Charge { refunded, closed: true, ..before };
            ledger.charges.entry(order).or_default().change(now, charge);
            let amount = Money::new(refunded, keep.currency);
            (ChargeReply::Refunded { order }, Some(ChargeEntry::Refunded { order, amount }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::money::Currency;
    use crate::kernel::Span;
    use proptest::prelude::*;

    const ORDER: OrderId = OrderId(0);

    fn charge(minor: i64) -> ChargeRequest {
        ChargeRequest::Charge { order: ORDER, amount: Money::new(minor, Currency::Eur) }
    }

    fn refund(keep: i64) -> ChargeRequest {
        ChargeRequest::Refund { order: ORDER, keep: Money::new(keep, Currency::Eur) }
    }

    fn ask(ledger: &mut ProviderLedger, request: ChargeRequest) -> (ChargeReply, usize) {
        let (reply, entry) = serve(Some(1_000), ledger, &request, Instant::ZERO);
        (reply, usize::from(entry.is_some()))
    }

    #[test]
    fn a_repeated_request_moves_no_money() {
        let mut ledger = ProviderLedger::default();
        for count in [1, 0] {
            let charged = ChargeReply::Charged { order: ORDER };
            assert_eq!(ask(&mut ledger, charge(800)), (charged, count));
        }
        for count in [1, 0] {
            let refunded = ChargeReply::Refunded { order: ORDER };
            assert_eq!(ask(&mut ledger, refund(300)), (refunded, count));
        }
        let charge = Charge { charged: 800, refunded: 500, closed: true };
        assert_eq!(ledger.charges().collect::<Vec<_>>(), [(ORDER, charge)]);
    }

    #[test]
    fn a_closed_charge_declines_late_requests_and_so_does_a_limit() {
        let declined = (ChargeReply::Declined { order: ORDER }, 0);
        let mut ledger = ProviderLedger::default();
        assert_eq!(ask(&mut ledger, refund(0)).1, 1, "also a charge that does not exist yet");
        assert_eq!(ask(&mut ledger, charge(800)), declined);
        assert_eq!(ask(&mut ProviderLedger::default(), charge(1_001)), declined);
    }

    #[test]
    fn a_query_shows_what_was_true_at_its_time() {
        let at = |secs| Instant::ZERO + Span::from_secs(secs);
        let mut ledger = ProviderLedger::default();
        serve(None, &mut ledger, &charge(800), at(10));
        serve(None, &mut ledger, &refund(0), at(20));
        let query = ChargeRequest::Query { order: ORDER, nth: 1 };
        let shown = |secs| match look_up(&ledger, &query, at(secs)) {
            Some(ChargeReply::Standing { charge, .. }) => charge.net(),
            other => panic!("{other:?}"),
        };
        assert_eq!([9, 10, 19, 20].map(shown), [0, 800, 800, 0]);
        assert_eq!(look_up(&ledger, &charge(1), at(20)), None);
    }

    proptest! {
        #[test]
        fn every_sequence_of_requests_conserves_money(
            asked in prop::collection::vec((any::<bool>(), 0..4_i64), 1..20)
        ) {
            let mut ledger = ProviderLedger::default();
            for (charges, minor) in asked {
                let request = if charges { charge(minor * 300 + 1) } else { refund(minor * 300) };
                let (reply, _) = ask(&mut ledger, request);
                prop_assert_eq!(ask(&mut ledger, request), (reply, 0));
                for (_, charge) in ledger.charges() {
                    prop_assert!(0 <= charge.net() && 0 <= charge.refunded);
                    prop_assert!(charge.refunded == 0 || charge.closed);
                }
            }
        }
    }
}
