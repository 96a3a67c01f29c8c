//! Events in words.

use std::fmt;

use super::{Narrator, say_deadline, say_drop_off, say_party, say_reason, say_span, say_tell};
use crate::domains::delivery::event::{Event, OrderEvent};
use crate::domains::delivery::outside::{Leg, Ticket, Trip};
use crate::domains::delivery::saga_event::{Act, Detail, SagaEvent};
use crate::domains::money::Money;

impl Narrator<'_> {
    pub(super) fn event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Order(event) => self.order_event(event, f),
            Event::Saga(event) => self.saga_event(event, f),
        }
    }

    fn order_event(&self, event: &OrderEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            OrderEvent::OrderCreated { customer, restaurant, items, total, drop_off, .. } => {
                let (who, from) = (self.names.customer(*customer), self.restaurant(*restaurant));
                let (items, left) = (self.items(*restaurant, items), say_drop_off(*drop_off));
                write!(f, " {items} from {from} for {who}, {total}, {left}")
            }
            OrderEvent::OrderPaid { amount } => write!(f, " {amount}"),
            OrderEvent::DropOffChanged { drop_off } => write!(f, ", {}", say_drop_off(*drop_off)),
            OrderEvent::OrderConfirmed { ready_by, .. } => {
                write!(f, ", must be ready by {}", self.clock(*ready_by))
            }
            OrderEvent::OrderPreparing { estimated, .. } => {
                write!(f, ", about {}", say_span(*estimated))
            }
            OrderEvent::CourierAssigned { courier, .. }
            | OrderEvent::OrderOutForDelivery { courier, .. } => write!(f, ", {courier}"),
            OrderEvent::OrderReady { deliver_by, .. } => {
                write!(f, ", must be delivered by {}", self.clock(*deliver_by))
            }
            OrderEvent::CourierMoved { place } => {
                write!(f, " {} m east, {} m north", place.east, place.north)
            }
            OrderEvent::OrderDelivered { .. } => Ok(()),
            OrderEvent::OrderCancelled { stage, reason, refund, .. } => {
                let (stage, reason) = (stage.word(), say_reason(*reason));
                write!(f, " while {stage}, {reason}, refund {refund}")
            }
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            SagaEvent::SagaStarted { total, .. } => write!(f, " {total}"),
            SagaEvent::DeadlineSet { at, .. } => write!(f, " until {}", self.clock(*at)),
            SagaEvent::DeadlinePassed { deadline } => write!(f, ", {}", say_deadline(*deadline)),
            SagaEvent::Asked { act: Act::Refund, keep } if *keep > 0 => {
                let keep = Money::new(*keep, self.delivery.currency());
                write!(f, ", all but {keep}")
            }
            SagaEvent::Done { detail: Some(Detail::Estimated(estimated)), .. } => {
                write!(f, ", about {}", say_span(*estimated))
            }
            SagaEvent::Done { detail: Some(Detail::Courier(courier)), .. } => {
                write!(f, ", {courier}")
            }
            SagaEvent::Declined { act } | SagaEvent::Unknown { act } => {
                write!(f, " {}", act.verb())
            }
            SagaEvent::Missing { until, .. } => write!(f, ", no proof before {until}"),
            SagaEvent::QueryUnanswered { party } => write!(f, " {}", say_party(*party)),
            SagaEvent::ChargeRetrieved { charged, closed } => {
                f.write_str(match (closed, charged) {
                    (true, _) => " closed",
                    (false, true) => " charged",
                    (false, false) => " nothing",
                })
            }
            SagaEvent::TicketRetrieved { ticket } => write!(f, " {}", say_ticket(ticket.as_ref())),
            SagaEvent::TripRetrieved { trip } => write!(f, " {}", say_trip(trip.as_ref())),
            SagaEvent::OrderTold { tell } => write!(f, " {}", say_tell(*tell)),
            SagaEvent::TellFailed { tell, refused } => {
                let why = if *refused { "refused" } else { "unknown" };
                write!(f, " {}, {why}", say_tell(*tell))
            }
            SagaEvent::RetryScheduled { at } | SagaEvent::LookScheduled { at } => {
                write!(f, " {at}")
            }
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
            SagaEvent::Asked { .. }
            | SagaEvent::Done { detail: None, .. }
            | SagaEvent::CouriersBusy
            | SagaEvent::CourierQuit
            | SagaEvent::Queried { .. }
            | SagaEvent::KitchenMoved { .. }
            | SagaEvent::KitchenGaveUp
            | SagaEvent::TripMoved { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated => Ok(()),
        }
    }
}

pub(super) fn say_ticket(ticket: Option<&Ticket>) -> String {
    match ticket {
        None => "nothing".to_owned(),
        Some(Ticket { withdrawn: true, .. }) => "withdrawn".to_owned(),
        Some(Ticket { given_up: true, .. }) => "given up".to_owned(),
        Some(Ticket { stage, .. }) => stage.word().to_owned(),
    }
}

pub(super) fn say_trip(trip: Option<&Trip>) -> String {
    match trip {
        None => "nothing".to_owned(),
        Some(Trip { released: true, .. }) => "released".to_owned(),
        Some(Trip { quit: true, .. }) => "the courier has quit".to_owned(),
        Some(Trip { courier: None, .. }) => "no courier".to_owned(),
        Some(Trip { courier: Some(courier), leg, food_ready, .. }) => {
            let food = if *food_ready && *leg == Leg::Coming { ", the food is ready" } else { "" };
            format!("{courier} {}{food}", leg.word())
        }
    }
}
