//! What must hold of a box office in particular, checked from facts and ledgers alone.
//!
//! One file a family. Each counts again what it checks: our own states are not believed.

use super::event::Event;
use super::ids::TicketId;
use super::saga_event::SagaEvent;
use super::setup::BoxOffice;
use crate::checkers;
use crate::model::Stored;

#[cfg(test)]
mod history;
mod line;
mod locks;
mod money;
mod places;
mod rates;
mod refusals;
mod reservations;

pub use line::{ADMITTED_ONCE, FAIR_QUEUE};
pub use locks::ONE_LOCK_HOLDER;
pub use money::{CHARGED_ONCE_PER_TICKET, PAYMENTS_RECONCILE};
pub use places::{NO_OVERSELL, NO_PHANTOM_TICKET};
pub use rates::RATE_LIMIT_HOLDS;
pub use refusals::REFUSED_WITH_CAUSE;
pub use reservations::RESERVATION_EXPIRES;

checkers! {
    /// What must hold of a box office.
    pub struct BoxOfficeProperties for BoxOffice {
        NO_OVERSELL => places: places::Places,
        NO_PHANTOM_TICKET => places,
        RESERVATION_EXPIRES => reservations: reservations::Reservations,
        RATE_LIMIT_HOLDS => rates: rates::Rates,
        CHARGED_ONCE_PER_TICKET => money: money::Accounts,
        PAYMENTS_RECONCILE => money,
        ONE_LOCK_HOLDER => locks: locks::Locks,
        FAIR_QUEUE => line: line::Lines,
        ADMITTED_ONCE => line,
        REFUSED_WITH_CAUSE => refusals: refusals::Refusals,
    }
}

/// The ticket of a saga, and whether an event hands it to an operator or takes it back.
fn handed_over(stored: &Stored<Event>) -> Option<(TicketId, bool)> {
    let ticket = TicketId(stored.stream.number);
    match &stored.event {
        Event::Saga(SagaEvent::HandedToHuman { .. }) => Some((ticket, true)),
        Event::Saga(
            SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated,
        ) => Some((ticket, false)),
        Event::Saga(_)
        | Event::Show(_)
        | Event::Ticket(_)
        | Event::Visitor(_)
        | Event::Room(_)
        | Event::Watch(_) => None,
    }
}
