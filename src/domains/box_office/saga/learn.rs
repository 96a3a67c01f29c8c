//! What a saga learns from a stimulus.
//!
//! Answers may arrive late or twice. An act has the ticket's number as its key, so that the answer to any
//! copy of a request counts.

use super::Saga;
use crate::domains::box_office::command::{Command, Rejection};
use crate::domains::box_office::event::Reason;
use crate::domains::box_office::ids::Fence;
use crate::domains::box_office::outside::lock::{LockReply, LockRequest};
use crate::domains::box_office::outside::provider::{ChargeReply, ChargeRequest};
use crate::domains::box_office::outside::{Reply, Request};
use crate::domains::box_office::saga_event::{Act, SagaEvent, Tell};
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::{Backoff, Span};
use crate::model::{CommandOutcome, Stimulus};
use crate::saga::{Draft, Progress};

/// The pause before an act without an answer is asked for again.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(1), 6);
/// The pause before a lock that is held by another purchase is asked for again.
const WAIT: Backoff = Backoff::doubling(Span::from_millis(250), 4);

pub(super) fn learn(draft: &mut Draft<Saga>, stimulus: &Stimulus<'_, BoxOffice>) {
    // An answer after the end changes nothing: a closed charge stays closed, and a lock expires.
    if !draft.saga.started || !draft.saga.life.is_open() {
        return;
    }
    match stimulus {
        Stimulus::Replied(_, Reply::Charge(reply)) => match *reply {
            ChargeReply::Charged { .. } => done(draft, Act::Charge, None),
            ChargeReply::Declined { .. } => declined(draft, Act::Charge, Reason::PaymentDeclined),
            ChargeReply::Reversed { .. } => done(draft, Act::Reverse, None),
            ChargeReply::Unavailable(request) => in_doubt(draft, act_of(&Request::Charge(request))),
        },
        Stimulus::Replied(_, Reply::Lock(reply)) => match *reply {
            LockReply::Granted { fence, .. } => done(draft, Act::Lock, Some(fence)),
            LockReply::Busy { .. } => busy(draft),
            LockReply::Released { .. } => done(draft, Act::Unlock, None),
            LockReply::Unavailable(request) => in_doubt(draft, act_of(&Request::Lock(request))),
        },
        Stimulus::Silent(_, request) => in_doubt(draft, act_of(request)),
        Stimulus::Answered(command, outcome) => answered(draft, command, outcome),
        Stimulus::Resumed if draft.saga.awaits_services() => draft.record(SagaEvent::SagaResumed),
        Stimulus::Subject
        | Stimulus::Due(_)
        | Stimulus::Resumed
        | Stimulus::Reported(_)
        | Stimulus::Replied(_, Reply::Misdirected) => {}
    }
}

fn done(draft: &mut Draft<Saga>, act: Act, fence: Option<Fence>) {
    let progress = draft.saga.act(act);
    let counts = match act {
        // A lock that was given up for busy is asked for again.
        Act::Lock => progress.is_open(),
        _ => !matches!(progress, Progress::None | Progress::Done),
    };
    if counts {
        draft.record(SagaEvent::Done { act, fence });
    }
}

fn declined(draft: &mut Draft<Saga>, act: Act, reason: Reason) {
    if draft.saga.act(act).is_open() {
        draft.record(SagaEvent::Declined { act, reason });
    }
}

fn busy(draft: &mut Draft<Saga>) {
    if draft.saga.act(Act::Lock).is_open() {
        let times = draft.saga.busy;
        draft.record(SagaEvent::LockBusy);
        draft.pause(WAIT, u32::from(times));
    }
}

/// There was no answer, or a failure: the act may be done.
fn in_doubt(draft: &mut Draft<Saga>, act: Act) {
    if draft.saga.act(act) == Progress::Asked {
        let times = draft.saga.silences;
        draft.record(SagaEvent::Unknown { act });
        draft.pause(RETRY, u32::from(times));
    }
}

fn answered(draft: &mut Draft<Saga>, command: &Command, outcome: &CommandOutcome<BoxOffice>) {
    if let Some(act) = command_act(command) {
        return match outcome {
            CommandOutcome::Accepted(_) => done(draft, act, None),
            CommandOutcome::Refused(Rejection::LockLost) => {
                declined(draft, act, Reason::LockLost);
            }
            CommandOutcome::Refused(_) => declined(draft, act, Reason::SoldOut),
            CommandOutcome::Unknown => in_doubt(draft, act),
        };
    }
    let Some(tell) = tell_of(command).filter(|tell| draft.saga.telling.told == Some(*tell)) else {
        return;
    };
    match outcome {
        // The ticket shows what it accepted.
        CommandOutcome::Accepted(_) => {}
        CommandOutcome::Refused(_) => draft.record(SagaEvent::TellFailed { tell, refused: true }),
        CommandOutcome::Unknown => draft.record(SagaEvent::TellFailed { tell, refused: false }),
    }
}

const fn act_of(request: &Request) -> Act {
    match request {
        Request::Charge(ChargeRequest::Charge { .. }) => Act::Charge,
        Request::Charge(ChargeRequest::Reverse { .. }) => Act::Reverse,
        Request::Lock(LockRequest::Acquire { .. }) => Act::Lock,
        Request::Lock(LockRequest::Release { .. }) => Act::Unlock,
    }
}

/// The act that a command of the saga to the show is.
pub(super) const fn command_act(command: &Command) -> Option<Act> {
    match command {
        Command::CheckPlaces { .. } => Some(Act::Check),
        Command::TakePlace { .. } => Some(Act::Record),
        _ => None,
    }
}

/// What a command of the saga says to the ticket.
pub(super) const fn tell_of(command: &Command) -> Option<Tell> {
    match command {
        Command::ConfirmTicket { .. } => Some(Tell::Confirm),
        Command::CancelTicket { reason, .. } => Some(Tell::Cancel(*reason)),
        _ => None,
    }
}
