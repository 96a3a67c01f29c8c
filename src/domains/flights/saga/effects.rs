//! What is to be done about a saga's records.

use super::learn::tell_of;
use super::{Saga, TIMER_EXPIRY, Times};
use crate::domains::flights::Request;
use crate::domains::flights::command::Command;
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell};
use crate::domains::flights::ids::Locator;
use crate::domains::flights::payment::{ChargeRequest, Key};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::VendorRequest;
use crate::model::Effect;
use crate::saga::Saga as _;

/// The effects of one record; `saga` is the state after it.
pub(crate) fn effects(flights: &Flights, saga: &Saga, event: &SagaEvent) -> Vec<Effect<Flights>> {
    let reference = |leg: &u8| saga.booking.leg(*leg);
    let vendor = |leg: &u8, request| call_vendor(flights, saga, *leg, request);
    match event {
        SagaEvent::SagaStarted { expires_at, .. } => {
            vec![Effect::SetTimer(TIMER_EXPIRY, *expires_at)]
        }
        SagaEvent::LegHoldRequested { leg } => {
            let Some(at) = saga.legs.get(usize::from(*leg)) else { return Vec::new() };
            let (reference, flight) = (reference(leg), at.flight);
            vendor(leg, VendorRequest::Hold { reference, flight })
        }
        SagaEvent::LegRetrieveRequested { leg } => {
            let nth = saga.legs.get(usize::from(*leg)).map_or(0, |at| at.questions);
            vendor(leg, VendorRequest::Retrieve { reference: reference(leg), nth })
        }
        SagaEvent::LegIssueRequested { leg } => {
            let Some(at) = saga.legs.get(usize::from(*leg)) else { return Vec::new() };
            let locator = at.locator.unwrap_or(Locator(0));
            let (reference, fare) = (reference(leg), flights.flight(at.flight).fare);
            vendor(leg, VendorRequest::Issue { reference, locator, fare })
        }
        SagaEvent::LegCancelRequested { leg } => {
            vendor(leg, VendorRequest::Cancel { reference: reference(leg), locator: None })
        }
        SagaEvent::LegRefundRequested { leg } => {
            vendor(leg, VendorRequest::Refund { reference: reference(leg) })
        }
        SagaEvent::LegAcceptRequested { leg } => {
            let change = saga.legs.get(usize::from(*leg)).map_or(0, |at| at.times.change);
            vendor(leg, VendorRequest::Accept { reference: reference(leg), change })
        }
        SagaEvent::LegDuplicated { leg, locator }
        | SagaEvent::DuplicateCancelRequested { leg, locator } => {
            let locator = Some(*locator);
            vendor(leg, VendorRequest::Cancel { reference: reference(leg), locator })
        }
        SagaEvent::ChargeRequested { step } => vec![call_provider(flights, saga, *step)],
        SagaEvent::BookingTold { tell } => command(saga, *tell).into_iter().collect(),
        SagaEvent::ExpiryPostponed { until } => vec![Effect::SetTimer(TIMER_EXPIRY, *until)],
        // It was cancelled when the saga was handed over; setting it again does no harm.
        SagaEvent::SagaResumed if saga.life.turned_back.is_none() => {
            vec![Effect::SetTimer(TIMER_EXPIRY, saga.expiry_at)]
        }
        SagaEvent::SagaCompleted | SagaEvent::SagaCompensated { .. } => {
            let fired = saga.life.turned_back == Some(Reason::Expired);
            let expiry = (!fired).then_some(Effect::CancelTimer(TIMER_EXPIRY));
            expiry.into_iter().chain(saga.life_effects(event)).collect()
        }
        SagaEvent::HandedToHuman { .. } => vec![Effect::CancelTimer(TIMER_EXPIRY)],
        SagaEvent::LegHeld { .. }
        | SagaEvent::LegHoldRefused { .. }
        | SagaEvent::LegUnknown { .. }
        | SagaEvent::LegAbsent { .. }
        | SagaEvent::LegIssued { .. }
        | SagaEvent::LegIssueRefused { .. }
        | SagaEvent::LegCancelled { .. }
        | SagaEvent::DuplicateUnknown { .. }
        | SagaEvent::DuplicateCancelled { .. }
        | SagaEvent::LegErrored { .. }
        | SagaEvent::LegDoubted { .. }
        | SagaEvent::LegVoidRefused { .. }
        | SagaEvent::LegWithdrawn { .. }
        | SagaEvent::LegRescheduled { .. }
        | SagaEvent::LegAcceptUnknown { .. }
        | SagaEvent::LegAccepted { .. }
        | SagaEvent::ChargeErrored { .. }
        | SagaEvent::ChargeConfirmed { .. }
        | SagaEvent::ChargeDeclined { .. }
        | SagaEvent::ChargeUnknown { .. }
        | SagaEvent::ChargeRetrieved { .. }
        | SagaEvent::TellFailed { .. }
        | SagaEvent::UndoStarted { .. }
        | SagaEvent::RetryScheduled { .. }
        | SagaEvent::RetryDue
        | SagaEvent::SagaResumed
        | SagaEvent::LookScheduled { .. } => saga.life_effects(event),
    }
}

/// Whether the saga still waits for what an effect on record brings about.
pub(crate) fn still_wants(saga: &Saga, effect: &Effect<Flights>) -> bool {
    let open = saga.life.is_open();
    match effect {
        Effect::Command(command) => open && saga.telling.awaits(tell_of(command)),
        Effect::SetTimer(TIMER_EXPIRY, due) => {
            open && saga.life.turned_back.is_none() && saga.expiry_at == *due
        }
        Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
            saga.awaits_timer(effect)
        }
    }
}

fn call_vendor(
    flights: &Flights,
    saga: &Saga,
    leg: u8,
    request: VendorRequest,
) -> Vec<Effect<Flights>> {
    let Some(leg) = saga.legs.get(usize::from(leg)) else { return Vec::new() };
    let service = flights.flight(leg.flight).vendor;
    let patience = flights.tables.setup.saga_patience;
    vec![Effect::Call { service, request: Request::Vendor(request), patience }]
}

/// The key is the same however often the saga asks: money moves once. Only when the provider failed
/// under it, and says that nothing was moved, it is another.
fn call_provider(flights: &Flights, saga: &Saga, step: ChargeStep) -> Effect<Flights> {
    let key = Key { booking: saga.booking, step, again: saga.charge.key(step) };
    Effect::Call {
        service: flights.provider(),
        request: Request::Charge(ChargeRequest { key, amount: saga.price }),
        patience: flights.tables.setup.saga_patience,
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
        Tell::PaymentFailed => Command::RecordPaymentFailure { booking, flights: flights() },
        Tell::Expire => Command::Expire { booking, flights: flights() },
        Tell::Release(reason) => Command::Release { booking, flights: flights(), reason },
        Tell::StartRefund => Command::StartRefund { booking },
        Tell::Refunded => Command::RecordRefund { booking, amount },
        Tell::Voided => Command::RecordVoid { booking },
        Tell::Rescheduled { leg, .. } => {
            let Times { change, later, .. } = saga.legs.get(usize::from(leg))?.times;
            Command::RecordScheduleChange { booking, leg, change, later }
        }
    }))
}
