//! The saga as the platform uses it: reactions and their effects.

use super::Saga;
use super::learn::{learn, tell_of};
use super::plan::Planner;
use crate::domains::delivery::State;
use crate::domains::delivery::command::Command;
use crate::domains::delivery::event::Event;
use crate::domains::delivery::ids::{ORDER, SAGA};
use crate::domains::delivery::order::{Order, Status};
use crate::domains::delivery::outside::{ChargeRequest, CourierRequest, KitchenRequest, Request};
use crate::domains::delivery::saga_event::{Act, Deadline, Party, SagaEvent, Tell};
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::{Category, Effect, Sagas, Stimulus};
use crate::saga::{Draft, Saga as _};

impl Sagas<Self> for Delivery {
    const FOLLOWS: &'static [(Category, Category)] = &[(ORDER, SAGA)];
    const STATES: &'static [&'static str] = SagaEvent::NAMES;

    fn react(
        delivery: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        let order = subject.order();
        let mut draft = Draft::woken(saga.saga(), stimulus, now);
        learn(&mut draft, delivery, stimulus);
        draft.wake();
        for deadline in Deadline::ALL {
            overdue(&mut draft, order, deadline);
        }
        let events = draft.settle(|draft| Planner { delivery, saga: &draft.saga, order }.next());
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(delivery: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        let Event::Saga(event) = event else { return Vec::new() };
        let saga = saga.saga();
        match event {
            SagaEvent::DeadlineSet { deadline, at } => {
                let earlier = Deadline::ALL.into_iter().filter(|earlier| earlier < deadline);
                let set = Effect::SetTimer(deadline.timer(), *at);
                saga.cancel_timers(earlier).into_iter().chain([set]).collect()
            }
            SagaEvent::Asked { act, .. } => vec![call(delivery, saga, request(saga, *act))],
            SagaEvent::Queried { party } => vec![call(delivery, saga, query(saga, *party))],
            SagaEvent::OrderTold { tell } => vec![Effect::Command(command(saga, *tell))],
            SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. } => {
                let timers = saga.cancel_timers(Deadline::ALL);
                timers.into_iter().chain(saga.life_effects(event)).collect()
            }
            // The hand-over has cancelled the timers. Setting one twice does no harm.
            SagaEvent::SagaResumed => {
                let newest = Deadline::ALL.into_iter().rev().find(|it| saga.term(*it).at.is_some());
                let open = newest.filter(|newest| !saga.term(*newest).passed);
                let timer = |it: Deadline| Some(Effect::SetTimer(it.timer(), saga.term(it).at?));
                open.and_then(timer).into_iter().collect()
            }
            SagaEvent::SagaStarted { .. }
            | SagaEvent::DeadlinePassed { .. }
            | SagaEvent::Done { .. }
            | SagaEvent::CouriersBusy
            | SagaEvent::CourierQuit
            | SagaEvent::Declined { .. }
            | SagaEvent::Unknown { .. }
            | SagaEvent::QueryUnanswered { .. }
            | SagaEvent::Missing { .. }
            | SagaEvent::ChargeRetrieved { .. }
            | SagaEvent::TicketRetrieved { .. }
            | SagaEvent::TripRetrieved { .. }
            | SagaEvent::KitchenMoved { .. }
            | SagaEvent::KitchenGaveUp
            | SagaEvent::TripMoved { .. }
            | SagaEvent::TellFailed { .. }
            | SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
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
            Effect::SetTimer(timer, due) if *timer < Saga::OWN_TIMERS => {
                let term = saga.terms[usize::from(*timer)];
                let later = saga.terms[usize::from(*timer) + 1..].iter().any(|it| it.at.is_some());
                open && !term.passed && !later && term.at == Some(*due)
            }
            Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
                saga.awaits_timer(effect)
            }
        }
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        saga.saga().life.handed_over().map(|trouble| trouble.to_string())
    }
}

/// Takes note of a deadline that has passed, if the order has not done its part.
fn overdue(draft: &mut Draft<Saga>, order: &Order, deadline: Deadline) {
    let concerns = matches!(
        (deadline, order.status),
        (Deadline::Confirm, Some(Status::Created))
            | (Deadline::Kitchen, Some(Status::Confirmed | Status::Preparing))
            | (Deadline::Delivery, Some(Status::Ready | Status::OutForDelivery))
    );
    let term = draft.saga.term(deadline);
    let waits = concerns && !term.passed && draft.saga.life.is_open();
    if waits && term.at.is_some_and(|at| draft.is_due(deadline.timer(), at)) {
        draft.record(SagaEvent::DeadlinePassed { deadline });
    }
}

impl Saga {
    /// Cancels the timers of deadlines that are set and have not passed.
    fn cancel_timers(
        &self,
        deadlines: impl IntoIterator<Item = Deadline>,
    ) -> Vec<Effect<Delivery>> {
        let set = |it: &Deadline| self.term(*it).at.is_some() && !self.term(*it).passed;
        let cancel = |it: Deadline| Effect::CancelTimer(it.timer());
        deadlines.into_iter().filter(set).map(cancel).collect()
    }
}

fn request(saga: &Saga, act: Act) -> Request {
    let Saga { order, total, portions, attempt, .. } = *saga;
    match act {
        Act::Charge => Request::Charge(ChargeRequest::Charge { order, amount: total }),
        Act::Refund => {
            let keep = Money::new(saga.keep, total.currency);
            Request::Charge(ChargeRequest::Refund { order, keep })
        }
        Act::Offer => Request::Kitchen(KitchenRequest::Offer { order, portions }),
        Act::Withdraw => Request::Kitchen(KitchenRequest::Withdraw { order }),
        Act::Assign => Request::Courier(CourierRequest::Assign { order, attempt }),
        Act::Collect => Request::Courier(CourierRequest::Collect { order }),
        Act::Release => Request::Courier(CourierRequest::Release { order }),
    }
}

fn query(saga: &Saga, party: Party) -> Request {
    let (order, nth) = (saga.order, saga.talk(party).questions);
    match party {
        Party::Provider => Request::Charge(ChargeRequest::Query { order, nth }),
        Party::Restaurant => Request::Kitchen(KitchenRequest::Query { order, nth }),
        Party::Couriers => Request::Courier(CourierRequest::Query { order, nth }),
    }
}

fn call(delivery: &Delivery, saga: &Saga, request: Request) -> Effect<Delivery> {
    let party = match request {
        Request::Charge(_) => Party::Provider,
        Request::Kitchen(_) => Party::Restaurant,
        Request::Courier(_) => Party::Couriers,
    };
    let service = party.service(saga.restaurant);
    Effect::Call { service, request, patience: delivery.tables.setup.saga_patience }
}

fn command(saga: &Saga, tell: Tell) -> Command {
    let order = saga.order;
    match tell {
        Tell::Paid => Command::PayOrder { order, amount: saga.total },
        Tell::Confirmed => Command::ConfirmOrder { order },
        Tell::Preparing => Command::StartPreparing { order, estimated: saga.estimated },
        Tell::Courier(courier) => Command::AssignCourier { order, courier },
        Tell::Ready => Command::MarkReady { order },
        Tell::PickedUp(courier) => Command::PickUp { order, courier },
        Tell::Delivered => Command::DeliverOrder { order },
        Tell::Abandoned(reason) => Command::AbandonOrder { order, reason },
    }
}
