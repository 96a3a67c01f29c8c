//! The payment provider: charges under idempotency keys.
//!
//! A request with a known key is answered as before and moves no money; one without a key is always a charge
//! of its own. A charge that was reversed is closed: a request that arrives later under its key is declined.

use crate::collections::SortedMap;
use crate::domains::box_office::event::Card;
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::money::Money;
use crate::model::CustomerId;
use crate::names;

/// The key under which the provider knows a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The purchase.
    Ticket(TicketId),
    /// What the purchase is about. Two purchases may have the same.
    Body(CustomerId, ShowId),
    /// None: the provider numbers the charge itself.
    Numbered(u32),
}

/// A request to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeRequest {
    /// Take money. Without a key it is taken again by each request.
    Charge { ticket: TicketId, key: Option<Key>, card: Card, amount: Money },
    /// Give back what was taken under a key, and take nothing under it any more.
    Reverse { ticket: TicketId, key: Key, amount: Money },
}

names! { ChargeRequest { Charge => ChargeCard, Reverse => ReverseCharge } }

/// An answer of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChargeReply {
    Charged {
        ticket: TicketId,
    },
    Declined {
        ticket: TicketId,
    },
    Reversed {
        ticket: TicketId,
    },
    /// The provider failed (5xx): the request may have taken effect.
    Unavailable(ChargeRequest),
}

/// One charge; amounts in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Charge {
    pub ticket: TicketId,
    pub taken: i64,
    pub refunded: i64,
    /// Whether it was reversed.
    pub closed: bool,
}

/// An entry of the provider's ledger: money that was taken, or given back if it is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChargeEntry {
    pub ticket: TicketId,
    pub amount: Money,
}

/// The provider's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProviderLedger {
    charges: SortedMap<Key, Charge>,
    numbered: u32,
}

impl ChargeRequest {
    pub const fn ticket(&self) -> TicketId {
        let (Self::Charge { ticket, .. } | Self::Reverse { ticket, .. }) = self;
        *ticket
    }
}

impl ProviderLedger {
    /// All charges, in order of their keys.
    pub fn charges(&self) -> impl Iterator<Item = &Charge> + '_ {
        self.charges.values()
    }
}

impl Charge {
    /// What the customer has paid.
    pub const fn net(&self) -> i64 {
        self.taken - self.refunded
    }
}

/// Answers a request, and returns the entry if money moved.
pub(super) fn serve(
    ledger: &mut ProviderLedger,
    request: &ChargeRequest,
) -> (ChargeReply, Option<ChargeEntry>) {
    match *request {
        ChargeRequest::Charge { ticket, key, card, amount } => {
            let key = key.unwrap_or_else(|| {
                ledger.numbered += 1;
                Key::Numbered(ledger.numbered)
            });
            match ledger.charges.get(&key) {
                Some(charge) if charge.closed => (ChargeReply::Declined { ticket }, None),
                Some(_) => (ChargeReply::Charged { ticket }, None),
                None if card == Card::Empty => (ChargeReply::Declined { ticket }, None),
                None => {
                    let (taken, refunded, closed) = (amount.minor, 0, false);
                    ledger.charges.insert(key, Charge { ticket, taken, refunded, closed });
                    (ChargeReply::Charged { ticket }, Some(ChargeEntry { ticket, amount }))
                }
            }
        }
        ChargeRequest::Reverse { ticket, key, amount } => {
            let none = Charge { ticket, taken: 0, refunded: 0, closed: false };
            let charge = ledger.charges.get(&key).copied().unwrap_or(none);
            let back = Money::new(-charge.net(), amount.currency);
            let closed = Charge { refunded: charge.taken, closed: true, ..charge };
            ledger.charges.insert(key, closed);
            let entry = (!back.is_zero()).then_some(ChargeEntry { ticket, amount: back });
            (ChargeReply::Reversed { ticket }, entry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::money::Currency;

    const TICKET: TicketId = TicketId(0);
    const KEY: Key = Key::Ticket(TICKET);

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::Eur)
    }

    fn charge(key: Option<Key>, card: Card) -> ChargeRequest {
        ChargeRequest::Charge { ticket: TICKET, key, card, amount: eur(5_000) }
    }

    /// The answers, and the sum of what moved.
    fn ask(requests: &[ChargeRequest]) -> (Vec<ChargeReply>, i64) {
        let mut ledger = ProviderLedger::default();
        let (mut replies, mut moved) = (Vec::new(), 0);
        for request in requests {
            let (reply, entry) = serve(&mut ledger, request);
            replies.push(reply);
            moved += entry.map_or(0, |entry| entry.amount.minor);
        }
        assert_eq!(ledger.charges().map(Charge::net).sum::<i64>(), moved);
        (replies, moved)
    }

    #[test]
    fn a_repeated_request_moves_money_once_if_it_has_a_key() {
        let charged = ChargeReply::Charged { ticket: TICKET };
        let keyed = charge(Some(KEY), Card::Good);
        assert_eq!(ask(&[keyed, keyed]), (vec![charged, charged], 5_000));
        let unkeyed = charge(None, Card::Good);
        assert_eq!(ask(&[unkeyed, unkeyed]).1, 10_000);
    }

    #[test]
    fn a_reversed_charge_declines_a_late_request() {
        let reverse = ChargeRequest::Reverse { ticket: TICKET, key: KEY, amount: eur(5_000) };
        let late = charge(Some(KEY), Card::Good);
        let declined = ChargeReply::Declined { ticket: TICKET };
        let reversed = ChargeReply::Reversed { ticket: TICKET };
        assert_eq!(ask(&[reverse, late]), (vec![reversed, declined], 0));
        assert_eq!(ask(&[late, reverse, reverse, late]).1, 0);
    }

    #[test]
    fn an_empty_card_is_declined_each_time() {
        let empty = charge(Some(KEY), Card::Empty);
        let declined = ChargeReply::Declined { ticket: TICKET };
        assert_eq!(ask(&[empty, empty]), (vec![declined, declined], 0));
    }
}
