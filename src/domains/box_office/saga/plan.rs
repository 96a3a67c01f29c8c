//! The next event of a saga: a function of its state and the ticket.
//!
//! ```text
//! EventSourced   charge ─▶ confirm
//! RedisLock      lock ─▶ check ─▶ charge ─▶ record the place ─▶ confirm ─▶ release the lock
//! Monolith                        charge ─▶ confirm ─▶ write the count
//! ```
//!
//! Back, when the ticket is cancelled: reverse the charge and release the lock, each if it was asked for.
//! `Monolith` undoes nothing.

use super::Saga;
use crate::domains::box_office::defects::{CHARGE_NOT_REVERSED, EXPIRES_WHILE_PAID};
use crate::domains::box_office::event::Reason;
use crate::domains::box_office::saga_event::{Act, SagaEvent, Tell, Trouble};
use crate::domains::box_office::setup::BoxOffice;
use crate::domains::box_office::stage::Stage;
use crate::domains::box_office::ticket::{Status, Ticket};
use crate::saga::{Course, Progress};

/// After this many missing answers in a row an operator must look at the saga: the job is dead.
const SILENCES_MAX: u8 = 12;
/// After this many times that the lock was held by others the purchase is given up.
const BUSY_MAX: u8 = 20;

pub(super) struct Planner<'a> {
    pub(super) office: &'a BoxOffice,
    pub(super) saga: &'a Saga,
    pub(super) ticket: &'a Ticket,
}

impl Planner<'_> {
    pub(super) fn next(&self) -> Option<SagaEvent> {
        let Self { saga, ticket, .. } = *self;
        let status = ticket.status?;
        if !saga.started {
            let Ticket { show, price, until, .. } = *ticket;
            return Some(SagaEvent::SagaStarted { show, price, until });
        }
        if !saga.life.is_open() {
            return None;
        }
        match status {
            Status::Reserved if saga.overdue => self.tell(Tell::Cancel(Reason::Expired)),
            Status::Reserved => None,
            Status::Pending if saga.card.is_none() => {
                let Ticket { card, seen, .. } = *ticket;
                Some(SagaEvent::PaymentStarted { card, seen })
            }
            Status::Pending if saga.overdue && self.office.has(&EXPIRES_WHILE_PAID) => {
                let expire = Tell::Cancel(Reason::Expired);
                (saga.telling.told != Some(expire))
                    .then_some(SagaEvent::TicketTold { tell: expire })
            }
            Status::Pending => self.pay(),
            Status::Confirmed => self.finish(&self.after_confirmation(), SagaEvent::SagaCompleted),
            Status::Cancelled(_) => self.finish(&self.undo(), SagaEvent::SagaCompensated),
        }
    }

    /// Does what must come before the confirmation.
    fn pay(&self) -> Option<SagaEvent> {
        let acts: &[Act] = match self.office.stage() {
            Stage::Monolith | Stage::EventSourced => &[Act::Charge],
            Stage::RedisLock | Stage::RedisLockFenced => {
                &[Act::Lock, Act::Check, Act::Charge, Act::Record]
            }
        };
        if self.saga.busy >= BUSY_MAX && self.saga.act(Act::Lock) != Progress::Done {
            return self.tell(Tell::Cancel(Reason::LockBusy));
        }
        for &act in acts {
            if self.saga.act(act) == Progress::Declined {
                let reason = self.saga.refused.unwrap_or(Reason::PaymentDeclined);
                return self.tell(Tell::Cancel(reason));
            }
            if self.saga.act(act) == Progress::Unknown && !self.office.stage().has_keys() {
                return self.tell(Tell::Cancel(Reason::PaymentFailed));
            }
            match self.act(act) {
                Course::Next(record) => return Some(record),
                Course::Waits => return None,
                Course::Finished => {}
            }
        }
        self.tell(Tell::Confirm)
    }

    /// What is left to do for a ticket that is confirmed.
    fn after_confirmation(&self) -> Vec<Act> {
        match self.office.stage() {
            Stage::Monolith => vec![Act::Record],
            Stage::RedisLock | Stage::RedisLockFenced => vec![Act::Unlock],
            Stage::EventSourced => Vec::new(),
        }
    }

    /// What is left to undo for a ticket that is cancelled.
    fn undo(&self) -> Vec<Act> {
        let was_asked = |act| !matches!(self.saga.act(act), Progress::None | Progress::Declined);
        let keeps = !self.office.stage().has_keys() || self.office.has(&CHARGE_NOT_REVERSED);
        let charge = (was_asked(Act::Charge) && !keeps).then_some(Act::Reverse);
        let lock = was_asked(Act::Lock).then_some(Act::Unlock);
        charge.into_iter().chain(lock).collect()
    }

    /// Does acts one after the other, then ends.
    fn finish(&self, acts: &[Act], end: SagaEvent) -> Option<SagaEvent> {
        for &act in acts {
            match self.act(act) {
                Course::Next(record) => return Some(record),
                Course::Waits => return None,
                Course::Finished => {}
            }
        }
        Some(end)
    }

    /// One act, asked for until it is done or refused.
    fn act(&self, act: Act) -> Course<SagaEvent> {
        match self.saga.act(act) {
            Progress::Done | Progress::Declined => Course::Finished,
            Progress::Asked => Course::Waits,
            Progress::Unknown if self.saga.silences >= SILENCES_MAX => {
                Course::Next(SagaEvent::HandedToHuman { trouble: Trouble::Unreachable(act) })
            }
            Progress::None | Progress::Absent | Progress::Unknown => {
                Course::from(self.saga.life.resting.is_none().then_some(SagaEvent::Asked { act }))
            }
        }
    }

    /// Sends a command to the ticket, unless the outcome of another one is pending.
    fn tell(&self, tell: Tell) -> Option<SagaEvent> {
        if !self.saga.telling.is_free(|told| shows(self.ticket, told)) {
            return None;
        }
        if self.saga.telling.is_hopeless() {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::TicketUnreachable(tell) });
        }
        Some(SagaEvent::TicketTold { tell })
    }
}

/// Whether the ticket shows that it accepted a command, or that the command is obsolete.
fn shows(ticket: &Ticket, tell: Tell) -> bool {
    match tell {
        Tell::Confirm => ticket.status != Some(Status::Pending),
        // A reservation does not expire any more once the customer pays.
        Tell::Cancel(Reason::Expired) => ticket.status != Some(Status::Reserved),
        Tell::Cancel(_) => {
            matches!(ticket.status, Some(Status::Confirmed | Status::Cancelled(_)))
        }
    }
}
