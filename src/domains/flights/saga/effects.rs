//! The effects of a saga's records.

use super::learn::tell_of;
use super::{LegProgress, Saga, TIMER_EXPIRY, Times};
use crate::domains::flights::Request;
use crate::domains::flights::command::Command;
use crate::domains::flights::defects::{
    FIRST_FARE_ONLY, ISSUE_WRONG_LEG, ISSUED_AT_ANY_FARE, WRONG_FLIGHT_HELD,
};
use crate::domains::flights::event::{ChargeStep, SagaEvent, Tell};
use crate::domains::flights::ids::{LegRef, Locator};
use crate::domains::flights::payment::{ChargeRequest, Key};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::VendorRequest;
use crate::model::Effect;
use crate::saga::Saga as _;

/// The effects of one record; `saga` is the state after it.
pub(crate) fn effects(flights: &Flights, saga: &Saga, event: &SagaEvent) -> Vec<Effect<Flights>> {
    let patience = flights.tables.setup.saga_patience;
    // Asks the vendor of the leg.
    let ask = |request: &dyn Fn(&LegProgress, LegRef) -> VendorRequest| {
        let leg = event.leg().and_then(|leg| Some((leg, saga.legs.get(usize::from(leg))?)));
        let call = leg.map(|(leg, at)| Effect::Call {
            service: flights.flight(at.flight).vendor,
            request: Request::Vendor(request(at, saga.booking.leg(leg))),
            patience,
        });
        call.into_iter().collect()
    };
    match *event {
        SagaEvent::SagaStarted { expires_at: due, .. }
        | SagaEvent::ExpiryPostponed { until: due } => {
            vec![Effect::SetTimer(TIMER_EXPIRY, due)]
        }
        SagaEvent::LegHoldRequested { .. } => {
            let first = flights.has(&WRONG_FLIGHT_HELD).then(|| saga.legs[0].flight);
            ask(&|at, reference| {
                let flight = first.unwrap_or(at.flight);
                VendorRequest::Hold { reference, flight }
            })
        }
        SagaEvent::LegRetrieveRequested { .. } => {
            ask(&|at, reference| VendorRequest::Retrieve { reference, nth: at.questions })
        }
        SagaEvent::LegIssueRequested { .. } => ask(&|at, reference| {
            let locator = at.locator.unwrap_or(Locator(0));
            let reference =
                if flights.has(&ISSUE_WRONG_LEG) { saga.booking.leg(0) } else { reference };
            // What the customer agreed to is the most that the ticket may cost, in the vendor's currency.
            let mut fare = flights.asked(at.flight);
            if flights.has(&ISSUED_AT_ANY_FARE) {
                fare.minor = i64::MAX;
            }
            VendorRequest::Issue { reference, locator, fare }
        }),
        SagaEvent::LegCancelRequested { .. } => {
            ask(&|_, reference| VendorRequest::Cancel { reference, locator: None })
        }
        SagaEvent::LegRefundRequested { .. } => {
            ask(&|_, reference| VendorRequest::Refund { reference })
        }
        SagaEvent::LegAcceptRequested { .. } => {
            ask(&|at, reference| VendorRequest::Accept { reference, change: at.times.change })
        }
        any_of!(SagaEvent { locator, .. }: LegDuplicated | DuplicateCancelRequested) => {
            ask(&|_, reference| VendorRequest::Cancel { reference, locator: Some(locator) })
        }
        // The key stays the same for every resend: money moves once. It changes only when the provider
        // failed under it and then says that nothing was moved, and with the card.
        SagaEvent::ChargeRequested { step } => {
            let key = Key { booking: saga.booking, step, again: saga.charge.key(step) };
            let (mut amount, attempt) = (saga.amount(step), saga.charge.attempt);
            if flights.has(&FIRST_FARE_ONLY) {
                amount = flights.flight(saga.legs[0].flight).fare;
            }
            let request = Request::Charge(ChargeRequest { key, amount, attempt });
            vec![Effect::Call { service: flights.provider(), request, patience }]
        }
        SagaEvent::BookingTold { tell } => command(saga, tell).into_iter().collect(),
        // It was cancelled when the saga was handed over; to set it again does no harm.
        SagaEvent::SagaResumed => {
            let expiry = saga.awaited_expiry();
            expiry.map(|due| Effect::SetTimer(TIMER_EXPIRY, due)).into_iter().collect()
        }
        SagaEvent::SagaCompleted | SagaEvent::SagaCompensated { .. } => {
            let expiry = saga.expiry_at.map(|_| Effect::CancelTimer(TIMER_EXPIRY));
            expiry.into_iter().chain(saga.life_effects(event)).collect()
        }
        SagaEvent::HandedToHuman { .. } => vec![Effect::CancelTimer(TIMER_EXPIRY)],
        any_of!(SagaEvent: LegHeld | LegHoldRefused | LegUnknown | LegErrored | LegDoubted | LegMissing | LegAbsent
            | DuplicateUnknown | DuplicateCancelled | LegIssued | LegIssueRefused | LegVoidRefused
            | LegCancelled | LegWithdrawn | LegRescheduled | LegAcceptUnknown | LegAccepted
            | ChargeConfirmed | ChargeDeclined | ChargeUnknown | ChargeErrored | ChargeRetrieved | ChargeMissing
            | TellFailed | ExpiryDue | UndoStarted | RetryScheduled | RetryDue
            | LookScheduled | ChargePending | ChargeLapsed | DisputeReported | FeeKept | LegReported | ChargeReported) => {
            saga.life_effects(event)
        }
    }
}

/// Whether the saga still waits for the result of a recorded effect.
pub(crate) fn still_wants(saga: &Saga, effect: &Effect<Flights>) -> bool {
    let open = saga.life.is_open();
    match effect {
        Effect::Command(command) => open && saga.telling.awaits(tell_of(command)),
        Effect::SetTimer(TIMER_EXPIRY, due) => saga.awaited_expiry() == Some(*due),
        Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
            saga.awaits_timer(effect)
        }
    }
}

fn command(saga: &Saga, tell: Tell) -> Option<Effect<Flights>> {
    let (booking, amount) = (saga.booking, saga.price);
    let flights = || saga.flights();
    Some(Effect::Command(match tell {
        Tell::Authorized => Command::RecordAuthorization { booking, amount },
        Tell::StartCapture => Command::StartCapture { booking },
        Tell::Captured => Command::RecordCapture { booking, amount },
        Tell::Ticketed => Command::RecordTicket { booking, tickets: saga.tickets()? },
        Tell::PaymentFailed(attempt) => {
            Command::RecordPaymentFailure { booking, flights: flights(), attempt }
        }
        Tell::Expire => Command::Expire { booking, flights: flights() },
        Tell::Release(reason) => Command::Release { booking, flights: flights(), reason },
        Tell::StartRefund => Command::StartRefund { booking },
        Tell::Refunded => {
            Command::RecordRefund { booking, amount: saga.amount(ChargeStep::Refund) }
        }
        Tell::Voided => Command::RecordVoid { booking },
        Tell::Rescheduled { leg, .. } => {
            let Times { change, later, .. } = saga.legs.get(usize::from(leg))?.times;
            Command::RecordScheduleChange { booking, leg, change, later }
        }
        Tell::ChargedBack => Command::RecordChargeback { booking },
    }))
}
