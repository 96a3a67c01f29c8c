//! Events in words.

use std::fmt;

use super::{Narrator, say_card, say_reason, say_tell, say_way};
use crate::domains::box_office::event::{Event, RoomEvent, ShowEvent, TicketEvent, VisitorEvent};
use crate::domains::box_office::room::saga::WatchEvent;
use crate::domains::box_office::saga_event::SagaEvent;

impl Narrator<'_> {
    pub(super) fn event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Show(event) => show_event(event, f),
            Event::Ticket(event) => self.ticket_event(event, f),
            Event::Saga(event) => self.saga_event(event, f),
            Event::Visitor(VisitorEvent::PurchaseBegun { .. }) => Ok(()),
            Event::Room(RoomEvent::Joined { ticket, ahead }) => {
                write!(f, " {ticket}, {ahead} ahead")
            }
            Event::Room(RoomEvent::Admitted { ticket, until }) => {
                write!(f, " {ticket}, until {until}")
            }
            Event::Room(RoomEvent::Left { ticket, way }) => {
                write!(f, " {ticket}, {}", say_way(*way))
            }
            Event::Watch(WatchEvent::DeadlineWatched { at }) => write!(f, " {at}"),
            Event::Watch(WatchEvent::PlacesOverdue { by }) => write!(f, " by {by}"),
            Event::Watch(WatchEvent::NothingWatched) => Ok(()),
        }
    }

    fn ticket_event(&self, event: &TicketEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = self.show(event.show());
        match event {
            TicketEvent::TicketReserved { customer, price, until, .. } => {
                let who = self.names.customer(*customer);
                write!(f, " for {who}, {show}, {price}, until {until}")
            }
            TicketEvent::TicketRequested { customer, price, card, .. } => {
                let who = self.names.customer(*customer);
                write!(f, " for {who}, {show}, {price}{}", say_card(*card))
            }
            TicketEvent::PaymentRequested { card, .. } => write!(f, "{}", say_card(*card)),
            TicketEvent::TicketConfirmed { price, .. } => write!(f, " {show}, {price}"),
            TicketEvent::TicketCancelled { reason, .. } => write!(f, ", {}", say_reason(*reason)),
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            SagaEvent::SagaStarted { show, price, .. } => {
                write!(f, " {}, {price}", self.show(*show))
            }
            SagaEvent::PaymentStarted { card, .. } => f.write_str(say_card(*card)),
            SagaEvent::Done { fence: Some(fence), .. } => write!(f, ", {fence}"),
            SagaEvent::Declined { act, reason } => {
                write!(f, " {}, {}", act.verb(), say_reason(*reason))
            }
            SagaEvent::Unknown { act } => write!(f, " {}", act.verb()),
            SagaEvent::TicketTold { tell } => write!(f, " {}", say_tell(*tell)),
            SagaEvent::TellFailed { tell, refused } => {
                let why = if *refused { "refused" } else { "unknown" };
                write!(f, " {}, {why}", say_tell(*tell))
            }
            SagaEvent::RetryScheduled { at } | SagaEvent::LookScheduled { at } => {
                write!(f, " {at}")
            }
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
            SagaEvent::Asked { .. }
            | SagaEvent::Done { fence: None, .. }
            | SagaEvent::LockBusy
            | SagaEvent::ReservationOverdue
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated => Ok(()),
        }
    }
}

fn show_event(event: &ShowEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        ShowEvent::ShowCreated { total, price } => write!(f, " {total} places at {price}"),
        ShowEvent::CheckPassed { ticket, fence } => write!(f, " for {ticket}, {fence}"),
        ShowEvent::PlaceTaken { ticket, left } => write!(f, " by {ticket}, {left} left"),
        ShowEvent::PlaceReturned { ticket, left } => write!(f, " by {ticket}, {left} left"),
    }
}
