//! The saga of an order: has the card charged and the parcel sent, or undoes what it has requested.
//!
//! It is level-triggered: it stores what it learns ([`learn`]), and its next event depends only on its
//! state and the order's ([`plan`]). It records a request before it sends it, and queries an unknown
//! outcome. It can undo without such a query: reversing a charge and recalling a parcel close the
//! reference for requests that arrive later.

use super::event::Parcel;
use super::ids::OrderId;
use super::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::saga::{Absence, Life, Progress, Telling};

mod effects;
mod learn;
mod plan;
#[cfg(test)]
mod stories;

/// The timer of the deadline for the payment.
pub(crate) const TIMER_UNPAID: u8 = 0;

/// The queries to one service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Talk {
    /// Whether a query is not answered yet.
    pub querying: bool,
    /// The number of queries.
    pub questions: u8,
    /// How many requests in a row were not answered.
    pub silences: u8,
    /// That the service did not find an act.
    pub absence: Absence,
}

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The order that it follows.
    pub order: OrderId,
    pub started: bool,
    pub total: Money,
    /// The number of pieces in the order.
    pub pieces: u64,
    /// The deadline for the payment.
    pub pay_by: Instant,
    /// Whether the deadline has passed, as far as the saga knows.
    pub overdue: bool,
    acts: [Progress; 5],
    talks: [Talk; 2],
    /// The parcel that the carrier booked.
    pub parcel: Option<Parcel>,
    pub telling: Telling<Tell>,
    /// The sum of the bank transfers that the order did not need.
    pub surplus: Money,
    /// How much of it an operator has on the list.
    pub returned: Money,
    pub life: Life<Trouble>,
}

impl Saga {
    pub fn blank(order: OrderId, currency: Currency) -> Self {
        Self {
            order,
            started: false,
            total: Money::zero(currency),
            pieces: 0,
            pay_by: Instant::ZERO,
            overdue: false,
            acts: [Progress::None; 5],
            talks: [Talk::default(); 2],
            parcel: None,
            telling: Telling::default(),
            surplus: Money::zero(currency),
            returned: Money::zero(currency),
            life: Life::new(()),
        }
    }

    pub const fn act(&self, act: Act) -> Progress {
        self.acts[act as usize]
    }

    pub const fn talk(&self, party: Party) -> Talk {
        self.talks[party as usize]
    }

    const fn talk_mut(&mut self, party: Party) -> &mut Talk {
        &mut self.talks[party as usize]
    }

    const fn set(&mut self, act: Act, progress: Progress) {
        self.acts[act as usize] = progress;
    }

    /// Whether it takes notice of a transfer: it is not waiting for a look of an operator.
    pub const fn may_notice(&self) -> bool {
        self.life.is_open() || self.life.is_over()
    }

    /// Whether it waits for an answer of a service.
    pub fn awaits_answers(&self) -> bool {
        self.acts.contains(&Progress::Asked) || self.talks.iter().any(|talk| talk.querying)
    }

    /// Whether the life cycle allows an event: none before the start or after the end, and no answer to
    /// a request that was not sent.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started && self.life.is_open();
        match event {
            SagaEvent::SagaStarted { .. } => !self.started && !self.life.is_over(),
            SagaEvent::Asked { act } => open && self.act(*act).may_be_asked(),
            SagaEvent::Done { act, .. } => {
                let progress = self.act(*act);
                open && progress != Progress::None && progress != Progress::Done
            }
            SagaEvent::Declined { act } => open && self.act(*act).is_open(),
            SagaEvent::Unknown { act } => open && self.act(*act) == Progress::Asked,
            SagaEvent::Queried { party } => open && !self.talk(*party).querying,
            SagaEvent::QueryUnanswered { party } | SagaEvent::Missing { party, .. } => {
                open && self.talk(*party).querying
            }
            SagaEvent::ChargeRetrieved { .. } => open && self.talk(Party::Provider).querying,
            SagaEvent::ParcelRetrieved { .. } => open && self.talk(Party::Carrier).querying,
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(*tell),
            SagaEvent::PaymentOverdue => open && !self.overdue,
            SagaEvent::SurplusNoticed { sum } => {
                self.started && self.may_notice() && sum.minor > self.surplus.minor
            }
            SagaEvent::OrderTold { .. } => open,
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => self.started && self.life.allows(event),
        }
    }

    const fn was_silent(&mut self, party: Party) {
        let talk = self.talk_mut(party);
        talk.silences = talk.silences.saturating_add(1);
    }

    /// Answers that are still expected may never arrive. If an operator has looked at the saga, all
    /// failed requests are tried again.
    fn resume(&mut self, looked: bool) {
        self.acts.iter_mut().for_each(Progress::doubt);
        self.talks.iter_mut().for_each(|talk| talk.querying = false);
        if looked {
            for undo in [Act::Reverse, Act::Recall] {
                if self.act(undo) == Progress::Declined {
                    self.set(undo, Progress::Unknown);
                }
            }
            self.talks.iter_mut().for_each(|talk| talk.silences = 0);
            self.telling = Telling::default();
        }
    }
}

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = ();

    const OWN_TIMERS: u8 = 1;

    fn life(&self) -> &Life<Trouble> {
        &self.life
    }

    /// The saga cannot refund a bank transfer, however often it tries.
    fn is_tried_again(trouble: Trouble) -> bool {
        trouble != Trouble::TransferToReturn
    }

    fn evolve(&mut self, event: &SagaEvent) {
        let looked = self.life.handed_over().is_some();
        self.life.evolve(event);
        match event {
            SagaEvent::SagaStarted { total, pieces, pay_by } => {
                self.started = true;
                (self.total, self.pieces, self.pay_by) = (*total, *pieces, *pay_by);
            }
            SagaEvent::Asked { act } => {
                self.set(*act, Progress::Asked);
                self.talk_mut(act.party()).absence.forget();
            }
            SagaEvent::Done { act, parcel } => {
                self.set(*act, Progress::Done);
                self.parcel = parcel.or(self.parcel);
                self.talk_mut(act.party()).silences = 0;
            }
            SagaEvent::Declined { act } => self.set(*act, Progress::Declined),
            SagaEvent::Unknown { act } => {
                self.set(*act, Progress::Unknown);
                self.was_silent(act.party());
            }
            SagaEvent::Queried { party } => {
                let passed = self.life.passed;
                let talk = self.talk_mut(*party);
                talk.absence.ask(passed);
                talk.querying = true;
                talk.questions = talk.questions.wrapping_add(1);
            }
            SagaEvent::QueryUnanswered { party } => {
                self.talk_mut(*party).querying = false;
                self.was_silent(*party);
            }
            SagaEvent::Missing { party, until } => {
                let talk = self.talk_mut(*party);
                talk.querying = false;
                talk.absence.miss(*until);
            }
            SagaEvent::ChargeRetrieved { authorised, captured, reversed } => {
                self.talk_mut(Party::Provider).querying = false;
                self.acts[Act::Authorise as usize].settle(*authorised);
                self.acts[Act::Capture as usize].settle(*captured);
                self.acts[Act::Reverse as usize].settle(*reversed);
            }
            SagaEvent::ParcelRetrieved { parcel, recalled } => {
                self.talk_mut(Party::Carrier).querying = false;
                self.acts[Act::Book as usize].settle(parcel.is_some());
                self.acts[Act::Recall as usize].settle(*recalled);
                self.parcel = parcel.or(self.parcel);
            }
            SagaEvent::OrderTold { tell } => self.telling.told = Some(*tell),
            SagaEvent::TellFailed { refused, .. } => self.telling.fail(*refused),
            SagaEvent::PaymentOverdue => self.overdue = true,
            // Also after the end: money can arrive at any time.
            SagaEvent::SurplusNoticed { sum } => {
                self.surplus = *sum;
                if self.life.is_over() {
                    self.life.go_on();
                }
            }
            SagaEvent::HandedToHuman { trouble: Trouble::TransferToReturn } => {
                self.returned = self.surplus;
            }
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
