//! A restaurant: one ticket for each order. The order's number is the reference.
//!
//! A ticket moves on by itself: the restaurant accepts it, the kitchen begins, the food is ready. The
//! restaurant reports each stage. A withdrawn reference stays closed: an order that arrives later is refused.

use super::agenda::Agenda;
use crate::collections::SortedMap;
use crate::domains::delivery::ids::OrderId;
use crate::kernel::{Instant, Span};
use crate::model::Dated;
use crate::names;

/// A request to a restaurant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KitchenRequest {
    /// Take an order.
    Offer { order: OrderId, portions: u64 },
    /// Throw the order away, or refuse it if it comes later.
    Withdraw { order: OrderId },
    /// Return the ticket. `nth` distinguishes the answer from answers to earlier queries.
    Query { order: OrderId, nth: u8 },
}

names! {
    KitchenRequest { Offer => OfferOrder, Withdraw => WithdrawOrder, Query => QueryTicket }
}

/// How far a ticket has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// It lies on the counter.
    Received,
    Accepted,
    Cooking,
    Ready,
}

/// The state of one ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub stage: Stage,
    /// How long the food takes, as the restaurant says when it takes the order.
    pub estimated: Span,
    /// The restaurant has given it up.
    pub given_up: bool,
    /// It was withdrawn, perhaps before it came.
    pub withdrawn: bool,
}

/// An answer of a restaurant, or a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KitchenReply {
    /// The restaurant has the order.
    Taken { order: OrderId, estimated: Span },
    /// The restaurant does not take it: the kitchen is full.
    Refused { order: OrderId },
    /// The ticket has come to a stage.
    Moved { order: OrderId, stage: Stage },
    /// The restaurant gives the order up.
    GivenUp { order: OrderId },
    /// The restaurant does not have the order and will not take it.
    Withdrawn { order: OrderId },
    /// The answer to a query.
    Found { order: OrderId, nth: u8, ticket: Option<Ticket> },
    /// The restaurant's system failed (5xx): the request may have taken effect.
    Unavailable(KitchenRequest),
}

/// An entry of a restaurant's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KitchenEntry {
    Taken { order: OrderId, estimated: Span },
    Moved { order: OrderId, stage: Stage },
    GivenUp { order: OrderId },
    Withdrawn { order: OrderId },
}

/// A restaurant's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KitchenLedger {
    tickets: SortedMap<OrderId, Dated<Ticket>>,
    /// When each ticket moves on.
    agenda: Agenda,
    /// The number of tickets that are neither ready nor given up nor withdrawn.
    open: u64,
}

/// How a restaurant works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::domains::delivery) struct Pace {
    /// From an order's arrival until it is accepted.
    pub(in crate::domains::delivery) accepts: Span,
    /// From then until the kitchen begins.
    pub(in crate::domains::delivery) starts: Span,
    /// From then until the food is ready.
    pub(in crate::domains::delivery) cooks: Span,
    /// The most open tickets.
    pub(in crate::domains::delivery) tickets: Option<u64>,
}

impl KitchenRequest {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Offer { order, .. } | Self::Withdraw { order } | Self::Query { order, .. } => {
                *order
            }
        }
    }
}

impl KitchenEntry {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Taken { order, .. }
            | Self::Moved { order, .. }
            | Self::GivenUp { order }
            | Self::Withdrawn { order } => *order,
        }
    }
}

impl Ticket {
    /// Whether the kitchen still has something to do.
    pub const fn is_open(&self) -> bool {
        !self.given_up && !self.withdrawn && !matches!(self.stage, Stage::Ready)
    }
}

impl KitchenLedger {
    pub fn tickets(&self) -> impl Iterator<Item = (OrderId, Ticket)> + '_ {
        self.tickets.iter().filter_map(|(&order, ticket)| Some((order, *ticket.now()?)))
    }

    fn ticket(&self, order: OrderId) -> Option<Ticket> {
        self.tickets.get(&order).and_then(Dated::now).copied()
    }

    /// Changes a ticket, and counts it if it is open afterwards.
    fn change(&mut self, order: OrderId, now: Instant, ticket: Ticket) {
        let before = u64::from(self.ticket(order).is_some_and(|ticket| ticket.is_open()));
        self.open = self.open - before + u64::from(ticket.is_open());
        self.tickets.entry(order).or_default().change(now, ticket);
    }

    /// Orders that the kitchen is not done with.
    pub(super) fn in_work(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.tickets().filter(|(_, ticket)| ticket.is_open()).map(|(order, _)| order)
    }

    /// The restaurant gives an order up.
    pub(super) fn give_up(
        &mut self,
        order: OrderId,
        now: Instant,
        entries: &mut Vec<KitchenEntry>,
    ) {
        if let Some(ticket) = self.ticket(order).filter(Ticket::is_open) {
            self.change(order, now, Ticket { given_up: true, ..ticket });
            self.agenda.clear(order);
            entries.push(KitchenEntry::GivenUp { order });
        }
    }

    /// What is next for an order takes this much longer.
    pub(super) fn delay(&mut self, order: OrderId, by: Span) {
        self.agenda.delay(order, by);
    }
}

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(super) fn look_up(
    ledger: &KitchenLedger,
    request: &KitchenRequest,
    as_of: Instant,
) -> Option<KitchenReply> {
    let KitchenRequest::Query { order, nth } = *request else { return None };
    let ticket = ledger.tickets.get(&order).and_then(|ticket| ticket.as_of(as_of)).copied();
    Some(KitchenReply::Found { order, nth, ticket })
}

/// Answers a request, and returns the entry if the ledger changed.
pub(super) fn serve(
    pace: &Pace,
    ledger: &mut KitchenLedger,
    request: &KitchenRequest,
    now: Instant,
) -> (KitchenReply, Option<KitchenEntry>) {
    let ticket = ledger.ticket(request.order());
    match *request {
        KitchenRequest::Query { order, nth } => (KitchenReply::Found { order, nth, ticket }, None),
        KitchenRequest::Offer { order, .. } => match ticket {
            Some(Ticket { withdrawn: true, .. } | Ticket { given_up: true, .. }) => {
                (KitchenReply::Refused { order }, None)
            }
            Some(Ticket { estimated, .. }) => (KitchenReply::Taken { order, estimated }, None),
            None if pace.tickets.is_some_and(|most| ledger.open >= most) => {
                (KitchenReply::Refused { order }, None)
            }
            None => {
                let estimated = pace.cooks;
                let stage = Stage::Received;
                let ticket = Ticket { stage, estimated, given_up: false, withdrawn: false };
                ledger.change(order, now, ticket);
                ledger.agenda.set(order, now + pace.accepts);
                let entry = KitchenEntry::Taken { order, estimated };
                (KitchenReply::Taken { order, estimated }, Some(entry))
            }
        },
        KitchenRequest::Withdraw { order } => {
            let reply = KitchenReply::Withdrawn { order };
            let nothing = Ticket {
                stage: Stage::Received,
                estimated: Span::ZERO,
                given_up: false,
                withdrawn: false,
            };
            let ticket = ticket.unwrap_or(nothing);
            if ticket.withdrawn {
                return (reply, None);
            }
            ledger.change(order, now, Ticket { withdrawn: true, ..ticket });
            ledger.agenda.clear(order);
            (reply, Some(KitchenEntry::Withdrawn { order }))
        }
    }
}

/// Moves on the tickets that are due; returns when the next one is.
pub(super) fn lapse(
    pace: &Pace,
    ledger: &mut KitchenLedger,
    now: Instant,
    entries: &mut Vec<KitchenEntry>,
) -> Option<Instant> {
    while let Some(order) = ledger.agenda.take_due(now) {
        let Some(ticket) = ledger.ticket(order) else { continue };
        let (stage, next) = match ticket.stage {
            Stage::Received => (Stage::Accepted, Some(pace.starts)),
            Stage::Accepted => (Stage::Cooking, Some(pace.cooks)),
            Stage::Cooking | Stage::Ready => (Stage::Ready, None),
        };
        ledger.change(order, now, Ticket { stage, ..ticket });
        if let Some(next) = next {
            ledger.agenda.set(order, now + next);
        }
        entries.push(KitchenEntry::Moved { order, stage });
    }
    ledger.agenda.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(0);
    const PACE: Pace = Pace {
        accepts: Span::from_secs(10),
        starts: Span::from_secs(20),
        cooks: Span::from_secs(30),
        tickets: Some(1),
    };

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    fn ask(ledger: &mut KitchenLedger, request: KitchenRequest, secs: u64) -> KitchenReply {
        serve(&PACE, ledger, &request, at(secs)).0
    }

    const fn offer(order: u32) -> KitchenRequest {
        KitchenRequest::Offer { order: OrderId(order), portions: 1 }
    }

    #[test]
    fn a_ticket_moves_on_by_itself_and_each_stage_is_reported() {
        let mut ledger = KitchenLedger::default();
        let taken = KitchenReply::Taken { order: ORDER, estimated: Span::from_secs(30) };
        assert_eq!(ask(&mut ledger, offer(0), 0), taken);
        assert_eq!(ask(&mut ledger, offer(0), 1), taken, "the same order again");
        let mut entries = Vec::new();
        assert_eq!(lapse(&PACE, &mut ledger, at(9), &mut entries), Some(at(10)));
        assert_eq!(entries, []);
        assert_eq!(lapse(&PACE, &mut ledger, at(10), &mut entries), Some(at(30)));
        assert_eq!(lapse(&PACE, &mut ledger, at(30), &mut entries), Some(at(60)));
        assert_eq!(lapse(&PACE, &mut ledger, at(60), &mut entries), None);
        let moved = |stage| KitchenEntry::Moved { order: ORDER, stage };
        assert_eq!(entries, [Stage::Accepted, Stage::Cooking, Stage::Ready].map(moved));
    }

    #[test]
    fn a_full_kitchen_refuses_until_a_ticket_is_done() {
        let mut ledger = KitchenLedger::default();
        ask(&mut ledger, offer(0), 0);
        let refused = KitchenReply::Refused { order: OrderId(1) };
        assert_eq!(ask(&mut ledger, offer(1), 1), refused);
        ask(&mut ledger, KitchenRequest::Withdraw { order: ORDER }, 2);
        assert!(matches!(ask(&mut ledger, offer(1), 3), KitchenReply::Taken { .. }));
    }

    #[test]
    fn a_withdrawn_reference_stays_closed() {
        let mut ledger = KitchenLedger::default();
        let withdraw = KitchenRequest::Withdraw { order: ORDER };
        assert_eq!(ask(&mut ledger, withdraw, 0), KitchenReply::Withdrawn { order: ORDER });
        assert_eq!(ask(&mut ledger, offer(0), 1), KitchenReply::Refused { order: ORDER });
        assert_eq!(serve(&PACE, &mut ledger, &withdraw, at(2)).1, None);
        let mut entries = Vec::new();
        assert_eq!(lapse(&PACE, &mut ledger, at(99), &mut entries), None);
        assert_eq!(entries, [], "nothing is cooked");
    }

    #[test]
    fn an_order_that_is_given_up_goes_no_further_and_a_delayed_one_comes_later() {
        let mut ledger = KitchenLedger::default();
        ask(&mut ledger, offer(0), 0);
        let mut entries = Vec::new();
        ledger.delay(ORDER, Span::from_secs(5));
        assert_eq!(lapse(&PACE, &mut ledger, at(10), &mut entries), Some(at(15)));
        ledger.give_up(ORDER, at(11), &mut entries);
        ledger.give_up(ORDER, at(12), &mut entries);
        assert_eq!(lapse(&PACE, &mut ledger, at(99), &mut entries), None);
        assert_eq!(entries, [KitchenEntry::GivenUp { order: ORDER }]);
        assert_eq!(ask(&mut ledger, offer(0), 100), KitchenReply::Refused { order: ORDER });
    }

    #[test]
    fn a_query_shows_what_was_true_at_its_time() {
        let mut ledger = KitchenLedger::default();
        ask(&mut ledger, offer(0), 10);
        lapse(&PACE, &mut ledger, at(20), &mut Vec::new());
        let query = KitchenRequest::Query { order: ORDER, nth: 1 };
        let shown = |secs| match look_up(&ledger, &query, at(secs)) {
            Some(KitchenReply::Found { ticket, .. }) => ticket.map(|ticket| ticket.stage),
            other => panic!("{other:?}"),
        };
        let stages = [None, Some(Stage::Received), Some(Stage::Received), Some(Stage::Accepted)];
        assert_eq!([9, 10, 19, 20].map(shown), stages);
    }
}
