//! A ticket: its life cycle.

use super::event::{Card, Reason, TicketEvent};
use super::ids::ShowId;
use super::stage::Stage;
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::model::People;

/// The status of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It has a place for some time and is not being paid for.
    Reserved,
    /// It is being paid for.
    Pending,
    Confirmed,
    Cancelled(Reason),
}

/// One ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// `None` before it is reserved or requested.
    pub status: Option<Status>,
    pub show: ShowId,
    pub price: Money,
    pub card: Card,
    /// The deadline for the payment of a reserved ticket.
    pub until: Instant,
    /// The places that were left when the request looked.
    pub seen: Option<u32>,
    /// The customer, and whom the ticket is for if it is another one.
    pub people: People,
}

impl Status {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Cancelled(_) => "cancelled",
        }
    }

    /// The status after an event.
    pub const fn after(event: &TicketEvent) -> Self {
        match event {
            TicketEvent::TicketReserved { .. } => Self::Reserved,
            TicketEvent::TicketRequested { .. } | TicketEvent::PaymentRequested { .. } => {
                Self::Pending
            }
            TicketEvent::TicketConfirmed { .. } => Self::Confirmed,
            TicketEvent::TicketCancelled { reason, .. } => Self::Cancelled(*reason),
        }
    }
}

impl Ticket {
    /// A ticket before anybody wants it.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            show: ShowId(0),
            price: Money::zero(currency),
            card: Card::Good,
            until: Instant::ZERO,
            seen: None,
            people: People::NONE,
        }
    }

    pub fn evolve(&mut self, event: &TicketEvent) {
        self.status = Some(Status::after(event));
        match event {
            TicketEvent::TicketReserved { show, price, until, customer: _, people } => {
                self.people = people.clone();
                (self.show, self.price, self.until) = (*show, *price, *until);
            }
            TicketEvent::TicketRequested { show, price, card, seen, customer: _, people } => {
                self.people = people.clone();
                (self.show, self.price, self.card, self.seen) = (*show, *price, *card, *seen);
            }
            TicketEvent::PaymentRequested { card, .. } => self.card = *card,
            TicketEvent::TicketConfirmed { .. } | TicketEvent::TicketCancelled { .. } => {}
        }
    }

    /// Whether the life cycle allows an event at a stage.
    ///
    /// ```text
    /// blank ─▶ reserved ─▶ pending ─▶ confirmed        reserved: only EventSourced
    ///   │          │          ▲ │
    ///   │          └──────────┼─┴───▶ cancelled
    ///   └─────────────────────┘                        straight: all other stages
    /// ```
    pub fn is_legal_transition(&self, stage: Stage, event: &TicketEvent) -> bool {
        let same = event.show() == self.show;
        match (self.status, event) {
            (None, TicketEvent::TicketReserved { price, .. }) => {
                stage.reserves() && price.minor > 0
            }
            (None, TicketEvent::TicketRequested { price, .. }) => {
                !stage.reserves() && price.minor > 0
            }
            (Some(Status::Reserved), TicketEvent::PaymentRequested { .. }) => same,
            (Some(Status::Reserved), TicketEvent::TicketCancelled { reason, .. }) => {
                same && matches!(reason, Reason::ByCustomer | Reason::Expired)
            }
            (Some(Status::Pending), TicketEvent::TicketConfirmed { price, .. }) => {
                same && *price == self.price
            }
            (Some(Status::Pending), TicketEvent::TicketCancelled { reason, .. }) => {
                same && *reason != Reason::Expired
            }
            (
                None
                | Some(Status::Reserved | Status::Pending | Status::Confirmed | Status::Cancelled(_)),
                TicketEvent::TicketReserved { .. }
                | TicketEvent::TicketRequested { .. }
                | TicketEvent::PaymentRequested { .. }
                | TicketEvent::TicketConfirmed { .. }
                | TicketEvent::TicketCancelled { .. },
            ) => false,
        }
    }
}
