//! The saga of an order: has its card charged and its parcel sent, or undoes whatever it asked for.
//!
//! It is level-triggered. What it learns goes into its state ([`learn`]), and what it wants next follows
//! from its state and the order's alone ([`plan`]). What it asks for is recorded before it is asked; an
//! outcome that nobody told is asked about. Undoing needs no such knowledge: reversing a charge and
//! recalling a parcel close their references for whatever is still on its way.

use super::event::Parcel;
use super::ids::OrderId;
use super::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use crate::domains::money::{Currency, Money};
use crate::kernel::Instant;

mod effects;
mod learn;
mod plan;
#[cfg(test)]
mod stories;

pub(super) use effects::{effects, still_wants};
pub(super) use plan::react;

/// The timer of the end of the time to pay.
pub(crate) const TIMER_UNPAID: u8 = 0;
/// The timer of the pause between two attempts.
pub(crate) const TIMER_RETRY: u8 = 1;
/// The timer of the person who works through the list of what sagas could not settle.
pub(crate) const TIMER_LOOK: u8 = 2;

/// An order that could not be reached for minutes weighs as much as so many refusals.
const UNREACHED_WEIGHS: u8 = 5;

/// How far an act is, as far as the saga knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Never asked for.
    #[default]
    None,
    /// Asked for, not answered.
    Asked,
    /// Nobody said what became of it: it may have happened.
    Unknown,
    /// It had not happened when that was asked.
    Absent,
    /// It happened.
    Done,
    /// It does not happen.
    Declined,
}

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

/// How a saga ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// With a parcel on its way.
    Completed,
    /// With nothing left.
    Compensated,
    /// With a question for a person.
    HandedToHuman(Trouble),
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
    /// What the order was told and has not answered.
    pub telling: Option<Tell>,
    /// How often in a row the order did not take what it was told.
    pub failed_tells: u8,
    /// Until when the saga pauses, if it does.
    pub resting: Option<Instant>,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// When a person will have it try again, if it was handed over.
    pub look_at: Option<Instant>,
    /// How often a person was to look at it.
    pub looks: u8,
}

const ACTS: [Act; 5] = [Act::Authorise, Act::Capture, Act::Reverse, Act::Book, Act::Recall];

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
            telling: None,
            failed_tells: 0,
            resting: None,
            end: None,
            look_at: None,
            looks: 0,
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

    /// Whether it has come to its end. While a person is still to look at it, it has not.
    pub const fn is_over(&self) -> bool {
        self.end.is_some() && self.look_at.is_none()
    }

    /// Why it is on a person's work list, if it is there.
    pub const fn handed_over(&self) -> Option<Trouble> {
        match self.end {
            Some(End::HandedToHuman(trouble)) => Some(trouble),
            None | Some(End::Completed | End::Compensated) => None,
        }
    }

    /// Whether it waits for an answer from outside.
    pub fn awaits_answers(&self) -> bool {
        self.acts.contains(&Progress::Asked) || self.talks.iter().any(|talk| talk.querying)
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &SagaEvent) {
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
                self.found(Act::Authorise, *authorised);
                self.found(Act::Capture, *captured);
                self.found(Act::Reverse, *reversed);
            }
            SagaEvent::ParcelRetrieved { parcel, recalled } => {
                self.talk_mut(Party::Carrier).querying = false;
                self.found(Act::Book, parcel.is_some());
                self.found(Act::Recall, *recalled);
                self.parcel = parcel.or(self.parcel);
            }
            SagaEvent::OrderTold { tell } => self.telling = Some(*tell),
            SagaEvent::TellFailed { refused, .. } => {
                self.telling = None;
                let weight = if *refused { 1 } else { UNREACHED_WEIGHS };
                self.failed_tells = self.failed_tells.saturating_add(weight);
            }
            SagaEvent::PaymentOverdue => self.overdue = true,
            SagaEvent::RetryScheduled { at } => self.resting = Some(*at),
            SagaEvent::RetryDue => self.resting = None,
            SagaEvent::SagaResumed => self.resume(),
            SagaEvent::SagaCompleted => self.end = Some(End::Completed),
            SagaEvent::SagaCompensated => self.end = Some(End::Compensated),
            SagaEvent::HandedToHuman { trouble } => self.end = Some(End::HandedToHuman(*trouble)),
            SagaEvent::LookScheduled { at } => {
                self.look_at = Some(*at);
                self.looks = self.looks.saturating_add(1);
            }
        }
    }

    /// Whether the law of sagas allows an event: nothing happens before the start or after the end, and
    /// nothing is answered that was not asked.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        // A saga may still be put on the list again in the moment in which it was handed over.
        if let SagaEvent::LookScheduled { .. } = event {
            return self.handed_over().is_some() && self.look_at.is_none();
        }
        if self.is_over() {
            return false;
        }
        match event {
            SagaEvent::SagaStarted { .. } => !self.started,
            SagaEvent::Asked { act } => {
                self.goes_on() && matches!(self.act(*act), Progress::None | Progress::Absent)
            }
            SagaEvent::Done { act, .. } => {
                let progress = self.act(*act);
                self.goes_on() && progress != Progress::None && progress != Progress::Done
            }
            SagaEvent::Declined { act } => {
                self.goes_on() && matches!(self.act(*act), Progress::Asked | Progress::Unknown)
            }
            SagaEvent::Unknown { act } => self.goes_on() && self.act(*act) == Progress::Asked,
            SagaEvent::Queried { party } => self.goes_on() && !self.talk(*party).querying,
            SagaEvent::QueryUnanswered { party } => self.goes_on() && self.talk(*party).querying,
            SagaEvent::ChargeRetrieved { .. } => {
                self.goes_on() && self.talk(Party::Provider).querying
            }
            SagaEvent::ParcelRetrieved { .. } => {
                self.goes_on() && self.talk(Party::Carrier).querying
            }
            SagaEvent::TellFailed { tell, .. } => self.goes_on() && self.telling == Some(*tell),
            SagaEvent::RetryScheduled { .. } => self.goes_on() && self.resting.is_none(),
            SagaEvent::RetryDue => self.goes_on() && self.resting.is_some(),
            SagaEvent::PaymentOverdue => self.goes_on() && !self.overdue,
            SagaEvent::OrderTold { .. }
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. } => self.goes_on(),
            SagaEvent::SagaResumed | SagaEvent::LookScheduled { .. } => self.started,
        }
    }

    const fn goes_on(&self) -> bool {
        self.started && self.end.is_none()
    }

    const fn was_silent(&mut self, party: Party) {
        let talk = self.talk_mut(party);
        talk.silences = talk.silences.saturating_add(1);
    }

    /// Doubts are settled, certainties stay.
    fn found(&mut self, act: Act, found: bool) {
        match self.act(act) {
            _ if found => self.set(act, Progress::Done),
            Progress::Unknown => self.set(act, Progress::Absent),
            Progress::None
            | Progress::Asked
            | Progress::Absent
            | Progress::Done
            | Progress::Declined => {}
        }
    }

    /// Nothing that was asked outside can be relied on to be answered. If a person has looked at it,
    /// everybody gets another chance.
    fn resume(&mut self) {
        let looked = self.end.take().is_some();
        for act in ACTS {
            let undo = matches!(act, Act::Reverse | Act::Recall);
            let again = looked && undo && self.act(act) == Progress::Declined;
            if self.act(act) == Progress::Asked || again {
                self.set(act, Progress::Unknown);
            }
        }
        self.talks.iter_mut().for_each(|talk| talk.querying = false);
        if looked {
            self.look_at = None;
            self.resting = None;
            self.telling = None;
            self.failed_tells = 0;
            self.talks.iter_mut().for_each(|talk| talk.silences = 0);
        }
    }
}
