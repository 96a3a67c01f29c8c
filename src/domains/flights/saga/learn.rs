//! What a stimulus teaches a saga, whatever it then does about it.
//!
//! Replies may come late, twice, or after the saga turned back. Each is judged by what was last asked:
//! an answer to an older question either says something new (an order nobody knew of) or nothing.

use super::{Doing, Extra, LegProgress, LegStep, Saga};
use crate::domains::flights::command::{Command, Rejection};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell};
use crate::domains::flights::ids::{LegRef, Locator};
use crate::domains::flights::payment::{ChargeReply, ChargeRequest};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderView, VendorReply, VendorRequest};
use crate::domains::flights::{Reply, Request};
use crate::kernel::{Backoff, Span};
use crate::model::{CommandOutcome, Stimulus};
use crate::saga::{Draft, Progress};

/// The pause before a silent service is asked again.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(1), 6);

pub(super) fn learn(draft: &mut Draft<Saga>, stimulus: &Stimulus<'_, Flights>) {
    if !draft.saga.started {
        return;
    }
    match stimulus {
        Stimulus::Subject | Stimulus::Due(_) => {}
        Stimulus::Replied(_, Reply::Vendor(reply)) => vendor_replied(draft, reply),
        Stimulus::Replied(_, Reply::Charge(reply)) => provider_replied(draft, reply),
        Stimulus::Replied(_, Reply::Misdirected) => {}
        Stimulus::Silent(_, Request::Vendor(request)) => in_doubt(draft, request, false),
        Stimulus::Silent(_, Request::Charge(request)) => {
            charge_in_doubt(draft, request, false);
        }
        Stimulus::Answered(command, verdict) => answered(draft, command, verdict),
        Stimulus::Resumed => {
            if draft.saga.life.is_open() && draft.saga.awaits_answers() {
                draft.record(SagaEvent::SagaResumed);
            }
        }
    }
}

/// The saga's leg behind a reference, if it is this saga's.
fn leg_of(draft: &Draft<Saga>, reference: LegRef) -> Option<LegProgress> {
    let own = reference.booking == draft.saga.booking;
    draft.saga.legs.get(usize::from(reference.leg)).copied().filter(|_| own)
}

fn vendor_replied(draft: &mut Draft<Saga>, reply: &VendorReply) {
    match reply {
        VendorReply::Held { reference, locator, .. } => held(draft, *reference, *locator),
        VendorReply::NoSeat { reference } => {
            let event = SagaEvent::LegHoldRefused { leg: reference.leg };
            settle(draft, *reference, Doing::Hold, event);
        }
        VendorReply::Found { reference, nth, orders } => found(draft, *reference, *nth, orders),
        VendorReply::Ticketed { reference, locator, ticket } => {
            let (leg, locator, ticket) = (reference.leg, *locator, *ticket);
            let event = SagaEvent::LegIssued { leg, locator, ticket };
            settle(draft, *reference, Doing::Issue, event);
        }
        VendorReply::NotIssued { reference } => {
            let event = SagaEvent::LegIssueRefused { leg: reference.leg };
            settle(draft, *reference, Doing::Issue, event);
        }
        VendorReply::Cancelled { reference, locator: None, .. } => {
            let event = SagaEvent::LegCancelled { leg: reference.leg };
            let refunding = leg_of(draft, *reference).is_some_and(|leg| leg.doing == Doing::Refund);
            let doing = if refunding { Doing::Refund } else { Doing::Cancel };
            settle(draft, *reference, doing, event);
        }
        VendorReply::NotVoidable { reference, locator: None } => {
            let event = SagaEvent::LegVoidRefused { leg: reference.leg };
            settle(draft, *reference, Doing::Cancel, event);
        }
        VendorReply::FlightCancelled { reference, locator } => {
            withdrawn(draft, *reference, *locator);
        }
        VendorReply::ScheduleChanged { reference, change, later, .. } => {
            let (leg, change, later) = (reference.leg, *change, *later);
            let news = |at: LegProgress| at.may_travel() && change > at.times.change;
            if draft.saga.life.turned_back.is_none() && leg_of(draft, *reference).is_some_and(news)
            {
                draft.record(SagaEvent::LegRescheduled { leg, change, later });
            }
        }
        VendorReply::Accepted { reference, change } => {
            let (leg, change, open) = (reference.leg, *change, draft.saga.life.is_open());
            let news = |at: LegProgress| change > at.times.accepted && change <= at.times.change;
            if open && leg_of(draft, *reference).is_some_and(news) {
                draft.record(SagaEvent::LegAccepted { leg, change });
            }
        }
        VendorReply::Cancelled { reference, locator: Some(locator), .. } => {
            let (leg, locator) = (reference.leg, *locator);
            if extra_of(draft, *reference, locator).is_some() {
                draft.record(SagaEvent::DuplicateCancelled { leg, locator });
            }
        }
        // Nobody issues a ticket for an order too many; if somebody did, a person has to see it.
        VendorReply::NotVoidable { reference, locator: Some(locator) } => {
            extra_in_doubt(draft, *reference, *locator);
        }
        VendorReply::Offers(_) | VendorReply::SoldElsewhere { .. } => {}
        VendorReply::Unavailable(request) => in_doubt(draft, request, true),
    }
}

/// The order too many of this name, if it is one of this saga's.
fn extra_of(draft: &Draft<Saga>, reference: LegRef, locator: Locator) -> Option<Extra> {
    let own = reference.booking == draft.saga.booking;
    let named = |extra: &&Extra| (extra.leg, extra.locator) == (reference.leg, locator);
    draft.saga.extras.iter().find(named).copied().filter(|_| own)
}

/// Cancelling twice does no harm, so there is nothing to ask before it is asked for again.
fn extra_in_doubt(draft: &mut Draft<Saga>, reference: LegRef, locator: Locator) {
    let Some(extra) = extra_of(draft, reference, locator) else { return };
    if draft.saga.life.is_open() && extra.asked {
        draft.record(SagaEvent::DuplicateUnknown { leg: reference.leg, locator });
        pause(draft, extra.silences.saturating_add(1));
    }
}

/// Records an outcome if it answers what was last asked of the leg.
fn settle(draft: &mut Draft<Saga>, reference: LegRef, doing: Doing, event: SagaEvent) {
    if leg_of(draft, reference).is_some_and(|leg| leg.doing == doing && leg.is_open()) {
        draft.record(event);
    }
}

/// The vendor holds an order. Whether it is the expected one, one too many, or one that comes after
/// the saga gave up, depends on how far the leg is.
fn held(draft: &mut Draft<Saga>, reference: LegRef, locator: Locator) {
    let Some(leg) = leg_of(draft, reference) else { return };
    let known = leg.locator == Some(locator);
    let event = match (leg.doing, leg.step) {
        (_, LegStep::Planned | LegStep::Withdrawn | LegStep::VoidRefused) => return,
        (_, LegStep::Held) | (Doing::Issue, _) if known => return,
        (_, LegStep::Held) | (Doing::Issue, _) => {
            SagaEvent::LegDuplicated { leg: reference.leg, locator }
        }
        // An order that the cancellation already covers.
        (Doing::Cancel | Doing::Refund, _) if known => return,
        (Doing::Hold | Doing::Cancel | Doing::Refund, _) => {
            SagaEvent::LegHeld { leg: reference.leg, locator }
        }
    };
    // One too many that is known already is being seen to.
    let known = extra_of(draft, reference, locator).is_some();
    if !known {
        draft.record(event);
    }
}

/// The vendor does not operate a flight. An order that the saga does not know of, or has undone
/// already, is none of its business; of the one that it has, only a ticket is left.
fn withdrawn(draft: &mut Draft<Saga>, reference: LegRef, locator: Locator) {
    let Some(leg) = leg_of(draft, reference) else { return };
    let ours = leg.locator.is_none_or(|known| known == locator);
    let undoing = leg.is_open() && matches!(leg.doing, Doing::Cancel | Doing::Refund);
    let has_something = leg.may_travel() || leg.step == LegStep::NotIssued;
    if ours && has_something && !undoing {
        draft.record(SagaEvent::LegWithdrawn { leg: reference.leg, locator });
    }
}

/// The vendor says what there is under our reference. Of several orders the one that is known, or
/// ticketed, or the oldest is kept, unless it is known to be too many; the others are too many.
fn found(draft: &mut Draft<Saga>, reference: LegRef, nth: u8, orders: &[OrderView]) {
    let Some(leg) = leg_of(draft, reference) else { return };
    if leg.step != LegStep::Retrieving || leg.questions != nth {
        // An older question, answered late. Where nothing is thought to be left, an order is news.
        if matches!(leg.step, LegStep::Absent | LegStep::Refused | LegStep::Cancelled) {
            orders.iter().for_each(|order| held(draft, reference, order.locator));
        }
        return;
    }
    let number = reference.leg;
    // One too many is being cancelled, and may be gone at any moment: there is no counting on it.
    let lasting = |order: &&OrderView| extra_of(draft, reference, order.locator).is_none();
    let mut lasts = orders.iter().filter(lasting);
    let known = lasts.clone().find(|order| Some(order.locator) == leg.locator);
    let ticketed = || lasts.clone().find(|order| order.ticket.is_some());
    let Some(kept) = known.or_else(ticketed).or_else(|| lasts.next()) else {
        draft.record(match leg.doing {
            Doing::Hold | Doing::Issue => SagaEvent::LegAbsent { leg: number },
            Doing::Cancel | Doing::Refund => SagaEvent::LegCancelled { leg: number },
        });
        return;
    };
    let locator = kept.locator;
    draft.record(match kept.ticket {
        _ if kept.withdrawn => SagaEvent::LegWithdrawn { leg: number, locator },
        Some(ticket) => SagaEvent::LegIssued { leg: number, locator, ticket },
        None => SagaEvent::LegHeld { leg: number, locator },
    });
    for order in orders.iter().filter(|order| order.locator != locator) {
        if extra_of(draft, reference, order.locator).is_none() {
            draft.record(SagaEvent::LegDuplicated { leg: number, locator: order.locator });
        }
    }
}

/// The vendor did not answer, or failed: what it was asked may have happened.
fn in_doubt(draft: &mut Draft<Saga>, request: &VendorRequest, failed: bool) {
    let (reference, expected) = match request {
        VendorRequest::Hold { reference, .. } => (*reference, Some(Doing::Hold)),
        VendorRequest::Issue { reference, .. } => (*reference, Some(Doing::Issue)),
        VendorRequest::Cancel { reference, locator: None } => (*reference, Some(Doing::Cancel)),
        VendorRequest::Refund { reference } => (*reference, Some(Doing::Refund)),
        VendorRequest::Retrieve { reference, nth } => {
            let newest = leg_of(draft, *reference).is_some_and(|leg| leg.questions == *nth);
            if !newest {
                return;
            }
            (*reference, None)
        }
        VendorRequest::Accept { reference, change } => {
            accept_in_doubt(draft, *reference, *change);
            return;
        }
        VendorRequest::Cancel { reference, locator: Some(locator) } => {
            extra_in_doubt(draft, *reference, *locator);
            return;
        }
        VendorRequest::Shop | VendorRequest::SellElsewhere { .. } => return,
    };
    let Some(leg) = leg_of(draft, reference) else { return };
    let waiting = match expected {
        Some(doing) => leg.step == LegStep::Asked && leg.doing == doing,
        None => leg.step == LegStep::Retrieving,
    };
    if waiting && draft.saga.life.is_open() {
        let leg_number = reference.leg;
        draft.record(match failed {
            true => SagaEvent::LegErrored { leg: leg_number },
            false => SagaEvent::LegUnknown { leg: leg_number },
        });
        pause(draft, leg.doubts().saturating_add(1));
    } else if failed && expected == Some(Doing::Hold) {
        // The vendor has just tried, however long ago it was asked: there may be an order now.
        doubt(draft, reference);
    }
}

/// What is known of a leg may be out of date: its vendor is to be asked what there is.
fn doubt(draft: &mut Draft<Saga>, reference: LegRef) {
    let Some(leg) = leg_of(draft, reference) else { return };
    if leg.can_be_doubted() {
        draft.record(SagaEvent::LegDoubted { leg: reference.leg });
        pause(draft, leg.doubts().saturating_add(1));
    }
}

/// Saying yes twice does no harm, so there is nothing to ask before it is said again.
fn accept_in_doubt(draft: &mut Draft<Saga>, reference: LegRef, change: u8) {
    let Some(leg) = leg_of(draft, reference) else { return };
    if draft.saga.life.is_open() && leg.times.asked == change {
        draft.record(SagaEvent::LegAcceptUnknown { leg: reference.leg });
        pause(draft, leg.times.silences.saturating_add(1));
    }
}

fn provider_replied(draft: &mut Draft<Saga>, reply: &ChargeReply) {
    let saga = &draft.saga;
    match *reply {
        ChargeReply::Done { key, amount } => {
            let own = key.booking == saga.booking && amount == saga.price;
            let news = match saga.charge.get(key.step) {
                Progress::Asked | Progress::Unknown | Progress::Absent => own,
                Progress::None | Progress::Done | Progress::Declined => false,
            };
            if news && key.step != ChargeStep::Query {
                draft.record(SagaEvent::ChargeConfirmed { step: key.step });
            }
        }
        ChargeReply::Declined { key } | ChargeReply::KeyReused { key } => {
            let own = key.booking == saga.booking && key.again == saga.charge.key(key.step);
            let open = saga.charge.get(key.step).is_open();
            if own && open {
                draft.record(SagaEvent::ChargeDeclined { step: key.step });
            }
        }
        ChargeReply::Standing { key, standing } => {
            let newest = key.again == saga.charge.questions;
            if key.booking == saga.booking && newest && saga.charge.querying {
                draft.record(SagaEvent::ChargeRetrieved {
                    authorised: !standing.authorised.is_zero(),
                    captured: !standing.captured.is_zero(),
                    voided: standing.voided,
                    refunded: !standing.refunded.is_zero(),
                });
            }
        }
        ChargeReply::Unavailable(request) => charge_in_doubt(draft, &request, true),
    }
}

/// The provider did not answer, or failed: what it was asked may have happened. What it says of an older
/// key or question says nothing about the present one.
fn charge_in_doubt(draft: &mut Draft<Saga>, request: &ChargeRequest, failed: bool) {
    let (own, step) = (request.key.booking == draft.saga.booking, request.key.step);
    let present = request.key.again == draft.saga.charge.key(step);
    let open = draft.saga.life.is_open();
    if own && present && open && draft.saga.charge.get(step) == Progress::Asked {
        draft.record(match failed {
            true => SagaEvent::ChargeErrored { step },
            false => SagaEvent::ChargeUnknown { step },
        });
        pause(draft, draft.saga.charge.silences);
    }
}

/// Pauses after the third silence in a row and after each further one.
fn pause(draft: &mut Draft<Saga>, silences: u8) {
    if let Some(pauses) = silences.checked_sub(3) {
        draft.pause(RETRY, u32::from(pauses));
    }
}

fn answered(draft: &mut Draft<Saga>, command: &Command, verdict: &CommandOutcome<Flights>) {
    let Some(tell) = tell_of(command) else { return };
    if draft.saga.telling.told != Some(tell) || !draft.saga.life.is_open() {
        return;
    }
    let rejection = match verdict {
        // What was accepted shows in the booking.
        CommandOutcome::Accepted(_) => return,
        CommandOutcome::Refused(rejection) => Some(*rejection),
        CommandOutcome::Unknown => None,
    };
    draft.record(SagaEvent::TellFailed { tell, refused: rejection.is_some() });
    match rejection {
        Some(Rejection::NotExpired { at }) => {
            let until = draft.now().max(at) + Span::from_secs(1);
            draft.record(SagaEvent::ExpiryPostponed { until });
        }
        // By the booking's clock the hold has run out, though ours may say otherwise.
        Some(Rejection::HoldExpired { .. }) if draft.saga.life.turned_back.is_none() => {
            draft.record(SagaEvent::UndoStarted { reason: Reason::Expired });
        }
        Some(_) | None => {}
    }
}

/// What a command of the saga's told the booking.
pub(super) fn tell_of(command: &Command) -> Option<Tell> {
    match command {
        Command::RecordAuthorization { .. } => Some(Tell::Authorized),
        Command::StartCapture { .. } => Some(Tell::StartCapture),
        Command::RecordCapture { .. } => Some(Tell::Captured),
        Command::RecordTicket { .. } => Some(Tell::Ticketed),
        Command::RecordPaymentFailure { .. } => Some(Tell::PaymentFailed),
        Command::Expire { .. } => Some(Tell::Expire),
        Command::Release { reason, .. } => Some(Tell::Release(*reason)),
        Command::StartRefund { .. } => Some(Tell::StartRefund),
        Command::RecordRefund { .. } => Some(Tell::Refunded),
        Command::RecordVoid { .. } => Some(Tell::Voided),
        Command::RecordScheduleChange { leg, change, .. } => {
            Some(Tell::Rescheduled { leg: *leg, change: *change })
        }
        Command::HoldSeat { .. } | Command::RequestPayment { .. } | Command::Cancel { .. } => None,
    }
}
