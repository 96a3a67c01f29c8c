//! The saga of a transfer: moves the money from the source to the destination, or returns it.
//!
//! It is level-triggered: its next event follows from the status of the transfer and from earlier
//! refusals. A step whose outcome is unknown is requested again under a new id. The transfer takes each
//! step once, also if both copies arrive, so that the saga never has to query an outcome.

use super::State;
use super::command::Command;
use super::defects::SOURCE_NOT_TOLD;
use super::event::{Event, Why};
use super::ids::{SAGA, TRANSFER, TransferId};
use super::saga_event::{SagaEvent, Step, Trouble};
use super::setup::Accounts;
use super::transfer::{Status, Transfer};
use crate::kernel::{Backoff, Instant, Span};
use crate::model::{Category, CommandOutcome, Effect, Sagas, Stimulus};
use crate::saga::{Draft, Life, Saga as _};

#[cfg(test)]
mod stories;

/// After this many failures of one step in a row an operator must look at the saga.
const FAILURES_MAX: u8 = 4;
/// The pause after a step whose outcome is unknown.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(15), 6);

/// One saga.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Saga {
    /// The transfer that it follows.
    pub transfer: TransferId,
    /// Source, destination and amount; `None` before the start.
    pub started: Option<Transfer>,
    /// The step that was requested and not answered.
    pub asked: Option<Step>,
    /// The step that an account refused, and why.
    pub refused: Option<(Step, Why)>,
    /// The step that failed last, and how many times in a row.
    pub failed: Option<(Step, u8)>,
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
    pub const fn blank(transfer: TransferId) -> Self {
        let life = Life::new(());
        Self { transfer, started: None, asked: None, refused: None, failed: None, life }
    }

    /// How many times in a row a step has failed.
    fn failures(&self, step: Step) -> u8 {
        self.failed.filter(|(other, _)| *other == step).map_or(0, |(_, times)| times)
    }

    /// Whether the life cycle allows an event: none before the start or after the end, and no answer to
    /// a step that was not requested.
    pub fn is_legal_transition(&self, event: &SagaEvent) -> bool {
        let open = self.started.is_some() && self.life.is_open();
        match event {
            SagaEvent::SagaStarted { .. } => self.started.is_none(),
            SagaEvent::Asked { step } => open && self.asked != Some(*step),
            SagaEvent::Refused { step, .. } | SagaEvent::Unknown { step } => {
                open && self.asked == Some(*step)
            }
            // A restart leaves nothing uncertain that would have to be recorded.
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

impl Sagas<Self> for Accounts {
    const FOLLOWS: &'static [(Category, Category)] = &[(TRANSFER, SAGA)];
    const STATES: &'static [&'static str] = SagaEvent::NAMES;

    fn react(
        bank: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let mut draft = Draft::woken(saga.saga(), stimulus, now);
        if let Stimulus::Answered(command, outcome) = stimulus {
            answered(&mut draft, command, outcome);
        }
        draft.wake();
        let events = draft.settle(|draft| next(bank, &draft.saga, subject.transfer()));
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(_: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        match event {
            Event::Saga(SagaEvent::Asked { step }) => {
                command(saga.saga(), *step).map(Effect::Command).into_iter().collect()
            }
            Event::Saga(event) => saga.saga().life_effects(event),
            Event::Account(_) | Event::Transfer(_) | Event::Old(_) => Vec::new(),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        saga.saga().life.is_over()
    }

    fn still_wants(_: &Self, saga: &State, effect: &Effect<Self>) -> bool {
        let saga = saga.saga();
        match effect {
            Effect::Command(command) => {
                saga.life.is_open() && saga.asked.is_some() && saga.asked == step_of(command)
            }
            Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
                saga.awaits_timer(effect)
            }
        }
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }
}

/// Records how a step failed. The transfer shows that it succeeded.
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

/// The next event, given what the saga knows.
fn next(bank: &Accounts, saga: &Saga, transfer: &Transfer) -> Option<SagaEvent> {
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
        (Status::Credited, _) if bank.has(&SOURCE_NOT_TOLD) => {
            return Some(SagaEvent::SagaCompleted);
        }
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

/// The step that a command of the saga requests.
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
