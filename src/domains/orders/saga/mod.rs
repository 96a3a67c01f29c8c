//! The saga of an order: has its card charged and its parcel sent, or undoes whatever it asked for.
//!
//! It is level-triggered. What it learns goes into its state ([`learn`]), and what it wants next follows
//! from its state and the order's alone ([`plan`]). What it asks for is recorded before it is asked; an
//! unknown outcome is queried. Undoing needs no such knowledge: reversing a charge and
//! recalling a parcel close their references for whatever is still on its way.

use super::event::Parcel;
use super::ids::OrderId;
use super::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;
use crate::saga::{Life, Progress, Telling};

mod effects;
mod learn;
mod plan;
#[cfg(test)]
mod stories;

pub(super) use effects::{effects, still_wants};
pub(super) use plan::react;

/// The timer of the end of the time to pay.
pub(crate) const TIMER_UNPAID: u8 = 0;

/// How a conversation with somebody outside stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Talk {
    /// Whether they were asked how things stand, and have not answered.
    pub querying: bool,
    /// How often they were asked that.
    pub questions: u8,
    /// How often in a row they did not answer.
    pub silences: u8,
}

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The order it follows.
    pub order: OrderId,
    /// Whether it has begun.
    pub started: bool,
    /// What the order costs.
    pub total: Money,
    /// How many pieces there are in it.
    pub pieces: u64,
    /// Until when it must be paid.
    pub pay_by: Instant,
    /// Whether that time is known to be over.
    pub overdue: bool,
    acts: [Progress; 5],
    talks: [Talk; 2],
    /// The parcel that the carrier took.
    pub parcel: Option<Parcel>,
    /// What the order was told.
    pub telling: Telling<Tell>,
    /// Its life cycle.
    pub life: Life<Trouble>,
}

impl Saga {
    /// A saga that has not begun.
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
            life: Life::new(()),
        }
    }

    /// How far an act is.
    pub const fn act(&self, act: Act) -> Progress {
        self.acts[act as usize]
    }

    /// How a conversation stands.
    pub const fn talk(&self, party: Party) -> Talk {
        self.talks[party as usize]
    }

    const fn talk_mut(&mut self, party: Party) -> &mut Talk {
        &mut self.talks[party as usize]
    }

    const fn set(&mut self, act: Act, progress: Progress) {
        self.acts[act as usize] = progress;
    }

    /// Whether it waits for an answer from outside.
    pub fn awaits_answers(&self) -> bool {
        self.acts.contains(&Progress::Asked) || self.talks.iter().any(|talk| talk.querying)
    }

    /// Whether the life cycle allows an event: nothing happens before the start or after the end, and
    /// nothing is answered that was not asked.
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
            SagaEvent::QueryUnanswered { party } => open && self.talk(*party).querying,
            SagaEvent::ChargeRetrieved { .. } => open && self.talk(Party::Provider).querying,
            SagaEvent::ParcelRetrieved { .. } => open && self.talk(Party::Carrier).querying,
            SagaEvent::TellFailed { tell, .. } => open && self.telling.told == Some(*tell),
            SagaEvent::PaymentOverdue => open && !self.overdue,
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

    /// Nothing that was asked outside can be relied on to be answered. If a person has looked at it,
    /// every service gets another chance.
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

    /// No attempt brings money back that came by bank transfer.
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
            SagaEvent::Asked { act } => self.set(*act, Progress::Asked),
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
                let talk = self.talk_mut(*party);
                talk.querying = true;
                talk.questions = talk.questions.wrapping_add(1);
            }
            SagaEvent::QueryUnanswered { party } => {
                self.talk_mut(*party).querying = false;
                self.was_silent(*party);
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
