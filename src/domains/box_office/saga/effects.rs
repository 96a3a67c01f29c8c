//! The saga as the platform uses it: reactions and their effects.

use super::learn::{command_act, learn, tell_of};
use super::plan::Planner;
use super::{Saga, TIMER_EXPIRY};
use crate::domains::box_office::command::Command;
use crate::domains::box_office::defects::{EXPIRY_FORGOTTEN, KEY_FROM_BODY, NO_KEY};
use crate::domains::box_office::event::{Card, Event};
use crate::domains::box_office::ids::{ROOM, SAGA, TICKET, WATCH};
use crate::domains::box_office::outside::Request;
use crate::domains::box_office::outside::lock::LockRequest;
use crate::domains::box_office::outside::provider::{ChargeRequest, Key};
use crate::domains::box_office::room::saga::{Watch, WatchEvent};
use crate::domains::box_office::saga_event::{Act, SagaEvent, Tell, Trouble};
use crate::domains::box_office::setup::{BoxOffice, LOCKS, PROVIDER};
use crate::domains::box_office::state::State;
use crate::kernel::Instant;
use crate::model::{Category, Effect, Sagas, Stimulus, join};
use crate::saga::{Draft, Progress, Saga as _};

impl Sagas<Self> for BoxOffice {
    const FOLLOWS: &'static [(Category, Category)] = &[(TICKET, SAGA), (ROOM, WATCH)];
    const STATES: &'static [&'static str] = &join::<
        _,
        { SagaEvent::NAMES.len() + WatchEvent::NAMES.len() },
    >(&[SagaEvent::NAMES, WatchEvent::NAMES]);

    fn react(
        office: &Self,
        saga: &State,
        subject: &State,
        stimulus: &Stimulus<'_, Self>,
        now: Instant,
    ) -> Vec<Event> {
        if let State::Watch(watch) = saga {
            return watch_rooms(watch, subject, stimulus, now);
        }
        let mut draft = Draft::woken(saga.saga(), stimulus, now);
        learn(&mut draft, stimulus);
        draft.wake();
        let until = draft.saga.until;
        let forgets = office.has(&EXPIRY_FORGOTTEN);
        if draft.saga.awaits_expiry() && draft.is_due(TIMER_EXPIRY, until) && !forgets {
            draft.record(SagaEvent::ReservationOverdue);
        }
        let ticket = subject.ticket();
        let events = draft.settle(|draft| Planner { office, saga: &draft.saga, ticket }.next());
        events.into_iter().map(Event::Saga).collect()
    }

    fn effects(office: &Self, saga: &State, event: &Event) -> Vec<Effect<Self>> {
        if let (State::Watch(watch), Event::Watch(event)) = (saga, event) {
            return watch.effects(*event);
        }
        let Event::Saga(event) = event else { return Vec::new() };
        let saga = saga.saga();
        match event {
            SagaEvent::SagaStarted { until, .. } if *until > Instant::ZERO => {
                vec![Effect::SetTimer(TIMER_EXPIRY, *until)]
            }
            &SagaEvent::Asked { act } => vec![ask(office, saga, act)],
            SagaEvent::TicketTold { tell } => vec![Effect::Command(command(saga, *tell))],
            SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated
            | SagaEvent::HandedToHuman { .. } => {
                let is_set = saga.until > Instant::ZERO && !saga.overdue;
                let expiry = is_set.then_some(Effect::CancelTimer(TIMER_EXPIRY));
                expiry.into_iter().chain(saga.life_effects(event)).collect()
            }
            // The hand-over has cancelled the timer. Setting it twice does no harm.
            SagaEvent::SagaResumed if saga.awaits_expiry() => {
                vec![Effect::SetTimer(TIMER_EXPIRY, saga.until)]
            }
            SagaEvent::SagaStarted { .. }
            | SagaEvent::PaymentStarted { .. }
            | SagaEvent::Done { .. }
            | SagaEvent::Declined { .. }
            | SagaEvent::Unknown { .. }
            | SagaEvent::LockBusy
            | SagaEvent::TellFailed { .. }
            | SagaEvent::ReservationOverdue
            | SagaEvent::RetryScheduled { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::LookScheduled { .. } => saga.life_effects(event),
        }
    }

    fn is_over(_: &Self, saga: &State) -> bool {
        match saga {
            State::Watch(watch) => watch.is_over(),
            _ => saga.saga().life.is_over(),
        }
    }

    fn still_wants(_: &Self, saga: &State, effect: &Effect<Self>) -> bool {
        if let State::Watch(watch) = saga {
            return watch.still_wants(effect);
        }
        let saga = saga.saga();
        let open = saga.life.is_open();
        match effect {
            Effect::Command(command) => {
                let asked = |act| saga.act(act) == Progress::Asked;
                let told = || saga.telling.awaits(tell_of(command));
                open && command_act(command).map_or_else(told, asked)
            }
            Effect::SetTimer(TIMER_EXPIRY, due) => saga.awaits_expiry() && saga.until == *due,
            Effect::SetTimer(..) | Effect::CancelTimer(_) | Effect::Call { .. } => {
                saga.awaits_timer(effect)
            }
        }
    }

    fn handed_over(_: &Self, saga: &State) -> Option<String> {
        let State::Saga(saga) = saga else { return None };
        saga.life.handed_over().map(|trouble: Trouble| trouble.to_string())
    }
}

/// What the saga of a waiting room records.
fn watch_rooms(
    watch: &Watch,
    room: &State,
    stimulus: &Stimulus<'_, BoxOffice>,
    now: Instant,
) -> Vec<Event> {
    let next = watch.next(room.room(), stimulus, now);
    next.map(Event::Watch).into_iter().collect()
}

/// The request or the command that an act is.
fn ask(office: &BoxOffice, saga: &Saga, act: Act) -> Effect<BoxOffice> {
    let Saga { ticket, show, fence, price: amount, .. } = *saga;
    let patience = office.setup().saga_patience;
    let call = |service, request| Effect::Call { service, request, patience };
    let key = match office.has(&KEY_FROM_BODY) {
        true => Key::Body(office.owner(ticket), show),
        false => Key::Ticket(ticket),
    };
    match act {
        Act::Lock => call(LOCKS, Request::Lock(LockRequest::Acquire { show, ticket })),
        Act::Unlock => call(LOCKS, Request::Lock(LockRequest::Release { show, ticket })),
        Act::Charge => {
            let card = saga.card.unwrap_or(Card::Empty);
            let is_keyed = office.stage().has_keys() && !office.has(&NO_KEY);
            let key = is_keyed.then_some(key);
            call(PROVIDER, Request::Charge(ChargeRequest::Charge { ticket, key, card, amount }))
        }
        Act::Reverse => {
            call(PROVIDER, Request::Charge(ChargeRequest::Reverse { ticket, key, amount }))
        }
        Act::Check => Effect::Command(Command::CheckPlaces { show, ticket, fence }),
        Act::Record => {
            // One less than what the request saw, which may be long ago.
            let left = saga.seen.map(|seen| seen.saturating_sub(1));
            Effect::Command(Command::TakePlace { show, ticket, left, fence })
        }
    }
}

fn command(saga: &Saga, tell: Tell) -> Command {
    let Saga { ticket, show, .. } = *saga;
    match tell {
        Tell::Confirm => Command::ConfirmTicket { ticket },
        Tell::Cancel(reason) => Command::CancelTicket { ticket, show, reason },
    }
}
