//! The saga of a transfer: has the money leave its source and arrive, or come back.
//!
//! It is level-triggered: what it wants next follows from how the transfer stands and from what was
//! refused. A step that nobody answered for is asked for again under a new name, and may then meet its
//! own earlier copy; the transfer takes each step once, whoever comes first. So nothing has to be asked
//! before it is tried again or undone.

use super::command::Command;
use super::event::Why;
use super::ids::TransferId;
use super::saga_event::{SagaEvent, Step, Trouble};
use super::setup::Accounts;
use super::transfer::{Status, Transfer};
use crate::kernel::{Instant, Span};
use crate::model::{CommandOutcome, Effect, Stimulus};

#[cfg(test)]
mod stories;

/// The timer of the pause before a step is asked for again.
pub const TIMER_RETRY: u8 = 0;
/// The timer of the person who works through the list of what sagas could not settle.
pub const TIMER_LOOK: u8 = 1;

/// After so many vain attempts in a row a person has to look at it.
const VAIN_MAX: u8 = 4;
/// The pause after the first vain attempt; twice as long after each other one.
const RETRY_AFTER: Span = Span::from_secs(15);
/// How often a person has a saga try again before it stays on their list.
const LOOKS_MAX: u8 = 3;
/// How soon a person has worked through their list.
const LOOK_AFTER: Span = Span::from_secs(10 * 60);
/// More records at once than any plan makes.
const RECORDS_MAX: usize = 16;

/// How a saga ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The money has arrived.
    Completed,
    /// The money is where it came from.
    Compensated,
    /// With a question for a person.
    HandedToHuman(Trouble),
}

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The transfer it follows.
    pub transfer: TransferId,
    /// What that moves, as it stood at the start; `None` before.
    pub started: Option<Transfer>,
    /// What was asked for and not answered.
    pub asked: Option<Step>,
    /// Which account takes no part, and why.
    pub refused: Option<(Step, Why)>,
    /// The step that was last asked for in vain, and how often in a row.
    pub vain: Option<(Step, u8)>,
    /// Until when the saga pauses, if it does.
    pub resting: Option<Instant>,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// When a person will have it try again, if it was handed over.
    pub look_at: Option<Instant>,
    /// How often a person was to look at it.
    pub looks: u8,
}

impl Saga {
    /// A saga that has not begun.
    pub const fn blank(transfer: TransferId) -> Self {
        Self {
            transfer,
            started: None,
            asked: None,
            refused: None,
            vain: None,
            resting: None,
            end: None,
            look_at: None,
            looks: 0,
        }
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

    const fn goes_on(&self) -> bool {
        self.started.is_some() && self.end.is_none()
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &SagaEvent) {
        match event {
            SagaEvent::SagaStarted { from, to, amount } => {
                let (from, to, amount) = (*from, *to, *amount);
                let blank = Transfer::blank(amount.currency);
                self.started = Some(Transfer { from, to, amount, ..blank });
            }
            SagaEvent::Asked { step } => self.asked = Some(*step),
            SagaEvent::Refused { step, why } => {
                self.asked = None;
                match (step, why) {
                    (Step::Debit | Step::Credit, Some(why)) => {
                        self.refused = Some((*step, *why));
                    }
                    (Step::Debit | Step::Credit, None)
                    | (Step::Settle | Step::TakeBack(_) | Step::Fail(_), _) => {
                        self.was_in_vain(*step)
                    }
                }
            }
            SagaEvent::Unknown { step } => {
                self.asked = None;
                self.was_in_vain(*step);
            }
            SagaEvent::RetryScheduled { at } => self.resting = Some(*at),
            SagaEvent::RetryDue => self.resting = None,
            SagaEvent::SagaResumed => {
                (self.end, self.look_at, self.resting, self.asked) = (None, None, None, None);
                self.vain = None;
            }
            SagaEvent::SagaCompleted => self.end = Some(End::Completed),
            SagaEvent::SagaCompensated => self.end = Some(End::Compensated),
            SagaEvent::HandedToHuman { trouble } => self.end = Some(End::HandedToHuman(*trouble)),
            SagaEvent::LookScheduled { at } => {
                self.look_at = Some(*at);
                self.looks = self.looks.saturating_add(1);
            }
        }
    }

    fn was_in_vain(&mut self, step: Step) {
        self.vain = Some((step, self.times_in_vain(step).saturating_add(1)));
    }

    /// How often in a row a step was asked for in vain.
    fn times_in_vain(&self, step: Step) -> u8 {
        self.vain.filter(|(other, _)| *other == step).map_or(0, |(_, times)| times)
    }

    /// Whether the law of sagas allows an event: nothing happens before the start or after the end, and
    /// nothing is answered that was not asked.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        match event {
            SagaEvent::SagaStarted { .. } => self.started.is_none(),
            SagaEvent::Asked { step } => self.goes_on() && self.asked != Some(*step),
            SagaEvent::Refused { step, .. } | SagaEvent::Unknown { step } => {
                self.goes_on() && self.asked == Some(*step)
            }
            SagaEvent::RetryScheduled { .. } => self.goes_on() && self.resting.is_none(),
            SagaEvent::RetryDue => self.goes_on() && self.resting.is_some(),
            SagaEvent::SagaResumed => self.handed_over().is_some() && self.look_at.is_some(),
            SagaEvent::LookScheduled { .. } => {
                self.handed_over().is_some() && self.look_at.is_none()
            }
            SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. } => self.goes_on(),
        }
    }
}

/// A saga with the records that it is about to make.
struct Draft {
    /// The saga as if they were made.
    saga: Saga,
    records: Vec<SagaEvent>,
}

impl Draft {
    fn record(&mut self, event: SagaEvent) {
        self.saga.evolve(&event);
        self.records.push(event);
    }
}

/// What the saga records next.
pub(super) fn react(
    saga: &Saga,
    transfer: &Transfer,
    stimulus: &Stimulus<'_, Accounts>,
    now: Instant,
) -> Vec<SagaEvent> {
    let mut draft = Draft { saga: saga.clone(), records: Vec::new() };
    if let Stimulus::Answered(command, verdict) = stimulus {
        answered(&mut draft, command, verdict, now);
    }
    // Timers and sagas may go by different clocks: whoever is told that it is time believes it.
    let due = |timer| matches!(stimulus, Stimulus::Due(fired) if *fired == timer);
    let over = |at: Instant, timer| now >= at || due(timer);
    if draft.saga.goes_on() && draft.saga.resting.is_some_and(|at| over(at, TIMER_RETRY)) {
        draft.record(SagaEvent::RetryDue);
    }
    if draft.saga.look_at.is_some_and(|at| over(at, TIMER_LOOK)) {
        draft.record(SagaEvent::SagaResumed);
    }
    while let Some(record) = next(&draft.saga, transfer) {
        let handed = matches!(record, SagaEvent::HandedToHuman { .. });
        draft.record(record);
        if handed && draft.saga.looks < LOOKS_MAX {
            draft.record(SagaEvent::LookScheduled { at: now + LOOK_AFTER });
        }
        assert!(draft.records.len() < RECORDS_MAX, "a saga's plan comes to rest");
    }
    draft.records
}

/// What a step came to. What was taken shows in the transfer.
fn answered(
    draft: &mut Draft,
    command: &Command,
    verdict: &CommandOutcome<Accounts>,
    now: Instant,
) {
    let Some(step) = step_of(command) else { return };
    if !draft.saga.goes_on() || draft.saga.asked != Some(step) {
        return;
    }
    match verdict {
        CommandOutcome::Accepted(_) => {}
        CommandOutcome::Refused(rejection) => {
            draft.record(SagaEvent::Refused { step, why: Why::of(rejection) });
        }
        CommandOutcome::Unknown => {
            draft.record(SagaEvent::Unknown { step });
            if draft.saga.resting.is_none() {
                let doublings = u32::from(draft.saga.times_in_vain(step).saturating_sub(1));
                let at = now + RETRY_AFTER.times(1 << doublings.min(6));
                draft.record(SagaEvent::RetryScheduled { at });
            }
        }
    }
}

/// What is to be recorded next, given what is known.
fn next(saga: &Saga, transfer: &Transfer) -> Option<SagaEvent> {
    let status = transfer.status?;
    if saga.started.is_none() {
        let Transfer { from, to, amount, .. } = *transfer;
        return Some(SagaEvent::SagaStarted { from, to, amount });
    }
    if saga.end.is_some() {
        return None;
    }
    let step = match (status, saga.refused) {
        (Status::Requested, Some((Step::Debit, why))) => Step::Fail(why),
        (Status::Requested, _) => Step::Debit,
        (Status::Debited, Some((Step::Credit, why))) => Step::TakeBack(why),
        (Status::Debited, _) => Step::Credit,
        (Status::Credited, _) => Step::Settle,
        (Status::Completed, _) => return Some(SagaEvent::SagaCompleted),
        (Status::Returned(_) | Status::Failed(_), _) => return Some(SagaEvent::SagaCompensated),
    };
    if saga.asked == Some(step) {
        return None;
    }
    if saga.times_in_vain(step) >= VAIN_MAX {
        let trouble = match saga.resting {
            Some(_) => Trouble::Unanswered(step),
            None => Trouble::Refused(step),
        };
        return Some(SagaEvent::HandedToHuman { trouble });
    }
    saga.resting.is_none().then_some(SagaEvent::Asked { step })
}

/// The effects of one record; `saga` is the state after it.
pub(super) fn effects(saga: &Saga, event: &SagaEvent) -> Vec<Effect<Accounts>> {
    match event {
        SagaEvent::Asked { step } => {
            command(saga, *step).map(Effect::Command).into_iter().collect()
        }
        SagaEvent::RetryScheduled { at } => vec![Effect::SetTimer(TIMER_RETRY, *at)],
        SagaEvent::LookScheduled { at } => vec![Effect::SetTimer(TIMER_LOOK, *at)],
        SagaEvent::SagaCompleted | SagaEvent::SagaCompensated | SagaEvent::HandedToHuman { .. } => {
            saga.resting.map(|_| Effect::CancelTimer(TIMER_RETRY)).into_iter().collect()
        }
        SagaEvent::SagaStarted { .. }
        | SagaEvent::Refused { .. }
        | SagaEvent::Unknown { .. }
        | SagaEvent::RetryDue
        | SagaEvent::SagaResumed => Vec::new(),
    }
}

/// Whether the saga still waits for what an effect on record brings about.
pub(super) fn still_wants(saga: &Saga, effect: &Effect<Accounts>) -> bool {
    match effect {
        Effect::Command(command) => {
            saga.end.is_none() && saga.asked.is_some() && saga.asked == step_of(command)
        }
        Effect::SetTimer(TIMER_RETRY, due) => saga.end.is_none() && saga.resting == Some(*due),
        Effect::SetTimer(TIMER_LOOK, due) => saga.look_at == Some(*due),
        Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => false,
    }
}

fn command(saga: &Saga, step: Step) -> Option<Command> {
    let (transfer, moved) = (saga.transfer, saga.started.as_ref()?);
    let (from, to) = (moved.from, moved.to);
    Some(match step {
        Step::Debit => Command::Debit { transfer, from },
        Step::Credit => Command::Credit { transfer, to },
        Step::Settle => Command::Settle { transfer, from },
        Step::TakeBack(why) => Command::TakeBack { transfer, from, why },
        Step::Fail(why) => Command::Fail { transfer, why },
    })
}

/// The step that a command of the saga's asks for.
const fn step_of(command: &Command) -> Option<Step> {
    match command {
        Command::Debit { .. } => Some(Step::Debit),
        Command::Credit { .. } => Some(Step::Credit),
        Command::Settle { .. } => Some(Step::Settle),
        Command::TakeBack { why, .. } => Some(Step::TakeBack(*why)),
        Command::Fail { why, .. } => Some(Step::Fail(*why)),
        Command::OpenAccount { .. }
        | Command::Deposit { .. }
        | Command::Withdraw { .. }
        | Command::CloseAccount { .. }
        | Command::RequestTransfer { .. } => None,
    }
}
