//! The saga of a transfer: has the money leave its source and arrive, or come back.
//!
//! It is level-triggered: its next record follows from the transfer's status and from what was refused.
//! A step whose outcome is unknown is asked for again under a new name, and may then meet its own
//! earlier copy; the transfer takes each step once. So nothing has to be queried before it is tried
//! again or undone.

use super::command::Command;
use super::event::Why;
use super::ids::TransferId;
use super::saga_event::{SagaEvent, Step, Trouble};
use super::setup::Accounts;
use super::transfer::{Status, Transfer};
use crate::kernel::{Backoff, Instant, Span};
use crate::model::{CommandOutcome, Effect, Stimulus};
use crate::saga::{Draft, Life, Saga as _};

#[cfg(test)]
mod stories;

/// After this many failures of one step in a row a person has to look at it.
const FAILURES_MAX: u8 = 4;
/// The pause after a step whose outcome is unknown.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(15), 6);

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
    /// The step that failed last, and how often in a row.
    pub failed: Option<(Step, u8)>,
    /// Its life cycle.
    pub life: Life<Trouble>,
}

impl crate::saga::Saga for Saga {
    type Record = SagaEvent;
    type Turned = ();

    fn life(&self) -> &Life<Trouble> {
        &self.life
    }

    fn evolve(&mut self, event: &SagaEvent) {
        self.life.evolve(event);
        match event {
            SagaEvent::SagaStarted { from, to, amount } => {
                let (from, to, amount) = (*from, *to, *amount);
                let blank = Transfer::blank(amount.currency);
                self.started = Some(Transfer { from, to, amount, ..blank });
            }
            SagaEvent::Asked { step } => self.asked = Some(*step),
            SagaEvent::Refused { step: step @ (Step::Debit | Step::Credit), why: Some(why) } => {
                self.asked = None;
                self.refused = Some((*step, *why));
            }
            SagaEvent::Refused { step, .. } | SagaEvent::Unknown { step } => {
                self.asked = None;
                self.failed = Some((*step, self.failures(*step).saturating_add(1)));
            }
            SagaEvent::SagaResumed => (self.asked, self.failed) = (None, None),
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => {}
        }
    }
}

impl Saga {
    /// A saga that has not begun.
    pub const fn blank(transfer: TransferId) -> Self {
        let life = Life::new(());
        Self { transfer, started: None, asked: None, refused: None, failed: None, life }
    }

    /// How often in a row a step has failed.
    fn failures(&self, step: Step) -> u8 {
        self.failed.filter(|(other, _)| *other == step).map_or(0, |(_, times)| times)
    }

    /// Whether the life cycle allows an event: nothing happens before the start or after the end, and
    /// nothing is answered that was not asked.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started.is_some() && self.life.is_open();
        match event {
            SagaEvent::SagaStarted { .. } => self.started.is_none(),
            SagaEvent::Asked { step } => open && self.asked != Some(*step),
            SagaEvent::Refused { step, .. } | SagaEvent::Unknown { step } => {
                open && self.asked == Some(*step)
            }
            // It has nothing to doubt after a restart.
            SagaEvent::SagaResumed => self.life.handed_over().is_some() && self.life.allows(event),
            SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. }
            | SagaEvent::LookScheduled { .. } => self.started.is_some() && self.life.allows(event),
        }
    }
}

/// What the saga records next.
pub(super) fn react(
    saga: &Saga,
    transfer: &Transfer,
    stimulus: &Stimulus<'_, Accounts>,
    now: Instant,
) -> Vec<SagaEvent> {
    let mut draft = Draft::woken(saga, stimulus, now);
    if let Stimulus::Answered(command, outcome) = stimulus {
        answered(&mut draft, command, outcome);
    }
    draft.wake();
    draft.settle(|draft| next(&draft.saga, transfer))
}

/// How a step ended. That it was taken shows in the transfer.
fn answered(draft: &mut Draft<Saga>, command: &Command, outcome: &CommandOutcome<Accounts>) {
    let Some(step) = step_of(command) else { return };
    if !draft.saga.life.is_open() || draft.saga.asked != Some(step) {
        return;
    }
    match outcome {
        CommandOutcome::Accepted(_) => {}
        CommandOutcome::Refused(rejection) => {
            draft.record(SagaEvent::Refused { step, why: Why::of(rejection) });
        }
        CommandOutcome::Unknown => {
            draft.record(SagaEvent::Unknown { step });
            draft.pause(RETRY, u32::from(draft.saga.failures(step)) - 1);
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
    if !saga.life.is_open() {
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
    if saga.failures(step) >= FAILURES_MAX {
        let trouble = match saga.life.resting {
            Some(_) => Trouble::Unanswered(step),
            None => Trouble::Refused(step),
        };
        return Some(SagaEvent::HandedToHuman { trouble });
    }
    saga.life.resting.is_none().then_some(SagaEvent::Asked { step })
}

/// The effects of one record; `saga` is the state after it.
pub(super) fn effects(saga: &Saga, event: &SagaEvent) -> Vec<Effect<Accounts>> {
    match event {
        SagaEvent::Asked { step } => {
            command(saga, *step).map(Effect::Command).into_iter().collect()
        }
        SagaEvent::SagaStarted { .. }
        | SagaEvent::Refused { .. }
        | SagaEvent::Unknown { .. }
        | SagaEvent::RetryScheduled { .. }
        | SagaEvent::RetryDue
        | SagaEvent::SagaResumed
        | SagaEvent::SagaCompleted
        | SagaEvent::SagaCompensated
        | SagaEvent::HandedToHuman { .. }
        | SagaEvent::LookScheduled { .. } => saga.life_effects(event),
    }
}

/// Whether the saga still waits for what an effect on record brings about.
pub(super) fn still_wants(saga: &Saga, effect: &Effect<Accounts>) -> bool {
    match effect {
        Effect::Command(command) => {
            saga.life.is_open() && saga.asked.is_some() && saga.asked == step_of(command)
        }
        Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
            saga.awaits_timer(effect)
        }
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
