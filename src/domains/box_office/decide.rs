//! Decisions on commands.
//!
//! A ticket that exists already is not sold again: a purchase that is sent twice under one number is
//! accepted and changes nothing.

use super::command::{Command, Rejection};
use super::defects::{
    ADMISSION_NOT_CHECKED, CANCEL_NOT_CARRIED_OUT, EXPIRES_WHILE_PAID, EXPIRY_KEEPS_PLACE,
    FAILED_PAYMENT_KEEPS_PLACE, LIMIT_NOT_ENFORCED, SELLS_SOLD_OUT, SOLD_OUT_TOO_EARLY,
};
use super::event::{Card, Event, Reason, RoomEvent, ShowEvent, TicketEvent, Way};
use super::ids::{ShowId, TicketId, visitor};
use super::room::{Door, Room};
use super::setup::BoxOffice;
use super::show::Show;
use super::state::State;
use super::ticket::{Status, Ticket};
use crate::kernel::Instant;
use crate::model::{CustomerId, Decision, Folded, People, StreamId};

/// Decides one command.
pub(super) fn decide(
    office: &BoxOffice,
    read: &Folded<'_, State>,
    command: &Command,
    now: Instant,
) -> Decision<BoxOffice> {
    let desk = Desk { office, read, now };
    match *command {
        Command::CreateShow { show } => desk.create(show),
        Command::ReserveTicket { ticket, show, customer, guest: _ } => {
            desk.purchase(ticket, show, customer, || desk.reserve(ticket, show, customer))
        }
        Command::BuyTicket { ticket, show, customer, card, seen, guest: _ } => {
            desk.purchase(ticket, show, customer, || desk.buy(ticket, show, customer, (card, seen)))
        }
        Command::PayTicket { ticket, card } => desk.pay(ticket, card),
        Command::ConfirmTicket { ticket } => desk.confirm(ticket),
        Command::CancelTicket { ticket, show, reason } => desk.cancel(ticket, show, reason),
        Command::CheckPlaces { show, ticket, fence } => {
            let event = desk.show(show).check(office.stage(), ticket, fence)?;
            Ok(of_show(show, event))
        }
        Command::TakePlace { show, ticket, left, fence } => {
            let event = desk.show(show).take(office, ticket, left, fence)?;
            Ok(of_show(show, event))
        }
        Command::JoinRoom { show, ticket } => {
            desk.at_door(show, |door, room| door.join(room, ticket))
        }
        Command::LeaveRoom { show, ticket } => {
            desk.at_door(show, |door, room| door.leave(room, ticket, Way::GaveUp))
        }
        Command::EndVisits { show, by } => {
            desk.at_door(show, |door, room| door.end_overdue(room, by))
        }
    }
}

/// Events with their streams. Those of a show come before those of its ticket, those of a waiting room after
/// them.
type Events = Vec<(StreamId, Event)>;

struct Desk<'a> {
    office: &'a BoxOffice,
    read: &'a Folded<'a, State>,
    now: Instant,
}

impl Desk<'_> {
    fn show(&self, show: ShowId) -> &Show {
        self.read.state(show.stream()).show()
    }

    fn ticket(&self, ticket: TicketId) -> &Ticket {
        self.read.state(ticket.stream()).ticket()
    }

    fn create(&self, show: ShowId) -> Result<Events, Rejection> {
        if self.show(show).created {
            return Err(Rejection::AlreadyCreated);
        }
        let listed = self.office.show(show);
        let created = ShowEvent::ShowCreated { total: listed.tickets, price: listed.price };
        Ok(of_show(show, Some(created)))
    }

    /// Starts a purchase, unless it has begun, or the customer has begun too many.
    fn purchase(
        &self,
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
        begin: impl FnOnce() -> Result<Events, Rejection>,
    ) -> Result<Events, Rejection> {
        let known = self.ticket(ticket);
        match known.status {
            None => {
                let mut events = self.count(customer)?;
                let left = self.enter(show, ticket)?;
                events.extend(begin()?);
                events.extend(left);
                Ok(events)
            }
            Some(_) if known.show == show => Ok(Vec::new()),
            Some(_) => Err(Rejection::OtherPurchase),
        }
    }

    /// Counts a purchase, if purchases are limited. One that is refused is not counted.
    fn count(&self, customer: CustomerId) -> Result<Events, Rejection> {
        let Some(limit) = &self.office.setup().limit else { return Ok(Vec::new()) };
        let stream = visitor(customer);
        let known = self.read.state(stream).visitor();
        match known.begin(limit, self.now) {
            Ok(begun) => Ok(vec![(stream, begun.into())]),
            Err(_) if self.office.has(&LIMIT_NOT_ENFORCED) => Ok(Vec::new()),
            Err(rejection) => Err(rejection),
        }
    }

    /// Decides in the waiting room of a show.
    fn at_door(
        &self,
        show: ShowId,
        decide: impl FnOnce(Door<'_>, &Room) -> Vec<RoomEvent>,
    ) -> Result<Events, Rejection> {
        let settings = self.office.show(show).waiting_room.as_ref();
        let settings = settings.ok_or(Rejection::NotOffered)?;
        let door = Door { office: self.office, settings, now: self.now };
        let events = decide(door, self.read.state(show.room()).room());
        Ok(events.into_iter().map(|event| (show.room(), event.into())).collect())
    }

    /// A purchase begins: it gives up its place in the waiting room, if there is one.
    fn enter(&self, show: ShowId, ticket: TicketId) -> Result<Events, Rejection> {
        if self.office.show(show).waiting_room.is_none() {
            return Ok(Vec::new());
        }
        let is_admitted = self.read.state(show.room()).room().admitted.contains_key(&ticket);
        if !is_admitted && !self.office.has(&ADMISSION_NOT_CHECKED) {
            return Err(Rejection::NotAdmitted);
        }
        self.at_door(show, |door, room| door.leave(room, ticket, Way::Bought))
    }

    fn reserve(
        &self,
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
    ) -> Result<Events, Rejection> {
        if !self.office.stage().reserves() {
            return Err(Rejection::NotOffered);
        }
        let inventory = self.show(show);
        if inventory.left == 1 && self.office.has(&SOLD_OUT_TOO_EARLY) {
            return Err(Rejection::SoldOut);
        }
        let taken = match inventory.allocate(ticket) {
            Err(Rejection::SoldOut) if self.office.has(&SELLS_SOLD_OUT) => {
                ShowEvent::PlaceTaken { ticket, left: 0 }
            }
            decided => decided?,
        };
        let (price, until) = (self.office.show(show).price, self.now + self.office.setup().hold);
        let people = People::NONE; // the command API puts them in
        let reserved = TicketEvent::TicketReserved { show, customer, price, until, people };
        Ok(vec![(show.stream(), taken.into()), (ticket.stream(), reserved.into())])
    }

    fn buy(
        &self,
        ticket: TicketId,
        show: ShowId,
        customer: CustomerId,
        (card, seen): (Card, Option<u32>),
    ) -> Result<Events, Rejection> {
        if self.office.stage().reserves() {
            let mut events = self.reserve(ticket, show, customer)?;
            events.push((ticket.stream(), TicketEvent::PaymentRequested { show, card }.into()));
            return Ok(events);
        }
        let price = self.office.show(show).price;
        let people = People::NONE; // the command API puts them in
        let requested = TicketEvent::TicketRequested { show, customer, price, card, seen, people };
        Ok(vec![(ticket.stream(), requested.into())])
    }

    fn pay(&self, ticket: TicketId, card: Card) -> Result<Events, Rejection> {
        let known = self.ticket(ticket);
        match known.status.ok_or(Rejection::NoSuchTicket)? {
            Status::Reserved if self.now >= known.until => Err(Rejection::ReservationOver),
            Status::Reserved => {
                let requested = TicketEvent::PaymentRequested { show: known.show, card };
                Ok(vec![(ticket.stream(), requested.into())])
            }
            status @ (Status::Pending | Status::Confirmed | Status::Cancelled(_)) => {
                Err(Rejection::NotReserved { status })
            }
        }
    }

    fn confirm(&self, ticket: TicketId) -> Result<Events, Rejection> {
        let Ticket { status, show, price, .. } = *self.ticket(ticket);
        match status.ok_or(Rejection::NoSuchTicket)? {
            Status::Pending => {
                let confirmed = TicketEvent::TicketConfirmed { show, price };
                Ok(vec![(ticket.stream(), confirmed.into())])
            }
            status @ (Status::Reserved | Status::Confirmed | Status::Cancelled(_)) => {
                Err(Rejection::NotPaying { status })
            }
        }
    }

    fn cancel(&self, ticket: TicketId, show: ShowId, reason: Reason) -> Result<Events, Rejection> {
        let reserves = self.office.stage().reserves();
        if reason == Reason::ByCustomer && !reserves {
            return Err(Rejection::NotOffered);
        }
        let known = self.ticket(ticket);
        match known.status.ok_or(Rejection::NoSuchTicket)? {
            _ if known.show != show => return Err(Rejection::OtherPurchase),
            Status::Confirmed => return Err(Rejection::AlreadyConfirmed),
            Status::Cancelled(_) => return Err(Rejection::AlreadyCancelled),
            Status::Pending
                if reason == Reason::Expired && !self.office.has(&EXPIRES_WHILE_PAID) =>
            {
                return Err(Rejection::NotOverdue);
            }
            Status::Pending
                if reason == Reason::ByCustomer && self.office.has(&CANCEL_NOT_CARRIED_OUT) =>
            {
                return Ok(Vec::new());
            }
            Status::Pending | Status::Reserved => {}
        }
        let keeps = match reason {
            Reason::Expired => self.office.has(&EXPIRY_KEEPS_PLACE),
            Reason::PaymentDeclined => self.office.has(&FAILED_PAYMENT_KEEPS_PLACE),
            _ => false,
        };
        let returned = if reserves && !keeps { self.show(show).give_back(ticket) } else { None };
        let mut events = of_show(show, returned);
        let cancelled = TicketEvent::TicketCancelled { show, reason };
        events.push((ticket.stream(), cancelled.into()));
        Ok(events)
    }
}

fn of_show(show: ShowId, event: Option<ShowEvent>) -> Events {
    event.into_iter().map(|event| (show.stream(), event.into())).collect()
}
