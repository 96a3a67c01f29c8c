//! What a saga learns from a stimulus, before it plans.
//!
//! Replies may come late, twice, or after the saga turned back. Each is compared with what was last asked:
//! the answer to an older question is either news (an unknown order) or ignored. What the provider says is in
//! [`charge`], and what services report after the store has lost commits in [`reported`].

use super::{Doing, Extra, LegProgress, LegStep, Saga};
use crate::domains::flights::command::{Command, Rejection};
use crate::domains::flights::defects::{
    ABSENT_IS_FINAL, CANCELLED_FLIGHT_IGNORED, DOUBT_IGNORED, LATE_SUCCESS_IGNORED,
    NEW_TIMES_IGNORED, ONE_ANSWER_FOR_ALL_LEGS, RESUMED_WITHOUT_DOUBT, TIMEOUT_IS_FAILURE,
    VOID_AFTER_WINDOW,
};
use crate::domains::flights::event::{Reason, SagaEvent, Tell};
use crate::domains::flights::ids::{LegRef, Locator};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderView, VendorReply, VendorRequest};
use crate::domains::flights::{Reply, Request};
use crate::kernel::{Backoff, Span};
use crate::model::{CommandOutcome, ServiceId, Stimulus};
use crate::saga::{Draft, End};

mod charge;
mod reported;

/// The pause before a silent service is asked again, or a booking that does not agree.
const RETRY: Backoff = Backoff::doubling(Span::from_secs(1), 6);

pub(super) use reported::begin;

pub(super) fn learn(draft: &mut Draft<Saga>, flights: &Flights, stimulus: &Stimulus<'_, Flights>) {
    if !draft.saga.started {
        return;
    }
    match stimulus {
        Stimulus::Subject | Stimulus::Due(_) | Stimulus::Replied(_, Reply::Misdirected) => {}
        Stimulus::Replied(_, Reply::Vendor(reply)) => vendor_replied(draft, flights, reply),
        Stimulus::Replied(service, Reply::Charge(reply)) => {
            charge::replied(draft, flights, lookup_lag(flights, *service), reply);
        }
        Stimulus::Silent(_, Request::Vendor(request)) if flights.has(&TIMEOUT_IS_FAILURE) => {
            refused(draft, request);
        }
        Stimulus::Silent(_, Request::Vendor(request)) => in_doubt(draft, flights, request, false),
        Stimulus::Silent(_, Request::Charge(request)) => charge::in_doubt(draft, request, false),
        Stimulus::Answered(command, outcome) => answered(draft, command, outcome),
        Stimulus::Reported(replies) => reported::learn(draft, flights, replies),
        Stimulus::Resumed => {
            let awaits = draft.saga.awaits_answers() && !flights.has(&RESUMED_WITHOUT_DOUBT);
            if draft.saga.life.is_open() && awaits {
                draft.record(SagaEvent::SagaResumed);
            }
        }
    }
}

/// The leg behind a reference, if it is this saga's.
fn leg_of(draft: &Draft<Saga>, reference: LegRef) -> Option<LegProgress> {
    let own = reference.booking == draft.saga.booking;
    draft.saga.legs.get(usize::from(reference.leg)).copied().filter(|_| own)
}

fn vendor_replied(draft: &mut Draft<Saga>, flights: &Flights, reply: &VendorReply) {
    let Some(reference) = reply.reference() else { return };
    let Some(at) = leg_of(draft, reference) else { return };
    let leg = reference.leg;
    let is_late = draft.saga.life.turned_back.is_some();
    let is_done = draft.saga.life.end == Some(End::Completed);
    // Records an outcome if it answers what was last asked of the leg.
    let mut settle = |doing: Doing, event: SagaEvent| {
        if at.doing == doing && at.is_open() {
            draft.record(event);
        }
    };
    match *reply {
        VendorReply::Held { .. } if is_late && flights.has(&LATE_SUCCESS_IGNORED) => {}
        VendorReply::Held { locator, .. } => held(draft, leg, locator),
        VendorReply::NoSeat { .. } => settle(Doing::Hold, SagaEvent::LegHoldRefused { leg }),
        VendorReply::Found { nth, ref orders, .. } => {
            let lag = lookup_lag(flights, flights.flight(at.flight).vendor);
            found(draft, (leg, nth), lag, orders);
        }
        VendorReply::Ticketed { locator, ticket, .. } => {
            settle(Doing::Issue, SagaEvent::LegIssued { leg, locator, ticket });
        }
        VendorReply::NotIssued { .. } => settle(Doing::Issue, SagaEvent::LegIssueRefused { leg }),
        VendorReply::Cancelled { locator: None, .. } if flights.has(&ONE_ANSWER_FOR_ALL_LEGS) => {
            cancelled_all(draft, flights, at);
        }
        VendorReply::Cancelled { locator: None, .. } => {
            let doing = if at.doing == Doing::Refund { Doing::Refund } else { Doing::Cancel };
            settle(doing, SagaEvent::LegCancelled { leg });
        }
        VendorReply::NotVoidable { locator: None, .. } if flights.has(&VOID_AFTER_WINDOW) => {
            settle(Doing::Cancel, SagaEvent::LegCancelled { leg });
        }
        VendorReply::NotVoidable { locator: None, .. } => {
            settle(Doing::Cancel, SagaEvent::LegVoidRefused { leg });
        }
        // An order that the saga does not know, or has undone already, does not matter. Of its own order
        // only a ticket is left.
        VendorReply::FlightCancelled { .. }
            if is_done && flights.has(&CANCELLED_FLIGHT_IGNORED) => {}
        VendorReply::FlightCancelled { locator, .. } => {
            let ours = at.locator.is_none_or(|known| known == locator);
            let undoing = at.is_open() && matches!(at.doing, Doing::Cancel | Doing::Refund);
            let has_something = at.may_travel() || at.step == LegStep::NotIssued;
            if ours && has_something && !undoing {
                draft.record(SagaEvent::LegWithdrawn { leg, locator });
            }
        }
        VendorReply::ScheduleChanged { .. } if is_done && flights.has(&NEW_TIMES_IGNORED) => {}
        VendorReply::ScheduleChanged { change, later, .. } => {
            let news = at.may_travel() && change > at.times.change;
            if draft.saga.life.turned_back.is_none() && news {
                draft.record(SagaEvent::LegRescheduled { leg, change, later });
            }
        }
        VendorReply::Accepted { change, .. } => {
            let news = change > at.times.accepted && change <= at.times.change;
            if draft.saga.life.is_open() && news {
                draft.record(SagaEvent::LegAccepted { leg, change });
            }
        }
        VendorReply::Cancelled { locator: Some(locator), .. } => {
            if extra_of(draft, leg, locator).is_some() {
                draft.record(SagaEvent::DuplicateCancelled { leg, locator });
            }
        }
        // No ticket is issued for a duplicate. If there is one, an operator has to see it.
        VendorReply::NotVoidable { locator: Some(locator), .. } => {
            extra_in_doubt(draft, leg, locator);
        }
        any_of!(VendorReply { .. }: SoldElsewhere | Reported) | VendorReply::Offers(_) => {}
        VendorReply::Unavailable(ref request) => in_doubt(draft, flights, request, true),
    }
}

/// How far the lookups of a service may lag behind the truth.
fn lookup_lag(flights: &Flights, service: ServiceId) -> Span {
    if flights.has(&ABSENT_IS_FINAL) { Span::ZERO } else { flights.lookup_lag(service) }
}

/// A vendor that did not answer is taken to have refused to hold.
fn refused(draft: &mut Draft<Saga>, request: &VendorRequest) {
    let Some(reference) = request.reference() else { return };
    let Some(at) = leg_of(draft, reference) else { return };
    if at.doing == Doing::Hold && at.is_open() {
        draft.record(SagaEvent::LegHoldRefused { leg: reference.leg });
    }
}

/// A cancellation is taken to concern all legs at the vendor.
fn cancelled_all(draft: &mut Draft<Saga>, flights: &Flights, at: LegProgress) {
    let vendor = |leg: &LegProgress| flights.flight(leg.flight).vendor;
    for (leg, other) in (0..).zip(draft.saga.legs.clone()) {
        let undoing = matches!(other.doing, Doing::Cancel | Doing::Refund);
        if vendor(&other) == vendor(&at) && undoing && other.is_open() {
            draft.record(SagaEvent::LegCancelled { leg });
        }
    }
}

/// The duplicate with this name.
fn extra_of(draft: &Draft<Saga>, leg: u8, locator: Locator) -> Option<Extra> {
    let named = |extra: &&Extra| (extra.leg, extra.locator) == (leg, locator);
    draft.saga.extras.iter().find(named).copied()
}

/// To cancel twice does no harm: the request is sent again without a question before it.
fn extra_in_doubt(draft: &mut Draft<Saga>, leg: u8, locator: Locator) {
    let Some(extra) = extra_of(draft, leg, locator) else { return };
    if draft.saga.life.is_open() && extra.asked {
        draft.record(SagaEvent::DuplicateUnknown { leg, locator });
        pause(draft, extra.silences.saturating_add(1));
    }
}

/// The vendor holds an order. The progress of the leg determines whether it is the expected one, a
/// duplicate, or one that comes after the saga gave up.
fn held(draft: &mut Draft<Saga>, leg: u8, locator: Locator) {
    let at = &draft.saga.legs[usize::from(leg)];
    let known = at.locator == Some(locator);
    let event = match (at.doing, at.step) {
        (_, LegStep::Planned | LegStep::Withdrawn | LegStep::VoidRefused) => return,
        (_, LegStep::Held) | (Doing::Issue, _) if known => return,
        (_, LegStep::Held) | (Doing::Issue, _) => SagaEvent::LegDuplicated { leg, locator },
        // The cancellation covers this order already.
        (Doing::Cancel | Doing::Refund, _) if known => return,
        (Doing::Hold | Doing::Cancel | Doing::Refund, _) => SagaEvent::LegHeld { leg, locator },
    };
    // A known duplicate is being cancelled.
    if extra_of(draft, leg, locator).is_none() {
        draft.record(event);
    }
}

/// The vendor says what there is under our reference. Of several orders the saga keeps the one that it
/// knows, or one with a ticket, or the oldest; all others are duplicates. It does not keep a known
/// duplicate, which is being cancelled and can disappear at any moment. That there is nothing is believed
/// only when the lookup can no longer lag behind our requests.
fn found(draft: &mut Draft<Saga>, (leg, nth): (u8, u8), lag: Span, orders: &[OrderView]) {
    let at = draft.saga.legs[usize::from(leg)];
    if at.step != LegStep::Retrieving || at.questions != nth {
        // A late answer to an older question: an order is news if nothing is believed to be left.
        if matches!(at.step, LegStep::Absent | LegStep::Refused | LegStep::Cancelled) {
            orders.iter().for_each(|order| held(draft, leg, order.locator));
        }
        return;
    }
    let lasting = |order: &&OrderView| extra_of(draft, leg, order.locator).is_none();
    let mut lasts = orders.iter().filter(lasting);
    let known = lasts.clone().find(|order| Some(order.locator) == at.locator);
    let ticketed = || lasts.clone().find(|order| order.ticket.is_some());
    let Some(kept) = known.or_else(ticketed).or_else(|| lasts.next()) else {
        if let Some(until) = draft.until_proof(&at.absence, lag) {
            draft.record(SagaEvent::LegMissing { leg, until });
            let absence = draft.saga.legs[usize::from(leg)].absence;
            return draft.look_again(&absence);
        }
        draft.record(match at.doing {
            Doing::Hold | Doing::Issue => SagaEvent::LegAbsent { leg },
            Doing::Cancel | Doing::Refund => SagaEvent::LegCancelled { leg },
        });
        return;
    };
    let locator = kept.locator;
    draft.record(match kept.ticket {
        _ if kept.withdrawn => SagaEvent::LegWithdrawn { leg, locator },
        Some(ticket) => SagaEvent::LegIssued { leg, locator, ticket },
        None => SagaEvent::LegHeld { leg, locator },
    });
    for &OrderView { locator, .. } in orders.iter().filter(|order| order.locator != locator) {
        if extra_of(draft, leg, locator).is_none() {
            draft.record(SagaEvent::LegDuplicated { leg, locator });
        }
    }
}

/// The vendor did not answer, or failed: the request may have taken effect.
fn in_doubt(draft: &mut Draft<Saga>, flights: &Flights, request: &VendorRequest, failed: bool) {
    let Some(reference) = request.reference() else { return };
    let Some(at) = leg_of(draft, reference) else { return };
    let (leg, open) = (reference.leg, draft.saga.life.is_open());
    let asked = |doing: Doing| at.step == LegStep::Asked && at.doing == doing;
    let waiting = match *request {
        VendorRequest::Hold { .. } => asked(Doing::Hold),
        VendorRequest::Issue { .. } => asked(Doing::Issue),
        VendorRequest::Cancel { locator: None, .. } => asked(Doing::Cancel),
        VendorRequest::Refund { .. } => asked(Doing::Refund),
        VendorRequest::Retrieve { nth, .. } => {
            at.step == LegStep::Retrieving && at.questions == nth
        }
        VendorRequest::Cancel { locator: Some(locator), .. } => {
            return extra_in_doubt(draft, leg, locator);
        }
        // To accept twice does no harm: the request is sent again without a question before it.
        VendorRequest::Accept { change, .. } => {
            if open && at.times.asked == change {
                draft.record(SagaEvent::LegAcceptUnknown { leg });
                pause(draft, at.times.silences.saturating_add(1));
            }
            return;
        }
        VendorRequest::Shop | VendorRequest::SellElsewhere { .. } => return,
    };
    let record = match failed {
        true if waiting && open => SagaEvent::LegErrored { leg },
        false if waiting && open => SagaEvent::LegUnknown { leg },
        // The vendor has just executed an older request to hold: there may be an order now.
        true if matches!(request, VendorRequest::Hold { .. })
            && at.can_be_doubted()
            && !flights.has(&DOUBT_IGNORED) =>
        {
            SagaEvent::LegDoubted { leg }
        }
        true | false => return,
    };
    draft.record(record);
    pause(draft, at.doubts().saturating_add(1));
}

/// Pauses after the third silence in a row and after each further one.
fn pause(draft: &mut Draft<Saga>, silences: u8) {
    if let Some(pauses) = silences.checked_sub(3) {
        draft.pause(RETRY, u32::from(pauses));
    }
}

fn answered(draft: &mut Draft<Saga>, command: &Command, outcome: &CommandOutcome<Flights>) {
    let Some(tell) = tell_of(command) else { return };
    if draft.saga.telling.told != Some(tell) || !draft.saga.life.is_open() {
        return;
    }
    let rejection = match outcome {
        // The booking's state shows that it accepted.
        CommandOutcome::Accepted(_) => return,
        CommandOutcome::Refused(rejection) => Some(*rejection),
        CommandOutcome::Unknown => None,
    };
    draft.record(SagaEvent::TellFailed { tell, refused: rejection.is_some() });
    match rejection {
        Some(Rejection::NotExpired { at }) => {
            // The clock of the timers may be ahead by any amount, so that waiting a little longer each time is
            // what helps.
            let refusals = u32::from(draft.saga.telling.failed);
            let until = draft.now().max(at) + RETRY.delay(refusals.saturating_sub(1));
            draft.record(SagaEvent::ExpiryPostponed { until });
        }
        // By the booking's clock the hold has expired, perhaps not yet by ours.
        Some(Rejection::HoldExpired { .. }) if draft.saga.life.turned_back.is_none() => {
            draft.record(SagaEvent::UndoStarted { reason: Reason::Expired });
        }
        Some(_) | None => {}
    }
}

/// What a command of the saga tells the booking.
pub(in crate::domains::flights::saga) fn tell_of(command: &Command) -> Option<Tell> {
    match command {
        Command::RecordAuthorization { .. } => Some(Tell::Authorized),
        Command::StartCapture { .. } => Some(Tell::StartCapture),
        Command::RecordCapture { .. } => Some(Tell::Captured),
        Command::RecordTicket { .. } => Some(Tell::Ticketed),
        Command::RecordPaymentFailure { attempt, .. } => Some(Tell::PaymentFailed(*attempt)),
        Command::Expire { .. } => Some(Tell::Expire),
        Command::Release { reason, .. } => Some(Tell::Release(*reason)),
        Command::StartRefund { .. } => Some(Tell::StartRefund),
        Command::RecordRefund { .. } => Some(Tell::Refunded),
        Command::RecordVoid { .. } => Some(Tell::Voided),
        Command::RecordScheduleChange { leg, change, .. } => {
            Some(Tell::Rescheduled { leg: *leg, change: *change })
        }
        Command::RecordChargeback { .. } => Some(Tell::ChargedBack),
        any_of!(Command: HoldSeat | RequestPayment | Cancel | Bump) => None,
    }
}
