//! What a saga learns from a stimulus.
//!
//! Answers may arrive late or twice. An act has the order's number as its reference, so that the answer
//! to any copy of a request counts. Only the answers to queries are matched with their query.

use super::Saga;
use crate::domains::orders::carrier::{ParcelReply, ParcelRequest};
use crate::domains::orders::command::Command;
use crate::domains::orders::event::Parcel;
use crate::domains::orders::provider::{ChargeReply, ChargeRequest};
use crate::domains::orders::saga_event::{Act, Party, SagaEvent, Tell};
use crate::domains::orders::setup::Orders;
use crate::domains::orders::{Reply, Request};
use crate::kernel::{Backoff, Span};
use crate::model::{CommandOutcome, Stimulus};
use crate::saga::{Draft, Progress};

/// The pause before a service is queried again, from the third missing answer in a row on.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(1), 6);

pub(super) fn learn(draft: &mut Draft<Saga>, orders: &Orders, stimulus: &Stimulus<'_, Orders>) {
    // An answer after the end changes nothing: a closed reference stays closed, and a saga that an
    // operator resumes queries again.
    if !draft.saga.started || !draft.saga.life.is_open() {
        return;
    }
    match stimulus {
        Stimulus::Replied(_, Reply::Charge(reply)) => charge_replied(draft, orders, reply),
        Stimulus::Replied(_, Reply::Parcel(reply)) => parcel_replied(draft, orders, reply),
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

fn charge_replied(draft: &mut Draft<Saga>, orders: &Orders, reply: &ChargeReply) {
    match *reply {
        ChargeReply::Done { act, .. } => done(draft, act, None),
        ChargeReply::Declined { act, .. } => declined(draft, act),
        ChargeReply::Standing { nth, charge, .. } => {
            if is_newest(&draft.saga, Party::Provider, nth) {
                let (authorised, captured) = (charge.authorised > 0, charge.captured > 0);
                let reversed = charge.closed;
                let found = [
                    (Act::Authorise, authorised || reversed),
                    (Act::Capture, captured || reversed),
                    (Act::Reverse, reversed),
                ];
                if !is_missing(draft, orders, Party::Provider, &found) {
                    draft.record(SagaEvent::ChargeRetrieved { authorised, captured, reversed });
                }
            }
        }
        ChargeReply::Unavailable(request) => in_doubt(draft, &Request::Charge(request)),
    }
}

fn parcel_replied(draft: &mut Draft<Saga>, orders: &Orders, reply: &ParcelReply) {
    match *reply {
        ParcelReply::Booked { parcel, .. } => done(draft, Act::Book, Some(parcel)),
        ParcelReply::Refused { .. } => declined(draft, Act::Book),
        ParcelReply::Recalled { .. } => done(draft, Act::Recall, None),
        ParcelReply::Tracked { nth, parcel, recalled, .. } => {
            if is_newest(&draft.saga, Party::Carrier, nth) {
                let found = [(Act::Book, parcel.is_some() || recalled), (Act::Recall, recalled)];
                if !is_missing(draft, orders, Party::Carrier, &found) {
                    draft.record(SagaEvent::ParcelRetrieved { parcel, recalled });
                }
            }
        }
        ParcelReply::Unavailable(request) => in_doubt(draft, &Request::Parcel(request)),
    }
}

fn done(draft: &mut Draft<Saga>, act: Act, parcel: Option<Parcel>) {
    if !matches!(draft.saga.act(act), Progress::None | Progress::Done) {
        draft.record(SagaEvent::Done { act, parcel });
    }
}

fn declined(draft: &mut Draft<Saga>, act: Act) {
    if draft.saga.act(act).is_open() {
        draft.record(SagaEvent::Declined { act });
    }
}

/// Whether a service may know more than it says: an act with an unknown outcome is not found, and the query
/// may lag behind our requests. Then it is queried again. A closed reference ends every doubt.
fn is_missing(
    draft: &mut Draft<Saga>,
    orders: &Orders,
    party: Party,
    found: &[(Act, bool)],
) -> bool {
    let unknown = |act: Act| draft.saga.act(act) == Progress::Unknown;
    if !found.iter().any(|&(act, found)| unknown(act) && !found) {
        return false;
    }
    let lag = orders.lookup_lag(party.service());
    let Some(until) = draft.until_proof(&draft.saga.talk(party).absence, lag) else { return false };
    draft.record(SagaEvent::Missing { party, until });
    let absence = draft.saga.talk(party).absence;
    draft.look_again(&absence);
    true
}

fn is_newest(saga: &Saga, party: Party, nth: u8) -> bool {
    let talk = saga.talk(party);
    talk.querying && talk.questions == nth
}

/// A service did not answer, or failed: the request may have taken effect.
fn in_doubt(draft: &mut Draft<Saga>, request: &Request) {
    let (act, party, nth) = match *request {
        Request::Charge(ChargeRequest::Move { act, .. }) => (Some(act), Party::Provider, 0),
        Request::Charge(ChargeRequest::Query { nth, .. }) => (None, Party::Provider, nth),
        Request::Parcel(ParcelRequest::Book { .. }) => (Some(Act::Book), Party::Carrier, 0),
        Request::Parcel(ParcelRequest::Recall { .. }) => (Some(Act::Recall), Party::Carrier, 0),
        Request::Parcel(ParcelRequest::Track { nth, .. }) => (None, Party::Carrier, nth),
    };
    match act {
        Some(act) if draft.saga.act(act) == Progress::Asked => {
            draft.record(SagaEvent::Unknown { act });
        }
        None if is_newest(&draft.saga, party, nth) => {
            draft.record(SagaEvent::QueryUnanswered { party });
        }
        Some(_) | None => return,
    }
    if let Some(pauses) = draft.saga.talk(party).silences.checked_sub(3) {
        draft.pause(RETRY, u32::from(pauses));
    }
}

fn answered(draft: &mut Draft<Saga>, command: &Command, outcome: &CommandOutcome<Orders>) {
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
        Command::ReceivePayment { .. } => Some(Tell::Paid),
        Command::ShipOrder { .. } => Some(Tell::Shipped),
        Command::CancelOrder { reason, .. } => Some(Tell::Cancel(*reason)),
        Command::PlaceOrder { .. } | Command::RequestPayment { .. } => None,
    }
}
