//! What a saga learns from the provider.

use super::pause;
use crate::domains::flights::defects::{
    DISPUTE_IGNORED, FIRST_FARE_ONLY, LAPSED_IS_CAPTURED, LATE_DECLINE_COUNTS, PART_NOT_RECOGNISED,
    PENDING_IS_RESERVED, REPLAYED_500_FINAL,
};
use crate::domains::flights::event::{ChargeStep, SagaEvent};
use crate::domains::flights::payment::{ChargeReply, ChargeRequest, Dispute, Key, Standing};
use crate::domains::flights::saga::Saga;
use crate::domains::flights::setup::Flights;
use crate::kernel::{Backoff, Span};
use crate::saga::{Draft, Progress};

/// The pause before the provider is asked what became of a payment that is pending. A person answers the bank: that
/// takes seconds or minutes.
const POLL: Backoff = Backoff::doubling(Span::from_secs(15), 2);
/// The pause before the provider is asked whether a dispute is decided, which takes hours or weeks.
const DECISION: Backoff = Backoff::doubling(Span::from_secs(60), 6);

/// `lag` is how far the provider's answers to queries may lag behind the truth.
pub(super) fn replied(draft: &mut Draft<Saga>, flights: &Flights, lag: Span, reply: &ChargeReply) {
    let saga = &draft.saga;
    match *reply {
        ChargeReply::Done { key, amount } => {
            let is_price = amount == saga.amount(key.step) || flights.has(&FIRST_FARE_ONLY);
            let own = key.booking == saga.booking && is_price && !saga.charge.is_outdated(key);
            let news = match saga.charge.get(key.step) {
                Progress::Asked | Progress::Unknown | Progress::Absent => own,
                Progress::None | Progress::Done | Progress::Declined => false,
            };
            if news && key.step != ChargeStep::Query {
                draft.record(SagaEvent::ChargeConfirmed { step: key.step });
            }
        }
        ChargeReply::Declined { key } | ChargeReply::KeyReused { key } => {
            let late = key.booking == saga.booking && flights.has(&LATE_DECLINE_COUNTS);
            let is_news = saga.learns() && saga.charge.get(key.step).is_open();
            if (is_present(saga, key) || late) && is_news {
                draft.record(SagaEvent::ChargeDeclined { step: key.step });
            }
        }
        ChargeReply::Standing { key, standing } => {
            let newest = key.again == saga.charge.questions;
            if key.booking == saga.booking && newest && saga.charge.querying {
                retrieved(draft, flights, lag, standing);
            }
        }
        ChargeReply::Unavailable(ChargeRequest { key, .. })
            if flights.has(&REPLAYED_500_FINAL) && key.step != ChargeStep::Query =>
        {
            if saga.learns() && saga.charge.get(key.step).is_open() {
                draft.record(SagaEvent::ChargeDeclined { step: key.step });
            }
        }
        ChargeReply::Unavailable(request) => in_doubt(draft, &request, true),
        ChargeReply::Pending { key } => {
            if is_present(saga, key) && saga.learns() && saga.charge.get(key.step).is_open() {
                match flights.has(&PENDING_IS_RESERVED) {
                    true => draft.record(SagaEvent::ChargeConfirmed { step: key.step }),
                    false => is_pending(draft),
                }
            }
        }
        ChargeReply::Lapsed { key } => {
            if is_present(saga, key) && saga.learns() && saga.charge.capture.is_open() {
                draft.record(match flights.has(&LAPSED_IS_CAPTURED) {
                    true => SagaEvent::ChargeConfirmed { step: ChargeStep::Capture },
                    false => SagaEvent::ChargeLapsed,
                });
            }
        }
        ChargeReply::Reported { .. } => {}
        ChargeReply::Disputed { .. } if flights.has(&DISPUTE_IGNORED) => {}
        // Reports may overtake each other: what was decided stays decided.
        ChargeReply::Disputed { key, dispute } => {
            if key.booking == saga.booking && saga.charge.rare.dispute < dispute {
                draft.record(SagaEvent::DisputeReported { dispute });
            }
        }
    }
}

/// Whether a key is the present one of its movement.
fn is_present(saga: &Saga, key: Key) -> bool {
    key.booking == saga.booking && key.again == saga.charge.key(key.step)
}

/// The customer has to confirm the payment. The outcome will be reported, and is asked for from time to time in
/// case the report gets lost.
fn is_pending(draft: &mut Draft<Saga>) {
    let polls = u32::from(draft.saga.charge.rare.pending);
    draft.record(SagaEvent::ChargePending);
    draft.pause(POLL, polls);
}

/// The provider says which movements have happened. One with an unknown outcome has not happened only when
/// the query can no longer lag behind our requests.
fn retrieved(draft: &mut Draft<Saga>, flights: &Flights, lag: Span, standing: Standing) {
    let (authorised, captured) = (!standing.authorised.is_zero(), !standing.captured.is_zero());
    let voided = standing.voided;
    let refunded = match flights.has(&PART_NOT_RECOGNISED) {
        true => standing.refunded == draft.saga.price,
        false => !standing.refunded.is_zero(),
    };
    if standing.dispute > draft.saga.charge.rare.dispute && !flights.has(&DISPUTE_IGNORED) {
        draft.record(SagaEvent::DisputeReported { dispute: standing.dispute });
    }
    let charge = &draft.saga.charge;
    if standing.pending && charge.authorise == Progress::Unknown {
        return is_pending(draft);
    }
    if charge.misses([authorised, captured, voided, refunded])
        && let Some(until) = draft.until_proof(&charge.absence, lag)
    {
        draft.record(SagaEvent::ChargeMissing { until });
        let absence = draft.saga.charge.absence;
        return draft.look_again(&absence);
    }
    draft.record(SagaEvent::ChargeRetrieved { authorised, captured, voided, refunded });
    if draft.saga.charge.rare.dispute == Dispute::Open {
        draft.pause(DECISION, u32::from(draft.saga.charge.questions));
    }
}

/// The provider did not answer, or failed: the request may have taken effect. That of an older key or
/// query says nothing about the present one.
pub(super) fn in_doubt(draft: &mut Draft<Saga>, request: &ChargeRequest, failed: bool) {
    let (saga, key, step) = (&draft.saga, request.key, request.key.step);
    if is_present(saga, key) && saga.life.is_open() && saga.charge.get(step) == Progress::Asked {
        draft.record(match failed {
            true => SagaEvent::ChargeErrored { step },
            false => SagaEvent::ChargeUnknown { step },
        });
        pause(draft, draft.saga.charge.silences);
    }
}
