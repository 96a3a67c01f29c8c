//! What a saga learns from a stimulus.
//!
//! Answers may arrive late or twice. An act has the order's number as its reference, so that the answer
//! to any copy of a request counts. Only the answers to queries are matched with their query, and those about
//! a courier with the attempt to find one. Reports of stages may overtake each other: a later one includes
//! those before.

use super::Saga;
use super::retrieved::retrieved;
use crate::domains::delivery::command::Command;
use crate::domains::delivery::outside::{
    ChargeReply, ChargeRequest, CourierReply, CourierRequest, KitchenReply, KitchenRequest, Leg,
    Reply, Request, Stage,
};
use crate::domains::delivery::saga_event::{Act, Detail, Party, SagaEvent, Tell};
use crate::domains::delivery::setup::Delivery;
use crate::kernel::{Backoff, Span};
use crate::model::{CommandOutcome, Stimulus};
use crate::saga::{Draft, Progress};

/// The pause before a service is queried again, from the third missing answer in a row on.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(1), 6);
/// The pause before couriers are asked again who were all busy.
const BUSY: Backoff = Backoff::doubling(Span::from_secs(10), 4);

pub(super) fn learn(
    draft: &mut Draft<Saga>,
    delivery: &Delivery,
    stimulus: &Stimulus<'_, Delivery>,
) {
    // An answer after the end changes nothing: a closed reference stays closed, and a saga that an
    // operator resumes queries again.
    if !draft.saga.started || !draft.saga.life.is_open() {
        return;
    }
    match stimulus {
        Stimulus::Replied(_, Reply::Charge(reply)) => charge_replied(draft, delivery, reply),
        Stimulus::Replied(_, Reply::Kitchen(reply)) => kitchen_replied(draft, delivery, reply),
        Stimulus::Replied(_, Reply::Courier(reply)) => courier_replied(draft, delivery, reply),
        Stimulus::Subject
        | Stimulus::Due(_)
        | Stimulus::Replied(_, Reply::Misdirected)
        | Stimulus::Reported(_) => {}
        Stimulus::Silent(_, request) => in_doubt(draft, request),
        Stimulus::Answered(command, outcome) => answered(draft, command, outcome),
        Stimulus::Resumed if draft.saga.awaits_answers() => draft.record(SagaEvent::SagaResumed),
        Stimulus::Resumed => {}
    }
}

fn charge_replied(draft: &mut Draft<Saga>, delivery: &Delivery, reply: &ChargeReply) {
    match reply {
        ChargeReply::Charged { .. } => done(draft, Act::Charge, None),
        ChargeReply::Declined { .. } => declined(draft, Act::Charge),
        ChargeReply::Refunded { .. } => done(draft, Act::Refund, None),
        ChargeReply::Standing { nth, charge, .. } => {
            let (charged, closed) = (charge.charged > 0, charge.closed);
            let found = [(Act::Charge, charged || closed), (Act::Refund, closed)];
            let answer = SagaEvent::ChargeRetrieved { charged, closed };
            retrieved(draft, delivery, (Party::Provider, *nth), &found, answer);
        }
        ChargeReply::Unavailable(request) => in_doubt(draft, &Request::Charge(*request)),
    }
}

fn kitchen_replied(draft: &mut Draft<Saga>, delivery: &Delivery, reply: &KitchenReply) {
    match *reply {
        KitchenReply::Taken { estimated, .. } => {
            done(draft, Act::Offer, Some(Detail::Estimated(estimated)));
        }
        KitchenReply::Refused { .. } => declined(draft, Act::Offer),
        KitchenReply::Moved { stage, .. } => moved(draft, stage),
        KitchenReply::GivenUp { .. } if !draft.saga.given_up => {
            draft.record(SagaEvent::KitchenGaveUp);
        }
        KitchenReply::GivenUp { .. } => {}
        KitchenReply::Withdrawn { .. } => {
            done(draft, Act::Withdraw, None);
        }
        KitchenReply::Found { nth, ticket, .. } => {
            let withdrawn = ticket.is_some_and(|ticket| ticket.withdrawn);
            let found = [(Act::Offer, ticket.is_some()), (Act::Withdraw, withdrawn)];
            let answer = SagaEvent::TicketRetrieved { ticket };
            retrieved(draft, delivery, (Party::Restaurant, nth), &found, answer);
        }
        KitchenReply::Unavailable(request) => in_doubt(draft, &Request::Kitchen(request)),
    }
}

fn courier_replied(draft: &mut Draft<Saga>, delivery: &Delivery, reply: &CourierReply) {
    let is_current = |attempt: u8| draft.saga.attempt == attempt;
    match *reply {
        CourierReply::Assigned { attempt, courier, .. } if is_current(attempt) => {
            done(draft, Act::Assign, Some(Detail::Courier(courier)));
        }
        CourierReply::Busy { attempt, .. } if is_current(attempt) => busy(draft),
        CourierReply::Quit { attempt, .. } if is_current(attempt) => {
            if draft.saga.act(Act::Assign) != Progress::None {
                draft.record(SagaEvent::CourierQuit);
            }
        }
        CourierReply::Assigned { .. } | CourierReply::Busy { .. } | CourierReply::Quit { .. } => {}
        CourierReply::Noted { .. } => {
            done(draft, Act::Collect, None);
        }
        CourierReply::Released { .. } => {
            done(draft, Act::Release, None);
        }
        CourierReply::Moved { leg, .. } => {
            if draft.saga.leg < leg {
                draft.record(SagaEvent::TripMoved { leg });
            }
        }
        CourierReply::Found { nth, trip, .. } => {
            let released = trip.is_some_and(|trip| trip.released);
            let current = trip.filter(|trip| is_current(trip.attempt));
            let assigned = current.is_some_and(|trip| trip.courier.is_some() || trip.quit);
            let noted = trip.is_some_and(|trip| trip.food_ready || trip.leg > Leg::Coming);
            let found = [
                (Act::Assign, assigned || released),
                (Act::Collect, noted || released),
                (Act::Release, released),
            ];
            let answer = SagaEvent::TripRetrieved { trip };
            retrieved(draft, delivery, (Party::Couriers, nth), &found, answer);
        }
        CourierReply::Unavailable(request) => in_doubt(draft, &Request::Courier(request)),
    }
}

/// A service says that an act is done. The saga may have been told before, or has not asked for it.
fn done(draft: &mut Draft<Saga>, act: Act, detail: Option<Detail>) {
    if !matches!(draft.saga.act(act), Progress::None | Progress::Done) {
        draft.record(SagaEvent::Done { act, detail });
    }
}

fn declined(draft: &mut Draft<Saga>, act: Act) {
    if draft.saga.act(act).is_open() {
        draft.record(SagaEvent::Declined { act });
    }
}

fn moved(draft: &mut Draft<Saga>, stage: Stage) {
    if draft.saga.stage < Some(stage) {
        draft.record(SagaEvent::KitchenMoved { stage });
    }
}

/// All couriers are busy: they are asked again later.
fn busy(draft: &mut Draft<Saga>) {
    if draft.saga.act(Act::Assign).is_open() {
        let times = draft.saga.busy;
        draft.record(SagaEvent::CouriersBusy);
        draft.pause(BUSY, u32::from(times));
    }
}

/// A service did not answer, or failed: the request may have taken effect.
fn in_doubt(draft: &mut Draft<Saga>, request: &Request) {
    let act = match *request {
        Request::Charge(ChargeRequest::Charge { .. }) => Ok(Act::Charge),
        Request::Charge(ChargeRequest::Refund { .. }) => Ok(Act::Refund),
        Request::Charge(ChargeRequest::Query { nth, .. }) => Err((Party::Provider, nth)),
        Request::Kitchen(KitchenRequest::Offer { .. }) => Ok(Act::Offer),
        Request::Kitchen(KitchenRequest::Withdraw { .. }) => Ok(Act::Withdraw),
        Request::Kitchen(KitchenRequest::Query { nth, .. }) => Err((Party::Restaurant, nth)),
        // Doubts about an earlier attempt are over: that courier has quit.
        Request::Courier(CourierRequest::Assign { attempt, .. }) => {
            if attempt != draft.saga.attempt {
                return;
            }
            Ok(Act::Assign)
        }
        Request::Courier(CourierRequest::Collect { .. }) => Ok(Act::Collect),
        Request::Courier(CourierRequest::Release { .. }) => Ok(Act::Release),
        Request::Courier(CourierRequest::Query { nth, .. }) => Err((Party::Couriers, nth)),
    };
    let party = match act {
        Ok(act) if draft.saga.act(act) == Progress::Asked => {
            draft.record(SagaEvent::Unknown { act });
            act.party()
        }
        Err((party, nth)) if draft.saga.awaits(party, nth) => {
            draft.record(SagaEvent::QueryUnanswered { party });
            party
        }
        Ok(_) | Err(_) => return,
    };
    if let Some(pauses) = draft.saga.talk(party).silences.checked_sub(3) {
        draft.pause(RETRY, u32::from(pauses));
    }
}

fn answered(draft: &mut Draft<Saga>, command: &Command, outcome: &CommandOutcome<Delivery>) {
    let Some(tell) = tell_of(command).filter(|tell| draft.saga.telling.told == Some(*tell)) else {
        return;
    };
    match outcome {
        // The order shows what it accepted.
        CommandOutcome::Accepted(_) => {}
        CommandOutcome::Refused(_) => draft.record(SagaEvent::TellFailed { tell, refused: true }),
        CommandOutcome::Unknown => draft.record(SagaEvent::TellFailed { tell, refused: false }),
    }
}

/// What a command of the saga says to the order.
pub(super) const fn tell_of(command: &Command) -> Option<Tell> {
    match command {
        Command::PayOrder { .. } => Some(Tell::Paid),
        Command::ConfirmOrder { .. } => Some(Tell::Confirmed),
        Command::StartPreparing { .. } => Some(Tell::Preparing),
        Command::AssignCourier { courier, .. } => Some(Tell::Courier(*courier)),
        Command::MarkReady { .. } => Some(Tell::Ready),
        Command::PickUp { courier, .. } => Some(Tell::PickedUp(*courier)),
        Command::DeliverOrder { .. } => Some(Tell::Delivered),
        Command::AbandonOrder { reason, .. } => Some(Tell::Abandoned(*reason)),
        Command::CreateOrder { .. }
        | Command::ChangeDropOff { .. }
        | Command::ReportPosition { .. }
        | Command::CancelOrder { .. } => None,
    }
}
