//! The saga as the platform uses it: reactions and their effects.

use super::learn::{learn, tell_of};
use super::plan::Planner;
use super::{Saga, TIMER_UNPAID};
use crate::domains::orders::carrier::ParcelRequest;
use crate::domains::orders::command::Command;
use crate::domains::orders::defects::DEADLINE_FORGOTTEN;
use crate::domains::orders::event::{Event, Method};
use crate::domains::orders::ids::{ORDER, SAGA};
use crate::domains::orders::provider::ChargeRequest;
use crate::domains::orders::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use crate::domains::orders::setup::Orders;
use crate::domains::orders::{Request, State};
use crate::kernel::Instant;
use crate::model::{Category, Effect, Sagas, Stimulus};
use crate::saga::{Draft, Saga as _};

impl Sagas<Self> for Orders {
    const FOLLOWS: &'static [(Category, Category)] = &[(ORDER, SAGA)];
    const STATES: &'static [&'static str] = SagaEvent::NAMES;

    fn react(
        orders: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let mut draft = Draft::woken(saga.saga(), stimulus, now);
        learn(&mut draft, orders, stimulus);
        let Saga { started, overdue, pay_by, .. } = draft.saga;
        let may_be_unpaid = started && !overdue && draft.saga.life.is_open();
        draft.wake();
        let forgets = draft.saga.awaits_answers() || draft.now() >= pay_by;
        let forgets = forgets && orders.has(&DEADLINE_FORGOTTEN);
        if may_be_unpaid && draft.is_due(TIMER_UNPAID, pay_by) && !forgets {
            draft.record(SagaEvent::PaymentOverdue);
        }
        let order = subject.order();
        let events = draft.settle(|draft| Planner { orders, saga: &draft.saga, order }.next());
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(orders: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        let Event::Saga(event) = event else { return Vec::new() };
        let saga = saga.saga();
        let order = saga.order;
        match event {
            SagaEvent::SagaStarted { pay_by, .. } => vec![Effect::SetTimer(TIMER_UNPAID, *pay_by)],
            &SagaEvent::Asked { act } => {
                let request = match act {
                    Act::Authorise | Act::Capture | Act::Reverse => {
                        Request::Charge(ChargeRequest::Move { order, act, amount: saga.total })
                    }
                    Act::Book => {
                        Request::Parcel(ParcelRequest::Book { order, pieces: saga.pieces })
                    }
                    Act::Recall => Request::Parcel(ParcelRequest::Recall { order }),
                };
                vec![call(orders, request)]
            }
            SagaEvent::Queried { party } => {
                let nth = saga.talk(*party).questions;
                let request = match party {
                    Party::Provider => Request::Charge(ChargeRequest::Query { order, nth }),
                    Party::Carrier => Request::Parcel(ParcelRequest::Track { order, nth }),
                };
                vec![call(orders, request)]
            }
            SagaEvent::OrderTold { tell } => command(saga, *tell).into_iter().collect(),
            SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. } => {
                let unpaid = (!saga.overdue).then_some(Effect::CancelTimer(TIMER_UNPAID));
                unpaid.into_iter().chain(saga.life_effects(event)).collect()
            }
            // The hand-over has cancelled the timer. Setting it twice does no harm.
            SagaEvent::SagaResumed if !saga.overdue => {
                vec![Effect::SetTimer(TIMER_UNPAID, saga.pay_by)]
            }
            SagaEvent::Done { .. }
            | SagaEvent::Declined { .. }
            | SagaEvent::Unknown { .. }
            | SagaEvent::QueryUnanswered { .. }
            | SagaEvent::Missing { .. }
            | SagaEvent::ChargeRetrieved { .. }
            | SagaEvent::ParcelRetrieved { .. }
            | SagaEvent::TellFailed { .. }
            | SagaEvent::PaymentOverdue
            | SagaEvent::SurplusNoticed { .. }
            | SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::LookScheduled { .. } => saga.life_effects(event),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        saga.saga().life.is_over()
    }

    fn still_wants(_: &Self, saga: &State, effect: &Effect<Self>) -> bool {
        let saga = saga.saga();
        let open = saga.life.is_open();
        match effect {
            Effect::Command(command) => open && saga.telling.awaits(tell_of(command)),
            Effect::SetTimer(TIMER_UNPAID, due) => open && !saga.overdue && saga.pay_by == *due,
            Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
                saga.awaits_timer(effect)
            }
        }
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }

    fn is_done_by_hand(_: &Self, saga: &State) -> bool {
        saga.saga().life.handed_over() == Some(Trouble::TransferToReturn)
    }
}

fn call(orders: &Orders, request: Request) -> Effect<Orders> {
    let service = match request {
        Request::Charge(_) => Party::Provider.service(),
        Request::Parcel(_) => Party::Carrier.service(),
    };
    Effect::Call { service, request, patience: orders.tables.setup.saga_patience }
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
