//! What is to be done about a saga's records.

use super::learn::tell_of;
use super::{Saga, TIMER_UNPAID};
use crate::domains::orders::Request;
use crate::domains::orders::carrier::ParcelRequest;
use crate::domains::orders::command::Command;
use crate::domains::orders::event::Method;
use crate::domains::orders::provider::ChargeRequest;
use crate::domains::orders::saga_event::{Act, Party, SagaEvent, Tell};
use crate::domains::orders::setup::{CARRIER, Orders, PROVIDER};
use crate::model::Effect;
use crate::saga::Saga as _;

/// The effects of one record; `saga` is the state after it.
pub(crate) fn effects(orders: &Orders, saga: &Saga, event: &SagaEvent) -> Vec<Effect<Orders>> {
    let order = saga.order;
    match event {
        SagaEvent::SagaStarted { pay_by, .. } => vec![Effect::SetTimer(TIMER_UNPAID, *pay_by)],
        SagaEvent::Asked { act } => {
            let act = *act;
            let request = match act {
                Act::Authorise | Act::Capture | Act::Reverse => {
                    Request::Charge(ChargeRequest::Move { order, act, amount: saga.total })
                }
                Act::Book => Request::Parcel(ParcelRequest::Book { order, pieces: saga.pieces }),
                Act::Recall => Request::Parcel(ParcelRequest::Recall { order }),
            };
            vec![call(orders, request)]
        }
        SagaEvent::Queried { party } => {
            let nth = saga.talk(*party).questions;
            vec![call(
                orders,
                match party {
                    Party::Provider => Request::Charge(ChargeRequest::Query { order, nth }),
                    Party::Carrier => Request::Parcel(ParcelRequest::Track { order, nth }),
                },
            )]
        }
        SagaEvent::OrderTold { tell } => command(saga, *tell).into_iter().collect(),
        SagaEvent::SagaCompleted | SagaEvent::SagaCompensated | SagaEvent::HandedToHuman { .. } => {
            let unpaid = (!saga.overdue).then_some(Effect::CancelTimer(TIMER_UNPAID));
            unpaid.into_iter().chain(saga.life_effects(event)).collect()
        }
        // It was cancelled when the saga was handed over; setting it again does no harm.
        SagaEvent::SagaResumed if !saga.overdue => {
            vec![Effect::SetTimer(TIMER_UNPAID, saga.pay_by)]
        }
        SagaEvent::Done { .. }
        | SagaEvent::Declined { .. }
        | SagaEvent::Unknown { .. }
        | SagaEvent::QueryUnanswered { .. }
        | SagaEvent::ChargeRetrieved { .. }
        | SagaEvent::ParcelRetrieved { .. }
        | SagaEvent::TellFailed { .. }
        | SagaEvent::PaymentOverdue
        | SagaEvent::RetryScheduled { .. }
        | SagaEvent::RetryDue
        | SagaEvent::SagaResumed
        | SagaEvent::LookScheduled { .. } => saga.life_effects(event),
    }
}

/// Whether the saga still waits for what an effect on record brings about.
pub(crate) fn still_wants(saga: &Saga, effect: &Effect<Orders>) -> bool {
    let open = saga.life.is_open();
    match effect {
        Effect::Command(command) => open && saga.telling.awaits(tell_of(command)),
        Effect::SetTimer(TIMER_UNPAID, due) => open && !saga.overdue && saga.pay_by == *due,
        Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
            saga.awaits_timer(effect)
        }
    }
}

fn call(orders: &Orders, request: Request) -> Effect<Orders> {
    let service = match request {
        Request::Charge(_) => PROVIDER,
        Request::Parcel(_) => CARRIER,
    };
    Effect::Call { service, request, patience: orders.tables.saga_patience }
}

fn command(saga: &Saga, tell: Tell) -> Option<Effect<Orders>> {
    let order = saga.order;
    Some(Effect::Command(match tell {
        Tell::Paid => {
            let (payment, amount, method) = (order.payment(), saga.total, Method::CreditCard);
            Command::ReceivePayment { order, payment, amount, method }
        }
        Tell::Shipped => Command::ShipOrder { order, parcel: saga.parcel? },
        Tell::Cancel(reason) => Command::CancelOrder { order, reason },
    }))
}
