//! The payment provider: one charge for each order. The order's number is the reference.
//!
//! A repeated request is answered as before and moves no money. A reversed charge is closed: a request
//! that arrives later is declined.

use crate::collections::SortedMap;

use super::ids::OrderId;
use super::saga_event::Act;
use crate::domains::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::Dated;
use crate::names;

/// A request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeRequest {
    /// Move money, or undo that.
    Move { order: OrderId, act: Act, amount: Money },
    /// Return the charge. `nth` distinguishes the answer from answers to earlier queries.
    Query { order: OrderId, nth: u8 },
}

names! {
    ChargeRequest {
        Move { act: Act::Authorise, .. } => Authorise, Move { act: Act::Capture, .. } => Capture,
        Move { act: Act::Reverse, .. } => Reverse, Move, Query => QueryCharge,
    }
}

/// The state of a charge; amounts in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Charge {
    pub authorised: i64,
    pub captured: i64,
    pub refunded: i64,
    /// Whether it was reversed.
    pub closed: bool,
}

/// An answer of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    /// The act is done.
    Done { order: OrderId, act: Act },
    /// The act is not done.
    Declined { order: OrderId, act: Act },
    /// The answer to a query.
    Standing { order: OrderId, nth: u8, charge: Charge },
    /// The provider failed (5xx): the request may have taken effect.
    Unavailable(ChargeRequest),
}

/// An entry of the provider's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeEntry {
    pub order: OrderId,
    pub act: Act,
    /// The amount that the act moved.
    pub amount: Money,
    /// The charge after the act.
    pub charge: Charge,
}

/// The provider's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProviderLedger {
    charges: SortedMap<OrderId, Dated<Charge>>,
    /// When reservations lapse, if they do.
    lapses: SortedMap<OrderId, Instant>,
}

/// What the provider authorises, and for how long.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Terms {
    /// The highest amount, in minor units.
    pub(super) limit: Option<i64>,
    /// How long a reservation lasts that is not captured.
    pub(super) life: Option<Span>,
}

impl ChargeRequest {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Move { order, .. } | Self::Query { order, .. } => *order,
        }
    }
}

impl ProviderLedger {
    /// The charge of an order, of which the reservation has lapsed if its time has passed.
    fn charge(&self, order: OrderId, now: Instant) -> Charge {
        let charge = self.charges.get(&order).and_then(Dated::now).copied().unwrap_or_default();
        let lapsed = charge.captured == 0 && self.lapses.get(&order).is_some_and(|at| *at <= now);
        if lapsed { Charge { authorised: 0, ..charge } } else { charge }
    }

    pub fn charges(&self) -> impl Iterator<Item = (OrderId, Charge)> + '_ {
        self.charges.iter().filter_map(|(&order, charge)| Some((order, *charge.now()?)))
    }
}

impl Charge {
    /// What the customer has paid.
    pub const fn net(&self) -> i64 {
        self.captured - self.refunded
    }

    /// The charge after an act: unchanged if the act was done before, `None` if it is declined.
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

/// Answers a request, and returns the entry if money moved.
pub(super) fn serve(
    terms: Terms,
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
    now: Instant,
) -> (ChargeReply, Option<ChargeEntry>) {
    let order = request.order();
    let charge = ledger.charge(order, now);
    match *request {
        ChargeRequest::Query { nth, .. } => (ChargeReply::Standing { order, nth, charge }, None),
        ChargeRequest::Move { act, amount, .. } => {
            match charge.after(act, amount.minor, terms.limit) {
                None => (ChargeReply::Declined { order, act }, None),
                Some(same) if same == charge => (ChargeReply::Done { order, act }, None),
                Some(moved) => {
                    ledger.charges.entry(order).or_default().change(now, moved);
                    if let (Act::Authorise, Some(life)) = (act, terms.life) {
                        ledger.lapses.insert(order, now + life);
                    }
                    let back = Money::new(moved.refunded - charge.refunded, amount.currency);
                    let amount = if act == Act::Reverse { back } else { amount };
                    let entry = ChargeEntry { order, act, amount, charge: moved };
                    (ChargeReply::Done { order, act }, Some(entry))
                }
            }
        }
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
        let request = ChargeRequest::Move { order: ORDER, act, amount };
        let terms = Terms { limit: Some(1_000), life: None };
        let (reply, entry) = serve(terms, ledger, &request, Instant::ZERO);
        (reply, usize::from(entry.is_some()))
    }

    #[test]
    fn a_reservation_that_has_lapsed_cannot_be_captured_and_another_can() {
        let life = Span::from_secs(60);
        let terms = Terms { limit: None, life: Some(life) };
        let mut ledger = ProviderLedger::default();
        let mut ask = |act, secs| {
            let amount = Money::new(500, Currency::Usd);
            let request = ChargeRequest::Move { order: ORDER, act, amount };
            serve(terms, &mut ledger, &request, Instant::ZERO + Span::from_secs(secs)).0
        };
        let done = |act| ChargeReply::Done { order: ORDER, act };
        assert_eq!(ask(Act::Authorise, 0), done(Act::Authorise));
        let act = Act::Capture;
        assert_eq!(ask(act, 60), ChargeReply::Declined { order: ORDER, act });
        assert_eq!(ask(Act::Authorise, 61), done(Act::Authorise));
        assert_eq!(ask(act, 120), done(act));
        assert_eq!(ask(act, 500), done(act), "what is captured does not lapse");
    }

    #[test]
    fn a_repeated_request_has_no_further_effect() {
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
    fn a_query_shows_what_was_true_at_its_time() {
        let (mut ledger, at) =
            (ProviderLedger::default(), |secs| Instant::ZERO + Span::from_secs(secs));
        let amount = Money::new(500, Currency::Usd);
        for (secs, act) in [(10, Act::Authorise), (20, Act::Capture)] {
            let request = ChargeRequest::Move { order: ORDER, act, amount };
            serve(Terms::default(), &mut ledger, &request, at(secs));
        }
        let query = ChargeRequest::Query { order: ORDER, nth: 1 };
        let shown = |secs| match look_up(&ledger, &query, at(secs)) {
            Some(ChargeReply::Standing { charge, .. }) => (charge.authorised, charge.captured),
            other => panic!("{other:?}"),
        };
        assert_eq!([9, 10, 19, 20].map(shown), [(0, 0), (500, 0), (500, 0), (500, 500)]);
    }

    #[test]
    fn a_reversed_charge_declines_late_requests() {
        let mut ledger = ProviderLedger::default();
        assert_eq!(
            ask(&mut ledger, Act::Reverse, 500).1,
            1,
            "also a charge that does not exist yet"
        );
        for act in [Act::Authorise, Act::Capture] {
            assert_eq!(
                ask(&mut ledger, act, 500),
                (ChargeReply::Declined { order: ORDER, act }, 0)
            );
        }
    }

    #[test]
    fn an_amount_above_the_limit_or_not_authorised_is_declined() {
        let mut ledger = ProviderLedger::default();
        assert_eq!(ask(&mut ledger, Act::Authorise, 1_001).1, 0);
        assert_eq!(ask(&mut ledger, Act::Capture, 500).1, 0);
        ask(&mut ledger, Act::Authorise, 500);
        assert_eq!(ask(&mut ledger, Act::Capture, 499).1, 0);
    }

    proptest! {
        #[test]
        fn every_sequence_of_requests_conserves_money(
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
