//! The saga of a ticket: has it paid for and confirmed, or undoes what it has asked for.
//!
//! It is level-triggered: it stores what it learns ([`learn`]), and its next event depends only on its
//! state and the ticket's ([`plan`]). Every act has the ticket's number as its key, so that an act whose
//! outcome is unknown is simply asked for again; only stage `Monolith` has no key and must not.

use super::event::{Card, Reason};
use super::ids::{Fence, ShowId, TicketId};
use super::saga_event::{Act, SagaEvent, Tell, Trouble};
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::saga::{Life, Progress, Telling};

mod effects;
mod learn;
mod plan;
#[cfg(test)]
mod stories;

/// The timer of the deadline of a reservation.
pub(crate) const TIMER_EXPIRY: u8 = 0;

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The ticket that it follows.
    pub ticket: TicketId,
    pub started: bool,
    pub show: ShowId,
    pub price: Money,
    /// The deadline of the reservation; zero for a ticket without one.
    pub until: Instant,
    /// Whether the deadline has passed, as far as the saga knows.
    pub overdue: bool,
    /// The card to be charged, once the customer pays.
    pub card: Option<Card>,
    /// The places that were left when the request looked.
    pub seen: Option<u32>,
    acts: [Progress; 6],
    /// Why an act was refused.
    pub refused: Option<Reason>,
    /// The token of the lock.
    pub fence: Fence,
    /// How often the lock was held by another purchase.
    pub busy: u8,
    /// How many requests in a row were not answered.
    pub silences: u8,
    pub telling: Telling<Tell>,
    pub life: Life<Trouble>,
}

impl Saga {
    pub fn blank(ticket: TicketId, currency: Currency) -> Self {
        Self {
            ticket,
            started: false,
            show: ShowId(0),
            price: Money::zero(currency),
            until: Instant::ZERO,
            overdue: false,
            card: None,
            seen: None,
            acts: [Progress::None; 6],
            refused: None,
            fence: Fence(0),
            busy: 0,
            silences: 0,
            telling: Telling::default(),
            life: Life::new(()),
        }
    }

    pub const fn act(&self, act: Act) -> Progress {
        self.acts[act as usize]
    }

    const fn set(&mut self, act: Act, progress: Progress) {
        self.acts[act as usize] = progress;
    }

    /// Whether the saga waits for the deadline of its ticket.
    pub fn awaits_expiry(&self) -> bool {
        self.started && self.until > Instant::ZERO && !self.overdue && self.life.is_open()
    }

    /// Whether it waits for an answer of a service. Commands are sent again after a restart.
    fn awaits_services(&self) -> bool {
        SERVED.into_iter().any(|act| self.act(act) == Progress::Asked)
    }

    /// Whether the life cycle allows an event: none before the start or after the end, and no answer to
    /// a request that was not sent.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started && self.life.is_open();
        match event {
            SagaEvent::SagaStarted { .. } => !self.started && !self.life.is_over(),
            SagaEvent::PaymentStarted { .. } => open && self.card.is_none(),
            SagaEvent::Asked { act } => {
                let progress = self.act(*act);
                open && (progress.may_be_asked() || progress == Progress::Unknown)
            }
            SagaEvent::Done { act, .. } => {
                let progress = self.act(*act);
                open && progress != Progress::None && progress != Progress::Done
            }
            SagaEvent::Declined { act, .. } => open && self.act(*act).is_open(),
            SagaEvent::Unknown { act } => open && self.act(*act) == Progress::Asked,
            SagaEvent::LockBusy => open && self.act(Act::Lock).is_open(),
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(*tell),
            SagaEvent::ReservationOverdue => self.awaits_expiry(),
            SagaEvent::TicketTold { .. } => open,
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => self.started && self.life.allows(event),
        }
    }

    /// Answers of services that are still expected may never arrive. If an operator has looked at the saga,
    /// it tries again.
    fn resume(&mut self, looked: bool) {
        for act in SERVED {
            self.acts[act as usize].doubt();
        }
        if looked {
            self.silences = 0;
            self.telling = Telling::default();
        }
    }
}

/// The acts of services; the others are commands to the show.
const SERVED: [Act; 4] = [Act::Lock, Act::Charge, Act::Reverse, Act::Unlock];

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = ();

    const OWN_TIMERS: u8 = 1;

    fn life(&self) -> &Life<Trouble> {
        &self.life
    }

    fn evolve(&mut self, event: &SagaEvent) {
        let looked = self.life.handed_over().is_some();
        self.life.evolve(event);
        match event {
            SagaEvent::SagaStarted { show, price, until } => {
                self.started = true;
                (self.show, self.price, self.until) = (*show, *price, *until);
            }
            SagaEvent::PaymentStarted { card, seen } => {
                (self.card, self.seen) = (Some(*card), *seen);
            }
            SagaEvent::Asked { act } => self.set(*act, Progress::Asked),
            SagaEvent::Done { act, fence } => {
                self.set(*act, Progress::Done);
                self.fence = fence.unwrap_or(self.fence);
                self.silences = 0;
            }
            SagaEvent::Declined { act, reason } => {
                self.set(*act, Progress::Declined);
                self.refused = Some(*reason);
            }
            SagaEvent::Unknown { act } => {
                self.set(*act, Progress::Unknown);
                self.silences = self.silences.saturating_add(1);
            }
            SagaEvent::LockBusy => {
                self.set(Act::Lock, Progress::Absent);
                self.busy = self.busy.saturating_add(1);
                self.silences = 0;
            }
            SagaEvent::TicketTold { tell } => self.telling.told = Some(*tell),
            SagaEvent::TellFailed { refused, .. } => self.telling.fail(*refused),
            SagaEvent::ReservationOverdue => self.overdue = true,
            SagaEvent::SagaResumed => self.resume(looked),
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => {}
        }
    }
}
